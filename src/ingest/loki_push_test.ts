import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import type { RecordBatch } from "../record.ts";
import { bytesField, message, storedSnappy, varintField } from "./_test_protobuf.ts";
import fixtures from "./_wire_fixtures.json" with { type: "json" };
import { BadBodyError, BodyTooLargeError } from "./errors.ts";
import { decodeLokiPush } from "./loki_push.ts";

const JSON_TYPE = "application/json";
const PROTOBUF_TYPE = "application/x-protobuf";
const NOW = { ms: 1_700_000_000_000, ns: 5 };
const TIME = "1743508800123456789";

const protobufFixture = Uint8Array.from(Buffer.from(fixtures.lokiSnappyProtobuf, "base64"));

function fromJson(request: unknown, fallbackService?: string): RecordBatch {
  const text = typeof request === "string" ? request : JSON.stringify(request);
  return decodeLokiPush(new TextEncoder().encode(text), JSON_TYPE, NOW, fallbackService);
}

/** The records of one stream. */
function stream(labels: unknown, ...values: unknown[]): RecordBatch {
  return fromJson({ streams: [{ stream: labels, values }] });
}

function attributesOf(batch: RecordBatch, row = 0): Record<string, unknown> {
  return JSON.parse(batch.optional.get("attributes")?.[row] ?? "{}");
}

function streamOf(batch: RecordBatch, row = 0): unknown[] {
  const { service, severity } = batch.streams[batch.streamOf[row]!]!;
  return [service, severity, batch.optional.get("severity_text")?.[row]];
}

Deno.test("decodeLokiPush() reads protobuf in snappy", () => {
  const batch = decodeLokiPush(protobufFixture, PROTOBUF_TYPE, NOW);
  assert.deepEqual(batch.messages, ["hello, wörld 🎉", "before 1970", "x".repeat(500)]);
  assert.deepEqual(batch.timestampMs, [1_743_508_800_123, -1, 1_000]);
  assert.deepEqual(batch.timestampNs, [456_789, 1, 0]);
  assert.deepEqual(streamOf(batch, 1), ["auth-service", 3, undefined]);
  assert.deepEqual(streamOf(batch, 2), ["varlogs", 2, undefined]);
  assert.deepEqual(attributesOf(batch, 0), { path: "C:\\logs\né" });
  assert.deepEqual(attributesOf(batch, 1), { user: "u1", path: "C:\\logs\né" });
  assert.deepEqual(attributesOf(batch, 2), { job: "varlogs" });
  assert.equal(batch.optional.get("trace_id")?.[1], "5b8efff798038103d269b633813fc60c");
});

Deno.test("decodeLokiPush() reads JSON with structured metadata", () => {
  const batch = stream(
    { service_name: "auth", level: "error", env: "prod" },
    [TIME, "plain"],
    [TIME, "with", { user: "u1", trace_id: "t1", span_id: "s1", count: 5 }],
    ["-1", "before 1970"],
  );
  assert.deepEqual(batch.messages, ["plain", "with", "before 1970"]);
  assert.deepEqual(batch.timestampMs, [1_743_508_800_123, 1_743_508_800_123, -1]);
  assert.deepEqual(batch.timestampNs, [456_789, 456_789, 999_999]);
  assert.deepEqual(streamOf(batch), ["auth", 4, undefined]);
  assert.deepEqual(attributesOf(batch, 0), { env: "prod" });
  assert.deepEqual(attributesOf(batch, 1), { user: "u1", count: "5", env: "prod" });
  assert.equal(batch.optional.get("trace_id")?.[1], "t1");
  assert.equal(batch.optional.get("span_id")?.[1], "s1");
});

Deno.test("decodeLokiPush() takes the service from the first label that names one", () => {
  const service = (labels: unknown) => {
    const batch = stream(labels, [TIME, "m"]);
    return [streamOf(batch)[0], attributesOf(batch)];
  };
  const all = { job: "j", container: "c", name: "n", application: "a2", app: "a1", service: "s" };
  assert.deepEqual(service({ ...all, service_name: "sn" }), ["sn", all]);
  assert.deepEqual(service({ service: "s", job: "j" }), ["s", { job: "j" }]);
  assert.deepEqual(service({ app: "a", job: "j" }), ["a", { app: "a", job: "j" }]);
  assert.deepEqual(service({ container: "c", service_name: "" }), ["c", {
    container: "c",
    service_name: "",
  }]);
  assert.deepEqual(service({ service_name: "a\tb" }), ["a b", { service_name: "a\tb" }]);
  const none = fromJson({ streams: [{ values: [[TIME, "m"]] }] }, "fallback");
  assert.equal(streamOf(none)[0], "fallback");
});

Deno.test("decodeLokiPush() takes the severity from labels, else metadata, else a JSON line", () => {
  const severity = (labels: unknown, metadata?: unknown, line = "m") => {
    const batch = stream(labels, metadata === undefined ? [TIME, line] : [TIME, line, metadata]);
    return [...streamOf(batch).slice(1), attributesOf(batch)];
  };
  assert.deepEqual(severity({}), [2, undefined, {}]);
  assert.deepEqual(severity({ detected_level: "warn" }), [3, undefined, {}]);
  assert.deepEqual(severity({ lvl: "crit", severity_text: "x" }), [4, "crit", {
    severity_text: "x",
  }]);
  assert.deepEqual(severity({ level: "odd" }), [2, "odd", {}]);
  assert.deepEqual(severity({ level: "50" }), [4, undefined, {}]);
  assert.deepEqual(severity({}, { severity: "DEBUG" }), [1, undefined, {}]);
  assert.deepEqual(severity({ level: "info" }, { level: "error" }), [2, undefined, {
    level: "error",
  }]);
  assert.deepEqual(severity({ level: "info" }, { level: "info" }), [2, undefined, {}]);
  assert.deepEqual(severity({}, undefined, '{"level":60,"msg":"m"}'), [5, undefined, {}]);
  assert.deepEqual(severity({ level: "info" }, undefined, '{"level":60,"msg":"m"}'), [
    2,
    undefined,
    { level: 60 },
  ]);
});

Deno.test("decodeLokiPush() takes message and attributes out of a JSON line that has a message", () => {
  const line = '{"level":30,"msg":"done","n":12345678901234567890,"o":{"a":[1]},"trace_id":"t",' +
    '"host":"other","__proto__":1}';
  const batch = stream({ host: "web" }, [TIME, line], [TIME, '{"message":"m","msg":"n"}']);
  assert.deepEqual(batch.messages, ["done", "m"]);
  assert.equal(
    batch.optional.get("attributes")?.[0],
    '{"n":"12345678901234567890","o":{"a":[1]},"host_1":"other","__proto__":1,"host":"web"}',
  );
  assert.equal(batch.optional.get("trace_id")?.[0], "t");
  assert.deepEqual(attributesOf(batch, 1), { msg: "n", host: "web" });
});

Deno.test("decodeLokiPush() leaves a line alone that is no JSON object with a message, or too deep", () => {
  const deep = `{"msg":"m","deep":${"[".repeat(8)}${"]".repeat(8)}}`;
  const lines = ["{", "{}", '{"a":1}', '{"msg":5}', '{"msg":"m"} tail', '["msg"]', deep];
  const batch = stream({}, ...lines.map((line) => [TIME, line]));
  assert.deepEqual(batch.messages, lines);
  assert.equal(batch.optional.has("attributes"), false);
});

Deno.test("decodeLokiPush() cuts a line that is too long, and repairs what is no text", () => {
  const batch = stream({ l: "\ud800" }, [TIME, "x".repeat(70_000)], [TIME, "a\udc00"]);
  assert.equal(batch.messages[0]!.length, 65_536);
  assert.deepEqual(attributesOf(batch, 0), { message_truncated_bytes: 4_464, l: "\ufffd" });
  assert.equal(batch.messages[1], "a\ufffd");
});

Deno.test("decodeLokiPush() keeps every digit of timestamps sent as numbers", () => {
  const batch = fromJson(`{"streams":[{"stream":{},"values":[[${TIME},"m"]]}]}`);
  assert.deepEqual([batch.timestampMs, batch.timestampNs], [[1_743_508_800_123], [456_789]]);
});

Deno.test("decodeLokiPush() reads requests of Loki's first API", () => {
  const entries = [{ ts: "2025-04-01T12:00:00.5Z", line: "a" }, { ts: TIME, line: "b" }];
  const batch = fromJson({ streams: [{ labels: '{app="web"}', entries }] });
  assert.deepEqual(batch.messages, ["a", "b"]);
  assert.deepEqual(batch.timestampMs, [1_743_508_800_500, 1_743_508_800_123]);
  assert.deepEqual(streamOf(batch), ["web", 2, undefined]);
});

Deno.test("decodeLokiPush() keeps labels that it cannot read, and times that do not exist", () => {
  const labels = '{level="info",text="say "hi""}';
  const timestamp = message(varintField(1, 10n ** 15n), varintField(2, 5));
  const entry = message(bytesField(1, timestamp), bytesField(2, "m"));
  const request = bytesField(1, message(bytesField(2, entry), bytesField(1, labels)));
  const batch = decodeLokiPush(storedSnappy(Uint8Array.from(request)), PROTOBUF_TYPE, NOW);
  assert.deepEqual([batch.timestampMs, batch.timestampNs], [[NOW.ms], [NOW.ns]]);
  assert.deepEqual(attributesOf(batch), { timestamp: "1000000000000000 s, 5 ns", labels });
});

Deno.test("decodeLokiPush() takes a request without streams", () => {
  assert.equal(fromJson({ streams: [] }).length, 0);
  assert.equal(decodeLokiPush(Uint8Array.of(0), PROTOBUF_TYPE, NOW).length, 0);
});

Deno.test("decodeLokiPush() says what is wrong with a body", () => {
  const refusals: [unknown, RegExp][] = [
    ["{", /not valid JSON/],
    [{ streams: 5 }, /"streams".*5.*expected an array/],
    [{ streams: [{ stream: {}, values: [["soon", "m"]] }] }, /"soon".*nanoseconds/],
    [{ streams: [{ stream: {}, values: [[TIME]] }] }, /1 items/],
    [{ streams: [{ stream: {}, values: [[TIME, "m", {}, {}]] }] }, /4 items/],
    [{ streams: [{ stream: {}, values: [[TIME, {}]] }] }, /an object.*expected a string/],
  ];
  for (const [body, expected] of refusals) {
    assert.throws(() => fromJson(body), (error) => {
      assert.ok(error instanceof BadBodyError);
      assert.match(error.message, expected);
      return true;
    });
  }
  const text = new TextEncoder().encode("hello");
  assert.throws(() => decodeLokiPush(text, PROTOBUF_TYPE, NOW), /as snappy/);
});

Deno.test("decodeLokiPush() is total: any bytes give records or one of its errors", () => {
  const isTotal = (body: Uint8Array, type: string) => {
    let batch: RecordBatch;
    try {
      batch = decodeLokiPush(body, type, NOW);
    } catch (error) {
      assert.ok(error instanceof BadBodyError || error instanceof BodyTooLargeError, String(error));
      return;
    }
    for (let row = 0; row < batch.length; row++) {
      assert.equal(typeof attributesOf(batch, row), "object");
      assert.ok(batch.messages[row]!.isWellFormed());
    }
  };
  fc.assert(fc.property(fc.uint8Array(), (body) => isTotal(body, PROTOBUF_TYPE)));
  fc.assert(fc.property(fc.uint8Array(), (body) => isTotal(storedSnappy(body), PROTOBUF_TYPE)));
  const edits = fc.array(fc.tuple(fc.nat(protobufFixture.length), fc.nat(255)), { maxLength: 4 });
  fc.assert(fc.property(edits, (changes) => {
    const body = protobufFixture.slice();
    for (const [at, byte] of changes) body[at] = byte;
    isTotal(body, PROTOBUF_TYPE);
  }));
  const line = fc.json().map((value) => `{"msg":"m","v":${value}}`);
  fc.assert(fc.property(fc.json(), line, fc.string({ unit: "binary" }), (json, text, label) => {
    const body = `{"streams":[{"stream":{"l":${json},"level":${JSON.stringify(label)}},"values":` +
      `[["5",${JSON.stringify(text)},{"m":${json}}],["5",${JSON.stringify(label)}]]},${json}]}`;
    isTotal(new TextEncoder().encode(body), JSON_TYPE);
  }));
});
