import assert from "node:assert/strict";
import fc from "fast-check";
import { rowsOf } from "./_lenient_test_rows.ts";
import { PlainObjects } from "./_plain_objects.ts";
import { decodeElasticsearchBulk, decodeElasticsearchDocument } from "./elasticsearch.ts";

const NOW = { ms: Date.UTC(2025, 3, 1), ns: 0 };
const encoder = new TextEncoder();

/** Counts how many of a body's documents took the short way while `run` runs. */
function countPlain<T>(run: () => T): { result: T; plain: number } {
  const { readLine } = PlainObjects.prototype;
  let plain = 0;
  PlainObjects.prototype.readLine = function (start) {
    const end = readLine.call(this, start);
    if (end >= 0) plain++;
    return end;
  };
  try {
    return { result: run(), plain };
  } finally {
    PlainObjects.prototype.readLine = readLine;
  }
}

/** The rows of a bulk request with these lines as documents, and how many took the short way. */
function bulk(lines: readonly string[]): { rows: unknown[]; plain: number } {
  const body = encoder.encode(
    lines.map((line) => `{"create":{"_index":"shop"}}\n${line}\n`).join(""),
  );
  const { result, plain } = countPlain(() => decodeElasticsearchBulk(body, undefined, NOW));
  assert.equal(result.items.filter(({ error }) => error !== undefined).length, 0);
  return { rows: rowsOf(result.batch), plain };
}

/** The same documents by the long way. */
function singly(lines: readonly string[]): unknown[] {
  return lines.flatMap((line) =>
    rowsOf(decodeElasticsearchDocument(encoder.encode(line), "shop", undefined, NOW))
  );
}

const name = fc.oneof(
  fc.constantFrom("@timestamp", "message", "log.level", "level", "service.name", "service", "msg"),
  fc.constantFrom("n", "user", "1", "_id", "trace.id", "log", "__proto__", "attributes", "größe"),
  fc.string({ maxLength: 4 }),
);
const value = fc.oneof(
  fc.constantFrom(
    "2025-04-01T12:00:00.123456789Z",
    "2025-04-01T12:00:00+02:00",
    "error",
    "WARN",
    "shop",
  ),
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(true, false, null, "", " ", "30", -0),
  fc.array(fc.integer(), { maxLength: 2 }),
  fc.dictionary(fc.string({ maxLength: 3 }), fc.string({ maxLength: 3 }), { maxKeys: 2 }),
);
const document = fc.dictionary(name, value, { maxKeys: 8, noNullPrototype: true });

Deno.test("a document read from bytes is the record that JSON.parse and the lenient decoder make of it", () => {
  let plain = 0;
  fc.assert(
    fc.property(fc.array(document, { minLength: 1, maxLength: 5 }), (documents) => {
      const lines = documents.map((one) => JSON.stringify(one));
      const found = bulk(lines);
      plain += found.plain;
      assert.deepEqual(found.rows, singly(lines));
    }),
    { numRuns: 2000 },
  );
  assert.ok(plain > 100, `${plain} documents took the short way`);
});

Deno.test("documents as shippers write them take the short way, attributes too", () => {
  const lines = [
    '{"@timestamp":"2025-04-01T12:00:00.123Z","log.level":"error","message":"Größe \\"7\\"\\n","service.name":"shop"}',
    '{"@timestamp":"2025-04-01T12:00:00Z","level":"info","message":"a","n":7,"m":-12,"ok":true,"none":null,"user":"ana"}',
    '{ "message" : "spaced" , "user" : "ana" }',
    "{}".replace("{}", '{"message":""}'),
  ];
  const { rows, plain } = bulk(lines);
  assert.equal(plain, lines.length);
  assert.deepEqual(rows, singly(lines));
});

Deno.test("what is not written as JSON.stringify would write it takes the long way", () => {
  const lines = [
    '{"message":"a","n":1.0}',
    '{"message":"a","n":1e3}',
    '{"message":"a","n":-0}',
    '{"message":"a","n":12345678901234567890}',
    '{"message":"a","n":"\\u0041"}',
    '{"message":"a","n":1,"n":2}',
    '{"message":"a","message":"b"}',
    '{"message":"a","level":"info","log.level":"error"}',
    '{"message":"a","level":"notice"}',
    '{"message":"a","service":{"name":"shop"}}',
    '{"message":"\\ud800"}',
    '{"message":"a","@timestamp":"yesterday"}',
    '{"message":7}',
    "{}",
  ];
  const { rows, plain } = bulk(lines.slice(0, -1));
  assert.equal(plain, 0);
  assert.deepEqual(rows, singly(lines.slice(0, -1)));
  assert.deepEqual(bulk(lines).rows, singly(lines));
});

Deno.test("documents that take the long way among others lose no byte of these", () => {
  // Each broken byte becomes three, so that more is kept than was sent.
  const broken = new Uint8Array(5000).fill(0xff);
  const line = encoder.encode('{"create":{}}\n{"message":"');
  const end = encoder.encode('"}\n');
  const plain = encoder.encode(`{"create":{}}\n{"message":"${"x".repeat(5000)}"}\n`);
  const body = new Uint8Array([...line, ...broken, ...end, ...plain, ...plain]);
  const { batch } = decodeElasticsearchBulk(body, undefined, NOW);
  assert.deepEqual([...batch.messages], [
    "\ufffd".repeat(5000),
    "x".repeat(5000),
    "x".repeat(5000),
  ]);
});
