import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { ATTRIBUTES_BYTES_MAX, type RecordBatch, utf8Length } from "../record.ts";
import {
  bytesField,
  fixed64Field,
  keyValue,
  logsRequest,
  type Message,
  message,
  stringValue,
  varintField,
} from "./_test_protobuf.ts";
import fixtures from "./_wire_fixtures.json" with { type: "json" };
import { BadBodyError, BodyTooLargeError, UnsupportedMediaTypeError } from "./errors.ts";
import { decodeOtlpLogs } from "./otlp_logs.ts";

const JSON_TYPE = "application/json";
const PROTOBUF_TYPE = "application/x-protobuf";
const NOW = { ms: 1_700_000_000_000, ns: 5 };

const protobufFixture = Uint8Array.from(Buffer.from(fixtures.otlpProtobuf, "base64"));

/** The records of some log records of service `s` in JSON. */
function fromJson(...logRecords: unknown[]): RecordBatch {
  const attributes = [{ key: "service.name", value: { stringValue: "s" } }];
  return ofJson({ resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords }] }] });
}

function ofJson(request: unknown): RecordBatch {
  const text = typeof request === "string" ? request : JSON.stringify(request);
  return decodeOtlpLogs(new TextEncoder().encode(text), JSON_TYPE, NOW).batch;
}

function fromProtobuf(...logRecords: Message[]): RecordBatch {
  return decodeOtlpLogs(logsRequest(...logRecords), PROTOBUF_TYPE, NOW).batch;
}

function attributesOf(batch: RecordBatch, row = 0): Record<string, unknown> {
  return JSON.parse(batch.optional.get("attributes")?.[row] ?? "{}");
}

function severityOf(batch: RecordBatch, row = 0): unknown[] {
  const { severity } = batch.streams[batch.streamOf[row]!]!;
  const texts = ["severity_number", "severity_text"] as const;
  return [severity, ...texts.map((name) => batch.optional.get(name)?.[row])];
}

/** Everything that a batch holds, to be compared. */
function contentOf(batch: RecordBatch): unknown {
  return [
    batch.messages,
    batch.timestampMs,
    batch.timestampNs,
    batch.streamOf.map((stream) => batch.streams[stream]),
    [...batch.optional].map(([name, texts]) => [name, Array.from(texts)]),
  ];
}

Deno.test("decodeOtlpLogs() reads what OpenTelemetry's JavaScript SDK writes", () => {
  const { batch, rejected, errorMessage } = decodeOtlpLogs(protobufFixture, PROTOBUF_TYPE, NOW);
  assert.deepEqual([rejected, errorMessage], [0, undefined]);
  assert.deepEqual(batch.messages, [
    "hello, wörld 🎉",
    'quotes " and \\ and\nlines',
    '{"a":1,"list":["x"]}',
    "",
  ]);
  assert.deepEqual(batch.timestampMs, Array(4).fill(1_743_508_800_123));
  assert.deepEqual(batch.timestampNs, Array(4).fill(456_789));
  assert.deepEqual(batch.streams.map(({ service }) => service), ["auth-service", "auth-service"]);
  assert.deepEqual(severityOf(batch, 0), [2, undefined, undefined]);
  assert.deepEqual(severityOf(batch, 1), [4, "18", "Severe"]);
  assert.deepEqual(severityOf(batch, 2), [2, undefined, undefined]);
  assert.deepEqual(severityOf(batch, 3), [2, undefined, "whatever"]);
  const shared = {
    "resource.host.name": "web-1",
    "resource.process.pid": 123,
    "resource.schema_url": "https://opentelemetry.io/schemas/1.40.0",
    "scope.name": "my.library",
    "scope.version": "1.2.3",
    "scope.library.build": 7,
    "scope.schema_url": "https://opentelemetry.io/schemas/1.39.0",
  };
  assert.deepEqual(attributesOf(batch, 0), shared);
  assert.deepEqual(attributesOf(batch, 1), {
    "http.method": "GET",
    status: 200,
    negative: -5,
    huge: "9007199254740994",
    ratio: 0.25,
    ok: true,
    no: false,
    empty: "",
    nothing: null,
    list: ["a", 1, true, null],
    bytes: "AAH6/w==",
    nested: { a: { b: [{ c: "d" }] } },
    "tab\t": "ctrl\u0001",
    observed_timestamp: "2025-04-01T12:00:01.000000005Z",
    event_name: "user.login",
    flags: 1,
    dropped_attributes_count: 3,
    ...shared,
  });
  assert.equal(batch.optional.get("trace_id")?.[1], "5b8efff798038103d269b633813fc60c");
  assert.equal(batch.optional.get("span_id")?.[1], "eee19b7ec3c1b174");
});

Deno.test("decodeOtlpLogs() reads the same from JSON as from protobuf", () => {
  const json = contentOf(ofJson(fixtures.otlpJson));
  assert.deepEqual(json, contentOf(decodeOtlpLogs(protobufFixture, PROTOBUF_TYPE, NOW).batch));
});

Deno.test("decodeOtlpLogs() writes attributes as JSON.stringify does", () => {
  const texts = decodeOtlpLogs(protobufFixture, PROTOBUF_TYPE, NOW).batch.optional
    .get("attributes")!;
  for (const text of texts) assert.equal(text, JSON.stringify(JSON.parse(text!)));
});

Deno.test("decodeOtlpLogs() takes JSON by its rules: any order, unknown keys, integers as strings or numbers", () => {
  const batch = ofJson(`{"unknown":[{}],"resourceLogs":[{"scopeLogs":[{"logRecords":[
    {"traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"EEE19B7EC3C1B174","traceState":1,
     "body":{"stringValue":"m","other":1},"severityNumber":17,"timeUnixNano":1544712660300000001,
     "attributes":[{"key":"a","value":{"intValue":"10"}},{"key":"b","value":{"intValue":10}},
       {"key":"c","value":{"intValue":"9223372036854775807"}},
       {"key":"d","value":{"intValue":-9223372036854775808}},
       {"key":"e","value":{"doubleValue":"NaN"}},{"key":"f","value":{"doubleValue":1e300}},
       {"key":"g","value":{"doubleValue":12345678901234567890}},{"key":"h","value":{}},
       {"key":"i"},{"key":"j","value":{"bytesValue":"AAH6/w=="}}]},
    {"timeUnixNano":null,"observedTimeUnixNano":"1544712660000000001","severityNumber":null},
    {"timeUnixNano":"0","severityText":"Warning"}
  ]}],"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"late"}}]}}]}`);
  assert.deepEqual(batch.streams.map(({ service }) => service), ["late", "late", "late"]);
  assert.deepEqual(batch.timestampMs, [1_544_712_660_300, 1_544_712_660_000, NOW.ms]);
  assert.deepEqual(batch.timestampNs, [1, 1, NOW.ns]);
  assert.deepEqual(attributesOf(batch), {
    a: 10,
    b: 10,
    c: "9223372036854775807",
    d: "-9223372036854775808",
    e: "NaN",
    f: 1e300,
    g: 12345678901234567000,
    h: null,
    i: null,
    j: "AAH6/w==",
  });
  assert.equal(batch.optional.get("trace_id")?.[0], "5b8efff798038103d269b633813fc60c");
  assert.equal(batch.optional.get("span_id")?.[0], "eee19b7ec3c1b174");
  assert.deepEqual(severityOf(batch, 2), [3, undefined, undefined]);
});

Deno.test("decodeOtlpLogs() reads 64-bit numbers of protobuf exactly", () => {
  const ints = [0n, 1n, -1n, 2n ** 53n - 1n, 2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n)];
  const batch = fromProtobuf(
    message(
      fixed64Field(1, 2n ** 64n - 1n),
      ...ints.map((int, i) => bytesField(6, keyValue(`i${i}`, varintField(3, int)))),
    ),
  );
  assert.deepEqual(Object.values(attributesOf(batch)), [
    0,
    1,
    -1,
    Number.MAX_SAFE_INTEGER,
    "9007199254740992",
    "-9007199254740992",
    "9223372036854775807",
    "-9223372036854775808",
  ]);
  assert.deepEqual([batch.timestampMs, batch.timestampNs], [[18_446_744_073_709], [551_615]]);
});

Deno.test("decodeOtlpLogs() takes the number for the severity, else the text, and keeps what says more", () => {
  const severity = (severityNumber?: unknown, severityText?: string) =>
    severityOf(fromJson({ severityNumber, severityText }));
  assert.deepEqual(severity(13, "error"), [3, undefined, "error"]);
  assert.deepEqual(severity(15, "WARN"), [3, "15", undefined]);
  assert.deepEqual(severity(undefined, "WARN"), [3, undefined, undefined]);
  assert.deepEqual(severity(0, "Critical"), [5, undefined, "Critical"]);
  assert.deepEqual(severity(undefined, "odd"), [2, undefined, "odd"]);
  assert.deepEqual(severity(), [2, undefined, undefined]);
  assert.deepEqual(severity("SEVERITY_NUMBER_DEBUG3"), [1, "7", undefined]);
  assert.deepEqual(severity("SEVERITY_NUMBER_UNSPECIFIED"), [2, undefined, undefined]);
  const beyond = fromJson({ severityNumber: 30 }, { severityNumber: -1 });
  assert.deepEqual(severityOf(beyond, 0), [5, undefined, undefined]);
  assert.deepEqual(attributesOf(beyond, 0), { severity_number: 30 });
  assert.deepEqual(severityOf(beyond, 1), [2, undefined, undefined]);
  assert.deepEqual(attributesOf(beyond, 1), { severity_number: -1 });
  const long = "x".repeat(200);
  const cut = fromJson({ severityText: long });
  assert.deepEqual(severityOf(cut), [2, undefined, long.slice(0, 128)]);
  assert.deepEqual(attributesOf(cut), { severity_text: long });
});

Deno.test("decodeOtlpLogs() keeps ids that are none as attributes, and zeros not at all", () => {
  const batch = fromJson(
    { traceId: "0".repeat(32), spanId: "" },
    { traceId: "abc", spanId: "00" },
  );
  assert.equal(batch.optional.has("trace_id"), false);
  assert.deepEqual(attributesOf(batch, 0), {});
  assert.deepEqual(attributesOf(batch, 1), { trace_id: "abc" });
});

Deno.test("decodeOtlpLogs() renames what meets another name, and loses no value", () => {
  const value = (text: string) => ({ stringValue: text });
  const batch = ofJson({
    resourceLogs: [{
      resource: { attributes: [{ key: "x", value: value("r") }] },
      scopeLogs: [{
        logRecords: [{
          flags: 1,
          attributes: [
            { key: "a", value: value("1") },
            { key: "a", value: value("1") },
            { key: "a", value: value("2") },
            { key: "a_1", value: value("3") },
            { key: "a", value: value("4") },
            { key: "flags", value: value("f") },
            { key: "resource.x", value: value("mine") },
            {
              key: "__proto__",
              value: {
                kvlistValue: {
                  values: [{ key: "k", value: value("1") }, { key: "k", value: value("2") }],
                },
              },
            },
          ],
        }],
      }],
    }],
  });
  const text = batch.optional.get("attributes")![0]!;
  assert.deepEqual(Object.entries(JSON.parse(text)), [
    ["a", "1"],
    ["a_1", "2"],
    ["a_1_1", "3"],
    ["a_2", "4"],
    ["flags", "f"],
    ["resource.x_1", "mine"],
    ["__proto__", { k: "1", k_1: "2" }],
    ["flags_1", 1],
    ["resource.x", "r"],
  ]);
});

Deno.test("decodeOtlpLogs() cleans the name of a service and keeps it whole beside it", () => {
  const named = (name: unknown) =>
    decodeOtlpLogs(
      new TextEncoder().encode(JSON.stringify({
        resourceLogs: [{
          resource: { attributes: [{ key: "service.name", value: name }] },
          scopeLogs: [{ logRecords: [{}] }],
        }],
      })),
      JSON_TYPE,
      NOW,
      "fallback",
    ).batch;
  const long = named({ stringValue: "a\n" + "b".repeat(200) });
  assert.equal(long.streams[0]!.service, "a " + "b".repeat(126));
  assert.deepEqual(attributesOf(long), { "resource.service.name": "a\n" + "b".repeat(200) });
  assert.equal(named({ intValue: 5 }).streams[0]!.service, "5");
  assert.equal(named({ stringValue: "" }).streams[0]!.service, "fallback");
  assert.equal(named(undefined).streams[0]!.service, "fallback");
});

Deno.test("decodeOtlpLogs() cuts a message that is too long, and says so to reader and sender", () => {
  const body = new TextEncoder().encode(JSON.stringify({
    resourceLogs: [{
      scopeLogs: [{ logRecords: [{ body: { stringValue: "ö".repeat(40_000) } }, {}] }],
    }],
  }));
  const { batch, rejected, errorMessage } = decodeOtlpLogs(body, JSON_TYPE, NOW);
  assert.equal(batch.messages[0], "ö".repeat(32_768));
  assert.deepEqual(attributesOf(batch), { message_truncated_bytes: 14_464 });
  assert.equal(rejected, 0);
  assert.match(errorMessage!, /^1 record\(s\)/);
});

Deno.test("decodeOtlpLogs() keeps values that nest too deeply as text, and refuses absurd depths", () => {
  const nest = (levels: number): Message =>
    levels === 0 ? stringValue('"') : bytesField(5, bytesField(1, nest(levels - 1)));
  const deep = attributesOf(fromProtobuf(bytesField(6, keyValue("k", nest(10)))));
  assert.deepEqual(deep, { k: [[[[[[['[[["\\""]]]']]]]]]] });
  assert.throws(() => fromProtobuf(bytesField(6, keyValue("k", nest(102)))), BadBodyError);
  const body = fromProtobuf(bytesField(5, nest(20)));
  assert.equal(body.messages[0], "[".repeat(20) + '"\\""' + "]".repeat(20));
  const nestJson = (levels: number): unknown =>
    levels === 0 ? { stringValue: '"' } : { arrayValue: { values: [nestJson(levels - 1)] } };
  assert.deepEqual(
    attributesOf(fromJson({ attributes: [{ key: "k", value: nestJson(10) }] })),
    deep,
  );
  const absurd = `${'{"arrayValue":{"values":['.repeat(50_000)}${"]}}".repeat(50_000)}`;
  assert.throws(
    () => ofJson(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${absurd}}]}]}]}`),
    BadBodyError,
  );
});

Deno.test("decodeOtlpLogs() brings attributes that are too many or too long within the limits", () => {
  const many = Array.from({ length: 300 }, (_, i) => ({ key: `k${i}`, value: { intValue: i } }));
  const attributes = attributesOf(fromJson({ attributes: many }));
  assert.equal(Object.keys(attributes).length, 256);
  const more = attributes.more_attributes as Record<string, number>;
  assert.deepEqual([Object.keys(more).length, more.k299], [45, 299]);

  const long = [{ key: "long", value: { stringValue: "x".repeat(100_000) } }, ...many];
  const batch = fromJson({ attributes: long });
  const text = batch.optional.get("attributes")![0]!;
  assert.ok(utf8Length(text) <= ATTRIBUTES_BYTES_MAX && utf8Length(text) > 60_000);
  assert.ok(Object.keys(JSON.parse(text)).length <= 256);
  assert.ok(attributesOf(batch).attributes_truncated_bytes as number > 30_000);
  assert.equal(attributesOf(batch).k7, 7);
});

Deno.test("decodeOtlpLogs() leaves a record room for its own attributes, whatever its resource has", () => {
  const attributes = Array.from({ length: 500 }, (_, i) => ({
    key: `r${i}`,
    value: { stringValue: "x".repeat(1000) },
  }));
  const logRecords = [{ attributes: [{ key: "own", value: { stringValue: "y".repeat(30_000) } }] }];
  const batch = ofJson({
    resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords }] }],
  });
  assert.equal(attributesOf(batch).own, "y".repeat(30_000));
});

Deno.test("decodeOtlpLogs() writes U+FFFD for what is no text", () => {
  const invalid = message(
    bytesField(5, bytesField(1, [0x61, 0xff, 0xe2, 0x82])),
    bytesField(6, keyValue("k", bytesField(1, [0xed, 0xa0, 0x80]))),
  );
  const batch = fromProtobuf(invalid);
  assert.equal(batch.messages[0], "a\ufffd\ufffd");
  assert.deepEqual(attributesOf(batch), { k: "\ufffd\ufffd\ufffd" });
  const lone = ofJson(
    String.raw`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"a\ud800"},` +
      String.raw`"attributes":[{"key":"\udc00","value":{"stringValue":"\ud83d"}}]}]}]}]}`,
  );
  assert.equal(lone.messages[0], "a\ufffd");
  assert.deepEqual(attributesOf(lone), { "\ufffd": "\ufffd" });
});

Deno.test("decodeOtlpLogs() reads what records share when it stands after them in protobuf", () => {
  const resource = bytesField(1, bytesField(1, keyValue("service.name", stringValue("late"))));
  const scope = bytesField(1, bytesField(1, "lib"));
  const scopeLogs = bytesField(2, message(bytesField(2, []), scope));
  const request = Uint8Array.from(bytesField(1, message(scopeLogs, resource)));
  const { batch } = decodeOtlpLogs(request, PROTOBUF_TYPE, NOW);
  assert.equal(batch.streams[0]!.service, "late");
  assert.deepEqual(attributesOf(batch), { "scope.name": "lib" });
});

Deno.test("decodeOtlpLogs() skips fields that it does not know, in every wire type", () => {
  const unknown = message(
    varintField(100, -1),
    fixed64Field(101, 5n),
    bytesField(102, "x"),
    [0xbd, 0x06, 1, 2, 3, 4], // 103, fixed32
    [0xc3, 0x06, 0x08, 0x05, 0xc4, 0x06], // 104, a group with a varint
    varintField(5, 1), // a body that is no message
  );
  const batch = fromProtobuf(message(unknown, bytesField(5, stringValue("m")), unknown));
  assert.deepEqual([batch.messages, attributesOf(batch)], [["m"], {}]);
});

Deno.test("decodeOtlpLogs() takes an empty request", () => {
  assert.equal(ofJson({}).length, 0);
  assert.equal(ofJson({ resourceLogs: null }).length, 0);
  assert.equal(decodeOtlpLogs(new Uint8Array(0), PROTOBUF_TYPE, NOW).batch.length, 0);
});

Deno.test("decodeOtlpLogs() says what is wrong with a body", () => {
  const refusals: [unknown, RegExp][] = [
    ["", /not valid JSON/],
    ["[]", /"the body".*an array.*expected an object/],
    [{ resourceLogs: {} }, /"resourceLogs".*expected an array/],
    [{ resourceLogs: [{ scopeLogs: [{ logRecords: [{ timeUnixNano: "soon" }] }] }] }, /"soon"/],
    [{ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: "text" }] }] }] }, /"body".*"text"/],
    [{ resourceLogs: [{ scopeLogs: [{ logRecords: [{ flags: [[]] }] }] }] }, /"flags".*an array/],
  ];
  for (const [body, expected] of refusals) {
    assert.throws(() => ofJson(body), (error) => {
      assert.ok(error instanceof BadBodyError);
      assert.match(error.message, expected);
      return true;
    });
  }
  const cut = protobufFixture.subarray(0, protobufFixture.length - 1);
  assert.throws(() => decodeOtlpLogs(cut, PROTOBUF_TYPE, NOW), /Cannot read the body as protobuf/);
  for (const type of [undefined, "text/plain", "application/jsonx"]) {
    assert.throws(() => decodeOtlpLogs(cut, type, NOW), UnsupportedMediaTypeError);
  }
  decodeOtlpLogs(protobufFixture, "Application/X-Protobuf; charset=utf-8", NOW);
});

Deno.test("decodeOtlpLogs() refuses a body whose records share more than a batch may hold", () => {
  const attribute = bytesField(1, keyValue("r", stringValue("x".repeat(30_000))));
  const records = Array<Message>(2_000).fill(bytesField(2, [])).flat();
  const body = bytesField(1, message(bytesField(1, attribute), bytesField(2, records)));
  assert.throws(
    () => decodeOtlpLogs(Uint8Array.from(body), PROTOBUF_TYPE, NOW),
    BodyTooLargeError,
  );
});

Deno.test("decodeOtlpLogs() takes 50,000 attributes of one name without trying every name for each", () => {
  const attributes = Array.from(
    { length: 50_000 },
    (_, i) => ({ key: "k", value: { intValue: i } }),
  );
  const batch = fromJson({ attributes });
  assert.equal(attributesOf(batch).k_1, 1);
});

/** Bytes of a good body with some changed, cut out or put in. */
function damaged(good: Uint8Array): fc.Arbitrary<Uint8Array> {
  const edit = fc.tuple(fc.nat(good.length), fc.nat(3), fc.uint8Array({ maxLength: 6 }));
  return fc.array(edit, { maxLength: 4 }).map((edits) => {
    let bytes = [...good];
    for (const [at, removed, put] of edits) {
      bytes = [...bytes.slice(0, at), ...put, ...bytes.slice(at + removed)];
    }
    return Uint8Array.from(bytes);
  });
}

function isTotal(body: Uint8Array, type: string): void {
  let batch: RecordBatch;
  try {
    batch = decodeOtlpLogs(body, type, NOW).batch;
  } catch (error) {
    assert.ok(error instanceof BadBodyError || error instanceof BodyTooLargeError, String(error));
    return;
  }
  for (let row = 0; row < batch.length; row++) {
    const text = batch.optional.get("attributes")?.[row];
    if (text !== undefined) assert.ok(typeof JSON.parse(text) === "object" && text.isWellFormed());
    assert.ok(batch.messages[row]!.isWellFormed());
  }
}

Deno.test("decodeOtlpLogs() is total: any bytes give records or one of its errors", () => {
  const json = new TextEncoder().encode(fixtures.otlpJson);
  fc.assert(fc.property(fc.uint8Array(), (body) => isTotal(body, PROTOBUF_TYPE)));
  fc.assert(
    fc.property(damaged(protobufFixture), (body) => isTotal(body, PROTOBUF_TYPE)),
    { numRuns: 1000 },
  );
  fc.assert(fc.property(damaged(json), (body) => isTotal(body, JSON_TYPE)), { numRuns: 300 });
  fc.assert(
    fc.property(fc.json(), (value) =>
      isTotal(
        new TextEncoder().encode(
          `{"resourceLogs":[{"resource":{"attributes":[{"key":"k","value":${value}}]},` +
            `"scopeLogs":[{"logRecords":[{"body":${value}},${value}]}]}]}`,
        ),
        JSON_TYPE,
      )),
  );
});
