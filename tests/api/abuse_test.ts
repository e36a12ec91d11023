import assert from "node:assert/strict";
import { createGzip, gzipSync, zstdCompressSync } from "node:zlib";
import { Random } from "../_random.ts";
import { inBoundedMemory } from "../_memory.ts";
import { ServerSuite, type TestServer, TOKENS, withServer } from "../_server.ts";
import { Fuzzer, type FuzzRequest } from "./_fuzz.ts";
import { headOf, RawConnection } from "../_raw_http.ts";
import { logs, record } from "./_records.ts";

const suite = new ServerSuite();
const MIB = 1024 * 1024;
const JSON_TYPE = { "content-type": "application/json" };
const POST_HEAD = [`Authorization: Token ${TOKENS.admin}`, "Content-Type: application/json"];

/** Sends a body without end, piece by piece, until the server has answered; gives the answer and the bytes sent. */
async function pour(server: TestServer, headers: string[], piece: Uint8Array, bytesMax: number) {
  const connection = await RawConnection.open(server);
  let answered = false;
  const answer = connection.receive().then((received) => {
    answered = true;
    return received;
  });
  await connection.send(headOf("POST /logs HTTP/1.1", ...POST_HEAD, ...headers));
  let sent = 0;
  while (!answered && sent < bytesMax && await connection.send(piece)) sent += piece.length;
  const received = await answer;
  connection.close();
  return { received, sent };
}

/** The server may hold 128 MiB of bodies, as sent; one that is being read has a copy or two more, as text and as records. */
const BODIES_MIB = 200;

suite.test("a body of 100 MB is cut off early with a 413, in bounded memory", async (server) => {
  await inBoundedMemory(server, BODIES_MIB, async () => {
    const piece = new Uint8Array(64 * 1024).fill(0x20);
    const declared = await pour(server, [`Content-Length: ${100 * MIB}`], piece, 100 * MIB);
    assert.equal(declared.received?.status, 413);
    assert.ok(
      declared.sent < 40 * MIB,
      `${declared.sent} bytes were taken of a body declared too large`,
    );

    const framed = new Uint8Array([...new TextEncoder().encode("10000\r\n"), ...piece, 13, 10]);
    const chunked = await pour(server, ["Transfer-Encoding: chunked"], framed, 100 * MIB);
    assert.equal(chunked.received?.status, 413);
    assert.ok(chunked.sent < 60 * MIB, `${chunked.sent} bytes were taken of a chunked body`);
  });
});

/** So many zeros, compressed without ever being in memory. */
async function gzippedZeros(bytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const gzip = createGzip({ level: 9 });
  const zeros = new Uint8Array(MIB);
  const source = (async () => {
    for (let sent = 0; sent < bytes; sent += zeros.length) {
      if (!gzip.write(zeros)) await new Promise((resolve) => gzip.once("drain", resolve));
    }
    gzip.end();
  })();
  const parts: Uint8Array[] = [];
  for await (const part of gzip) parts.push(part);
  await source;
  return new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}

suite.test("compressed bombs are a 413, in bounded time and memory, also many at once", async (server) => {
  const gzip = await gzippedZeros(512 * MIB);
  const zstd = new Uint8Array(zstdCompressSync(new Uint8Array(512 * MIB)));
  const twice = new Uint8Array(gzipSync(gzip));
  const bombs: [string, Uint8Array<ArrayBuffer>][] = [["gzip", gzip], ["zstd", zstd], [
    "gzip, gzip",
    twice,
  ]];
  const started = performance.now();
  await inBoundedMemory(server, BODIES_MIB, async () => {
    await Promise.all([...bombs, ...bombs, ...bombs, ...bombs].map(async ([encoding, body]) => {
      const headers = { ...JSON_TYPE, "content-encoding": encoding };
      const { status, text } = await server.call("/logs", { method: "POST", body, headers });
      assert.equal(status, 413, `${encoding}: ${text}`);
    }));
  });
  assert.ok(performance.now() - started < 20_000);
});

suite.test("a body of thousands of tiny zstd frames is refused without delay", async (server) => {
  const frame = zstdCompressSync(new Uint8Array(0));
  const body = new Uint8Array(100_000 * frame.length);
  for (let at = 0; at < body.length; at += frame.length) body.set(frame, at);
  const started = performance.now();
  const headers = { ...JSON_TYPE, "content-encoding": "zstd" };
  assert.equal((await server.call("/logs", { method: "POST", body, headers })).status, 400);
  assert.ok(performance.now() - started < 5_000);
});

suite.test("deep nesting is a 400, however deep", async (server) => {
  const good = JSON.stringify(record("deep")).slice(0, -1);
  const bodies = [
    "[".repeat(8 * MIB),
    "[".repeat(4 * MIB) + "]".repeat(4 * MIB),
    '{"a":'.repeat(MIB),
    `${good},"attributes":${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}}`,
    `${good},"x":${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}}`,
    `${good},"x":12345678901234567890,"y":${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}}`,
  ];
  for (const body of bodies) {
    const { status, body: answer } = await server.call("/logs", {
      method: "POST",
      body,
      headers: JSON_TYPE,
    });
    assert.equal(status, 400, body.slice(0, 20));
    assert.ok(answer.error.length < 1_000);
  }
});

suite.test("repeated names, __proto__ and its like are names as any other", async (server) => {
  const good = '"timestamp":"2025-04-01T12:00:00Z","severity":"INFO","message":"m"';
  const post = async (text: string) => {
    const { status, body } = await server.call("/logs", {
      method: "POST",
      body: text,
      headers: JSON_TYPE,
    });
    assert.equal(status, 201, text);
    return (await server.call(`/logs/${body.ids[0]}`)).text;
  };
  const last = await post(`{${good},"service":"first","service":"names","a":1,"a":2}`);
  assert.match(last, /"service":"names"/);
  assert.match(last, /"attributes":\{"a":2\}/);
  const names = await post(
    `{${good},"service":"names","__proto__":{"admin":true},"constructor":1,"toString":2}`,
  );
  assert.match(names, /"attributes":\{"__proto__":\{"admin":true\},"constructor":1,"toString":2\}/);
  const inner = await post(
    `{${good},"service":"names","attributes":{"__proto__":5,"hasOwnProperty":null}}`,
  );
  assert.match(inner, /"attributes":\{"__proto__":5,"hasOwnProperty":null\}/);
  for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
    const [id] = await server.post(record(name));
    assert.deepEqual(
      (await server.get(logs({ service: name }))).map((one: { id: number }) => one.id),
      [id],
    );
    const stats = await server.call(`/stats?service=${name}`);
    assert.match(stats.text, new RegExp(`^\\{"logs_per_service":\\{"${name}":1\\}`));
    assert.equal((await server.get(`/facets?field=service&service=${name}`)).values[0].count, 1);
  }
  assert.equal((await server.get(logs({ "attr.__proto__": "5" }))).length, 1);
  assert.equal((await server.call("/stats")).body.admin, undefined);
});

suite.test("heads that break HTTP end their connection and nothing else", async (server) => {
  const heads = [
    "\r\n\r\n\r\n",
    "GET\r\n\r\n",
    "GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    "GET /\u0000 HTTP/1.1\r\nHost: x\r\n\r\n",
    headOf("GET /stats HTTP/1.1", "Authorization: Token \u0001\u0002"),
    headOf("GET /stats HTTP/1.1", "No colon"),
    headOf("GET /stats HTTP/1.1", " folded: yes"),
    headOf("POST /logs HTTP/1.1", ...POST_HEAD, "Content-Length: -1"),
    headOf("POST /logs HTTP/1.1", ...POST_HEAD, "Content-Length: 5", "Content-Length: 6") + "[]   ",
    headOf("POST /logs HTTP/1.1", ...POST_HEAD, "Content-Length: 99999999999999999999"),
    headOf("POST /logs HTTP/1.1", ...POST_HEAD, "Transfer-Encoding: chunked") + "zz\r\n",
    headOf("POST /logs HTTP/1.1", ...POST_HEAD, "Transfer-Encoding: chunked") +
    "ffffffffffffffff\r\n[]",
    headOf("GET / HTTP/1.1", `X: ${"x".repeat(MIB)}`),
    headOf(`GET /${"x".repeat(200_000)} HTTP/1.1`),
  ];
  for (const head of heads) {
    const connection = await RawConnection.open(server);
    await connection.send(head);
    await connection.finish();
    const answer = await connection.receive();
    connection.close();
    if (answer !== undefined) {
      assert.ok(
        answer.status >= 400 && answer.status < 500,
        `${head.slice(0, 80)}: ${answer.status}`,
      );
    }
    assert.equal((await server.call("/healthz")).status, 200);
  }
});

const FUZZ_REQUESTS = 10_000;
const FUZZ_CONNECTIONS = 8;
const FUZZ_MS_MAX = 25_000;
/** What the API may answer; 431 and 414 come from the HTTP server before it. */
const STATUSES = new Set(
  [200, 201, 204, 400, 401, 403, 404, 405, 406, 409, 413, 414, 415, 422, 431],
);

/** What a fuzz run changed, as the answers tell. */
class FuzzTally {
  readonly ids = new Set<number>();
  readonly statuses = new Map<number, number>();
  deleted = 0;
  unanswered = 0;

  note(
    { bytes, broken }: FuzzRequest,
    answer: Awaited<ReturnType<RawConnection["receive"]>>,
  ): void {
    const shown = () => JSON.stringify(new TextDecoder().decode(bytes).slice(0, 2_000));
    if (answer === undefined) {
      assert.ok(broken, `No answer to ${shown()}`);
      this.unanswered++;
      return;
    }
    const { status, body } = answer;
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    assert.ok(STATUSES.has(status), `${status} ${body} to ${shown()}`);
    if (status === 201 && body.includes('"ids"')) {
      for (const id of JSON.parse(body).ids) this.ids.add(id);
    }
    this.deleted += Number(/^\{"message":"(\d+) log\(s\) deleted"\}$/.exec(body)?.[1] ?? 0);
  }
}

Deno.test("10,000 fuzzed requests meet no 500 and leave the server right", async () => {
  await withServer(async (server) => {
    const grants = { write: "*", read: true, delete: true };
    const { body: { token } } = await server.call("/tokens", {
      json: { name: "fuzzer", ...grants },
    });
    const fuzzer = new Fuzzer(new Random(2_025), [token, token, TOKENS.admin, TOKENS.auth]);
    const tally = new FuzzTally();
    const started = performance.now();
    let left = FUZZ_REQUESTS;
    await Promise.all(Array.from({ length: FUZZ_CONNECTIONS }, async () => {
      let connection = await RawConnection.open(server);
      while (left-- > 0) {
        const request = fuzzer.next();
        await connection.send(request.bytes);
        // What was broken may leave the server waiting for more.
        if (request.broken) await connection.finish();
        const answer = await connection.receive(request.isHead);
        tally.note(request, answer);
        if (!request.broken && answer?.keeps) continue;
        connection.close();
        connection = await RawConnection.open(server);
      }
      connection.close();
    }));
    const elapsedMs = performance.now() - started;
    assert.ok(elapsedMs < FUZZ_MS_MAX, `It took ${elapsedMs} ms`);
    // A run in which hardly anything was right, or wrong, would show nothing.
    for (const status of [200, 201, 400, 401, 404, 405]) {
      assert.ok((tally.statuses.get(status) ?? 0) > 50, `${status}: ${tally.statuses.get(status)}`);
    }
    assert.ok(tally.deleted > 0);
    const { logs_per_service } = await server.get("/stats");
    const stored = Object.values<number>(logs_per_service).reduce((sum, count) => sum + count, 0);
    assert.equal(stored, tally.ids.size - tally.deleted);
    assert.doesNotMatch(server.stderr(), /Internal error|Answer cut/);
  });
});

suite.test("after all this the server stores, finds, counts and has logged no fault", async (server) => {
  const [id] = await server.post(record("afterwards", { message: "still here" }));
  assert.deepEqual(
    (await server.get(logs({ q: '"still here"' }))).map((one: { id: number }) => one.id),
    [id],
  );
  assert.equal((await server.get("/stats")).logs_per_service.afterwards, 1);
  assert.doesNotMatch(server.stderr(), /Internal error/);
});
