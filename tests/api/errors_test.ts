import assert from "node:assert/strict";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { ServerSuite, type TestRequest } from "../_server.ts";
import { record } from "./_records.ts";

const suite = new ServerSuite();
const MIB = 1024 * 1024;

const ROUTES: readonly [method: string, path: string][] = [
  ["POST", "/logs"],
  ["GET", "/logs"],
  ["DELETE", "/logs?before=2000-01-01T00:00:00Z"],
  ["GET", "/logs/1"],
  ["GET", "/logs/1/context"],
  ["GET", "/stats"],
  ["GET", "/histogram"],
  ["GET", "/facets?field=service"],
  ["POST", "/tokens"],
  ["GET", "/tokens"],
  ["DELETE", "/tokens/simulator"],
  ["GET", "/metrics"],
];

suite.test("without a known token every route that needs one is a 401", async (server) => {
  const headers: Record<string, string>[] = [
    {},
    { authorization: "" },
    { authorization: "Token" },
    { authorization: "Token nobody" },
    { authorization: "Bearer nobody" },
    { authorization: "Basic bm9ib2R5" },
    { authorization: "Basic !" },
    { authorization: "Digest simulator-token-000" },
    { authorization: "simulator-token-000" },
    { authorization: "Token simulator-token-000 x" },
    { authorization: `Token ${"x".repeat(5_000)}` },
  ];
  for (
    const [method, path] of [...ROUTES, ["GET", "/nowhere"], ["PUT", "/logs"], [
      "GET",
      "/logs/1/2/3",
    ]]
  ) {
    for (const header of headers) {
      const { status, body, headers: got } = await server.call(path!, {
        method: method!,
        token: null,
        headers: header,
      });
      assert.deepEqual([status, body], [401, { error: "Who are you?" }], `${method} ${path}`);
      assert.match(got.get("www-authenticate")!, /Token/);
    }
  }
});

suite.test("a route that there is not is a 404 that lists those that there are", async (server) => {
  for (const path of ["/nowhere", "/logs/1/2/3", "/log", "/LOGS", "/logs/", "/api/logs"]) {
    const { status, body } = await server.call(path);
    assert.equal(status, 404, path);
    for (const route of ["POST /logs", "GET /logs/:id", "GET /stats", "GET /docs"]) {
      assert.ok(body.error.includes(route), route);
    }
  }
});

suite.test("a method that a route has not is a 405 with Allow", async (server) => {
  const tries: [method: string, path: string, allow: string][] = [
    ["PUT", "/logs", "POST, DELETE, GET, HEAD"],
    ["PATCH", "/logs", "POST, DELETE, GET, HEAD"],
    ["POST", "/logs/1", "GET, HEAD"],
    ["DELETE", "/logs/1", "GET, HEAD"],
    ["DELETE", "/stats", "GET, HEAD"],
    ["GET", "/tokens/simulator", "DELETE"],
    ["PUT", "/tokens", "POST, GET, HEAD"],
    ["POST", "/healthz", "GET, HEAD"],
    ["POST", "/", "GET, HEAD"],
  ];
  for (const [method, path, allow] of tries) {
    const { status, headers, body } = await server.call(path, { method });
    assert.equal(status, 405, `${method} ${path}`);
    assert.deepEqual(headers.get("allow")!.split(", ").sort(), allow.split(", ").sort());
    assert.match(body.error, /^This method is not for /);
  }
});

suite.test("HEAD answers as GET does, without a body", async (server) => {
  await server.post(record("head"));
  const paths = [
    "/logs",
    "/logs/1",
    "/logs/1/context",
    "/logs/99999",
    "/logs?limit=0",
    "/stats",
    "/histogram",
    "/facets?field=service",
    "/tokens",
    "/healthz",
    "/readyz",
    "/metrics",
    "/openapi.json",
    "/docs",
    "/",
    "/nowhere",
  ];
  for (const path of paths) {
    const get = await server.call(path);
    const head = await server.call(path, { method: "HEAD" });
    assert.deepEqual([head.status, head.text], [get.status, ""], path);
    assert.equal(head.headers.get("content-type"), get.headers.get("content-type"));
  }
  const stream = await server.call("/logs", { method: "HEAD", headers: { accept: "text/csv" } });
  assert.match(stream.headers.get("content-type")!, /^text\/csv/);
});

suite.test("a content type that is not read is a 415 that says what is", async (server) => {
  const body = JSON.stringify(record("types"));
  for (
    const type of [
      "text/plain",
      "application/xml",
      "application/x-www-form-urlencoded",
      "multipart/form-data",
      "application/json; charset=latin1",
    ]
  ) {
    const { status, body: answer } = await server.call("/logs", {
      method: "POST",
      body,
      headers: { "content-type": type },
    });
    assert.equal(status, 415, type);
    assert.match(answer.error, /send (application\/json|UTF-8)/);
  }
  const tokens = await server.call("/tokens", {
    method: "POST",
    body: "{}",
    headers: { "content-type": "text/plain" },
  });
  assert.equal(tokens.status, 415);
});

suite.test("a content encoding that is not read is a 415 that says what is", async (server) => {
  for (const encoding of ["br", "compress", "gzip, br", "gzip, gzip, gzip"]) {
    const { status, body } = await server.call("/logs", {
      method: "POST",
      body: JSON.stringify(record("types")),
      headers: { "content-type": "application/json", "content-encoding": encoding },
    });
    assert.equal(status, 415, encoding);
    assert.match(body.error, /content coding/);
  }
});

/** A batch of records as JSON of exactly so many bytes, white space included. */
function batchOf(bytes: number): Uint8Array<ArrayBuffer> {
  const json = JSON.stringify([record("sized"), record("sized")]);
  return new TextEncoder().encode(json + " ".repeat(bytes - json.length));
}

function streamOf(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return ReadableStream.from((function* () {
    for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
  })());
}

const JSON_TYPE = { "content-type": "application/json" };

suite.test("a body of 16 MiB is read and one byte more is a 413: sized, chunked and compressed", async (server) => {
  const zip = (encoding: string, bytes: Uint8Array<ArrayBuffer>): TestRequest => ({
    body: new Uint8Array(encoding === "gzip" ? gzipSync(bytes) : zstdCompressSync(bytes)),
    headers: { ...JSON_TYPE, "content-encoding": encoding },
  });
  for (const [bytes, status] of [[16 * MIB, 201], [16 * MIB + 1, 413]] as const) {
    const body = batchOf(bytes);
    const requests: TestRequest[] = [
      { body, headers: JSON_TYPE },
      { body: streamOf(body), headers: JSON_TYPE },
      zip("gzip", body),
      zip("zstd", body),
    ];
    for (const [n, request] of requests.entries()) {
      const answer = await server.call("/logs", { method: "POST", ...request });
      assert.equal(answer.status, status, `request ${n} of ${bytes} bytes: ${answer.text}`);
      if (status === 413) assert.match(answer.body.error, /16777216 bytes.*send/);
    }
  }
});

suite.test("a compressed body that is itself compressed is undone, and bounded, twice", async (server) => {
  const send = (body: Uint8Array) =>
    server.call("/logs", {
      method: "POST",
      body: new Uint8Array(gzipSync(gzipSync(body))),
      headers: { ...JSON_TYPE, "content-encoding": "gzip, gzip" },
    });
  assert.equal((await send(batchOf(1_000))).status, 201);
  assert.equal((await send(batchOf(16 * MIB + 1))).status, 413);
});

suite.test("bodies that are no records are a 400", async (server) => {
  const bodies = [
    "",
    " ",
    "{",
    "[",
    "nul",
    "null",
    "5",
    '"text"',
    "[1]",
    "[null]",
    "[[]]",
    "{}",
    "[{}",
    "\u0000",
    '{"a":1}}',
    "\ufeff",
    "NaN",
    "'x'",
    "[,]",
  ];
  for (const body of bodies) {
    const { status, body: answer } = await server.call("/logs", {
      method: "POST",
      body,
      headers: JSON_TYPE,
    });
    assert.equal(status, 400, body);
    assert.equal(typeof answer.error, "string");
  }
  const latin1 = new Uint8Array(
    [...'{"message":"'].map((c) => c.charCodeAt(0)).concat(0xe9, 0x22, 0x7d),
  );
  const { status, body } = await server.call("/logs", {
    method: "POST",
    body: latin1,
    headers: JSON_TYPE,
  });
  assert.equal(status, 400);
  assert.match(body.error, /UTF-8/);
});

suite.test("an error is one sentence as JSON, and shows nothing of the program", async (server) => {
  const requests: [string, TestRequest][] = [
    ["/nowhere", {}],
    ["/logs", { method: "POST", body: "{", headers: JSON_TYPE }],
    ["/logs?q=%22", {}],
    ["/logs/%00", {}],
    ["/logs/%ff", {}],
    ["/tokens/%E0%A4%A", { method: "DELETE" }],
    ["/logs?%ff=%ff", {}],
  ];
  for (const [path, request] of requests) {
    const { status, headers, body, text } = await server.call(path, request);
    assert.ok(status >= 400 && status < 500, `${path}: ${status}`);
    assert.equal(headers.get("content-type"), "application/json");
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(typeof body.error, "string");
    assert.doesNotMatch(text, /\.ts\b|file:|\bat \w+ \(|node_modules/);
  }
});

suite.test("nothing of all this was a fault of the server's", (server) => {
  assert.doesNotMatch(server.stderr(), /Internal error/);
  return Promise.resolve();
});
