import { deepEqual, equal } from "node:assert/strict";
import { allIds, batchOf, NOON, openTestStore, TestDatabase, totalCount } from "../_test_store.ts";
import { DAY_MS, ID_BLOCK_BITS } from "../limits.ts";
import { idBlockRange, streamRange } from "../keys.ts";
import type { EngineStore } from "../store.ts";

const BLOCK = 2 ** ID_BLOCK_BITS;

async function settle(store: EngineStore): Promise<void> {
  while (await store.maintain());
}

Deno.test("a stream whose records are all deleted leaves no key, and counts when it comes again", async () => {
  const database = await TestDatabase.open();
  const streams = async () => (await database.list(streamRange)).map(({ key }) => key[2]);
  let store = await openTestStore({ database });
  for (const service of ["auth", "billing"]) await store.append(batchOf(5, NOON, service));
  await store.flush();
  await store.delete({ before: { ms: NOON + DAY_MS, ns: 0 }, services: ["auth"] });
  await settle(store);
  deepEqual(await streams(), ["billing"]);
  await store.append(batchOf(3, NOON, "auth"));
  await store.flush();
  await settle(store);
  deepEqual(await streams(), ["auth", "billing"]);
  await store.close();
  store = await openTestStore({ database });
  equal(totalCount(store), 8);
  await store.close();
  database.end();
});

Deno.test("the key of a stream that was emptied before a crash goes after the next start", async () => {
  const database = await TestDatabase.open();
  const first = await openTestStore({ database });
  await first.append(batchOf(5));
  await first.flush();
  await first.delete({ before: { ms: NOON + DAY_MS, ns: 0 } });
  equal((await database.list(streamRange)).length, 1);
  const second = await openTestStore({ database });
  await settle(second);
  equal((await database.list(streamRange)).length, 0);
  await first.close();
  await second.close();
  database.end();
});

/** A store whose four blocks of ids have records of one day each; the second and the fourth are the oldest. */
async function ofFourBlocks(): Promise<{ database: TestDatabase; store: EngineStore }> {
  const database = await TestDatabase.open();
  let nowMs = NOON;
  const store = await openTestStore({ database, now: () => nowMs });
  for (const [block, day] of [10, 1, 11, 2, 12].entries()) {
    nowMs = NOON + block * 1000;
    await store.append(
      batchOf(block === 0 ? BLOCK - 1 : block === 4 ? 10 : BLOCK, NOON + day * DAY_MS),
    );
    await store.flush();
  }
  return { database, store };
}

Deno.test("blocks of the id index go with their records, and those around them are found", async () => {
  const { database, store } = await ofFourBlocks();
  await store.delete({ before: { ms: NOON + 5 * DAY_MS, ns: 0 } });
  await settle(store);
  deepEqual((await database.list(idBlockRange)).map(({ key }) => key[2]), [0, 2, 4]);
  const cases: [Parameters<typeof allIds>[1], number][] = [
    [{ receivedFromMs: NOON + 1000 }, BLOCK + 10],
    [{ receivedFromMs: NOON + 2000 }, BLOCK + 10],
    [{ receivedFromMs: NOON + 2001 }, 10],
    [{ receivedToMs: NOON + 3000 }, 2 * BLOCK - 1],
    [{ receivedToMs: NOON + 1000 }, BLOCK - 1],
    [{ receivedFromMs: NOON + 1000, receivedToMs: NOON + 1500 }, 0],
    [{ receivedFromMs: NOON + 1000, receivedToMs: NOON + 3000 }, BLOCK],
    [{ idFrom: BLOCK, idTo: 3 * BLOCK }, BLOCK],
    [{ idFrom: 3 * BLOCK }, 10],
  ];
  for (const [spec, count] of cases) {
    equal((await allIds(store, spec)).length, count, JSON.stringify(spec));
  }
  await store.close();
  database.end();
});

Deno.test("a reader from before a deletion finds its records by their ids until it is gone", async () => {
  const { database, store } = await ofFourBlocks();
  const reader = store.snapshot();
  await store.delete({ before: { ms: NOON + 5 * DAY_MS, ns: 0 } });
  await settle(store);
  equal((await database.list(idBlockRange)).length, 5);
  const { columns, row } = (await reader.get(BLOCK + 5))!;
  equal(columns.ids[row], BLOCK + 5);
  reader.release();
  await settle(store);
  equal((await database.list(idBlockRange)).length, 3);
  await store.close();
  database.end();
});
