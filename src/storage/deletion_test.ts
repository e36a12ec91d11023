import assert from "node:assert/strict";
import {
  allIds,
  batchOf,
  kindsSet,
  NOON,
  openTestStore,
  TestDatabase,
  totalCount,
} from "./_test_store.ts";

Deno.test("delete() with more filters than the catalog looks up one by one spares other streams", async () => {
  const store = await openTestStore();
  const services = Array.from({ length: 9 }, (_, i) => `service-${i}`);
  // Enough for segments of their own: those are told apart by their index entries alone.
  await store.append(batchOf(600, NOON, "service-0", 2));
  await store.append(batchOf(600, NOON, "service-0", 5));
  await store.append(batchOf(600, NOON, "other", 2));
  await store.flush();
  const before = { ms: NOON + 1000, ns: 0 };
  assert.equal(await store.delete({ before, services, severities: [1, 2, 3] }), 600);
  while (await store.maintain());
  assert.equal((await allIds(store)).length, 1200);
  assert.equal(totalCount(store), 1200);
  const many = Array.from({ length: 30 }, (_, i) => `service-${i}`);
  assert.equal(await store.delete({ before, services: many }), 600);
  while (await store.maintain());
  assert.equal((await allIds(store, { services: ["other"] })).length, 600);
  assert.equal(totalCount(store), 600);
  await store.close();
});

Deno.test("a deletion holds after a flush that failed before it", async () => {
  const database = await TestDatabase.open();
  const store = await openTestStore({ database });
  await store.append(batchOf(10));
  database.beforeCommit = (commit) => {
    if (kindsSet(commit).has("version")) throw new Error("database or disk is full");
  };
  await assert.rejects(store.flush(), /disk is full/);
  database.beforeCommit = () => {};
  await store.append(batchOf(10));
  assert.equal(await store.delete({ before: { ms: NOON + 1000, ns: 0 } }), 20);
  while (await store.maintain());
  assert.equal(store.figures().tombstones, 0);
  assert.deepEqual(await allIds(store), []);
  await store.flush();
  assert.deepEqual(await allIds(store), []);
  assert.equal(totalCount(store), 0);
  await store.close();
  database.end();
});

Deno.test("delete() keeps what comes in with an old timestamp after it", async () => {
  const store = await openTestStore();
  await store.append(batchOf(5));
  assert.equal(await store.delete({ before: { ms: NOON + 100, ns: 0 } }), 5);
  await store.append(batchOf(3, NOON - 50));
  while (await store.maintain());
  assert.deepEqual(await allIds(store), [6, 7, 8]);
  const snapshot = store.snapshot();
  assert.deepEqual(snapshot.streamTotals().map(({ last }) => last), [{ ms: NOON - 48, ns: 0 }]);
  snapshot.release();
  await store.close();
});

Deno.test("delete() is exact to the nanosecond", async () => {
  const store = await openTestStore();
  const batch = batchOf(0);
  for (const ns of [0, 1, 2, 999_999]) batch.append(NOON, ns, "auth", 2, "x");
  await store.append(batch);
  await store.flush();
  assert.equal(await store.delete({ before: { ms: NOON, ns: 2 } }), 2);
  assert.deepEqual(await allIds(store), [3, 4]);
  assert.equal(await store.delete({ before: { ms: NOON + 1, ns: 0 } }), 2);
  await store.close();
});

Deno.test("close() lets a deletion under way end", async () => {
  const database = await TestDatabase.open();
  const store = await openTestStore({ database });
  await store.append(batchOf(10));
  let closed = false;
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  database.beforeCommit = async (commit) => {
    if (!kindsSet(commit).has("version")) return;
    reach();
    await gate;
    assert.equal(closed, false, "the database was closed under a commit");
  };
  database.close = () => void (closed = true);
  const deleting = store.delete({ before: { ms: NOON + 5, ns: 0 } });
  await reached;
  const closing = store.close();
  for (let i = 0; i < 100; i++) await Promise.resolve();
  open();
  assert.equal(await deleting, 5);
  await closing;
  assert.equal(closed, true);
  await assert.rejects(store.delete({ before: { ms: NOON + 9, ns: 0 } }), /shutting down/);
  database.end();
});

Deno.test("what comes in while a deletion is under way stays, and is the stream's newest", async () => {
  const database = await TestDatabase.open();
  const store = await openTestStore({ database });
  await store.append(batchOf(600));
  await store.flush();
  await store.append(batchOf(7));
  database.beforeCommit = async (commit) => {
    if (!kindsSet(commit).has("intent")) return;
    database.beforeCommit = () => {};
    await store.append(batchOf(3, NOON - 500));
  };
  assert.equal(await store.delete({ before: { ms: NOON + 1000, ns: 0 } }), 607);
  const check = async () => {
    assert.deepEqual(await allIds(store), [608, 609, 610]);
    const snapshot = store.snapshot();
    snapshot.release();
    assert.deepEqual(snapshot.streamTotals(), [
      { service: "auth", severity: 2, count: 3, last: { ms: NOON - 498, ns: 0 } },
    ]);
  };
  await check();
  while (await store.maintain()) await check();
  await check();
  await store.close();
  database.end();
});

Deno.test("delete() below an id spares what came in later, and tells its newest timestamp", async () => {
  for (const flushes of [[], ["first"], ["first", "second"], ["second"]]) {
    const database = await TestDatabase.open();
    let store = await openTestStore({ database });
    await store.append(batchOf(600, NOON));
    if (flushes.includes("first")) await store.flush();
    const snapshot = store.snapshot();
    const idBefore = snapshot.nextId;
    snapshot.release();
    await store.append(batchOf(5, NOON - 1000));
    if (flushes.includes("second")) await store.flush();
    const before = { ms: NOON + 10_000, ns: 0 };
    assert.equal(await store.delete({ before, idBefore, countMax: 600 }), 600);
    for (const time of ["at once", "reclaimed", "restarted"]) {
      const where = `${flushes} ${time}`;
      if (time === "reclaimed") { while (await store.maintain()); }
      if (time === "restarted") {
        await store.close();
        store = await openTestStore({ database });
      }
      assert.deepEqual((await allIds(store)).sort(), [601, 602, 603, 604, 605], where);
      const now = store.snapshot();
      const totals = now.streamTotals().map(({ count, last }) => ({ count, last }));
      now.release();
      assert.deepEqual(totals, [{ count: 5, last: { ms: NOON - 996, ns: 0 } }], where);
    }
    await store.close();
    database.end();
  }
});

Deno.test("delete() of more than it may delete deletes nothing", async () => {
  const store = await openTestStore();
  await store.append(batchOf(10));
  const before = { ms: NOON + 8, ns: 0 };
  await assert.rejects(
    () => store.delete({ before, countMax: 7 }),
    /8 records match, which is more than 7/,
  );
  assert.equal(totalCount(store), 10);
  assert.equal(await store.delete({ before, countMax: 8 }), 8);
  await store.close();
});
