import assert from "node:assert/strict";
import { RecordBatch } from "../record.ts";
import { allIds, batchOf, NOON, openTestStore, TestDatabase } from "./_test_store.ts";
import { timesOfIds, widenBlock } from "./id_index.ts";
import { DAY_MS, ID_BLOCK_BITS } from "./limits.ts";
import { makeSelection } from "./selection.ts";

const BLOCK = 2 ** ID_BLOCK_BITS;

Deno.test("widenBlock() spans both", () => {
  const a = { firstMs: 5, lastMs: 9, firstReceivedMs: 1, lastReceivedMs: 2 };
  const b = { firstMs: 3, lastMs: 7, firstReceivedMs: 2, lastReceivedMs: 8 };
  const both = { firstMs: 3, lastMs: 9, firstReceivedMs: 1, lastReceivedMs: 8 };
  assert.deepEqual(widenBlock(a, b), both);
  assert.deepEqual(widenBlock(b, a), both);
  assert.deepEqual(widenBlock(undefined, a), a);
});

Deno.test("ids and times of receipt lead to the days where their records are", async () => {
  const database = await TestDatabase.open();
  let nowMs = NOON;
  const store = await openTestStore({ database, now: () => nowMs });
  // Three blocks and a bit, each of another day and received in another hour; one record is far from its block's.
  for (let block = 0; block < 4; block++) {
    nowMs = NOON + block * 3_600_000;
    // There is no id 0.
    const count = block === 0 ? BLOCK - 1 : block === 3 ? 10 : BLOCK;
    const batch = batchOf(count, NOON + block * DAY_MS);
    if (block === 2) batch.timestampMs[0] = NOON - 50 * DAY_MS;
    await store.append(batch);
    await store.flush();
  }
  const times = (spec: Parameters<typeof makeSelection>[0]) =>
    timesOfIds(database, makeSelection(spec, []));
  assert.equal(await times({}), undefined);
  assert.equal(await times({ idTo: 5 }), undefined);
  assert.deepEqual(await times({ idFrom: 3 * BLOCK }), {
    fromMs: NOON + 3 * DAY_MS,
    toMs: NOON + 3 * DAY_MS + 9,
  });
  assert.equal((await times({ idFrom: 2 * BLOCK + 5 }))!.fromMs, NOON - 50 * DAY_MS);
  const nothing = await times({ idFrom: 9 * BLOCK });
  assert.ok(nothing!.fromMs > nothing!.toMs);
  const cases: [Parameters<typeof makeSelection>[0], number][] = [
    [{ receivedFromMs: NOON + 1, receivedToMs: NOON + 3_600_000 }, BLOCK],
    [{ receivedToMs: NOON }, BLOCK - 1],
    [{ receivedFromMs: NOON + 3 * 3_600_000 }, 10],
    [{ receivedFromMs: NOON + 4 * 3_600_000 }, 0],
    [{ receivedToMs: NOON - 1 }, 0],
    [
      { receivedFromMs: NOON + 3_600_000, receivedToMs: NOON + 2 * 3_600_000, idFrom: 2 * BLOCK },
      BLOCK,
    ],
    [{ idFrom: 2 * BLOCK + 1, idTo: 2 * BLOCK + 1 }, 1],
    [{ idFrom: 10, idTo: 2 * BLOCK }, 2 * BLOCK - 9],
  ];
  for (const [spec, count] of cases) {
    assert.equal((await allIds(store, spec)).length, count, JSON.stringify(spec));
  }
  await store.close();
  database.end();
});

Deno.test("get() finds a record whose neighbours are of other centuries", async () => {
  const store = await openTestStore();
  const batch = new RecordBatch();
  for (const ms of [NOON, -62_135_596_800_000, 253_402_300_799_999, 0, -1]) {
    batch.append(ms, 999_999, "auth", 2, `${ms}`);
  }
  await store.append(batch);
  await store.flush();
  const snapshot = store.snapshot();
  for (let id = 1; id <= 5; id++) {
    const { columns, row } = (await snapshot.get(id))!;
    assert.equal(columns.ids[row], id);
  }
  for (const id of [0, -1, 6, 1.5, NaN, 2 ** 60]) assert.equal(await snapshot.get(id), undefined);
  snapshot.release();
  await store.close();
});
