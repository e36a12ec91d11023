import assert from "node:assert/strict";
import { ListingMemo } from "./listing_memo.ts";

/** Asks the memo, and says how often it had to load. */
function counting(memo: ListingMemo) {
  const counts = { loads: 0 };
  const day = (version: number, key: string, size = 1) =>
    memo.day(version, key, () => {
      counts.loads++;
      return Promise.resolve(new Array(size).fill({ version }));
    });
  return { counts, day };
}

Deno.test("what was listed at a version is kept until a newer one", async () => {
  const { counts, day } = counting(new ListingMemo());
  await day(1, "a");
  await day(1, "a");
  await day(1, "b");
  assert.equal(counts.loads, 2);
  assert.deepEqual(await day(2, "a"), [{ version: 2 }]);
  assert.equal(counts.loads, 3);
});

Deno.test("a reader of an older version gets its own listing and does not disturb the newer one's", async () => {
  const { counts, day } = counting(new ListingMemo());
  await day(2, "a");
  assert.deepEqual(await day(1, "a"), [{ version: 1 }]);
  assert.deepEqual(await day(1, "a"), [{ version: 1 }]);
  assert.deepEqual(await day(2, "a"), [{ version: 2 }]);
  assert.equal(counts.loads, 3);
});

Deno.test("a listing that ends after a newer version has begun is not kept for it", async () => {
  const memo = new ListingMemo();
  const { promise, resolve } = Promise.withResolvers<[]>();
  const slow = memo.day(1, "a", () => promise);
  const slowDay = memo.nextDay(1, "a", () => promise.then(() => 5));
  await memo.day(2, "b", () => Promise.resolve("large"));
  resolve([]);
  assert.deepEqual(await slow, []);
  assert.equal(await slowDay, 5);
  const { counts, day } = counting(memo);
  await day(2, "a");
  assert.equal(counts.loads, 1);
  assert.equal(await memo.nextDay(2, "a", () => Promise.resolve(6)), 6);
});

Deno.test("that there is no further day is remembered too", async () => {
  const memo = new ListingMemo();
  assert.equal(await memo.nextDay(1, "a", () => Promise.resolve(undefined)), undefined);
  assert.equal(await memo.nextDay(1, "a", () => Promise.resolve(3)), undefined);
});

Deno.test("the memo keeps a bounded number of entries and answers", async () => {
  const { counts, day } = counting(new ListingMemo());
  for (let i = 0; i < 30; i++) await day(1, `${i}`, 1000);
  for (let i = 0; i < 30; i++) await day(1, `${i}`, 1000);
  assert.equal(counts.loads, 30 + 10);
  for (let i = 0; i < 5000; i++) await day(2, `${i}`, 0);
  for (let i = 0; i < 5000; i++) await day(2, `${i}`, 0);
  assert.equal(counts.loads, 40 + 5000 + 1000);
});
