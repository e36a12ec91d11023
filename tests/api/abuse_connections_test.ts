/** @module A thousand connections that hold what they have, and the server that goes on beside them. */

import assert from "node:assert/strict";
import { inBoundedMemory } from "../_memory.ts";
import { headOf, RawConnection } from "../_raw_http.ts";
import { ServerSuite, TestServer, TOKENS, until, withFolder } from "../_server.ts";
import { beside } from "./_bystander.ts";
import { Tail } from "./_events.ts";
import { record } from "./_records.ts";

const suite = new ServerSuite();

const CONNECTIONS = 1_000;
const AUTHORIZATION = `Authorization: Token ${TOKENS.admin}`;
const POST_HEAD = [AUTHORIZATION, "Content-Type: application/json"];

/** Each was measured at 15 KiB of the server's memory; what a bystander has stored comes to it. */
const SILENT_ADDED_MIB = 150;

/**
 * 128 MiB wait in tails at most, and for each of a thousand connections what is on its way in a piece and in the HTTP server:
 * 360 MiB were measured in all. Without bounds it would be a MiB for each.
 */
const TAILS_ADDED_MIB = 900;

/** Files that the process has open; `undefined` where the system does not tell. */
function openFiles({ pid }: TestServer): number | undefined {
  if (Deno.build.os !== "linux") return undefined;
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
}

/** Waits until the server has closed what a test has opened; what belongs to the pool of its client may stay. */
async function untilClosed(server: TestServer, before: number | undefined): Promise<void> {
  if (before === undefined) return;
  await until("the server to close its ends", () => openFiles(server)! <= before + 40);
}

async function openMany(server: TestServer, heads: (n: number) => string, count = CONNECTIONS) {
  const connections: RawConnection[] = [];
  for (let n = 0; n < count; n++) {
    const connection = await RawConnection.open(server);
    await connection.send(heads(n));
    connections.push(connection);
  }
  return connections;
}

suite.test("a thousand connections that send a byte now and then keep nobody waiting", async (server) => {
  const before = openFiles(server);
  await inBoundedMemory(server, SILENT_ADDED_MIB, () =>
    beside(server, "beside-slow", async () => {
      const head = headOf("POST /logs HTTP/1.1", ...POST_HEAD, "Content-Length: 60000");
      const unknown = headOf("POST /logs HTTP/1.1", "Authorization: Token x", "Content-Length: 9");
      const begun = [
        (n: number) => head.slice(0, n % 100),
        () => `${head}[{"timest`,
        () => unknown,
      ];
      const slow = await openMany(server, (n) => begun[n % begun.length]!(n));
      for (let round = 0; round < 3; round++) {
        for (const connection of slow) await connection.send("x");
        assert.equal((await server.call("/healthz")).status, 200);
      }
      for (const connection of slow) connection.close();
    }));
  await until(
    "the bodies that went nowhere to be given up",
    async () => await server.figure("http_body_bytes_held") === 0,
  );
  await untilClosed(server, before);
});

suite.test("a thousand tails that never read cost a bounded amount, and one that reads has everything", async (server) => {
  const before = openFiles(server);
  const ids: number[] = [];
  await inBoundedMemory(server, TAILS_ADDED_MIB, async () => {
    const reading = await Tail.open(server, "?service=flood");
    const head = headOf("GET /logs/tail?service=flood HTTP/1.1", AUTHORIZATION);
    const standing = await openMany(server, () => head, CONNECTIONS - 1);
    await until(
      "the tails",
      async () => await server.figure("http_tails_open") === CONNECTIONS,
    );
    const refused = await server.call("/logs/tail");
    assert.equal(refused.status, 503);
    assert.match(refused.body.error, /^There are 1000 tails already/);
    assert.ok(Number(refused.headers.get("retry-after")) > 0);

    const message = "x".repeat(2_000);
    const batch = Array.from({ length: 250 }, () => record("flood", { message }));
    await beside(server, "beside-tails", async () => {
      for (let n = 0; n < 2; n++) {
        ids.push(...await server.post(batch));
        for (let i = 0; i < batch.length; i++) {
          assert.equal((await reading.next())?.id, ids[n * batch.length + i]);
        }
      }
    });
    // A piece on its way may come to what may wait for all.
    assert.ok(await server.figure("http_tails_bytes_waiting") < 130 * 1024 * 1024);
    await reading.close();
    for (const connection of standing) connection.close();
  });
  await until("the tails to end", async () => await server.figure("http_tails_open") === 0);
  assert.equal(await server.figure("http_tails_bytes_waiting"), 0);
  await untilClosed(server, before);
});

suite.test("half-closed connections are closed, whatever they had begun, and leave nothing behind", async (server) => {
  const before = openFiles(server);
  const body = JSON.stringify(record("half"));
  const length = `Content-Length: ${body.length}`;
  const begun = [
    "",
    "GET / HTTP/1.1\r\nHo",
    headOf("POST /logs HTTP/1.1", ...POST_HEAD, length) + body.slice(0, 9),
    headOf("POST /logs HTTP/1.1", ...POST_HEAD, "Transfer-Encoding: chunked") + "5\r\n[]",
    headOf("GET /logs/tail HTTP/1.1", AUTHORIZATION),
    headOf("GET /logs HTTP/1.1", AUTHORIZATION, "Accept: application/x-ndjson"),
  ];
  const half = await beside(server, "beside-half", async () => {
    const connections = await openMany(server, (n) => begun[n % begun.length]!, 300);
    for (const connection of connections) await connection.finish();
    await untilClosed(server, before);
    return connections;
  });
  await until("the tails to end", async () => await server.figure("http_tails_open") === 0);
  assert.equal(await server.figure("http_body_bytes_held"), 0);
  assert.deepEqual((await server.get("/stats?service=half")).logs_per_service, {});
  for (const connection of half) connection.close();
});

Deno.test({
  name: "a server that is out of files closes connections without a request, and goes on",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withFolder(async (dir) => {
      const wrapper = ["sh", "-c", 'ulimit -n 200; exec "$@"', "sh"];
      const server = await TestServer.start({ dir, wrapper });
      const body = JSON.stringify(record("slow"));
      const head = headOf(
        "POST /logs HTTP/1.1",
        ...POST_HEAD,
        `Content-Length: ${body.length}`,
      );
      const tail = await Tail.open(server, "?service=after");
      const slow = await RawConnection.open(server);
      await slow.send(head + body.slice(0, 9));
      const silent: RawConnection[] = [];
      for (let n = 0; n < 400; n++) {
        try {
          const connection = await RawConnection.open(server);
          await connection.send(head.slice(0, 20));
          silent.push(connection);
        } catch (error) {
          // Until it listens again.
          assert.ok(
            error instanceof Deno.errors.ConnectionRefused ||
              error instanceof Deno.errors.ConnectionReset,
            String(error),
          );
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      }
      const [id] = await until(
        "an answer",
        () => server.post(record("after")).catch(() => undefined),
      );
      assert.equal((await tail.next())?.id, id, "an open request goes on");
      await tail.close();
      const answer = await slow.receive();
      assert.equal(answer?.status, 503, "a body that the server cut is not its sender's fault");
      for (const connection of [slow, ...silent]) connection.close();
      assert.match(server.stderr(), /no more could be accepted: .*[Tt]oo many open files/);
      await server.stop();
    });
  },
});
