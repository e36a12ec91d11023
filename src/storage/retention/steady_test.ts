/** @module A store with retention over months: what it keeps, in its file and in memory, stays bounded. */

import { equal, ok } from "node:assert/strict";
import { RecordBatch, type SeverityCode } from "../../record.ts";
import { allIds, NOON, openTestStore, totalCount } from "../_test_store.ts";
import { type Database, listAll } from "../database.ts";
import { openDenoKv } from "../disk/deno_kv.ts";
import { FileSpace } from "../disk/file_space.ts";
import { DAY_MS } from "../limits.ts";
import type { EngineStore } from "../store.ts";

const DAYS = 120;
const RETENTION_DAYS = 10;

/** Services that are there for a day, as those of deployments and tests whose name has a number are. */
const PASSING_SERVICES = 50;

/** What one day brings: most of now, a few of a week ago, one of a clock that is wrong. */
function dayOf(day: number, nowMs: number): RecordBatch {
  const batch = new RecordBatch();
  for (let i = 0; i < 1600; i++) {
    batch.append(
      nowMs - i,
      0,
      `steady-${i % 4}`,
      (i % 3) as SeverityCode,
      `request ${i} took ${i % 97} ms`,
    );
  }
  for (let i = 0; i < PASSING_SERVICES; i++) {
    batch.append(nowMs - i, 0, `job-${day}-${i}`, 2, `job ${i} has started`);
  }
  for (let i = 0; i < 10; i++) batch.append(nowMs - 7 * DAY_MS - i, 0, "late", 2, `late ${i}`);
  batch.append(day, 0, "wrong-clock", 4, "the epoch");
  return batch;
}

async function settle(store: EngineStore): Promise<void> {
  while (await store.maintain());
}

/** Where a sync costs nothing, if there is such a place: four months have thousands. */
async function memoryFolder(): Promise<string | undefined> {
  try {
    return (await Deno.stat("/dev/shm")).isDirectory ? "/dev/shm" : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The number of keys by their kind. */
async function countKeys(database: Database): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for await (const { key } of listAll(database, { start: [0], end: [1] })) {
    const kind = String(key[1]);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

Deno.test("a store with retention is no larger after four months than after one", async () => {
  const folder = await Deno.makeTempDir({ prefix: "sentinel_test_", dir: await memoryFolder() });
  const path = `${folder}/sentinel.kv`;
  try {
    FileSpace.prepare(path);
    let nowMs = NOON;
    const open = async () => {
      const database = await openDenoKv(path);
      const space = new FileSpace(path);
      const store = await openTestStore({
        database,
        path,
        space,
        now: () => nowMs,
        retentionMs: RETENTION_DAYS * DAY_MS,
        retentionRules: [{ service: "steady-0", severity: 1, keepMs: 2 * DAY_MS }],
      });
      return { database, store };
    };
    let { database, store } = await open();
    const keys: Map<string, number>[] = [];
    const bytes: number[] = [];
    for (let day = 0; day < DAYS; day++) {
      nowMs = NOON + day * DAY_MS;
      const key = new Uint8Array(32);
      new DataView(key.buffer).setUint32(0, day);
      await store.append(dayOf(day, nowMs), { key, body: key });
      await store.flush();
      await settle(store);
      keys.push(await countKeys(database));
      bytes.push((await store.disk())!.dataBytes);
      ok(store.figures().streams! <= 8 + 4 * 3 + (RETENTION_DAYS + 2) * PASSING_SERVICES);
      if (day === DAYS / 2) {
        await store.close();
        ({ database, store } = await open());
      }
    }
    const most = (days: readonly number[]) => Math.max(...days);
    for (const kind of new Set(keys.flatMap((one) => [...one.keys()]))) {
      const counts = keys.map((one) => one.get(kind) ?? 0);
      const first = most(counts.slice(2 * RETENTION_DAYS, 4 * RETENTION_DAYS));
      const last = most(counts.slice(-2 * RETENTION_DAYS));
      ok(last <= first + 1, `"${kind}": ${first} keys at first, ${last} in the end`);
    }
    const first = most(bytes.slice(RETENTION_DAYS, 3 * RETENTION_DAYS));
    ok(
      most(bytes.slice(-RETENTION_DAYS)) <= first * 1.1,
      `${first} bytes at first, ${bytes.at(-1)}`,
    );
    equal(totalCount(store), (await allIds(store)).length);
    await store.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
