import assert from "node:assert/strict";
import { jsonPost, recordAt, testApp } from "./_test_app.ts";
import { QUERIES_MAX, QUERIES_WAITING_MAX } from "./limits.ts";

async function errorOf(response: Response): Promise<string> {
  const body = await response.json();
  assert.equal(typeof body.error, "string");
  return body.error;
}

Deno.test("any request without a known token is asked who it is, on routes that do not exist too", async () => {
  const { app } = await testApp();
  const requests: [string, RequestInit][] = [
    ["/logs", {}],
    ["/logs", { method: "POST", body: "[]" }],
    ["/logs", { method: "PUT" }],
    ["/nowhere", {}],
    ["/tokens", { headers: { authorization: "Token unknown" } }],
    ["/metrics", { headers: { authorization: "Digest all" } }],
    ["/stats", { headers: { authorization: "all" } }],
  ];
  for (const [path, init] of requests) {
    const response = await app.request(path, init);
    assert.equal(response.status, 401, path);
    assert.match(response.headers.get("www-authenticate") ?? "", /^Token realm=/);
    assert.deepEqual(await response.json(), { error: "Who are you?" });
  }
});

Deno.test("an authorization scheme is read in any case, and Basic takes the token as the password", async () => {
  const { app } = await testApp();
  for (const authorization of ["token all", "BEARER all", `basic ${btoa("x:all")}`]) {
    const response = await app.request("/stats", { headers: { authorization } });
    assert.equal(response.status, 200, authorization);
    await response.body?.cancel();
  }
});

Deno.test("a token without the right gets a 403 that names the right", async () => {
  const { call } = await testApp();
  const cases: [string, RequestInit, string, RegExp][] = [
    ["/logs", {}, "writer", /"read"/],
    ["/logs/1", {}, "writer", /"read"/],
    ["/stats", {}, "deleter", /"read"/],
    ["/metrics", {}, "writer", /"read"/],
    ["/logs", jsonPost([]), "reader", /"write"/],
    ["/logs?before=2025-01-01T00:00:00Z", { method: "DELETE" }, "reader", /"delete"/],
    ["/tokens", {}, "reader", /"admin"/],
    ["/tokens", jsonPost({ name: "x" }), "deleter", /"admin"/],
    ["/tokens/x", { method: "DELETE" }, "nothing", /"admin"/],
  ];
  for (const [path, init, token, right] of cases) {
    const response = await call(path, init, token);
    assert.equal(response.status, 403, `${token} ${path}`);
    assert.match(await errorOf(response), right);
  }
});

Deno.test("an unknown route lists those that exist; a wrong method says which are right", async () => {
  const { call } = await testApp();
  const unknown = await call("/nowhere", {}, "nothing");
  assert.equal(unknown.status, 404);
  assert.match(await errorOf(unknown), /POST \/logs.*GET \/logs\/:id.*GET \/stats/);
  const cases: [string, string, string][] = [
    ["PUT", "/logs", "POST, DELETE, GET, HEAD"],
    ["POST", "/stats", "GET, HEAD"],
    ["DELETE", "/logs/7", "GET, HEAD"],
    ["POST", "/healthz", "GET, HEAD"],
    ["HEAD", "/tokens/x", "DELETE"],
  ];
  for (const [method, path, allow] of cases) {
    const response = await call(path, { method });
    assert.equal(response.status, 405, `${method} ${path}`);
    assert.equal(response.headers.get("allow"), allow);
    await response.body?.cancel();
  }
});

Deno.test("OPTIONS tells a path's methods to anyone", async () => {
  const { app } = await testApp();
  const cases = [["/logs", "POST, DELETE, GET, HEAD"], ["/v1/logs", "POST"], [
    "/logs/1",
    "GET, HEAD",
  ]];
  for (const [path, allow] of cases) {
    const response = await app.request(path!, { method: "OPTIONS" });
    assert.deepEqual([response.status, response.headers.get("allow")], [204, allow], path);
  }
  assert.equal((await app.request("/nowhere", { method: "OPTIONS" })).status, 401);
});

Deno.test("health, readiness, documents and the name need no token", async () => {
  const { app, store } = await testApp();
  assert.deepEqual(await (await app.request("/healthz")).json(), { status: "ok" });
  assert.deepEqual(await (await app.request("/readyz")).json(), { status: "ready" });
  store.warnings = ["little space"];
  assert.deepEqual(await (await app.request("/readyz")).json(), {
    status: "ready",
    warnings: ["little space"],
  });
  const { name, release } = await (await app.request("/")).json();
  assert.deepEqual({ name, release }, { name: "log-sentinel", release: "1.2.3" });
  const page = await app.request("/", { headers: { accept: "text/html,*/*;q=0.8" } });
  assert.equal(page.headers.get("content-type"), "text/html; charset=utf-8");
  assert.match(await page.text(), /Log Sentinel/);
  assert.equal((await (await app.request("/openapi.json")).json()).openapi, "3.1.0");
  const docs = await app.request("/docs");
  assert.match(docs.headers.get("content-security-policy") ?? "", /default-src 'none'/);
  await docs.body?.cancel();

  store.notReady = "the journal cannot be read back";
  const notReady = await app.request("/readyz");
  assert.equal(notReady.status, 503);
  assert.equal(notReady.headers.get("retry-after"), "1");
  assert.equal(await errorOf(notReady), "The journal cannot be read back");
  store.notReady = undefined;
  app.drain.begin();
  assert.equal(await errorOf(await app.request("/readyz")), "The server is shutting down");
  assert.deepEqual(await (await app.request("/healthz")).json(), { status: "ok" });
});

Deno.test("/metrics tells the store's figures and counts answers by route and status", async () => {
  const { call, post } = await testApp();
  await post(recordAt(1), recordAt(2));
  await (await call("/nowhere")).body?.cancel();
  const response = await call("/metrics", {}, "reader");
  assert.match(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  const text = await response.text();
  const lines = text.split("\n");
  for (
    const line of [
      'sentinel_http_requests_total{method="POST",route="/logs",status="201"} 1',
      'sentinel_http_requests_total{method="GET",route="(404)",status="404"} 1',
      "sentinel_records_stored_total 2",
      "sentinel_store_memtable_bytes 7",
      "sentinel_ready 1",
    ]
  ) assert.ok(lines.includes(line), line);
});

Deno.test("an unexpected error is a 500 that tells nothing, and a line in the log", async () => {
  const { call, store, lines } = await testApp();
  store.beforeRead = () => {
    throw new Error("secret path /var/x");
  };
  const response = await call("/logs");
  assert.equal(response.status, 500);
  assert.equal(await response.text(), '{"error":"Internal error"}');
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, /^Internal error in GET \/logs: Error: secret path/);
  assert.ok(!lines[0]!.includes("\n"));
  assert.equal(store.openSnapshots, 0);
});

Deno.test("queries beyond what runs and waits get a 503 with Retry-After", async () => {
  const { call, store } = await testApp();
  const { promise, resolve } = Promise.withResolvers<void>();
  store.beforeRead = () => promise;
  const open = Array.from({ length: QUERIES_MAX + QUERIES_WAITING_MAX }, () => call("/logs"));
  const refused = await call("/logs");
  assert.equal(refused.status, 503);
  assert.ok(Number(refused.headers.get("retry-after")) >= 1);
  assert.equal(store.openSnapshots, QUERIES_MAX);
  resolve();
  for (const response of await Promise.all(open)) assert.equal(response.status, 200);
  assert.equal(store.openSnapshots, 0);
});
