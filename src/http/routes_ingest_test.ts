import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { OverloadedError } from "../storage/mod.ts";
import { jsonPost, testApp } from "./_test_app.ts";

const NANOS = "1748736000000000000";

const otlp = {
  resourceLogs: [{
    resource: { attributes: [{ key: "service.name", value: { stringValue: "auth" } }] },
    scopeLogs: [{
      logRecords: [{ timeUnixNano: NANOS, severityNumber: 17, body: { stringValue: "one" } }],
    }],
  }],
};
const loki = {
  streams: [{ stream: { service: "auth", level: "error" }, values: [[NANOS, "one"]] }],
};
const bulk =
  '{"create":{}}\n{"@timestamp":"2025-06-01T00:00:00Z","message":"one","level":"error",' +
  '"service":"auth"}\n';
const clef = '{"@t":"2025-06-01T00:00:00Z","@m":"one","@l":"Error","Application":"auth"}\n';
const gelf = {
  version: "1.1",
  host: "auth",
  short_message: "one",
  level: 3,
  timestamp: 1748736000,
};
const json = [{ time: "2025-06-01T00:00:00Z", level: "error", msg: "one", service: "auth" }];

/** Each format's path, a body with one record of service `auth`, and the status of its answer. */
const formats: [path: string, init: RequestInit, status: number][] = [
  ["/v1/logs", jsonPost(otlp), 200],
  ["/loki/api/v1/push", jsonPost(loki), 204],
  ["/_bulk", lines(bulk), 200],
  ["/auth/_bulk", lines(bulk), 200],
  ["/ingest/json", jsonPost(json), 200],
  ["/ingest/clef", lines(clef), 201],
  ["/api/events/raw", lines(clef), 201],
  ["/gelf", jsonPost(gelf), 202],
];

function lines(body: string): RequestInit {
  return { method: "POST", body, headers: { "content-type": "application/x-ndjson" } };
}

Deno.test("every wire format stores its record and answers as its clients expect", async () => {
  for (const [path, init, status] of formats) {
    const { call } = await testApp();
    const response = await call(path, init, "auth");
    const text = await response.text();
    assert.equal(response.status, status, `${path}: ${text}`);
    const [record] = await (await call("/logs")).json();
    assert.equal(record.message, "one", path);
    assert.equal(record.service, "auth", path);
    assert.equal(record.severity, "ERROR", path);
    assert.equal(record.timestamp, "2025-06-01T00:00:00.000Z", path);
  }
});

Deno.test("a wire format's body may be compressed", async () => {
  for (const [path, init, status] of formats) {
    const { call, store } = await testApp();
    const body = new Uint8Array(gzipSync(init.body as string));
    const headers = { ...init.headers as Record<string, string>, "content-encoding": "gzip" };
    const response = await call(path, { method: "POST", body, headers });
    await response.body?.cancel();
    assert.equal(response.status, status, path);
    assert.equal(store.rows.length, 1, path);
  }
});

Deno.test("a wire format takes its token in every way that its clients send it", async () => {
  const { app } = await testApp();
  const body = JSON.stringify(json);
  const send = async (path: string, headers: Record<string, string>) => {
    const response = await app.request(path, { method: "POST", body, headers });
    await response.body?.cancel();
    return response.status;
  };
  assert.equal(await send("/ingest/json", {}), 401);
  assert.equal(await send("/ingest/json", { authorization: "Bearer auth" }), 200);
  assert.equal(await send("/ingest/json", { authorization: `Basic ${btoa("any:auth")}` }), 200);
  assert.equal(await send("/ingest/json", { authorization: "ApiKey auth" }), 200);
  assert.equal(await send("/ingest/json", { authorization: `ApiKey ${btoa("id:auth")}` }), 200);
  assert.equal(await send("/ingest/json", { "x-seq-apikey": "auth" }), 200);
  assert.equal(await send("/ingest/json?apiKey=auth", {}), 200);
  assert.equal(await send("/ingest/json?apiKey=wrong", {}), 401);
  assert.equal(await send("/ingest/json", { authorization: "Bearer reader" }), 403);
});

Deno.test("a wire format stores nothing of another service's records", async () => {
  for (const [path, init] of formats) {
    const { call, store } = await testApp();
    const body = (init.body as string).replaceAll('"auth"', '"other"');
    const response = await call(path.replace("auth", "other"), { ...init, body }, "auth");
    await response.body?.cancel();
    assert.equal(response.status, 403, path);
    assert.equal(store.rows.length, 0, path);
  }
});

Deno.test("overload is told in each format's own shape, and so that its clients try again", async () => {
  for (const [path, init] of formats) {
    const { call, store } = await testApp();
    store.append = () => Promise.reject(new OverloadedError("Full", 429, 7));
    const response = await call(path, init);
    const text = await response.text();
    // Elasticsearch's clients and Seq's give up on a 429.
    assert.equal(response.status, /_bulk|clef|events/.test(path) ? 503 : 429, path);
    assert.equal(response.headers.get("retry-after"), "7", path);
    assert.match(text, /Full/, path);
  }
});
