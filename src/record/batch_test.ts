import assert from "node:assert/strict";
import { RecordBatch } from "./batch.ts";

Deno.test("RecordBatch.append() numbers streams in order of first appearance", () => {
  const batch = new RecordBatch();
  batch.append(1, 2, "a", 2, "one");
  batch.append(3, 4, "b", 2, "two");
  batch.append(5, 6, "a", 4, "three");
  batch.append(7, 8, "a", 2, "four");
  assert.deepEqual(batch.streams, [
    { service: "a", severity: 2 },
    { service: "b", severity: 2 },
    { service: "a", severity: 4 },
  ]);
  assert.deepEqual(batch.streamOf, [0, 1, 2, 0]);
  assert.deepEqual(batch.timestampMs, [1, 3, 5, 7]);
  assert.deepEqual(batch.timestampNs, [2, 4, 6, 8]);
  assert.equal(batch.length, 4);
});

Deno.test("RecordBatch.append() keeps optional texts in the row of their record", () => {
  const batch = new RecordBatch();
  batch.append(0, 0, "a", 2, "one");
  batch.append(0, 0, "a", 2, "two", { trace_id: "t", span_id: undefined });
  batch.append(0, 0, "a", 2, "three");
  assert.deepEqual([...batch.optional.keys()], ["trace_id"]);
  assert.equal(batch.optional.get("trace_id")?.[1], "t");
  assert.equal(batch.optional.get("trace_id")?.[0], undefined);
});

Deno.test("RecordBatch counts the UTF-16 units of all its texts", () => {
  const batch = new RecordBatch();
  batch.append(0, 0, "service", 2, "😀x", { attributes: "{}", trace_id: "abc" });
  assert.equal(batch.textUnits, 3 + 2 + 3);
});
