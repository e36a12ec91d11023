import assert from "node:assert/strict";
import fc from "fast-check";
import {
  assertWithinLimits,
  bytesOf,
  NOW,
  NOW_TEXT,
  rowsOf,
  type TestRow,
} from "./_lenient_test_rows.ts";
import { BadBodyError } from "./errors.ts";
import { decodeJsonHttp } from "./json_http.ts";

function decode(body: string, contentType?: string): TestRow[] {
  return rowsOf(decodeJsonHttp(bytesOf(body), contentType, NOW, "token-service"));
}

function decodeOne(value: unknown): TestRow {
  const [row, ...others] = decode(JSON.stringify(value), "application/json");
  assert.equal(others.length, 0);
  return row!;
}

const BARE = { time: NOW_TEXT, service: "token-service", severity: "INFO" };

Deno.test("decodeJsonHttp() reads arrays, lines, values one after the other and arrays of those", () => {
  const expected = ["a", "b"].map((message) => ({ ...BARE, message }));
  const bodies = [
    '[{"msg":"a"},{"msg":"b"}]',
    '{"msg":"a"}\n{"msg":"b"}\n',
    '{"msg":"a"}\r\n\r\n{"msg":"b"}',
    '{"msg":"a"}{"msg":"b"}',
    '{"msg":"a"} {"msg":"b"}',
    '{\n  "msg": "a"\n}\n{\n  "msg": "b"\n}\n',
    '[{"msg":"a"}]\n[{"msg":"b"}]',
    '[{"msg":"a"}][{"msg":"b"}]',
    '\ufeff{"msg":"a"}\n{"msg":"b"}',
    '{"logs":[{"msg":"a"},{"msg":"b"}]}',
  ];
  for (const body of bodies) assert.deepEqual(decode(body), expected, body);
  for (const body of ["", " \n", "[]", "[]\n[]"]) assert.deepEqual(decode(body), []);
});

Deno.test("decodeJsonHttp() finds braces and quotes inside strings of values one after the other", () => {
  const messages = ['}{"', "\\", '\\"', "]["];
  assert.deepEqual(
    decode(messages.map((msg) => JSON.stringify({ msg })).join("")),
    messages.map((message) => ({ ...BARE, message })),
  );
});

Deno.test("decodeJsonHttp() maps what Fluent Bit's http output sends", () => {
  assert.deepEqual(
    decode(
      '[{"date":1743508800.123456,"log":"GET / 200","stream":"stdout","tag":"kube.web"}]',
      "application/json",
    ),
    [{
      time: "2025-04-01T12:00:00.123456Z",
      service: "kube.web",
      severity: "INFO",
      message: "GET / 200",
      attributes: { stream: "stdout" },
    }],
  );
});

Deno.test("decodeJsonHttp() maps what Vector's http sink sends", () => {
  assert.deepEqual(
    decode(
      '{"host":"web-1","message":"hello","source_type":"file","timestamp":"2025-04-01T11:59:59.123456789Z"}\n',
      "application/x-ndjson",
    ),
    [{
      ...BARE,
      time: "2025-04-01T11:59:59.123456789Z",
      message: "hello",
      attributes: { host: "web-1", source_type: "file" },
    }],
  );
});

Deno.test("decodeJsonHttp() maps pino's, bunyan's and winston's records", () => {
  assert.deepEqual(
    decodeOne({
      level: 50,
      time: 1743508800123,
      pid: 7,
      hostname: "h",
      msg: "boom",
      err: { type: "Error" },
    }),
    {
      time: "2025-04-01T12:00:00.123Z",
      service: "h",
      severity: "ERROR",
      message: "boom",
      attributes: { pid: 7, err: { type: "Error" } },
    },
  );
  assert.deepEqual(
    decodeOne({
      name: "myapp",
      hostname: "h",
      pid: 7,
      level: 20,
      msg: "hi",
      time: "2025-04-01T12:00:00.248Z",
      v: 0,
    }),
    {
      time: "2025-04-01T12:00:00.248Z",
      service: "myapp",
      severity: "DEBUG",
      message: "hi",
      attributes: { hostname: "h", pid: 7, v: 0 },
    },
  );
  assert.deepEqual(decodeOne({ level: "silly", message: "w", label: "x" }), {
    ...BARE,
    severity: "TRACE",
    severity_text: "silly",
    message: "w",
    attributes: { label: "x" },
  });
});

Deno.test("decodeJsonHttp() maps a form as Python's HTTPHandler sends it, and JSON that curl calls a form", () => {
  const form =
    "name=auth.login&msg=hello+w%C3%B6rld&args=%28%29&levelname=WARNING&levelno=30&created=1743508800.25&x=1&x=2";
  assert.deepEqual(decode(form, "application/x-www-form-urlencoded"), [{
    time: "2025-04-01T12:00:00.250Z",
    service: "auth.login",
    severity: "WARNING",
    message: "hello wörld",
    attributes: { args: "()", levelno: "30", x: ["1", "2"] },
  }]);
  assert.deepEqual(decode('{"msg":"a&b=c"}', "application/x-www-form-urlencoded"), [{
    ...BARE,
    message: "a&b=c",
  }]);
});

Deno.test("decodeJsonHttp() takes lines of text/plain for messages, unless they are JSON", () => {
  assert.deepEqual(decode("one\r\n\ntwo", "text/plain; charset=utf-8"), [{
    ...BARE,
    message: "one",
  }, { ...BARE, message: "two" }]);
  assert.deepEqual(decode('[{"msg":"a"}]', "text/plain"), [{ ...BARE, message: "a" }]);
});

Deno.test("decodeJsonHttp() prefers names in the documented order, and keeps the others as attributes", () => {
  assert.deepEqual(
    decodeOne({
      ts: 1743508800,
      time: "no time",
      hostname: "h",
      app: "a",
      level: "warn",
      severity: "error",
      body: "b",
      message: "m",
    }),
    {
      time: NOW_TEXT,
      service: "a",
      severity: "ERROR",
      message: "m",
      attributes: { time: "no time", hostname: "h", level: "warn", body: "b" },
    },
  );
});

Deno.test("decodeJsonHttp() reads nested and dotted names, and leaves what else is in the objects", () => {
  assert.deepEqual(
    decodeOne({
      service: { name: "s", version: 1 },
      log: { level: "debug" },
      trace: { id: "t" },
      "span.id": "u",
      message: "m",
    }),
    {
      ...BARE,
      service: "s",
      severity: "DEBUG",
      message: "m",
      trace_id: "t",
      span_id: "u",
      attributes: { service: { version: 1 } },
    },
  );
});

Deno.test("decodeJsonHttp() loses nothing of fields that are not what their names say", () => {
  const odd = {
    timestamp: true,
    severity: { a: 1 },
    service: 5,
    message: null,
    trace_id: 7,
    log: { a: 1 },
    name: " ",
  };
  assert.deepEqual(decodeOne(odd), { ...BARE, message: "", attributes: odd });
  assert.deepEqual(decodeOne({ message: { a: 1 } }), { ...BARE, message: '{"a":1}' });
  assert.deepEqual(decodeOne({ message: { a: 1 }, msg: "m" }), {
    ...BARE,
    message: "m",
    attributes: { message: { a: 1 } },
  });
  assert.deepEqual(decodeOne({ service: " a\u0007", level: "Huch" }), {
    ...BARE,
    service: "a",
    message: "",
    severity_text: "Huch",
    attributes: { service: " a\u0007" },
  });
  const id = "x".repeat(129);
  assert.deepEqual(decodeOne({ trace_id: id, level: id }), {
    ...BARE,
    message: "",
    severity_text: id.slice(1),
    attributes: { trace_id: id, severity_text: id },
  });
});

Deno.test("decodeJsonHttp() spreads the attributes of records as POST /logs takes them", () => {
  assert.deepEqual(decodeOne({ message: "m", attributes: { a: 1, b: 2 }, a: 3 }), {
    ...BARE,
    message: "m",
    attributes: { a: 1, b: 2, a_1: 3 },
  });
});

Deno.test("decodeJsonHttp() keeps values that are no objects as messages", () => {
  assert.deepEqual(decode('["line",5,null,[1,{"a":2}]]').map((row) => row.message), [
    "line",
    "5",
    "null",
    '[1,{"a":2}]',
  ]);
});

Deno.test("decodeJsonHttp() keeps long integers, in attributes as text, in times as nanoseconds", () => {
  assert.deepEqual(decode('{"ts":1743508800123456789,"id":12345678901234567890,"n":1.5}'), [{
    ...BARE,
    time: "2025-04-01T12:00:00.123456789Z",
    message: "",
    attributes: { id: "12345678901234567890", n: 1.5 },
  }]);
});

Deno.test("decodeJsonHttp() cuts messages that are too long and says so", () => {
  assert.deepEqual(decodeOne({ message: "é".repeat(40_000) }), {
    ...BARE,
    message: "é".repeat(32_768),
    attributes: { message_truncated_bytes: 14_464 },
  });
});

Deno.test("decodeJsonHttp() refuses malformed JSON and says where", () => {
  const bodies = [
    "{",
    '{"a":1',
    '{"a":1}\n{"a":',
    "nonsense",
    '[{"a":1},]',
    '{"a":1}]',
    '{"msg":"a"}\nplain text\n',
    '"',
    '{"a":"',
  ];
  for (const body of bodies) assert.throws(() => decode(body), BadBodyError, body);
  assert.throws(() => decode('{"a":1}\n{"a":2}\n{"a":}\n'), /line 3/);
});

Deno.test("decodeJsonHttp() refuses too many records of any kind", () => {
  const count = 1_000_001;
  assert.throws(() => decode("1\n".repeat(count)), BadBodyError);
  assert.throws(() => decode(`[${"1,".repeat(count - 1)}1]`), BadBodyError);
  assert.throws(() => decode("a\n".repeat(count), "text/plain"), BadBodyError);
  assert.throws(() => decode(`{"logs":[${"{},".repeat(count - 1)}{}]}`), BadBodyError);
});

const types = fc.constantFrom(
  undefined,
  "application/json",
  "application/x-www-form-urlencoded",
  "text/plain",
  "x",
);

Deno.test("decodeJsonHttp() gives records within the limits, or a BadBodyError, for any bytes", () => {
  const piece = fc.constantFrom(
    ...'{}[]":,\\n\n \u0000',
    '"a"',
    "\ud83d\ude00",
    "1e999",
    '"\\ud800"',
    '"msg":',
    '"logs":',
    "__proto__",
    "a=b&",
  );
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 100 }),
    fc.array(piece).map((pieces) => bytesOf(pieces.join(""))),
  );
  fc.assert(
    fc.property(body, types, (bytes, type) => {
      try {
        assertWithinLimits(decodeJsonHttp(bytes, type, NOW, "s"), assert.ok);
      } catch (error) {
        if (!(error instanceof BadBodyError)) throw error;
      }
    }),
    { numRuns: 2000 },
  );
});

Deno.test("decodeJsonHttp() gives a record within the limits for every JSON object, whatever its fields hold", () => {
  const name = fc.oneof(
    fc.constantFrom(
      "timestamp",
      "time",
      "level",
      "severity",
      "service",
      "service.name",
      "log",
      "message",
      "msg",
      "trace",
      "trace_id",
      "span.id",
      "attributes",
      "logs",
      "__proto__",
      "toString",
    ),
    fc.string({ unit: "binary" }),
  );
  const value = fc.oneof(
    fc.jsonValue(),
    fc.string({ unit: "binary" }),
    fc.record({ name: fc.jsonValue(), level: fc.jsonValue(), id: fc.string() }),
  );
  fc.assert(
    fc.property(fc.array(fc.dictionary(name, value)), (records) => {
      const batch = decodeJsonHttp(bytesOf(JSON.stringify(records)), undefined, NOW, "s");
      assertWithinLimits(batch, assert.ok);
      assert.ok(batch.length >= (records.length === 0 ? 0 : 1));
    }),
    { numRuns: 500 },
  );
});

Deno.test("decodeJsonHttp() takes what nests a hundred thousand levels deep", () => {
  const deep = "[".repeat(100_000) + "]".repeat(100_000);
  assert.equal(decode(`{"a":${deep}}`).length, 1);
  assert.equal(decode(`{"message":${deep}}`)[0]?.message.length, 65_536);
  assert.throws(() => decode("[".repeat(100_000)), BadBodyError);
  assert.throws(() => decode('{"logs":['.repeat(100_000)), BadBodyError);
});
