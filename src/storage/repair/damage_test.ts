import assert from "node:assert/strict";
import { encodeDocument } from "../../codec/mod.ts";
import { allIds, batchOf, NOON, openTestStore, TestDatabase, totalCount } from "../_test_store.ts";
import { listAll } from "../database.ts";
import type { Key } from "../keys.ts";

/** Two segments of 600 records, the first of them with an id from 1 to 600. */
async function withSegments(
  damage: (database: TestDatabase, segment: number) => Promise<void>,
  check: (store: Awaited<ReturnType<typeof openTestStore>>) => Promise<void>,
): Promise<void> {
  const database = await TestDatabase.open();
  const first = await openTestStore({ database });
  await first.append(batchOf(600));
  await first.flush();
  await first.append(batchOf(600, NOON + 1000));
  await first.flush();
  await first.close();
  const segments: number[] = [];
  for await (const { key } of listAll(database, { start: [0, "by_time"], end: [0, "by_timf"] })) {
    segments.push(key[5] as number);
  }
  assert.equal(segments.length, 2);
  await damage(database, segments[0]!);
  const store = await openTestStore({ database });
  await check(store);
  await store.close();
  database.end();
}

const LATER = Array.from({ length: 600 }, (_, i) => 601 + i);

/** Flips a bit near the beginning of a value: of its checksum, its length or its first bytes. */
async function spoil(database: TestDatabase, key: Key): Promise<void> {
  const bytes = (await database.get(key))!.value.slice();
  bytes[8]! ^= 1;
  await database.commit({ sets: [[key, bytes]] });
}

const damages: Record<string, (database: TestDatabase, segment: number) => Promise<void>> = {
  "a damaged head": (database, id) => spoil(database, [0, "segment", id, "head"]),
  "a missing head": async (database, id) => {
    await database.commit({ deletes: [[0, "segment", id, "head"]] });
  },
  "a damaged column": (database, id) => spoil(database, [0, "segment", id, "column", "message", 0]),
  "a missing column": async (database, id) => {
    await database.commit({ deletes: [[0, "segment", id, "column", "message", 0]] });
  },
};

for (const [name, damage] of Object.entries(damages)) {
  Deno.test(`${name} leaves out its segment, says so, and the rest is read`, async () => {
    await withSegments(damage, async (store) => {
      for (const order of ["asc", "desc"] as const) {
        const snapshot = store.snapshot();
        const rows = await snapshot.scan({ order }).next(5000);
        const ids = rows.map(({ columns, row }) => columns.ids[row]!).sort((a, b) => a - b);
        assert.deepEqual(ids, LATER);
        assert.ok(snapshot.damage.length > 0);
        assert.match(snapshot.damage[0]!, /600 records from 2026-10-31T12:00:00\.000Z/);
        snapshot.release();
      }
      const snapshot = store.snapshot();
      assert.equal(await snapshot.get(5), undefined);
      assert.equal((await snapshot.get(700))!.columns.ids.length > 0, true);
      let count = 0;
      await snapshot.visit({}, ["message"], { rows: (_, rows) => count += rows.length });
      assert.equal(count, 600);
      snapshot.release();
    });
  });
}

Deno.test("a deletion of all of a damaged segment needs no look into it", async () => {
  await withSegments(damages["a damaged column"]!, async (store) => {
    assert.equal(await store.delete({ before: { ms: NOON + 900, ns: 0 } }), 600);
    while (await store.maintain());
    assert.equal(store.figures().tombstones, 0);
    assert.deepEqual(await allIds(store), LATER);
    assert.equal(totalCount(store), 600);
  });
});

Deno.test("a deletion from a damaged segment hides what it can and keeps its tombstone", async () => {
  await withSegments(damages["a damaged column"]!, async (store) => {
    assert.equal(await store.delete({ before: { ms: NOON + 300, ns: 0 } }), 300);
    let steps = 0;
    while (await store.maintain()) assert.ok(++steps < 20, "the background work comes to rest");
    assert.equal(store.figures().tombstones, 1);
    assert.deepEqual(await allIds(store), LATER);
  });
});

Deno.test("compaction passes over a damaged segment and comes to rest", async () => {
  const database = await TestDatabase.open();
  const first = await openTestStore({ database });
  for (let i = 0; i < 9; i++) {
    await first.append(batchOf(5));
    await first.flush();
  }
  await first.close();
  const [mixed] = await database.list({ start: [0, "mixed"], end: [0, "mixee"] });
  await spoil(database, [0, "segment", mixed!.key[4] as number, "head"]);
  const store = await openTestStore({ database });
  let steps = 0;
  while (await store.maintain()) assert.ok(++steps < 20);
  assert.equal((await allIds(store)).length, 40);
  await store.close();
  database.end();
});

Deno.test("a start passes over a damaged journal entry and damaged totals, and says so", async () => {
  const database = await TestDatabase.open();
  const first = await openTestStore({ database });
  await first.append(batchOf(600));
  await first.flush();
  for (let i = 0; i < 3; i++) await first.append(batchOf(5));
  await first.close();
  await spoil(database, [0, "journal", 0, 3]);
  const store = await openTestStore({ database });
  const snapshot = store.snapshot();
  assert.equal(snapshot.damage.length, 1);
  assert.match(snapshot.damage[0]!, /journal entry 3/);
  snapshot.release();
  assert.equal((await allIds(store)).length, 610);
  // The ids of what was lost are not given out again.
  assert.equal((await store.append(batchOf(1))).firstId, 616);
  await store.close();
  await spoil(database, [0, "stream", "auth", 2]);
  const lines: string[] = [];
  const again = await openTestStore({ database, log: (_, line) => lines.push(line) });
  assert.ok(
    lines.some((line) => /Damage found: the totals of \["auth",2\]/.test(line)),
    `${lines}`,
  );
  assert.equal((await allIds(again)).length, 611);
  // Counted anew from the segments, and told no more; what the journal has lost is.
  assert.equal(totalCount(again), 611);
  const after = again.snapshot();
  assert.equal(after.damage.length, 1);
  assert.match(after.damage[0]!, /journal entry 3/);
  after.release();
  await again.close();
  database.end();
});

Deno.test("damaged totals are counted anew at the start, and deletions count from there", async () => {
  const database = await TestDatabase.open();
  const first = await openTestStore({ database });
  await first.append(batchOf(600));
  await first.flush();
  await first.close();
  await spoil(database, [0, "stream", "auth", 2]);
  const store = await openTestStore({ database });
  await store.append(batchOf(5));
  assert.equal(totalCount(store), 605);
  assert.equal(await store.delete({ before: { ms: NOON + 300, ns: 0 } }), 305);
  assert.equal(totalCount(store), 300);
  await store.close();
  database.end();
});

Deno.test("a newer format is refused with a clear sentence", async () => {
  const database = await TestDatabase.open();
  await database.commit({ sets: [[[0, "meta"], encodeDocument({ format: 99 })]] });
  await assert.rejects(openTestStore({ database }), /it has format 99, this version reads/);
  database.end();
});
