import assert from "node:assert/strict";
import { dayOf, journalRange } from "./keys.ts";
import { DAY_MS, FLUSH_AGE_MS } from "./limits.ts";
import { allIds, batchOf, kindsSet, NOON, openTestStore, TestDatabase } from "./_test_store.ts";

Deno.test("maintain() tries a flush that failed again", async () => {
  const database = await TestDatabase.open();
  const store = await openTestStore({ database, flushRecords: 10 });
  await store.append(batchOf(10));
  database.beforeCommit = (commit) => {
    if (kindsSet(commit).has("segment")) throw new Error("database or disk is full");
  };
  await assert.rejects(store.maintain(), /disk is full/);
  database.beforeCommit = () => {};
  assert.equal(store.figures().memtable_records, 10);
  while (await store.maintain());
  assert.equal(store.figures().memtable_records, 0);
  assert.equal((await allIds(store)).length, 10);
  await store.close();
  database.end();
});

Deno.test("maintain() flushes what is old", async () => {
  let nowMs = NOON;
  const store = await openTestStore({ now: () => nowMs });
  await store.append(batchOf(1));
  assert.equal(await store.maintain(), false);
  nowMs += FLUSH_AGE_MS;
  assert.equal(await store.maintain(), true);
  assert.equal(store.figures().memtable_records, 0);
  await store.close();
});

Deno.test("maintain() compacts what an earlier process has left", async () => {
  const database = await TestDatabase.open();
  const first = await openTestStore({ database });
  for (let i = 0; i < 8; i++) {
    await first.append(batchOf(5));
    await first.flush();
  }
  await first.close();
  const second = await openTestStore({ database });
  while (await second.maintain());
  const heads = new Set<unknown>();
  for (const { key } of await database.list({ start: [0, "mixed"], end: [0, "mixee"] })) {
    heads.add(key[4]);
  }
  assert.equal(heads.size, 1);
  assert.equal((await allIds(second)).length, 40);
  await second.close();
  database.end();
});

Deno.test("retention keeps at least so long and lets go within a day more", async () => {
  let nowMs = NOON;
  const store = await openTestStore({ now: () => nowMs, retentionMs: 2 * DAY_MS });
  const today = dayOf(NOON) * DAY_MS;
  for (const ms of [today - 2 * DAY_MS - 1, today - 2 * DAY_MS, today]) {
    await store.append(batchOf(1, ms));
  }
  while (await store.maintain());
  assert.deepEqual(await allIds(store), [2, 3]);
  nowMs = today + DAY_MS - 1;
  while (await store.maintain());
  assert.deepEqual(await allIds(store), [2, 3]);
  nowMs = today + DAY_MS;
  while (await store.maintain());
  assert.deepEqual(await allIds(store), [3]);
  await store.close();
});

Deno.test("maintain() removes what a flush has left of the journal", async () => {
  const database = await TestDatabase.open();
  const store = await openTestStore({ database });
  await store.append(batchOf(3));
  database.beforeCommit = ({ deletes = [] }) => {
    if (deletes.some((key) => key[1] === "journal")) throw new Error("not now");
  };
  await assert.rejects(store.flush(), /not now/);
  database.beforeCommit = () => {};
  await store.append(batchOf(2));
  await store.flush();
  assert.equal((await database.list(journalRange(0, 1))).length, 1);
  while (await store.maintain());
  assert.deepEqual(await database.list(journalRange(0, 1)), []);
  assert.equal((await allIds(store)).length, 5);
  await store.close();
  database.end();
});
