import assert from "node:assert/strict";
import type { RowRef } from "../record.ts";
import { type FakeRecord, FakeSnapshot } from "./_fake_snapshot.ts";
import { InvalidParameterError } from "./errors.ts";
import { parseContextOptions, readContext, readRecord } from "./run_record.ts";

const records: FakeRecord[] = [
  { id: 1, ms: 30, service: "a", severity: 2, message: "" },
  { id: 2, ms: 10, service: "a", severity: 4, message: "" },
  { id: 3, ms: 20, service: "b", severity: 2, message: "" },
  { id: 4, ms: 20, service: "a", severity: 2, message: "" },
  { id: 5, ms: 20, service: "a", severity: 2, message: "" },
  { id: 6, ms: 40, service: "a", severity: 2, message: "" },
];
const snapshot = new FakeSnapshot(records, { chunkRows: 4 });

function idsOf(rows: readonly RowRef[]): number[] {
  return rows.map(({ columns, row }) => columns.ids[row]!);
}

Deno.test("readRecord() finds a record by its id, within the scope only", async () => {
  assert.deepEqual(idsOf([(await readRecord(snapshot, 3, {}))!]), [3]);
  assert.deepEqual(idsOf([(await readRecord(snapshot, 3, { services: ["b"] }))!]), [3]);
  assert.equal(await readRecord(snapshot, 3, { services: ["a"] }), undefined);
  assert.equal(await readRecord(snapshot, 3, { services: [] }), undefined);
  assert.equal(await readRecord(snapshot, 7, {}), undefined);
});

Deno.test("readContext() gives neighbours of the same service in ascending order", async () => {
  const context = (await readContext(snapshot, 5, {}, 10, 10))!;
  assert.deepEqual(idsOf(context.before), [2, 4]);
  assert.deepEqual(idsOf([context.record]), [5]);
  assert.deepEqual(idsOf(context.after), [1, 6]);
});

Deno.test("readContext() gives the nearest ones", async () => {
  const context = (await readContext(snapshot, 5, {}, 1, 1))!;
  assert.deepEqual(idsOf(context.before), [4]);
  assert.deepEqual(idsOf(context.after), [1]);
  const alone = (await readContext(snapshot, 5, {}, 0, 0))!;
  assert.deepEqual([alone.before, alone.after], [[], []]);
});

Deno.test("readContext() hides what is beyond the scope", async () => {
  assert.equal(await readContext(snapshot, 5, { services: ["b"] }, 1, 1), undefined);
});

Deno.test("parseContextOptions() takes 10 on each side unless told, and at most 1,000", () => {
  const parse = (query: string) => parseContextOptions(new URLSearchParams(query));
  assert.deepEqual(parse(""), { before: 10, after: 10 });
  assert.deepEqual(parse("before=0&after=1000"), { before: 0, after: 1000 });
  assert.throws(() => parse("after=1001"), InvalidParameterError);
});
