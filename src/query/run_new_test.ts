import assert from "node:assert/strict";
import fc from "fast-check";
import { fakeFilters, fakeRecords, paramsOf } from "./_fake_records.ts";
import { type FakeRecord, FakeSnapshot } from "./_fake_snapshot.ts";
import { parseLogFilters } from "./filters.ts";
import { readNew } from "./run_new.ts";

Deno.test("readNew() gives every match after an id once, by ascending id", async () => {
  const property = fc.asyncProperty(
    fakeRecords(),
    fakeFilters,
    fc.nat(30),
    async (records, filter, afterId) => {
      const snapshot = new FakeSnapshot(records);
      const filters = parseLogFilters(paramsOf(filter));
      const seen: number[] = [];
      for await (const { rows } of readNew(snapshot, filters, {}, afterId)) {
        seen.push(...rows.map(({ columns, row }) => columns.ids[row]!));
      }
      const expected = records.filter((one) => one.id > afterId && filter.matches(one));
      assert.deepEqual(seen, expected.map(({ id }) => id));
    },
  );
  await fc.assert(property);
});

Deno.test("readNew() can be resumed after each piece, whether matches are rare or not", async () => {
  // Rare at first, so that more ids are looked at in one step than a piece may then hold.
  const records: FakeRecord[] = Array.from({ length: 12_000 }, (_, i) => {
    const service = i < 6_000 && i % 100 > 0 ? "b" : "a";
    return { id: i + 1, ms: 12_000 - i, service, severity: 2, message: "" };
  });
  const snapshot = new FakeSnapshot(records, { chunkRows: 1_000 });
  const filters = parseLogFilters(new URLSearchParams("service=a"));
  const seen: number[] = [];
  let through = 0;
  for await (const piece of readNew(snapshot, filters, {}, 0)) {
    assert.ok(piece.rows.length <= 1_000 && piece.throughId > through);
    seen.push(...piece.rows.map(({ columns, row }) => columns.ids[row]!));
    assert.ok(seen.every((id) => id <= piece.throughId));
    through = piece.throughId;
  }
  assert.equal(through, 12_000);
  assert.deepEqual(seen, records.filter(({ service }) => service === "a").map(({ id }) => id));
});

Deno.test("readNew() keeps to the scope and gives nothing where nothing is new", async () => {
  const snapshot = new FakeSnapshot([{ id: 1, ms: 1, service: "a", severity: 2, message: "" }]);
  const filters = parseLogFilters(new URLSearchParams());
  const [piece] = await Array.fromAsync(readNew(snapshot, filters, { services: ["b"] }, 0));
  assert.deepEqual(piece, { rows: [], throughId: 1 });
  assert.deepEqual(await Array.fromAsync(readNew(snapshot, filters, {}, 1)), []);
});
