import assert from "node:assert/strict";
import { deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { ServerSuite, TOKENS } from "../_server.ts";
import { logs, record } from "./_records.ts";

const suite = new ServerSuite();

suite.test("POST /logs answers one record and a batch with message, count and ids", async (server) => {
  const one = await server.call("/logs", { json: record("shape") });
  assert.equal(one.status, 201);
  assert.equal(one.headers.get("content-type"), "application/json");
  assert.deepEqual(one.body, { message: "Log(s) saved successfully", count: 1, ids: [1] });
  const two = await server.call("/logs", { json: [record("shape"), record("shape")] });
  assert.deepEqual(two.body, { message: "Log(s) saved successfully", count: 2, ids: [2, 3] });
});

suite.test("POST /logs stores an empty array as nothing", async (server) => {
  const before = await server.get("/stats");
  const { status, body } = await server.call("/logs", { json: [] });
  assert.deepEqual([status, body.count, body.ids], [201, 0, []]);
  assert.deepEqual(await server.get("/stats"), before);
});

suite.test("an acknowledged record is in every answer at once", async (server) => {
  for (let n = 1; n <= 20; n++) {
    const [id] = await server.post(record("at-once", { message: `number ${n}` }));
    assert.equal((await server.get(`/logs/${id}`)).message, `number ${n}`);
    assert.equal((await server.get(logs({ service: "at-once", q: `"number ${n}"` }))).length, 1);
    assert.equal((await server.get("/stats")).logs_per_service["at-once"], n);
  }
});

suite.test("one bad record and none of the batch is stored; details name each", async (server) => {
  const json = [
    record("all-or-nothing"),
    record("all-or-nothing", { timestamp: "yesterday" }),
    record("all-or-nothing", { severity: "LOUD", message: 5 }),
  ];
  const { status, body } = await server.call("/logs", { json });
  assert.equal(status, 400);
  assert.match(body.error, /index 1.*"timestamp" is "yesterday"; expected an RFC 3339 time/);
  assert.deepEqual(
    body.details.map(({ index, field }: { index: number; field: string }) => [index, field]),
    [[1, "timestamp"], [2, "severity"], [2, "message"]],
  );
  for (const { message } of body.details) assert.match(message, /expected /);
  assert.deepEqual(await server.get(logs({ service: "all-or-nothing" })), []);
});

suite.test("a body of one bad record names the field, the value and what is right", async (server) => {
  const { status, body } = await server.call("/logs", { json: record("x", { service: "" }) });
  assert.equal(status, 400);
  assert.match(body.error, /"service" is ""; expected a string of 1 to 128 characters/);
  assert.equal(body.details.length, 1);
});

suite.test("a batch of thousands of bad records lists at most a hundred problems", async (server) => {
  const json = Array.from({ length: 5_000 }, () => ({}));
  const { status, body, text } = await server.call("/logs", { json });
  assert.equal(status, 400);
  assert.equal(body.details.length, 100);
  assert.ok(text.length < 100_000);
});

suite.test("ids grow in the order of the batch and of acceptance", async (server) => {
  let last = 0;
  for (let n = 0; n < 5; n++) {
    const ids = await server.post(Array.from({ length: 1 + n * 300 }, () => record("ordered")));
    for (const id of ids) {
      assert.ok(id > last);
      last = id;
    }
  }
});

suite.test("a batch of ten thousand records is stored whole, in its order", async (server) => {
  const json = Array.from({ length: 10_000 }, (_, n) => record("large", { message: `m${n}` }));
  const ids = await server.post(json);
  assert.equal(ids.length, 10_000);
  const found = await server.get(logs({ service: "large", limit: 10_000, order: "asc" }));
  assert.deepEqual(
    found.map(({ id, message }: { id: number; message: string }) => [id, message]),
    ids.map((id, n) => [id, `m${n}`]),
  );
});

suite.test("NDJSON bodies are read, blank lines and a missing last line feed allowed", async (server) => {
  const lines = `${JSON.stringify(record("lines"))}\r\n\n${JSON.stringify(record("lines"))}`;
  for (
    const type of [
      "application/x-ndjson",
      "application/jsonl",
      "application/x-ndjson; charset=utf-8",
    ]
  ) {
    const headers = { "content-type": type };
    const { status, body } = await server.call("/logs", { method: "POST", body: lines, headers });
    assert.deepEqual([status, body.count], [201, 2], type);
  }
  const bad = await server.call("/logs", {
    method: "POST",
    body: `${lines}\n{"oops"`,
    headers: { "content-type": "application/x-ndjson" },
  });
  assert.equal(bad.status, 400);
  assert.match(bad.body.error, /Line 4 /);
  assert.equal((await server.get(logs({ service: "lines" }))).length, 6);
});

suite.test("compressed bodies are read: gzip, deflate in both forms, zstd", async (server) => {
  const bytes = new TextEncoder().encode(JSON.stringify([record("packed"), record("packed")]));
  const bodies: [string, Uint8Array][] = [
    ["gzip", gzipSync(bytes)],
    ["deflate", deflateSync(bytes)],
    ["deflate", deflateRawSync(bytes)],
    ["zstd", zstdCompressSync(bytes)],
    ["identity", bytes],
  ];
  for (const [encoding, packed] of bodies) {
    const { status, body, text } = await server.call("/logs", {
      method: "POST",
      body: new Uint8Array(packed),
      headers: { "content-type": "application/json", "content-encoding": encoding },
    });
    assert.deepEqual([status, body.count], [201, 2], `${encoding}: ${text}`);
  }
  assert.equal((await server.get(logs({ service: "packed" }))).length, 10);
});

suite.test("a compressed body that is cut or corrupt is a 400", async (server) => {
  const bytes = new TextEncoder().encode(JSON.stringify(record("cut")));
  for (
    const [encoding, packed] of [["gzip", gzipSync(bytes)], [
      "zstd",
      zstdCompressSync(bytes),
    ]] as const
  ) {
    for (
      const broken of [
        packed.subarray(0, -5),
        packed.map((byte, i) => i === 20 ? byte ^ 1 : byte),
      ]
    ) {
      const { status, text } = await server.call("/logs", {
        method: "POST",
        body: new Uint8Array(broken),
        headers: { "content-type": "application/json", "content-encoding": encoding },
      });
      assert.equal(status, 400, text);
    }
  }
  assert.deepEqual(await server.get(logs({ service: "cut" })), []);
});

suite.test("a body without a content type is read as JSON", async (server) => {
  const body = new TextEncoder().encode(JSON.stringify(record("untyped")));
  assert.equal((await server.call("/logs", { method: "POST", body })).status, 201);
});

suite.test("the token may come as Token, Bearer or Basic password, the scheme in any case", async (server) => {
  const basic = btoa(`whoever:${TOKENS.auth}`);
  const all = [
    `Token ${TOKENS.auth}`,
    `token ${TOKENS.auth}`,
    `Bearer ${TOKENS.auth}`,
    `Basic ${basic}`,
  ];
  for (const authorization of all) {
    const { status } = await server.call("/logs", {
      token: null,
      headers: { authorization },
      json: record("auth-service"),
    });
    assert.equal(status, 201, authorization);
  }
});

suite.test("id and received_at from outside are ignored", async (server) => {
  const before = Date.now();
  const json = record("outside", { id: 5_000_000, received_at: "1999-01-01T00:00:00Z" });
  const [id] = await server.post(json);
  assert.ok(id! < 5_000_000);
  const found = await server.get(`/logs/${id}`);
  assert.equal(found.id, id);
  assert.ok(Date.parse(found.received_at) >= before);
  assert.ok(Date.parse(found.received_at) <= Date.now());
  assert.equal(found.attributes, undefined);
});

suite.test("received_at never goes backwards in the order of ids", async (server) => {
  await Promise.all(Array.from({ length: 50 }, () => server.post(record("received"))));
  const found = await server.get(logs({ service: "received" }));
  const byId = found.toSorted((a: { id: number }, b: { id: number }) => a.id - b.id);
  assert.equal(byId.length, 50);
  for (let n = 1; n < byId.length; n++) assert.ok(byId[n].received_at >= byId[n - 1].received_at);
});

suite.test("POST /logs takes no query parameter", async (server) => {
  const { status, body } = await server.call("/logs?service=x", { json: record("x") });
  assert.equal(status, 400);
  assert.match(body.error, /"service"/);
});
