import assert from "node:assert/strict";
import fc from "fast-check";
import type { RowRef } from "../record.ts";
import {
  compareRecords,
  FAKE_SERVICES,
  fakeFilters,
  fakeRecords,
  paramsOf,
} from "./_fake_records.ts";
import { type FakeRecord, FakeSnapshot } from "./_fake_snapshot.ts";
import { InvalidParameterError } from "./errors.ts";
import { parseLogFilters } from "./filters.ts";
import { PAGE_TEXT_BYTES_MAX } from "./limits.ts";
import { readAll, readPage } from "./run_page.ts";

const none = parseLogFilters(new URLSearchParams());
const orders = fc.constantFrom("asc", "desc");
const scopes = fc.option(fc.subarray([...FAKE_SERVICES]), { nil: undefined })
  .map((services) => ({ services }));
const own = fc.subarray(["user", "__proto__"]);

function idsOf(rows: readonly RowRef[]): number[] {
  return rows.map(({ columns, row }) => columns.ids[row]!);
}

function record(id: number, ms: number, rest: Partial<FakeRecord> = {}): FakeRecord {
  return { id, ms, service: "a", severity: 2, message: `m${id}`, ...rest };
}

Deno.test("readPage() gives what a naive filter over an array gives, and nothing beyond the scope", async () => {
  const property = fc.asyncProperty(
    fakeRecords(),
    fakeFilters,
    scopes,
    orders,
    own,
    async (records, filter, scope, order, ownAttributes) => {
      const expected = records
        .filter((one) => filter.matches(one))
        .filter(({ service }) => scope.services?.includes(service) ?? true)
        .sort(compareRecords);
      if (order === "desc") expected.reverse();
      const snapshot = new FakeSnapshot(records, { ownAttributes });
      const filters = parseLogFilters(paramsOf(filter));
      const page = await readPage(snapshot, filters, scope, { limit: 100, order });
      assert.deepEqual(idsOf(page.rows), expected.map(({ id }) => id));
      assert.equal(page.nextCursor, undefined);
    },
  );
  await fc.assert(property, { numRuns: 500 });
});

Deno.test("readPage() chained by cursors gives every record exactly once while new ones arrive", async () => {
  const property = fc.asyncProperty(
    fakeRecords(),
    fc.array(fc.array(fc.integer({ min: -3, max: 6 }), { maxLength: 5 })),
    fakeFilters,
    orders,
    fc.integer({ min: 1, max: 7 }),
    async (records, arrivals, filter, order, limit) => {
      const expected = records.filter((one) => filter.matches(one)).sort(compareRecords);
      if (order === "desc") expected.reverse();
      const filters = parseLogFilters(paramsOf(filter));
      const stored = [...records];
      const seen: number[] = [];
      let cursor: string | undefined;
      do {
        const snapshot = new FakeSnapshot(stored);
        const page = await readPage(snapshot, filters, {}, { limit, order, cursor });
        assert.ok(page.rows.length <= limit);
        assert.ok(page.nextCursor === undefined || page.rows.length === limit);
        seen.push(...idsOf(page.rows));
        cursor = page.nextCursor;
        for (const ms of arrivals.pop() ?? []) {
          const like = records[0] ?? record(1, 0);
          stored.push({ ...like, id: stored.length + 1, ms: like.ms + ms });
        }
      } while (cursor !== undefined);
      assert.deepEqual(seen, expected.map(({ id }) => id));
    },
  );
  await fc.assert(property, { numRuns: 300 });
});

Deno.test("readPage() has no cursor when the last page is full", async () => {
  const snapshot = new FakeSnapshot([record(1, 5), record(2, 6)]);
  const first = await readPage(snapshot, none, {}, { limit: 1, order: "desc" });
  assert.deepEqual(idsOf(first.rows), [2]);
  const cursor = first.nextCursor;
  const second = await readPage(snapshot, none, {}, { limit: 1, order: "desc", cursor });
  assert.deepEqual(idsOf(second.rows), [1]);
  assert.equal(second.nextCursor, undefined);
});

Deno.test("readPage() of a range that ends before it starts is empty", async () => {
  const snapshot = new FakeSnapshot([record(1, 5_000)]);
  for (
    const query of [
      "timestamp_start=1970-01-01T00:00:09Z&timestamp_end=1970-01-01T00:00:01Z",
      "received_at_start=1970-01-01T00:00:09Z&received_at_end=1970-01-01T00:00:01Z",
    ]
  ) {
    const filters = parseLogFilters(new URLSearchParams(query));
    const page = await readPage(snapshot, filters, {}, { limit: 1, order: "desc" });
    assert.deepEqual(page, { rows: [], nextCursor: undefined });
  }
});

Deno.test("readPage() rejects a cursor of other filters or another order", async () => {
  const snapshot = new FakeSnapshot([record(1, 5), record(2, 6)]);
  const { nextCursor: cursor } = await readPage(snapshot, none, {}, { limit: 1, order: "desc" });
  const other = parseLogFilters(new URLSearchParams("service=a"));
  await assert.rejects(readPage(snapshot, other, {}, { limit: 1, order: "desc", cursor }), {
    name: "InvalidParameterError",
    message: /"cursor": it comes from a page with other filters/,
  });
  await assert.rejects(readPage(snapshot, none, {}, { limit: 1, order: "asc", cursor }), {
    name: "InvalidParameterError",
    message: /with order desc/,
  });
  await assert.rejects(
    readPage(snapshot, none, {}, { limit: 1, order: "asc", cursor: "nonsense" }),
    InvalidParameterError,
  );
});

Deno.test("readPage() ends a page of very long texts early, with a cursor to the rest", async () => {
  const message = "x".repeat(PAGE_TEXT_BYTES_MAX / 4);
  const records = [1, 2, 3, 4, 5, 6].map((id) => record(id, id, { message }));
  const snapshot = new FakeSnapshot(records, { chunkRows: 1 });
  const first = await readPage(snapshot, none, {}, { limit: 10, order: "asc" });
  assert.deepEqual(idsOf(first.rows), [1, 2, 3, 4]);
  const cursor = first.nextCursor;
  const second = await readPage(snapshot, none, {}, { limit: 10, order: "asc", cursor });
  assert.deepEqual(idsOf(second.rows), [5, 6]);
});

Deno.test("readAll() gives every match in order, in pieces of bounded size, or as many as asked", async () => {
  const records = Array.from({ length: 2_500 }, (_, i) => record(i + 1, i % 50));
  const snapshot = new FakeSnapshot(records, { chunkRows: 400 });
  const expected = records.toSorted(compareRecords).map(({ id }) => id);
  for (const limit of [undefined, 1, 1_000, 1_001, 2_500, 9_999]) {
    const seen: number[] = [];
    for await (const rows of readAll(snapshot, none, {}, { order: "asc", limit })) {
      assert.ok(rows.length > 0 && rows.length <= 1_000);
      seen.push(...idsOf(rows));
    }
    assert.deepEqual(seen, expected.slice(0, limit));
  }
});

Deno.test("readAll() goes on from a page's cursor", async () => {
  const snapshot = new FakeSnapshot([record(1, 1), record(2, 2), record(3, 3)]);
  const { nextCursor } = await readPage(snapshot, none, {}, { limit: 1, order: "asc" });
  const later = new FakeSnapshot([record(1, 1), record(2, 2), record(3, 3), record(4, 4)]);
  const pieces = await Array.fromAsync(
    readAll(later, none, {}, { order: "asc", cursor: nextCursor }),
  );
  assert.deepEqual(idsOf(pieces.flat()), [2, 3]);
});
