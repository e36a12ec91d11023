import assert from "node:assert/strict";
import { indexEntryOf } from "./_test_store.ts";
import type { IndexEntry } from "./index_entry.ts";
import { byTimePrefix, mixedPrefix, spanPrefix } from "./keys.ts";
import { DAY_MS, KEPT_DAY_MAX } from "./limits.ts";
import { ListingMemo } from "./listing_memo.ts";

const DAY = 20_000;

/** A segment of an hour of some day. */
function segment(id: number, fields: Partial<IndexEntry> = {}, day = DAY): IndexEntry {
  const { kind = "single" } = fields;
  return indexEntryOf(id, { firstMs: day * DAY_MS + id, ...fields, kind });
}

function memoAt(version: number): ListingMemo {
  const memo = new ListingMemo();
  memo.published({ version, born: [], retired: [] });
  return memo;
}

/** Asks for the day by time, and tells what is visible at a version, and how often it had to load. */
function reader(memo: ListingMemo, stored: readonly IndexEntry[]) {
  const counts = { loads: 0 };
  const ids = async (version: number, day = DAY) => {
    const found = await memo.day(byTimePrefix, day, () => {
      counts.loads++;
      return Promise.resolve(stored);
    });
    if (found === "large") return found;
    return found.inOrder("asc").filter(({ born, dead }) =>
      born <= version && (dead === undefined || dead > version)
    ).map(({ id }) => id);
  };
  return { counts, ids };
}

Deno.test("a listing is loaded once, and publications keep it up to date for readers of every version", async () => {
  const memo = memoAt(1);
  const old = segment(1);
  const { counts, ids } = reader(memo, [old]);
  assert.deepEqual(await ids(1), [1]);
  memo.published({ version: 2, born: [segment(2, { born: 2 })], retired: [old] });
  memo.published({ version: 3, born: [segment(3, { born: 3 }, DAY + 1)], retired: [] });
  assert.deepEqual(await ids(3), [2]);
  assert.deepEqual(await ids(1), [1]);
  memo.removed([old]);
  assert.deepEqual(await ids(1), []);
  assert.equal(counts.loads, 1);
});

Deno.test("a listing that is read while a publication is under way has nothing of it before it is visible", async () => {
  const memo = memoAt(1);
  const halfDone = [segment(1, { dead: 2 }), segment(2, { born: 2 })];
  const { ids } = reader(memo, halfDone);
  assert.deepEqual(await ids(2), [1]);
  // That publication was undone: another one takes its version.
  memo.published({ version: 2, born: [segment(5, { born: 2 })], retired: [] });
  assert.deepEqual(await ids(2), [1, 5]);
});

Deno.test("what is published and removed while a listing is read is not missed", async () => {
  const memo = memoAt(1);
  const { promise, resolve } = Promise.withResolvers<IndexEntry[]>();
  const listing = memo.day(byTimePrefix, DAY, () => promise);
  const [first, second, third] = [segment(1), segment(2), segment(3, { born: 2 })];
  memo.published({ version: 2, born: [third], retired: [first] });
  memo.removed([first]);
  resolve([first, second]);
  const found = await listing;
  assert.notEqual(found, "large");
  assert.deepEqual(
    found !== "large" && found.inOrder("asc").map(({ id, dead }) => [id, dead]),
    [[2, undefined], [3, undefined]],
  );
});

Deno.test("readers that ask for one listing at the same time share one look at the database", async () => {
  const { counts, ids } = reader(memoAt(1), [segment(1)]);
  assert.deepEqual(await Promise.all([ids(1), ids(1), ids(1)]), [[1], [1], [1]]);
  assert.equal(counts.loads, 1);
});

Deno.test("a listing that could not be read is read again", async () => {
  const memo = memoAt(1);
  await assert.rejects(memo.day(byTimePrefix, DAY, () => Promise.reject(new Error("no"))));
  assert.deepEqual(await reader(memo, [segment(1)]).ids(1), [1]);
});

Deno.test("a day with too many segments is not kept, and looked at again after many publications", async () => {
  const memo = memoAt(1);
  const many = Array.from({ length: KEPT_DAY_MAX + 1 }, (_, i) => segment(i + 1));
  const { counts, ids } = reader(memo, many);
  assert.equal(await ids(1), "large");
  assert.equal(await ids(1), "large");
  assert.equal(counts.loads, 1);
  for (let version = 2; version < 500; version++) {
    memo.published({ version, born: [], retired: [] });
  }
  const { ids: fewer } = reader(memo, [segment(1)]);
  assert.deepEqual(await fewer(500), [1]);
});

Deno.test("a day that grows past what is kept is not kept any more", async () => {
  const memo = memoAt(1);
  const { ids } = reader(memo, [segment(1)]);
  await ids(1);
  const born = Array.from({ length: KEPT_DAY_MAX }, (_, i) => segment(i + 2, { born: 2 }));
  memo.published({ version: 2, born, retired: [] });
  assert.equal(await ids(2), "large");
});

Deno.test("mixed and spanning segments have listings of their own", async () => {
  const memo = memoAt(1);
  const none = () => Promise.resolve([]);
  const mixed = await memo.day(mixedPrefix, DAY, none);
  const span = await memo.day(spanPrefix, 0, none);
  const byTime = await memo.day(byTimePrefix, DAY, none);
  const born = (["single", "mixed", "span"] as const).map((kind, i) =>
    segment(i + 1, { kind, born: 2 })
  );
  memo.published({ version: 2, born, retired: [] });
  const kindsIn = (listing: typeof mixed) =>
    listing === "large" ? [] : listing.inOrder("desc").map(({ kind }) => kind);
  assert.deepEqual(kindsIn(mixed), ["mixed"]);
  assert.deepEqual(kindsIn(span), ["span"]);
  assert.deepEqual(kindsIn(byTime), ["single"]);
});

Deno.test("the day that follows another is remembered until a segment is born between them", async () => {
  const memo = memoAt(1);
  const ask = (order: "asc" | "desc", day: number, answer: number | undefined) =>
    memo.nextDay(byTimePrefix, order, day, () => Promise.resolve(answer));
  assert.equal(await ask("desc", DAY, DAY - 5), DAY - 5);
  assert.equal(await ask("asc", DAY, undefined), undefined);
  memo.published({ version: 2, born: [segment(1, {}, DAY - 7)], retired: [] });
  assert.equal(await ask("desc", DAY, 1), DAY - 5);
  assert.equal(await ask("asc", DAY, 1), undefined);
  memo.published({ version: 3, born: [segment(2, {}, DAY - 3)], retired: [] });
  assert.equal(await ask("desc", DAY, DAY - 3), DAY - 3);
  memo.published({ version: 4, born: [segment(3, {}, DAY + 9)], retired: [] });
  assert.equal(await ask("asc", DAY, DAY + 9), DAY + 9);
});

Deno.test("an answer about the next day that was overtaken by a publication is not kept", async () => {
  const memo = memoAt(1);
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const slow = memo.nextDay(byTimePrefix, "desc", DAY, () => promise);
  memo.published({ version: 2, born: [segment(1)], retired: [] });
  resolve(undefined);
  assert.equal(await slow, undefined);
  assert.equal(await memo.nextDay(byTimePrefix, "desc", DAY, () => Promise.resolve(DAY)), DAY);
});

Deno.test("the memo keeps a bounded number of entries, the ones last used", async () => {
  const memo = memoAt(1);
  const { counts, ids } = reader(memo, Array.from({ length: 1000 }, (_, i) => segment(i + 1)));
  for (let day = 0; day < 50; day++) await ids(1, DAY + day);
  assert.equal(counts.loads, 50);
  await ids(1, DAY + 49);
  await ids(1, DAY + 10);
  assert.equal(counts.loads, 50);
  await ids(1, DAY);
  assert.equal(counts.loads, 51);
  const { counts: few, ids: empty } = reader(memo, []);
  for (let day = 0; day < 5000; day++) await empty(1, day);
  await empty(1, 4999);
  assert.equal(few.loads, 5000);
  await empty(1, 0);
  assert.equal(few.loads, 5001);
});
