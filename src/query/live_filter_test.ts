import assert from "node:assert/strict";
import fc from "fast-check";
import type { RecordColumns } from "../record.ts";
import { fakeFilters, fakeRecords, paramsOf } from "./_fake_records.ts";
import { type FakeRecord, FakeSnapshot } from "./_fake_snapshot.ts";
import { parseLogFilters } from "./filters.ts";
import { LiveFilter } from "./live_filter.ts";

/** Records as the columns of one commit. */
async function columnsOf(records: readonly FakeRecord[]): Promise<RecordColumns | undefined> {
  const snapshot = new FakeSnapshot(records, { chunkRows: 1_000 });
  const [row] = await snapshot.scan({ order: "asc" }).next(1);
  return row?.columns;
}

function idsOf(columns: RecordColumns, rows: Uint32Array): number[] {
  return [...rows].map((row) => columns.ids[row]!);
}

Deno.test("LiveFilter finds in a commit exactly what filters match", async () => {
  const property = fc.asyncProperty(fakeRecords(), fakeFilters, async (records, filter) => {
    const columns = await columnsOf(records);
    if (columns === undefined) return;
    const live = new LiveFilter(parseLogFilters(paramsOf(filter)), {});
    const expected = records.filter((record) => filter.matches(record)).map(({ id }) => id);
    assert.deepEqual(idsOf(columns, live.select(columns)), expected);
    assert.deepEqual(idsOf(columns, live.select(columns)), expected);
  });
  await fc.assert(property, { numRuns: 300 });
});

Deno.test("LiveFilter keeps to the scope, and finds nothing in a range that ends before it starts", async () => {
  const columns = (await columnsOf([
    { id: 1, ms: 5, service: "a", severity: 2, message: "" },
    { id: 2, ms: 5, service: "b", severity: 2, message: "" },
  ]))!;
  const select = (query: string, services?: string[]) => {
    const filters = parseLogFilters(new URLSearchParams(query));
    return idsOf(columns, new LiveFilter(filters, { services }).select(columns));
  };
  assert.deepEqual(select(""), [1, 2]);
  assert.deepEqual(select("", ["b", "c"]), [2]);
  assert.deepEqual(select("service=a", ["b"]), []);
  assert.deepEqual(
    select("timestamp_start=1970-01-01T00:00:01Z&timestamp_end=1970-01-01T00:00:00Z"),
    [],
  );
  assert.deepEqual(select("received_at_end=1970-01-01T00:00:00.004Z"), []);
  assert.deepEqual(select("received_at_end=1970-01-01T00:00:00.005Z"), [1, 2]);
});
