/** @module Any timestamps, and clocks that jump: answers and ids stay right, and the work grows no faster than the records. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { RecordBatch, type SeverityCode, TIMESTAMP_MS_MAX, TIMESTAMP_MS_MIN } from "../record.ts";
import {
  allIds,
  allRows,
  batchOf,
  NOON,
  openTestStore,
  storedRecord,
  TestDatabase,
  totalCount,
} from "./_test_store.ts";
import { CLOCK_TRIAL_MS, DAY_MS, FLUSH_AGE_MS, FLUSH_IDLE_RECORDS } from "./limits.ts";
import type { EngineStore } from "./store.ts";

const YEAR_MS = 365 * DAY_MS;

async function settle(store: EngineStore): Promise<void> {
  while (await store.maintain());
}

/** How records are spread: the n-th one's timestamp and stream. */
interface Shape {
  readonly name: string;
  at(n: number, of: number): { ms: number; service?: string; severity?: SeverityCode };
}

const SHAPES: readonly Shape[] = [
  { name: "a record for each of so many days", at: (n) => ({ ms: NOON - n * DAY_MS }) },
  {
    name: "so many streams in one day",
    at: (n) => ({ ms: NOON + n, service: `s${n >> 2}`, severity: (n & 3) as SeverityCode }),
  },
  { name: "all records at the same millisecond", at: () => ({ ms: NOON }) },
  {
    name: "years 0001 and 9999 by turns",
    at: (n) => ({ ms: n % 2 === 0 ? TIMESTAMP_MS_MIN + n : TIMESTAMP_MS_MAX - n }),
  },
  {
    name: "a week late, out of order",
    at: (n, of) => ({ ms: NOON - 7 * DAY_MS + (n * 7919) % of * 1000 }),
  },
];

/** Counts what a store reads and writes while it takes, keeps, answers and deletes records of a shape. */
async function workOf(shape: Shape, count: number): Promise<Record<string, number>> {
  const database = await TestDatabase.open();
  let reads = 0;
  let writes = 0;
  database.beforeRead = () => void reads++;
  database.afterCommit = ({ sets = [], deletes = [] }) => writes += sets.length + deletes.length;
  const store = await openTestStore({ database });
  const work: Record<string, number> = {};
  const phase = (name: string) => {
    work[`${name}: reads`] = reads;
    work[`${name}: writes`] = writes;
    reads = writes = 0;
  };
  for (let n = 0; n < count; n += 500) {
    const batch = new RecordBatch();
    for (let i = n; i < n + 500; i++) {
      const { ms, service = "auth", severity = 2 } = shape.at(i, count);
      batch.append(ms, 0, service, severity, `message ${i}`);
    }
    await store.append(batch);
    await store.flush();
  }
  phase("storing");
  await settle(store);
  phase("compaction");
  const expected = Array.from({ length: count }, (_, n) => ({ n, ms: shape.at(n, count).ms }))
    .sort((a, b) => a.ms - b.ms || a.n - b.n).map(({ n }) => n + 1);
  deepEqual(await allIds(store), expected);
  deepEqual(await allIds(store, { order: "desc" }), expected.toReversed());
  phase("reading");
  const snapshot = store.snapshot();
  for (const id of [1, count >> 1, count]) {
    const { columns, row } = (await snapshot.get(id))!;
    equal(columns.ids[row], id);
  }
  snapshot.release();
  phase("records by id");
  equal(await store.delete({ before: { ms: TIMESTAMP_MS_MAX + 1, ns: 0 } }), count);
  await settle(store);
  equal(totalCount(store), 0);
  phase("deletion");
  await store.close();
  database.end();
  return work;
}

const FEW = 2500;
const MANY = 4 * FEW;

/** For four times as many records; in squares it would be 16. */
const GROWTH_MAX = 5;

/** What begins with a fourth segment need not happen with few. */
const SMALL = 60;

for (const shape of SHAPES) {
  Deno.test(`${shape.name}: right answers, for work that grows no faster than they do`, async () => {
    const few = await workOf(shape, FEW);
    const many = await workOf(shape, MANY);
    for (const [phase, work] of Object.entries(many)) {
      ok(
        work <= GROWTH_MAX * few[phase]! + SMALL,
        `${phase}: ${few[phase]} of few, ${work} of many`,
      );
    }
  });
}

Deno.test("a clock that is put back and forth: ids and times of receipt never go back", async () => {
  const database = await TestDatabase.open();
  let nowMs = NOON;
  const open = () => openTestStore({ database, now: () => nowMs });
  let store = await open();
  for (const clock of [0, -YEAR_MS, -YEAR_MS + 1000, YEAR_MS, -10 * YEAR_MS, 0]) {
    nowMs = NOON + clock;
    await store.append(batchOf(3, NOON + clock));
    if (clock === -YEAR_MS) await store.flush();
    if (clock === YEAR_MS) {
      await store.close();
      store = await open();
    }
    await settle(store);
  }
  const byId = (await allRows(store)).map(({ columns, row }) => ({
    id: columns.ids[row]!,
    received: columns.receivedMs[row]!,
  })).sort((a, b) => a.id - b.id);
  deepEqual(byId.map(({ id }) => id), Array.from({ length: 18 }, (_, i) => i + 1));
  deepEqual(byId.filter((_, i) => i % 3 === 0).map(({ received }) => received - NOON), [
    0,
    0,
    0,
    YEAR_MS,
    YEAR_MS,
    YEAR_MS,
  ]);
  equal((await allIds(store, { receivedFromMs: NOON + 1 })).length, 9);
  equal((await allIds(store, { receivedToMs: NOON })).length, 9);
  await store.close();
  database.end();
});

Deno.test("a clock that is behind the last time of receipt is told of, until it is there again", async () => {
  let nowMs = NOON + 10 * YEAR_MS;
  const log: string[] = [];
  const store = await openTestStore({ now: () => nowMs, log: (_, line) => log.push(line) });
  await store.append(batchOf(1));
  deepEqual(store.warnings, []);
  equal(store.figures().clock_behind_seconds, 0);
  nowMs = NOON;
  await settle(store);
  match(store.warnings[0]!, /^the clock is 3650 days behind the last record's time of receipt/);
  equal(store.figures().clock_behind_seconds, 10 * YEAR_MS / 1000);
  await settle(store);
  equal(log.filter((line) => line.includes("time of receipt")).length, 1);
  nowMs = NOON + 10 * YEAR_MS;
  await settle(store);
  deepEqual(store.warnings, []);
  await store.close();
});

Deno.test("a clock that is put back does not keep records from being flushed for their age", async () => {
  let nowMs = NOON;
  const store = await openTestStore({ now: () => nowMs });
  await store.append(batchOf(FLUSH_IDLE_RECORDS - 1));
  nowMs = NOON - YEAR_MS;
  await settle(store);
  equal(store.figures().memtable_records, 0);
  await store.append(batchOf(5));
  await settle(store);
  equal(store.figures().memtable_records, 5);
  nowMs += FLUSH_AGE_MS;
  await settle(store);
  equal(store.figures().memtable_records, 0);
  await store.close();
});

Deno.test("retention keeps what is dated in the future, and takes what is of 1970", async () => {
  let nowMs = NOON;
  const store = await openTestStore({ now: () => nowMs, retentionMs: 2 * DAY_MS });
  for (const ms of [0, Date.UTC(2500, 0, 1), NOON, NOON - 7 * DAY_MS, TIMESTAMP_MS_MAX]) {
    await store.append(batchOf(1, ms));
  }
  await settle(store);
  deepEqual((await allRows(store)).map(storedRecord).map(({ id }) => id), [3, 2, 5]);
  nowMs += 400 * YEAR_MS;
  await settle(store);
  equal(totalCount(store), 3);
  nowMs += CLOCK_TRIAL_MS;
  await settle(store);
  equal(totalCount(store), 2);
  await store.close();
});
