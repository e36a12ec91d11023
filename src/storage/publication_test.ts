import assert from "node:assert/strict";
import { RecordBatch } from "../record.ts";
import { listAll } from "./database.ts";
import { intentRange } from "./keys.ts";
import {
  allIds,
  batchOf,
  kindsSet,
  NOON,
  openTestStore,
  TestDatabase,
  totalCount,
} from "./_test_store.ts";

Deno.test("a store that was fenced off does not take another's publication for its own", async () => {
  const database = await TestDatabase.open();
  const old = await openTestStore({ database });
  await old.append(batchOf(10));
  const young = await openTestStore({ database });
  await young.append(batchOf(1));
  // Now the stored version is the one that the old store would publish.
  await young.flush();
  const before = { ms: NOON + 1000, ns: 0 };
  await assert.rejects(old.delete({ before }), /another process has taken over/);
  await assert.rejects(old.flush(), /another process has taken over/);
  assert.equal((await allIds(young)).length, 11);
  await old.close();
  await young.close();
  database.end();
});

/** As many streams as there may be, with names as long as they may be: what is planned is over one commit's limit. */
function widestBatch(): RecordBatch {
  const batch = new RecordBatch();
  for (let i = 0; i < 10_000; i++) {
    batch.append(NOON + i, 0, `${i}`.padStart(128, "ö"), 2, `message ${i}`);
  }
  return batch;
}

Deno.test("10,000 streams with the longest names are flushed at once", async () => {
  const store = await openTestStore();
  await store.append(widestBatch());
  await store.flush();
  const ids = await allIds(store);
  assert.equal(ids.length, 10_000);
  assert.equal(new Set(ids).size, 10_000);
  assert.equal(totalCount(store), 10_000);
  await store.close();
});

Deno.test("a wide flush that was cut off anywhere is undone", async () => {
  const database = await TestDatabase.open();
  let store = await openTestStore({ database });
  await store.append(widestBatch());
  for (const commits of [0, 1, 5, 11, 12, 40, 120]) {
    let left = commits;
    database.beforeCommit = () => {
      if (left-- === 0) throw new Error("power cut");
    };
    await assert.rejects(store.flush(), /power cut/);
    database.beforeCommit = () => {};
    await store.close();
    store = await openTestStore({ database });
    for await (const { key } of listAll(database, intentRange(0))) assert.fail(`${key} is left`);
    const segments = await database.list({ start: [0, "segment"], end: [0, "segmenu"] });
    assert.deepEqual(segments.map(({ key }) => key), []);
    assert.equal(totalCount(store), 10_000);
    assert.equal((await allIds(store)).length, 10_000);
  }
  await store.flush();
  assert.equal((await allIds(store)).length, 10_000);
  await store.close();
  database.end();
});

Deno.test("a publication that failed is undone before the next one", async () => {
  const database = await TestDatabase.open();
  const store = await openTestStore({ database });
  await store.append(batchOf(600));
  await store.flush();
  await store.append(batchOf(5, NOON, "payment"));
  database.beforeCommit = (commit) => {
    if (kindsSet(commit).has("version")) throw new Error("database or disk is full");
  };
  await assert.rejects(store.flush(), /disk is full/);
  // Nothing of it is visible, and its segment's number is free for what comes now.
  assert.equal((await allIds(store)).length, 605);
  database.beforeCommit = () => {};
  assert.equal(await store.delete({ before: { ms: NOON + 100, ns: 0 }, services: ["auth"] }), 100);
  assert.equal((await allIds(store)).length, 505);
  await store.flush();
  while (await store.maintain());
  assert.equal((await allIds(store)).length, 505);
  assert.equal(totalCount(store), 505);
  await store.close();
  const again = await openTestStore({ database });
  assert.equal(totalCount(again), 505);
  await again.close();
  database.end();
});

Deno.test("a publication whose last commit is reported as failed, but was applied, holds", async () => {
  const database = await TestDatabase.open();
  const store = await openTestStore({ database });
  await store.append(batchOf(10));
  database.afterCommit = (commit) => {
    if (kindsSet(commit).has("version")) throw new Error("the connection was lost");
  };
  assert.equal(await store.delete({ before: { ms: NOON + 4, ns: 0 } }), 4);
  assert.equal(await store.flush(), true);
  database.afterCommit = () => {};
  assert.deepEqual(await allIds(store), [5, 6, 7, 8, 9, 10]);
  await store.close();
  database.end();
});

Deno.test("what a reader may still see is removed when it has let go, not before", async () => {
  const database = await TestDatabase.open();
  const store = await openTestStore({ database });
  for (let i = 0; i < 8; i++) {
    await store.append(batchOf(5));
    await store.flush();
  }
  const snapshot = store.snapshot();
  while (await store.maintain());
  assert.equal(store.figures().segments_to_remove, 8);
  assert.equal((await snapshot.scan({ order: "asc" }).next(100)).length, 40);
  snapshot.release();
  snapshot.release();
  await store.maintain();
  assert.equal(store.figures().segments_to_remove, 0);
  const heads = await database.list({ start: [0, "mixed"], end: [0, "mixee"] });
  assert.equal(heads.length, 1);
  await store.close();
  database.end();
});

for (const damage of ["damaged", "missing"] as const) {
  Deno.test(`a segment whose head is ${damage} is removed to its last key`, async () => {
    const database = await TestDatabase.open();
    const store = await openTestStore({ database });
    await store.append(batchOf(600));
    await store.flush();
    const range = { start: [0, "segment"], end: [0, "segmenu"] };
    const keys = (await database.list(range)).map(({ key }) => key);
    assert.ok(keys.length >= 2);
    const [head] = keys.filter((key) => key[3] === "head");
    assert.equal(await store.delete({ before: { ms: NOON + 1000, ns: 0 } }), 600);
    await database.commit(
      damage === "missing" ? { deletes: [head!] } : { sets: [[head!, new Uint8Array(30)]] },
    );
    while (await store.maintain());
    assert.deepEqual(await database.list(range), []);
    assert.deepEqual(await database.list({ start: [0, "by_time"], end: [0, "by_timf"] }), []);
    await store.close();
    database.end();
  });
}

Deno.test("the totals of a publication that failed are not found by a later start", async () => {
  const database = await TestDatabase.open();
  let store = await openTestStore({ database });
  await store.append(batchOf(10));
  await store.flush();
  for (const sameProcess of [true, false]) {
    database.beforeCommit = (commit) => {
      if (kindsSet(commit).has("version")) throw new Error("database or disk is full");
    };
    await assert.rejects(store.delete({ before: { ms: NOON + 4, ns: 0 } }), /disk is full/);
    database.beforeCommit = () => {};
    if (!sameProcess) {
      await store.close();
      store = await openTestStore({ database });
    }
    // It gets the version that the deletion would have had, and does not touch its stream.
    await store.append(batchOf(1, NOON, "other"));
    await store.flush();
    await store.close();
    store = await openTestStore({ database });
    assert.equal(totalCount(store), (await allIds(store)).length);
    assert.ok(totalCount(store) > 10);
  }
  await store.close();
  database.end();
});
