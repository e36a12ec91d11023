import assert from "node:assert/strict";
import fc from "fast-check";
import { assertDamageIsNoticed, assertForgeriesAreSurvived } from "./_test_damage.ts";
import { anyRow, columnsOf, numbered } from "./_test_rows.ts";
import type { Row } from "./_test_rows.ts";
import { decodeBatch, encodeBatch } from "./batch.ts";
import { CorruptDataError } from "./errors.ts";

const line: Row = {
  id: 7,
  ms: 1.7e12,
  ns: 1500,
  received: 1.7e12 + 5,
  service: "auth",
  severity: 2,
  texts: { message: "user logged in from 10.0.0.1", attributes: '{"a":1}' },
};

Deno.test("decodeBatch() gives columns equal to those encoded", () => {
  const firstId = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 2 ** 53 - 1000 }));
  fc.assert(fc.property(fc.array(anyRow, { maxLength: 60 }), firstId, (rows, id) => {
    const columns = columnsOf(numbered(rows, id));
    assert.deepEqual(decodeBatch(encodeBatch(columns)), columns);
  }));
});

Deno.test("decodeBatch() gives back compressed batches, of one time of receipt or many", () => {
  for (const every of [1, 1000]) {
    const rows = Array.from({ length: 1000 }, (_, i) => ({
      ...line,
      ms: line.ms + i,
      received: line.received + Math.floor(i / every),
    }));
    const columns = columnsOf(numbered(rows, 1));
    const bytes = encodeBatch(columns);
    assert(bytes.length < 12_000, `${bytes.length} bytes`);
    assert.deepEqual(decodeBatch(bytes), columns);
  }
});

Deno.test("decodeBatch() gives back 300 streams", () => {
  const rows = Array.from({ length: 300 }, (_, i) => ({ ...line, service: `service-${i}` }));
  const columns = columnsOf(numbered(rows, 1));
  assert.deepEqual(decodeBatch(encodeBatch(columns)), columns);
});

Deno.test("encodeBatch() takes texts that are part of a larger column", () => {
  const columns = columnsOf(numbered([line, line], 1));
  const message = columns.texts.get("message")!;
  const shifted = {
    bytes: new Uint8Array([0xff, ...message.bytes, 0xff]),
    offsets: message.offsets.map((offset) => offset + 1),
    ascii: true,
  };
  const texts = new Map(columns.texts).set("message", shifted);
  assert.deepEqual(decodeBatch(encodeBatch({ ...columns, texts })), columns);
});

Deno.test("decodeBatch() owns what it gives", () => {
  const columns = columnsOf(numbered([line], 1));
  const bytes = encodeBatch(columns);
  const decoded = decodeBatch(bytes);
  bytes.fill(0);
  assert.deepEqual(decoded, columns);
});

Deno.test("decodeBatch() notices every damaged byte and survives forged ones", () => {
  const small = encodeBatch(columnsOf(numbered([line, { ...line, service: "pay", ns: 0 }], 40)));
  const rows = Array.from({ length: 20 }, (_, i) => ({ ...line, received: line.received + i }));
  const packed = encodeBatch(columnsOf(numbered(rows, 40)));
  assert.equal(packed[6], 1, "the larger one is compressed");
  for (const bytes of [small, packed]) {
    assertDamageIsNoticed(bytes, decodeBatch);
    assertForgeriesAreSurvived(bytes, decodeBatch);
  }
});

Deno.test("decodeBatch() survives random bytes", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
    assert.throws(() => decodeBatch(bytes), CorruptDataError);
  }));
});

Deno.test("encodeBatch() refuses what it could not give back", () => {
  const columns = columnsOf(numbered([line, line], 1));
  const broken = [
    { ...columns, ids: Float64Array.of(1, 3) },
    { ...columns, ids: Float64Array.of(-1, 0) },
    { ...columns, timestampMs: Float64Array.of(0.5, 1) },
    { ...columns, timestampNs: Uint32Array.of(0, 1_000_000) },
    { ...columns, streamOf: Uint16Array.of(0, 1) },
    { ...columns, streams: [] },
  ];
  for (const bad of broken) assert.throws(() => encodeBatch(bad), RangeError);
  // What was written before the refusal must not be found in the next batch.
  assert.deepEqual(decodeBatch(encodeBatch(columns)), columns);
});
