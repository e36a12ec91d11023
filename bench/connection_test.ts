import { deepEqual, equal, rejects } from "node:assert/strict";
import fc from "fast-check";
import { HttpConnection } from "./connection.ts";

const encoder = new TextEncoder();
const REQUEST = encoder.encode("GET / HTTP/1.1\r\n\r\n");

const PLAIN = "HTTP/1.1 201 Created\r\nContent-Length: 5\r\nX: y\r\n\r\nhello";
const CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
  "3\r\nhel\r\n2;x=1\r\nlo\r\n0\r\n\r\n";

/** What a client makes of answers that arrive in these pieces, each after the one before was read. */
async function exchangeWith(pieces: readonly string[], exchanges: number) {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serve = async () => {
    using socket = await listener.accept();
    socket.setNoDelay(true);
    await socket.read(new Uint8Array(1024));
    for (const piece of pieces) await socket.write(encoder.encode(piece));
    socket.closeWrite();
    // Until the client closes.
    while (await socket.read(new Uint8Array(1024)) !== null);
  };
  const client = async () => {
    const connection = await HttpConnection.open(
      new URL(`http://127.0.0.1:${listener.addr.port}`),
    );
    try {
      const answers: [number, string][] = [];
      for (let index = 0; index < exchanges; index++) {
        const { status, body } = await connection.exchange(REQUEST);
        answers.push([status, new TextDecoder().decode(body)]);
      }
      return answers;
    } finally {
      connection.close();
    }
  };
  const [, answers] = await Promise.all([serve(), client()]);
  return answers;
}

Deno.test("HttpConnection reads answers however they are cut", async () => {
  const bytes = PLAIN + CHUNKED + PLAIN;
  const cuts = fc.uniqueArray(fc.nat(bytes.length), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(cuts, async (places) => {
      const ends = [...places.toSorted((a, b) => a - b), bytes.length];
      const pieces = ends.map((end, index) => bytes.slice(ends[index - 1] ?? 0, end));
      deepEqual(await exchangeWith(pieces, 3), [[201, "hello"], [200, "hello"], [201, "hello"]]);
    }),
    { numRuns: 60 },
  );
});

Deno.test("HttpConnection reads an answer larger than its buffer", async () => {
  const body = "x".repeat(1_000_000);
  const [answer] = await exchangeWith([
    `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  ], 1);
  equal(answer?.[1], body);
});

Deno.test("HttpConnection rejects what ends early or is no answer", async () => {
  await rejects(exchangeWith([PLAIN.slice(0, -1)], 1), /closed the connection within an answer/);
  await rejects(exchangeWith(["HTTP/1.1 2"], 1), /closed the connection/);
  await rejects(exchangeWith([CHUNKED.slice(0, -9)], 1), /closed the connection/);
  await rejects(exchangeWith(["nonsense\r\n\r\n"], 1), /Not an answer/);
  await rejects(exchangeWith(["HTTP/1.1 200 OK\r\n\r\n"], 1), /without a length/);
});

Deno.test("HttpConnection connects again where the server closes after each answer", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serve = async () => {
    for (const body of ["one", "two"]) {
      using socket = await listener.accept();
      await socket.read(new Uint8Array(1024));
      const head = `HTTP/1.0 200 OK\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n`;
      await socket.write(encoder.encode(head + body));
    }
  };
  const client = async () => {
    const url = new URL(`http://127.0.0.1:${listener.addr.port}`);
    const connection = await HttpConnection.open(url);
    const bodies = [await connection.exchange(REQUEST), await connection.exchange(REQUEST)]
      .map(({ body }) => new TextDecoder().decode(body));
    connection.close();
    return bodies;
  };
  const [, bodies] = await Promise.all([serve(), client()]);
  deepEqual(bodies, ["one", "two"]);
});
