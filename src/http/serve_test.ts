import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { OutcomeUnknownError } from "../storage/mod.ts";
import { recordAt, type TestApp, testApp } from "./_test_app.ts";
import { TAIL_DRAIN_MS_MAX } from "./limits.ts";
import { type ServedHttp, serveHttp } from "./serve.ts";

interface Served extends TestApp {
  readonly server: ServedHttp;
}

/** Runs a test against a server that listens, and stops it. */
async function withServer(
  run: (served: Served) => Promise<void>,
  drainMsMax = 5_000,
): Promise<void> {
  const test = await testApp();
  const server = await serveHttp(test.app, { host: "127.0.0.1", port: 0, drainMsMax });
  try {
    await run({ ...test, server });
  } finally {
    await server.shutdown();
  }
}

/** A connection that speaks bytes. */
class RawClient {
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder();
  private constructor(readonly conn: Deno.Conn) {}

  static async open({ port }: ServedHttp): Promise<RawClient> {
    return new RawClient(await Deno.connect({ hostname: "127.0.0.1", port }));
  }

  async send(data: string | Uint8Array): Promise<void> {
    let rest = typeof data === "string" ? this.#encoder.encode(data) : data;
    while (rest.length > 0) rest = rest.subarray(await this.conn.write(rest));
  }

  /** Reads until what came ends so or matches, or the connection ends. */
  async readUntil(enough: (text: string) => boolean): Promise<{ text: string; ended: boolean }> {
    const buffer = new Uint8Array(65_536);
    let text = "";
    while (!enough(text)) {
      const count = await this.conn.read(buffer).catch(() => null);
      if (count === null) return { text, ended: true };
      text += this.#decoder.decode(buffer.subarray(0, count));
    }
    return { text, ended: false };
  }

  readAll(): Promise<{ text: string; ended: boolean }> {
    return this.readUntil(() => false);
  }
}

function head(line: string, ...headers: string[]): string {
  return [line, "Host: x", "Authorization: Token all", ...headers, "", ""].join("\r\n");
}

async function waitFor(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

const JSON_TYPE = "Content-Type: application/json";

Deno.test("a server answers over its url, on one connection after another request", async () => {
  await withServer(async ({ server }) => {
    assert.equal(server.url, `http://127.0.0.1:${server.port}`);
    const client = await RawClient.open(server);
    const body = JSON.stringify(recordAt(1));
    for (let n = 1; n <= 3; n++) {
      await client.send(head("POST /logs HTTP/1.1", JSON_TYPE, `Content-Length: ${body.length}`));
      await client.send(body);
      const { text } = await client.readUntil((text) => text.endsWith(`"ids":[${n}]}`));
      assert.match(text, /^HTTP\/1\.1 201 /);
      assert.match(text, /content-type: application\/json\r\n/i);
    }
    client.conn.close();
  });
});

Deno.test("a port that is taken is a rejection", async () => {
  await withServer(async ({ server, app }) => {
    const options = { host: "127.0.0.1", port: server.port };
    await assert.rejects(serveHttp(app, options), Deno.errors.AddrInUse);
  });
});

Deno.test("a chunked gzip body is read, its bomb is a 413, and the server goes on", async () => {
  await withServer(async ({ server, store }) => {
    const post = async (bytes: Uint8Array<ArrayBuffer>) => {
      const body = new ReadableStream({
        start(controller) {
          for (let at = 0; at < bytes.length; at += 1000) {
            controller.enqueue(bytes.subarray(at, at + 1000));
          }
          controller.close();
        },
      });
      const response = await fetch(`${server.url}/logs`, {
        method: "POST",
        body,
        headers: {
          "authorization": "Bearer all",
          "content-type": "application/json",
          "content-encoding": "gzip",
        },
      });
      return [response.status, await response.json()];
    };
    const records = Array.from({ length: 500 }, (_, i) => recordAt(i));
    const [status, body] = await post(new Uint8Array(gzipSync(JSON.stringify(records))));
    assert.deepEqual([status, body.count, body.ids.at(-1)], [201, 500, 500]);
    const bomb = gzipSync(new Uint8Array(17 * 1024 * 1024));
    assert.equal((await post(new Uint8Array(bomb)))[0], 413);
    assert.equal(store.rows.length, 500);
  });
});

Deno.test("a body larger than the bound is refused before it is sent, and while it arrives", async () => {
  await withServer(async ({ server }) => {
    const declared = await RawClient.open(server);
    await declared.send(head("POST /logs HTTP/1.1", JSON_TYPE, "Content-Length: 16777217"));
    const answer = await declared.readUntil((text) => text.includes("smaller batches"));
    assert.match(answer.text, /^HTTP\/1\.1 413 /);
    declared.conn.close();

    const chunked = await RawClient.open(server);
    await chunked.send(head("POST /logs HTTP/1.1", JSON_TYPE, "Transfer-Encoding: chunked"));
    const piece = new Uint8Array(1024 * 1024).fill(0x20);
    const sending = (async () => {
      for (let i = 0; i < 20; i++) {
        await chunked.send("100000\r\n");
        await chunked.send(piece);
        await chunked.send("\r\n");
      }
    })().catch(() => undefined);
    const refused = await chunked.readUntil((text) => text.includes("smaller batches"));
    assert.match(refused.text, /^HTTP\/1\.1 413 /);
    chunked.conn.close();
    await sending;
  });
});

Deno.test("a sender that goes away in the middle of its body leaves nothing behind", async () => {
  await withServer(async ({ server, store, lines, call }) => {
    for (const size of ["1000", "100000"]) {
      const client = await RawClient.open(server);
      await client.send(head("POST /logs HTTP/1.1", JSON_TYPE, `Content-Length: ${size}`) + "[{");
      client.conn.close();
    }
    let held = "";
    do {
      const text = await (await call("/metrics")).text();
      held = /^sentinel_http_body_bytes_held (\d+)$/m.exec(text)![1]!;
    } while (held !== "0");
    assert.equal(store.batches.length, 0);
    assert.deepEqual(lines, []);
  });
});

Deno.test("HEAD answers as GET without a body, and holds nothing", async () => {
  await withServer(async ({ server, post, store }) => {
    await post(recordAt(1));
    for (
      const [path, accept, status] of [
        ["/logs", "application/json", 200],
        ["/logs", "application/x-ndjson", 200],
        ["/logs", "text/csv", 200],
        ["/logs/1", "*/*", 200],
        ["/openapi.json", "*/*", 200],
        ["/nowhere", "*/*", 404],
      ] as const
    ) {
      const headers = { accept, authorization: "Token all" };
      const get = await fetch(server.url + path, { headers });
      const body = await get.arrayBuffer();
      const head = await fetch(server.url + path, { method: "HEAD", headers });
      assert.equal(head.status, status);
      assert.equal(await head.text(), "");
      assert.equal(head.headers.get("content-type"), get.headers.get("content-type"));
      const length = head.headers.get("content-length");
      assert.equal(length, get.headers.get("content-length"));
      if (length !== null) assert.equal(Number(length), body.byteLength);
    }
    await waitFor(() => store.openSnapshots === 0);
  });
});

Deno.test("an export waits for its reader, and ends when the reader goes away", async () => {
  await withServer(async ({ server, store, post }) => {
    const large = { message: "x".repeat(5_000) };
    for (let i = 0; i < 10; i++) {
      await post(...Array.from({ length: 1_000 }, (_, n) => recordAt(n, large)));
    }
    let reads = 0;
    store.beforeRead = () => {
      reads++;
    };
    const client = await RawClient.open(server);
    await client.send(head("GET /logs HTTP/1.1", "Accept: application/x-ndjson"));
    await client.readUntil((text) => text.includes("\r\n\r\n"));
    assert.equal(store.openSnapshots, 1);
    await (await fetch(`${server.url}/healthz`)).body?.cancel();
    assert.ok(reads < 10, `50 MB were read for one who took nothing: ${reads} of 10`);
    client.conn.close();
    await waitFor(() => store.openSnapshots === 0);
    assert.ok(reads < 10);
  });
});

Deno.test("damage in the middle of an export ends the connection without its proper end", async () => {
  await withServer(async ({ server, store, post, lines }) => {
    await post(...Array.from({ length: 2_500 }, (_, n) => recordAt(n)));
    let reads = 0;
    store.beforeRead = () => {
      if (++reads === 3) store.damage.push("segment 7 is damaged");
    };
    const client = await RawClient.open(server);
    await client.send(head("GET /logs HTTP/1.1", "Accept: application/x-ndjson"));
    const { text, ended } = await client.readAll();
    assert.ok(ended);
    assert.match(text, /^HTTP\/1\.1 200 /);
    assert.ok(!text.endsWith("0\r\n\r\n"));
    client.conn.close();
    assert.equal(store.openSnapshots, 0);
    assert.match(lines.join(), /segment 7 is damaged/);
  });
});

Deno.test("shutdown() answers what is open and then takes no connection", async () => {
  await withServer(async ({ server, store, app }) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let waiting = false;
    store.beforeAppend = () => {
      waiting = true;
      return promise;
    };
    const idle = await RawClient.open(server);
    await idle.send(head("GET /healthz HTTP/1.1"));
    await idle.readUntil((text) => text.endsWith("}"));
    const open = fetch(`${server.url}/logs`, {
      method: "POST",
      headers: { "authorization": "Token all", "content-type": "application/json" },
      body: JSON.stringify(recordAt(1)),
    });
    await waitFor(() => waiting);
    const stopped = server.shutdown();
    assert.ok(app.drain.draining);
    resolve();
    const response = await open;
    assert.equal(response.status, 201);
    assert.deepEqual((await response.json()).ids, [1]);
    await stopped;
    await assert.rejects(RawClient.open(server), Deno.errors.ConnectionRefused);
    idle.conn.close();
  });
});

Deno.test({
  name: "shutdown() does not wait for a tail whose reader stands still, but for any other answer",
  // It is the end of the process that closes the tail's connection.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await withServer(async ({ server, post, lines }) => {
      const message = "x".repeat(60_000);
      const tail = await RawClient.open(server);
      await tail.send(head("GET /logs/tail HTTP/1.1"));
      await tail.readUntil((text) => text.includes("id: 0"));
      // More than the sockets take, so that both answers are under way.
      for (let n = 0; n < 20; n++) {
        await post(...Array.from({ length: 10 }, (_, i) => recordAt(i, { message })));
      }
      const page = await RawClient.open(server);
      await page.send(head("GET /logs?limit=200 HTTP/1.1"));
      await page.readUntil((text) => text.includes('"id":'));
      const begun = performance.now();
      const stopped = server.shutdown();
      await new Promise((resolve) => setTimeout(resolve, TAIL_DRAIN_MS_MAX * 1.5));
      const rest = await page.readUntil((text) => text.endsWith("}]"));
      assert.equal(rest.ended, false, "an answer that was being read was cut");
      await stopped;
      assert.ok(performance.now() - begun < 15_000, "the tail was waited for");
      assert.deepEqual(lines, []);
      tail.conn.close();
      page.conn.close();
    }, 30_000);
  },
});

Deno.test("a question ends when its client goes away, and gives back what it holds", async () => {
  await withServer(async ({ server, store, lines, call, post }) => {
    await post(recordAt(1));
    store.beforeRead = () => new Promise(() => {});
    const ndjson = "Accept: application/x-ndjson";
    for (
      const [path, ...headers] of [
        ["/logs?q=hello"],
        ["/logs?q=hello", ndjson],
        ["/stats?q=hello"],
        ["/histogram?q=hello"],
        ["/facets?field=service"],
      ] as const
    ) {
      const client = await RawClient.open(server);
      await client.send(head(`GET ${path} HTTP/1.1`, ...headers));
      await waitFor(() => store.openSnapshots === 1);
      client.conn.close();
      await waitFor(() => store.openSnapshots === 0);
    }
    assert.deepEqual(lines, []);
    assert.match(await (await call("/metrics")).text(), /sentinel_http_queries_running 0\n/);
  });
});

Deno.test({
  name:
    "a request whose outcome is unknown gets no byte of an answer, and shutdown() does not wait",
  // It is the end of the process that closes the connection: within one, Deno's stop stays under way.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await withServer(async ({ server, store, lines }) => {
      store.beforeAppend = () => {
        throw new OutcomeUnknownError("The store closed");
      };
      const client = await RawClient.open(server);
      const body = JSON.stringify(recordAt(1));
      await client.send(head("POST /logs HTTP/1.1", JSON_TYPE, `Content-Length: ${body.length}`));
      await client.send(body);
      await waitFor(() => lines.length > 0);
      await server.shutdown();
      assert.equal(lines.length, 2);
      const answer = client.readAll();
      client.conn.close();
      assert.deepEqual(await answer, { text: "", ended: true });
    }, 20);
  },
});
