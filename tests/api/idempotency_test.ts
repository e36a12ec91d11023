import assert from "node:assert/strict";
import { ServerSuite, type TestRequest, TestServer, TOKENS, withFolder } from "../_server.ts";
import { flushed, logs, record } from "./_records.ts";

const suite = new ServerSuite();

function keyed(key: string, json: unknown, more: TestRequest = {}): TestRequest {
  return { json, headers: { "idempotency-key": key }, ...more };
}

suite.test("the same key and body answers as the first time and stores nothing", async (server) => {
  const request = keyed("same", [record("same"), record("same")]);
  const first = await server.call("/logs", request);
  assert.deepEqual([first.status, first.body.count], [201, 2]);
  await server.post(record("between"));
  for (let n = 0; n < 3; n++) {
    const again = await server.call("/logs", request);
    assert.deepEqual([again.status, again.text], [201, first.text]);
  }
  assert.equal((await server.get(logs({ service: "same" }))).length, 2);
});

suite.test("the same key with another body is a 422 and stores nothing", async (server) => {
  const first = await server.call("/logs", keyed("other", record("other", { message: "one" })));
  const second = await server.call("/logs", keyed("other", record("other", { message: "two" })));
  assert.equal(second.status, 422);
  assert.match(second.body.error, /Idempotency-Key|key/);
  const found = await server.get(logs({ service: "other" }));
  assert.deepEqual(found.map(({ id, message }: { id: number; message: string }) => [id, message]), [
    [first.body.ids[0], "one"],
  ]);
});

suite.test("keys of two tokens are two keys", async (server) => {
  const first = await server.call(
    "/logs",
    keyed("shared", record("auth-service"), { token: TOKENS.auth }),
  );
  const second = await server.call(
    "/logs",
    keyed("shared", record("payment-service"), { token: TOKENS.payment }),
  );
  assert.deepEqual([first.status, second.status], [201, 201]);
  assert.notDeepEqual(first.body.ids, second.body.ids);
});

suite.test("of concurrent requests with one key one stores and all answer alike", async (server) => {
  for (let round = 0; round < 10; round++) {
    const request = keyed(`race-${round}`, record("race", { round }));
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => server.call("/logs", request)),
    );
    for (const { status, text } of answers) {
      assert.deepEqual([status, text], [201, answers[0]!.text]);
    }
  }
  assert.equal((await server.get(logs({ service: "race" }))).length, 10);
});

suite.test("a refused request does not use its key up", async (server) => {
  const bad = await server.call("/logs", keyed("retry", record("retry", { severity: "LOUD" })));
  assert.equal(bad.status, 400);
  assert.equal((await server.call("/logs", keyed("retry", record("retry")))).status, 201);
});

suite.test("an empty batch with a key is answered alike, and its key is used", async (server) => {
  for (let n = 0; n < 2; n++) {
    const { status, body } = await server.call("/logs", keyed("empty", []));
    assert.deepEqual([status, body.count, body.ids], [201, 0, []]);
  }
  assert.equal((await server.call("/logs", keyed("empty", record("empty")))).status, 422);
});

suite.test("a key has 1 to 255 characters", async (server) => {
  for (const [length, status] of [[1, 201], [255, 201], [256, 400]] as const) {
    const answer = await server.call("/logs", keyed("k".repeat(length), record("length")));
    assert.equal(answer.status, status);
  }
  const { status, body } = await server.call("/logs", keyed("", record("length")));
  assert.equal(status, 400);
  assert.match(body.error, /Idempotency-Key of 0 characters: it has 1 to 255/);
});

Deno.test("answers are remembered over SIGKILL, restart, flush and deletion", async () => {
  await withFolder(async (dir) => {
    let server = await TestServer.start({ dir });
    const requests = Array.from(
      { length: 20 },
      (_, n) => keyed(`kept-${n}`, [record("kept", { n }), record("kept", { n })]),
    );
    const first = await Promise.all(requests.map((request) => server.call("/logs", request)));
    const same = async () => {
      for (const [n, request] of requests.entries()) {
        const { status, text } = await server.call("/logs", request);
        assert.deepEqual([status, text], [201, first[n]!.text]);
      }
      assert.equal((await server.call("/logs", keyed("kept-3", record("kept")))).status, 422);
    };
    try {
      await server.kill();
      server = await server.restart();
      await same();
      await flushed(server);
      await same();
      await server.stop();
      server = await server.restart();
      await same();
      assert.equal((await server.get(logs({ service: "kept" }))).length, 40);
      await server.call("/logs?before=2030-01-01T00:00:00Z", { method: "DELETE" });
      await same();
      assert.equal((await server.get(logs({ service: "kept" }))).length, 0);
    } finally {
      await server.stop();
    }
  });
});
