import assert from "node:assert/strict";
import { RecordBatch } from "./batch.ts";
import { appendRecord, type RecordProblem } from "./check.ts";

const good = {
  timestamp: "2025-04-01T12:00:00.123456789+02:00",
  service: "auth-service",
  severity: "warn",
  message: "hello",
};

function check(value: unknown): { batch: RecordBatch; problems: RecordProblem[] } {
  const batch = new RecordBatch();
  const problems: RecordProblem[] = [];
  const taken = appendRecord(batch, value, problems, 7);
  assert.equal(taken, problems.length === 0);
  assert.equal(batch.length, taken ? 1 : 0);
  return { batch, problems };
}

function optionalOf(fields: object): Record<string, string | undefined> {
  const { batch, problems } = check({ ...good, ...fields });
  assert.deepEqual(problems, []);
  return Object.fromEntries([...batch.optional].map(([name, column]) => [name, column[0]]));
}

function problemOf(fields: object): RecordProblem {
  const { problems } = check({ ...good, ...fields });
  assert.equal(problems.length, 1, JSON.stringify(problems));
  return problems[0]!;
}

function attributesOf(fields: object): unknown {
  return JSON.parse(optionalOf(fields).attributes ?? "null");
}

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = i % 2 === 0 ? { a: value } : [value];
  return value;
}

Deno.test("appendRecord() takes the four required fields exactly", () => {
  const { batch } = check(good);
  assert.deepEqual(batch.timestampMs, [Date.UTC(2025, 3, 1, 10, 0, 0, 123)]);
  assert.deepEqual(batch.timestampNs, [456_789]);
  assert.deepEqual(batch.streams, [{ service: "auth-service", severity: 3 }]);
  assert.deepEqual(batch.messages, ["hello"]);
  assert.equal(batch.optional.size, 0);
});

Deno.test("appendRecord() ignores id and received_at, null and empty optional fields", () => {
  const absent = {
    id: 5,
    received_at: "nonsense",
    trace_id: null,
    span_id: "",
    attributes: null,
    severity_text: "",
    severity_number: null,
  };
  assert.deepEqual(optionalOf(absent), {});
  assert.deepEqual(optionalOf({ attributes: {} }), {});
});

Deno.test("appendRecord() keeps trace and span ids as they are", () => {
  const ids = { trace_id: "4bf92f3577b34da6a3ce929d0e0e4736", span_id: "ä".repeat(128) };
  assert.deepEqual(optionalOf(ids), ids);
  assert.equal(problemOf({ trace_id: "x".repeat(129) }).field, "trace_id");
  assert.equal(problemOf({ span_id: 5 }).field, "span_id");
});

Deno.test("appendRecord() keeps the original severity where it says more", () => {
  assert.deepEqual(optionalOf({ severity: "Critical" }), { severity_text: "Critical" });
  assert.deepEqual(optionalOf({ severity: 18 }), { severity_number: "18" });
  assert.deepEqual(optionalOf({ severity: "ERROR" }), {});
  const reimported = { severity: "ERROR", severity_text: "critical", severity_number: 18 };
  assert.deepEqual(optionalOf(reimported), { severity_text: "critical", severity_number: "18" });
  assert.deepEqual(optionalOf({ severity_text: "WARN", severity_number: "13" }), {});
  assert.deepEqual(optionalOf({ severity: "crit", severity_text: "error" }), {
    severity_text: "crit",
  });
  assert.equal(problemOf({ severity_number: 25 }).field, "severity_number");
  assert.equal(problemOf({ severity_text: 5 }).field, "severity_text");
});

Deno.test("appendRecord() makes unknown fields attributes and loses none to a name taken", () => {
  assert.deepEqual(attributesOf({ user: 5, deep: { a: [null] } }), {
    user: 5,
    deep: { a: [null] },
  });
  const colliding = { attributes: { x: 1, x_1: 2 }, x: 3, x_2: 4, y: 5 };
  assert.deepEqual(attributesOf(colliding), { x: 1, x_1: 2, x_3: 3, x_2: 4, y: 5 });
});

Deno.test("appendRecord() keeps a field named __proto__ as an attribute and pollutes nothing", () => {
  const text = `{"__proto__":{"polluted":1},"attributes":{"__proto__":{"polluted":2},"a":1}}`;
  const fields = JSON.parse(text);
  const record = JSON.parse(JSON.stringify(good).replace("}", "," + text.slice(1)));
  assert.deepEqual(Object.keys(fields), ["__proto__", "attributes"]);
  const { batch, problems } = check(record);
  assert.deepEqual(problems, []);
  assert.equal(
    batch.optional.get("attributes")?.[0],
    `{"__proto__":{"polluted":2},"a":1,"__proto___1":{"polluted":1}}`,
  );
  assert.equal(({} as { polluted?: number }).polluted, undefined);
});

Deno.test("appendRecord() takes services of 1 to 128 characters without controls", () => {
  for (const service of ["a", "x".repeat(128), "😀".repeat(128), "mit Leerzeichen und Ö"]) {
    assert.deepEqual(optionalOf({ service }), {});
  }
  for (
    const service of ["", "x".repeat(129), "😀".repeat(129), "a\nb", "\x7f", "\x85", "\ud800", 5]
  ) {
    assert.equal(problemOf({ service }).field, "service");
    assert.equal(problemOf({ service, user: 1 }).field, "service");
  }
});

Deno.test("appendRecord() takes messages of up to 65,536 bytes of UTF-8", () => {
  for (const message of ["", "x".repeat(65_536), "é".repeat(32_768), "😀".repeat(16_384), "\0\n"]) {
    assert.deepEqual(check({ ...good, message }).batch.messages, [message]);
  }
  for (const message of ["x".repeat(65_537), "é".repeat(32_768) + "x", "\udfff", 5, null]) {
    assert.equal(problemOf({ message }).field, "message");
  }
});

Deno.test("appendRecord() takes attributes 8 deep, of 256 names and 65,536 bytes, and no more", () => {
  assert.deepEqual(attributesOf({ attributes: { a: nested(7) } }), { a: nested(7) });
  assert.equal(problemOf({ attributes: { a: nested(8) } }).field, "attributes.a");
  assert.deepEqual(attributesOf({ a: nested(7) }), { a: nested(7) });
  assert.equal(problemOf({ a: nested(8) }).field, "a");
  assert.equal(problemOf({ a: nested(100_000) }).field, "a");

  const names = Object.fromEntries(Array.from({ length: 256 }, (_, i) => [`n${i}`, i]));
  assert.deepEqual(attributesOf({ attributes: names }), names);
  assert.deepEqual(attributesOf(names), names);
  assert.equal(problemOf({ attributes: { ...names, more: 1 } }).field, "attributes");
  assert.equal(problemOf({ attributes: names, more: 1 }).field, "attributes");

  const full = { a: "é".repeat((65_536 - 8) / 2) };
  assert.deepEqual(attributesOf({ attributes: full }), full);
  assert.equal(problemOf({ attributes: { a: full.a + "x" } }).field, "attributes");
});

Deno.test("appendRecord() refuses lone surrogates and infinite numbers anywhere in attributes", () => {
  for (
    const attributes of [
      { a: "\ud800" },
      { a: [{ b: "x\udc00" }] },
      { a: { "\ud800": 1 } },
      { a: Infinity },
      JSON.parse(`{"a":[1e999]}`),
    ]
  ) {
    assert.equal(problemOf({ attributes }).field, "attributes.a");
    assert.equal(problemOf(attributes).field, "a");
  }
  assert.equal(problemOf({ "\udabc": 1 }).field, "\ufffd");
});

Deno.test("appendRecord() names every bad field, its value and what would be right", () => {
  const { problems } = check({ timestamp: "yesterday", severity: "loud", message: ["x"], user: 1 });
  assert.deepEqual(problems.map(({ index, field }) => [index, field]), [
    [7, "timestamp"],
    [7, "service"],
    [7, "severity"],
    [7, "message"],
  ]);
  assert.match(problems[0]!.message, /^"timestamp" is "yesterday"; expected an RFC 3339 time/);
  assert.match(problems[1]!.message, /^"service" is missing; expected a string of 1 to 128/);
  assert.match(problems[2]!.message, /^"severity" is "loud"; expected TRACE, DEBUG, INFO, WARNING/);
  assert.match(problems[3]!.message, /^"message" is an array; expected a string of at most 65536/);
});

Deno.test("appendRecord() cuts long values in its sentences", () => {
  for (
    const fields of [
      { message: "😀".repeat(100_000) },
      { service: "x".repeat(100_000) },
      { ["k".repeat(100_000)]: Infinity },
      { attributes: { ["k".repeat(100_000)]: "\ud800".repeat(100_000) } },
    ]
  ) {
    const { field, message } = problemOf(fields);
    assert.ok(message.length < 600, message);
    assert.ok(field.length < 100);
    assert.ok(message.isWellFormed());
  }
});

Deno.test("appendRecord() refuses what is no object", () => {
  for (const value of [null, undefined, 5, "x", [], [good], true]) {
    const { problems } = check(value);
    assert.equal(problems[0]?.field, "");
  }
});
