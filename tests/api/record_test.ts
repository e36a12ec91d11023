import assert from "node:assert/strict";
import { ServerSuite } from "../_server.ts";
import { logs, record, stored } from "./_records.ts";

const suite = new ServerSuite();

suite.test("a record has its fields in the documented form, and none that it lacks", async (server) => {
  const found = await stored(server, "form", { timestamp: "2025-04-01T14:00:00+02:00" });
  const { received_at, ...rest } = found;
  assert.match(received_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual(rest, {
    id: 1,
    timestamp: "2025-04-01T12:00:00.000Z",
    service: "form",
    severity: "INFO",
    message: "hello",
  });
});

suite.test("attributes, trace_id and span_id come back where the sender gave them", async (server) => {
  const attributes = {
    user: "alice",
    n: 1.5,
    list: [1, { a: null }],
    yes: true,
    "": "",
    "a b": {},
  };
  const fields = {
    attributes,
    trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
    span_id: "00f067aa0ba902b7",
  };
  const found = await stored(server, "fields", fields);
  assert.deepEqual(found.attributes, attributes);
  assert.equal(found.trace_id, fields.trace_id);
  assert.equal(found.span_id, fields.span_id);
});

suite.test("fields that are not known become attributes", async (server) => {
  const found = await stored(server, "unknown", {
    user: "bob",
    attributes: { user: "alice" },
    pid: 7,
  });
  assert.deepEqual(found.attributes, { user: "alice", user_1: "bob", pid: 7 });
});

const TIMES: readonly (readonly [string, string])[] = [
  ["2025-04-01T12:00:00Z", "2025-04-01T12:00:00.000Z"],
  ["2025-04-01T12:00:00", "2025-04-01T12:00:00.000Z"],
  ["2025-04-01T12:00:00.5", "2025-04-01T12:00:00.500Z"],
  ["2025-04-01T12:00:00.123456789Z", "2025-04-01T12:00:00.123456789Z"],
  ["2025-04-01T12:00:00.120000000Z", "2025-04-01T12:00:00.120Z"],
  ["2025-04-01T12:00:00.1234Z", "2025-04-01T12:00:00.1234Z"],
  ["2025-04-01t12:00:00z", "2025-04-01T12:00:00.000Z"],
  ["2025-04-01T00:30:00+01:00", "2025-03-31T23:30:00.000Z"],
  ["2025-04-01T12:00:00-23:59", "2025-04-02T11:59:00.000Z"],
  ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"],
  ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"],
  ["1969-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59.999999999Z"],
  ["9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999999Z"],
];

suite.test("timestamps are RFC 3339 or without an offset, and kept to the nanosecond", async (server) => {
  const ids = await server.post(TIMES.map(([timestamp]) => record("times", { timestamp })));
  for (const [n, id] of ids.entries()) {
    assert.equal((await server.get(`/logs/${id}`)).timestamp, TIMES[n]![1], TIMES[n]![0]);
  }
  const found = await server.get(logs({ service: "times", order: "asc" }));
  const inOrder = found.map(({ timestamp }: { timestamp: string }) => timestamp);
  const instant = (text: string) => text.slice(0, -1).padEnd(29, "0");
  assert.deepEqual(
    inOrder,
    inOrder.toSorted((a: string, b: string) => instant(a) < instant(b) ? -1 : 1),
  );
});

const BAD_TIMES = [
  "2025-02-29T00:00:00Z",
  "2025-04-31T00:00:00Z",
  "2025-04-01T24:00:00Z",
  "2025-04-01T12:60:00Z",
  "2025-06-30T23:59:60Z",
  "2025-04-01T12:00:00.1234567890Z",
  "2025-04-01T12:00:00.Z",
  "2025-04-01",
  "2025-04-01T12:00Z",
  "0000-12-31T23:59:59Z",
  "0001-01-01T00:00:00+00:01",
  "9999-12-31T23:59:59-00:01",
  "10000-01-01T00:00:00Z",
  "-001-01-01T00:00:00Z",
  "2025-04-01T12:00:00+0200",
  "2025-04-01T12:00:00 Z",
  "1743508800",
  "",
  1743508800,
  null,
];

suite.test("times that do not exist, second 60 and a tenth digit of fraction are errors", async (server) => {
  for (const timestamp of BAD_TIMES) {
    const { status, body } = await server.call("/logs", {
      json: record("bad-times", { timestamp }),
    });
    assert.equal(status, 400, String(timestamp));
    assert.equal(body.details[0].field, "timestamp");
  }
  const { timestamp: _, ...without } = record("bad-times");
  const { status, body } = await server.call("/logs", { json: without });
  assert.equal(status, 400);
  assert.match(body.error, /"timestamp" is missing/);
});

const SEVERITIES: Readonly<Record<string, readonly (string | number)[]>> = {
  TRACE: ["TRACE", "trace", "Trace", "TRACE2", "verbose", "1", 1, 4],
  DEBUG: ["DEBUG", "debug", "DEBUG4", "dbg", "5", 8],
  INFO: ["INFO", "Info", "information", "informational", "notice", "INFO2", 9, "12"],
  WARNING: ["WARNING", "warn", "Warn", "WARN3", "wArNiNg", 13, 16],
  ERROR: ["ERROR", "err", "Error", "crit", "alert", "severe", "ERROR4", 17, "20"],
  FATAL: ["FATAL", "emerg", "emergency", "critical", "panic", "FATAL2", 21, 24],
};

suite.test("severities are read in any case, by the aliases that loggers use, and by number", async (server) => {
  for (const [severity, aliases] of Object.entries(SEVERITIES)) {
    const ids = await server.post(aliases.map((alias) => record("levels", { severity: alias })));
    for (const [n, id] of ids.entries()) {
      assert.equal((await server.get(`/logs/${id}`)).severity, severity, String(aliases[n]));
    }
  }
});

suite.test("an unknown severity is rejected", async (server) => {
  for (const severity of ["LOUD", "", "0", "25", 0, 25, 2.5, null, true, ["INFO"], "INFO "]) {
    const { status, body } = await server.call("/logs", { json: record("loud", { severity }) });
    assert.equal(status, 400, String(severity));
    assert.equal(body.details[0].field, "severity");
  }
});

suite.test("the original text or number of a severity is kept where it says more", async (server) => {
  const notice = await stored(server, "origin", { severity: "Notice" });
  assert.deepEqual([notice.severity, Reflect.get(notice, "severity_text")], ["INFO", "Notice"]);
  const number = await stored(server, "origin", { severity: 18 });
  assert.deepEqual([number.severity, Reflect.get(number, "severity_number")], ["ERROR", 18]);
  const plain = await stored(server, "origin", { severity: "warn" });
  assert.equal(Reflect.has(plain, "severity_text"), false);
});

suite.test("a service has 1 to 128 characters and no control character", async (server) => {
  for (const service of ["x", "é".repeat(128), "😀".repeat(128), "a b/c:d", "__proto__", "数据"]) {
    assert.equal((await stored(server, service)).service, service);
    assert.equal((await server.get(logs({ service }))).length, 1);
  }
  for (
    const service of [
      "",
      "x".repeat(129),
      "😀".repeat(129),
      "a\nb",
      "a\u0000",
      "a\u007f",
      "a\u0085",
      5,
      null,
    ]
  ) {
    const { status, body } = await server.call("/logs", { json: record("", { service }) });
    assert.equal(status, 400, JSON.stringify(service));
    assert.equal(body.details[0].field, "service");
  }
});

suite.test("a message of 65,536 bytes of UTF-8 is kept exactly, one more is refused", async (server) => {
  for (const message of ["x".repeat(65_536), "é".repeat(32_768), "😀".repeat(16_384), ""]) {
    assert.equal((await stored(server, "long", { message })).message, message);
  }
  for (const message of ["x".repeat(65_537), "é".repeat(32_768) + "x", "€".repeat(21_846)]) {
    const { status, body } = await server.call("/logs", { json: record("long", { message }) });
    assert.equal(status, 400);
    assert.match(body.error, /at most 65536 bytes/);
    assert.ok(body.error.length < 1_000);
  }
});

suite.test("a message keeps every character: controls, NUL, byte order marks, line ends", async (server) => {
  const message = '\ufeff\u0000\t\r\n"\\\u001b[31m\u2028\u202e\ufffe 😀 \u{10ffff}';
  assert.equal((await stored(server, "exact", { message })).message, message);
});

suite.test("attributes have at most 64 KiB, 256 names and 8 levels", async (server) => {
  const nested = (depth: number): unknown => depth === 0 ? 1 : { a: nested(depth - 1) };
  const named = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`n${n}`, n]));
  const sized = (bytes: number) => ({ a: "x".repeat(bytes - '{"a":""}'.length) });
  for (const attributes of [nested(8), named(256), sized(65_536), {}]) {
    const found = await stored(server, "attributes", { attributes });
    assert.deepEqual(found.attributes ?? {}, attributes);
  }
  for (const attributes of [nested(9), named(257), sized(65_537), "text", [1], 5]) {
    const { status } = await server.call("/logs", { json: record("attributes", { attributes }) });
    assert.equal(status, 400);
  }
});

suite.test("integers beyond 2^53 in attributes are kept as text", async (server) => {
  const body = JSON.stringify(record("integers")).slice(0, -1) +
    ',"attributes":{"big":12345678901234567890,"edge":9007199254740993,"small":42},"field":-9223372036854775808}';
  const { body: answer } = await server.call("/logs", {
    method: "POST",
    body,
    headers: { "content-type": "application/json" },
  });
  assert.deepEqual((await server.get(`/logs/${answer.ids[0]}`)).attributes, {
    big: "12345678901234567890",
    edge: "9007199254740993",
    small: 42,
    field: "-9223372036854775808",
  });
});

suite.test("lone surrogates are a 400 wherever they stand", async (server) => {
  const lone = '"\\ud800"';
  const bodies = [
    `{"timestamp":"2025-04-01T12:00:00Z","service":"s","severity":"INFO","message":${lone}}`,
    `{"timestamp":"2025-04-01T12:00:00Z","service":${lone},"severity":"INFO","message":"m"}`,
    `{"timestamp":"2025-04-01T12:00:00Z","service":"s","severity":"INFO","message":"m","attributes":{"a":${lone}}}`,
    `{"timestamp":"2025-04-01T12:00:00Z","service":"s","severity":"INFO","message":"m","attributes":{${lone}:1}}`,
    `{"timestamp":"2025-04-01T12:00:00Z","service":"s","severity":"INFO","message":"m","trace_id":${lone}}`,
    `{"timestamp":"2025-04-01T12:00:00Z","service":"s","severity":"INFO","message":"m",${lone}:1}`,
  ];
  for (const body of bodies) {
    const headers = { "content-type": "application/json" };
    const answer = await server.call("/logs", { method: "POST", body, headers });
    assert.equal(answer.status, 400, body);
    assert.match(answer.body.error, /surrogate/);
  }
});
