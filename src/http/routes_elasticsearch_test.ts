import assert from "node:assert/strict";
import { OverloadedError } from "../storage/mod.ts";
import { testApp } from "./_test_app.ts";

const DOCUMENT = { "@timestamp": "2025-06-01T00:00:00Z", message: "one", "log.level": "error" };

Deno.test("Elasticsearch's probes are answered as its clients insist, without a token", async () => {
  const { app } = await testApp();
  const probes = [
    ["GET", "/"],
    ["HEAD", "/"],
    ["GET", "/_cluster/health"],
    ["GET", "/_license"],
    ["GET", "/_ilm/policy/logs"],
    ["PUT", "/_ilm/policy/logs"],
    ["HEAD", "/_index_template/logs"],
    ["PUT", "/_index_template/logs"],
    ["GET", "/_ingest/pipeline/logs"],
    ["GET", "/_nodes/http"],
    ["POST", "/_all/_refresh"],
  ];
  for (const [method = "", path = ""] of probes) {
    const headers = { accept: "application/vnd.elasticsearch+json; compatible-with=9" };
    const response = await app.request(path, { method, headers });
    await response.body?.cancel();
    assert.equal(response.status, 200, `${method} ${path}`);
    assert.equal(response.headers.get("x-elastic-product"), "Elasticsearch", path);
    assert.equal(response.headers.get("content-type"), "application/json", path);
  }
});

Deno.test("/ names a version that Elasticsearch's clients choose their requests by", async () => {
  const { app } = await testApp();
  const response = await app.request("/");
  assert.equal(response.headers.get("vary"), "accept");
  assert.match((await response.json()).version.number, /^8\.\d+\.\d+$/);
});

Deno.test("single documents are stored by every method and path that clients use", async () => {
  const requests: [method: string, path: string, id: string | undefined][] = [
    ["POST", "/shop/_doc", undefined],
    ["POST", "/shop/_doc/a%20b", "a b"],
    ["PUT", "/shop/_doc/7", "7"],
    ["POST", "/shop/_create/7", "7"],
    ["PUT", "/shop/_create/7", "7"],
  ];
  for (const [method, path, id] of requests) {
    const { call } = await testApp();
    const headers = { "content-type": "application/vnd.elasticsearch+json; compatible-with=8" };
    const response = await call(path, { method, headers, body: JSON.stringify(DOCUMENT) });
    const answer = await response.json();
    assert.equal(response.status, 201, path);
    assert.equal(response.headers.get("x-elastic-product"), "Elasticsearch", path);
    assert.deepEqual([answer.result, answer._index], ["created", "shop"], path);
    if (id !== undefined) assert.equal(answer._id, id);
    const [record] = await (await call("/logs")).json();
    assert.deepEqual([record.service, record.severity, record.attributes?._id], [
      "shop",
      "ERROR",
      id,
    ]);
  }
});

Deno.test("a bulk request may be PUT, and one bad document of it is an error of its own item", async () => {
  const { call, store } = await testApp();
  const body = ['{"create":{}}', JSON.stringify(DOCUMENT), '{"index":{}}', "[1]", ""].join("\n");
  for (const path of ["/_bulk", "/shop/_bulk"]) {
    const response = await call(path, { method: "PUT", body });
    assert.equal(response.status, 200);
    const { errors, items } = await response.json();
    assert.equal(errors, true);
    assert.deepEqual([items[0].create.status, items[1].index.status], [201, 400]);
  }
  assert.equal(store.rows.length, 2);
});

Deno.test("a bulk request that cannot be stored now is refused whole, with what its clients try again after", async () => {
  const { call, store } = await testApp();
  const body = `{"create":{}}\n${JSON.stringify(DOCUMENT)}\n`;
  for (const status of [429, 503] as const) {
    store.append = () => Promise.reject(new OverloadedError("Full", status, 7));
    const response = await call("/_bulk", { method: "POST", body });
    assert.equal(response.status, 503);
    assert.equal(response.headers.get("retry-after"), "7");
    assert.equal((await response.json()).status, 503);
  }
});
