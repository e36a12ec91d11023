import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { OutcomeUnknownError, OverloadedError } from "../storage/mod.ts";
import { jsonPost, recordAt, testApp } from "./_test_app.ts";

Deno.test("POST /logs answers with the ids of what it stored, in order", async () => {
  const { call, store } = await testApp();
  const one = await call("/logs", jsonPost(recordAt(1)));
  assert.equal(one.status, 201);
  assert.equal(one.headers.get("content-type"), "application/json");
  assert.equal(one.headers.get("x-content-type-options"), "nosniff");
  assert.deepEqual(await one.json(), {
    message: "Log(s) saved successfully",
    count: 1,
    ids: [1],
  });
  const more = await call("/logs", jsonPost([recordAt(2), recordAt(3)]));
  assert.deepEqual((await more.json()).ids, [2, 3]);
  const none = await call("/logs", jsonPost([]));
  assert.equal(none.status, 201);
  assert.deepEqual(await none.json(), {
    message: "Log(s) saved successfully",
    count: 0,
    ids: [],
  });
  assert.equal(store.rows.length, 3);
});

Deno.test("POST /logs stores nothing of a batch with a bad record and lists what is bad", async () => {
  const { call, store } = await testApp();
  const response = await call("/logs", jsonPost([recordAt(1), recordAt(2, { severity: "LOUD" })]));
  assert.equal(response.status, 400);
  const body = await response.json();
  assert.equal(typeof body.error, "string");
  assert.equal(body.details.length, 1);
  assert.deepEqual([body.details[0].index, body.details[0].field], [1, "severity"]);
  assert.equal(store.rows.length, 0);
});

Deno.test("POST /logs refuses a batch with one record of a service that the token may not write", async () => {
  const { call, store } = await testApp();
  const batch = [recordAt(1), recordAt(2, { service: "payment" })];
  const refused = await call("/logs", jsonPost(batch), "writer");
  assert.equal(refused.status, 403);
  assert.match((await refused.json()).error, /"payment"/);
  assert.equal(store.rows.length, 0);
  assert.equal((await call("/logs", jsonPost(recordAt(1)), "writer")).status, 201);
});

Deno.test("POST /logs takes NDJSON and compressed bodies", async () => {
  const { call } = await testApp();
  const lines = `${JSON.stringify(recordAt(1))}\n${JSON.stringify(recordAt(2))}\n`;
  const ndjson = await call("/logs", {
    method: "POST",
    body: lines,
    headers: { "content-type": "application/x-ndjson" },
  });
  assert.equal((await ndjson.json()).count, 2);
  const gzipped = await call("/logs", {
    method: "POST",
    body: new Uint8Array(gzipSync(JSON.stringify([recordAt(1)]))),
    headers: { "content-type": "application/json", "content-encoding": "gzip" },
  });
  assert.equal((await gzipped.json()).count, 1);
});

Deno.test("POST /logs refuses what it cannot read, and what expands too far, with the right status", async () => {
  const { call, store } = await testApp();
  const json = { "content-type": "application/json" };
  const bomb = new Uint8Array(gzipSync(new Uint8Array(17 * 1024 * 1024).fill(32)));
  assert.ok(bomb.length < 100_000);
  const cases: [number, Record<string, string>, BodyInit][] = [
    [400, json, "{"],
    [400, json, ""],
    [400, json, "7"],
    [400, { ...json, "idempotency-key": "k".repeat(256) }, "[]"],
    [400, { ...json, "idempotency-key": "" }, "[]"],
    [400, { ...json, "content-encoding": "gzip" }, "not gzip"],
    [413, { ...json, "content-encoding": "gzip" }, bomb],
    [413, { ...json, "content-length": "999999999" }, "[]"],
    [413, json, new Uint8Array(16 * 1024 * 1024 + 1)],
    [415, { "content-type": "text/plain" }, "[]"],
    [415, { "content-type": "application/json; charset=latin1" }, "[]"],
    [415, { ...json, "content-encoding": "br2" }, "[]"],
  ];
  for (const [status, headers, body] of cases) {
    const response = await call("/logs", { method: "POST", headers, body });
    const { error } = await response.json();
    assert.equal(response.status, status, `${JSON.stringify(headers)}: ${error}`);
    assert.equal(typeof error, "string");
  }
  const parameter = await call("/logs?sevice=x", jsonPost([]));
  assert.equal(parameter.status, 400);
  assert.match((await parameter.json()).error, /"sevice"/);
  assert.equal(store.rows.length, 0);
});

Deno.test("an Idempotency-Key stores once per token, and answers 422 to another body", async () => {
  const { call, store } = await testApp();
  const keyed = (n: number, token = "all") =>
    call("/logs", jsonPost([recordAt(n)], { "idempotency-key": "k".repeat(255) }), token);
  assert.deepEqual((await (await keyed(1)).json()).ids, [1]);
  assert.deepEqual((await (await keyed(1)).json()).ids, [1]);
  const other = await keyed(2);
  assert.equal(other.status, 422);
  assert.equal(typeof (await other.json()).error, "string");
  assert.deepEqual((await (await keyed(2, "writer")).json()).ids, [2]);
  assert.equal(store.rows.length, 2);
});

Deno.test("a store that cannot take it just now is the status and Retry-After that it names", async () => {
  const { call, store } = await testApp();
  for (const [status, seconds] of [[503, 2], [429, 0.1]] as const) {
    store.beforeAppend = () => {
      throw new OverloadedError("The queue is full", status, seconds);
    };
    const response = await call("/logs", jsonPost(recordAt(1)));
    assert.equal(response.status, status);
    assert.equal(response.headers.get("retry-after"), String(Math.ceil(seconds)));
    assert.deepEqual(await response.json(), { error: "The queue is full" });
  }
});

Deno.test("an unknown outcome is never answered", async () => {
  const { call, store } = await testApp();
  store.beforeAppend = () => {
    throw new OutcomeUnknownError("closed");
  };
  await assert.rejects(call("/logs", jsonPost(recordAt(1))), OutcomeUnknownError);
  await assert.rejects(call("/logs?", jsonPost(recordAt(1))), OutcomeUnknownError);
});

Deno.test("DELETE /logs needs a time, obeys filters, and tells the count", async () => {
  const { call, post, store } = await testApp();
  await post(recordAt(1), recordAt(2, { severity: "ERROR" }), recordAt(9));
  const remove = async (query: string) => {
    const response = await call(`/logs${query}`, { method: "DELETE" }, "deleter");
    return [response.status, (await response.json()).message];
  };
  assert.deepEqual(await remove("?before=2025-04-01T12:00:05Z&severity=error"), [
    200,
    "1 log(s) deleted",
  ]);
  assert.deepEqual(await remove("?before=2025-04-01T12:00:05Z&service=other"), [
    200,
    "0 log(s) deleted",
  ]);
  assert.deepEqual(await remove("?before=2025-04-01T12:00:05Z"), [200, "1 log(s) deleted"]);
  for (const query of ["", "?before=yesterday", "?before=2025-04-01T12:00:05Z&q=x"]) {
    assert.equal((await remove(query))[0], 400, query);
  }
  assert.equal(store.rows.length, 1);
});
