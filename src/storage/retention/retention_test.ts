import { deepEqual, equal, match, ok } from "node:assert/strict";
import { RecordBatch, type SeverityCode } from "../../record.ts";
import {
  allRows,
  batchOf,
  NOON,
  openTestStore,
  storedRecord,
  TestDatabase,
  totalCount,
} from "../_test_store.ts";
import { dayOf } from "../keys.ts";
import { CLOCK_TRIAL_MS, DAY_MS, RETENTION_SEGMENTS_MAX } from "../limits.ts";
import { RetentionPolicy, type RetentionRule } from "./retention_policy.ts";
import type { EngineStore } from "../store.ts";

const DEBUG: SeverityCode = 1;
const HOUR_MS = DAY_MS / 24;
const TODAY = dayOf(NOON) * DAY_MS;

/** A deterministic spread of records over services, severities and the last days. */
function spread(days: number, aDay: number, services: number): RecordBatch {
  const batch = new RecordBatch();
  for (let i = 0; i < days * aDay; i++) {
    const ms = TODAY - Math.floor(i / aDay) * DAY_MS + (i * 7_919_000) % DAY_MS;
    batch.append(ms, 0, `s${i % services}`, (i % 6) as SeverityCode, `message ${i}`);
  }
  return batch;
}

async function settle(store: EngineStore): Promise<void> {
  while (await store.maintain());
}

/** What a scan finds agrees with the totals, stream by stream. */
async function checkTotals(store: EngineStore): Promise<void> {
  const rows = (await allRows(store)).map(storedRecord);
  const counted = new Map<string, [count: number, lastMs: number]>();
  for (const { service, severity, ms } of rows) {
    const [count, lastMs] = counted.get(`${service} ${severity}`) ?? [0, -Infinity];
    counted.set(`${service} ${severity}`, [count + 1, Math.max(lastMs, ms)]);
  }
  const snapshot = store.snapshot();
  const totals = snapshot.streamTotals();
  snapshot.release();
  deepEqual(
    new Map(totals.map(({ service, severity, count, last }) => [
      `${service} ${severity}`,
      [count, last.ms],
    ])),
    counted,
  );
}

Deno.test("retention by service, severity and both leaves exactly what its rules keep", async () => {
  const rules: RetentionRule[] = [
    { service: "s1", keepMs: 20 * DAY_MS },
    { severity: DEBUG, keepMs: 2 * DAY_MS },
    { service: "s2", severity: DEBUG, keepMs: Infinity },
    { service: "s3", severity: 4, keepMs: 12 * HOUR_MS },
  ];
  const policy = new RetentionPolicy(5 * DAY_MS, rules);
  const database = await TestDatabase.open();
  let nowMs = NOON;
  const options = {
    database,
    now: () => nowMs,
    retentionMs: policy.everythingMs,
    retentionRules: rules,
  };
  let store = await openTestStore(options);
  const log: string[] = [];
  const late = () => {
    const batch = spread(3, 10, 5);
    batch.append(TODAY - 300 * DAY_MS, 0, "s1", 2, "a straggler");
    return batch;
  };
  for (let day = 0; day < 4; day++) {
    nowMs = NOON + day * DAY_MS;
    await store.append(spread(30, 60, 5));
    if (day % 2 === 0) await store.flush();
    await store.append(late());
    const before = (await allRows(store)).map(storedRecord);
    await settle(store);
    const kept = before.filter(({ ms, ...stream }) =>
      ms >= dayOf(nowMs - policy.keepMs(stream)) * DAY_MS
    );
    if (day === 0) ok(kept.length < before.length / 2);
    if (day > 0) {
      deepEqual(
        (await allRows(store)).map(storedRecord).map(({ id }) => id),
        kept.map(({ id }) => id),
      );
    }
    await checkTotals(store);
    equal(store.figures().tombstones, 0);
    await store.close();
    store = await openTestStore({ ...options, log: (_, line) => log.push(line) });
    await checkTotals(store);
    // The next midnight takes what came after this one.
  }
  ok(log.some((line) => /^Retention deleted \d+ records of DEBUG of .* before /.test(line)));
  await store.close();
  database.end();
});

Deno.test("a hundred rules never hold more deletions than retention may, and are reclaimed", async () => {
  const rules = Array.from({ length: 99 }, (_, i): RetentionRule => ({
    service: `s${i}`,
    keepMs: (i + 2) * DAY_MS,
  }));
  let most = 0;
  const store = await openTestStore({ retentionMs: DAY_MS, retentionRules: rules });
  await store.append(spread(120, 200, 110));
  await store.flush();
  do most = Math.max(most, store.figures().tombstones!); while (await store.maintain());
  ok(most > 4 && most <= 16, `${most} deletions at once`);
  const policy = new RetentionPolicy(DAY_MS, rules);
  const rows = (await allRows(store)).map(storedRecord);
  ok(rows.length > 0);
  ok(rows.every(({ ms, ...stream }) => ms >= dayOf(NOON - policy.keepMs(stream)) * DAY_MS));
  await checkTotals(store);
  await store.close();
});

Deno.test("retention of a store with many segments goes in steps, and what is deleted is counted once", async () => {
  const database = await TestDatabase.open();
  const filled = await openTestStore({ database });
  const days = RETENTION_SEGMENTS_MAX / 4;
  for (let i = 0; i < 5; i++) {
    for (let from = 0; from < days; from += 8) {
      const batch = new RecordBatch();
      for (let day = from; day < from + 8; day++) {
        batch.append(TODAY - day * DAY_MS + i, 0, "auth", 2, "x");
      }
      await filled.append(batch);
      await filled.flush();
    }
  }
  await filled.close();
  const log: string[] = [];
  const store = await openTestStore({
    database,
    retentionMs: 3 * DAY_MS,
    log: (_, line) => log.push(line),
  });
  await settle(store);
  const counts = log.map((line) =>
    Number(/^Retention deleted (\d+) records before /.exec(line)![1])
  );
  ok(counts.length > 1, log.join("\n"));
  equal(counts.reduce((sum, count) => sum + count, 0), 5 * (days - 4));
  equal(store.counters().retention_age_deleted_records, 5 * (days - 4));
  equal(totalCount(store), 5 * 4);
  await store.close();
  database.end();
});

Deno.test("a clock that leaps ahead by years is believed after an hour, or not at all if it is put right", async () => {
  let nowMs = NOON;
  const log: string[] = [];
  const store = await openTestStore({
    now: () => nowMs,
    retentionMs: 3 * DAY_MS,
    log: (_, line) => log.push(line),
  });
  await store.append(batchOf(10, NOON));
  await settle(store);
  nowMs = NOON + 3650 * DAY_MS;
  await settle(store);
  match(log.join(), /retention waits an hour/);
  nowMs = NOON + 60_000;
  await settle(store);
  equal(totalCount(store), 10);
  nowMs = NOON + 3650 * DAY_MS;
  await settle(store);
  nowMs += CLOCK_TRIAL_MS - 1;
  await settle(store);
  equal(totalCount(store), 10);
  nowMs += 1;
  await settle(store);
  equal(totalCount(store), 0);
  await store.close();
});

/** Messages that do not compress. */
function bulky(count: number, firstMs: number): RecordBatch {
  const batch = new RecordBatch();
  for (let i = 0; i < count; i++) {
    const message = crypto.getRandomValues(new Uint8Array(500)).toBase64();
    batch.append(firstMs + i * 1000, 0, `s${i % 3}`, 2, message);
  }
  return batch;
}

Deno.test("retention by size takes the oldest records, of all services alike, until what is stored is within", async () => {
  const log: string[] = [];
  const bytesMax = 1_000_000;
  const database = await TestDatabase.open();
  const options = {
    database,
    retentionBytes: bytesMax,
    log: (_: string, line: string) => log.push(line),
  };
  let store = await openTestStore(options);
  const stored = () => store.figures().segment_bytes! + store.figures().journal_disk_bytes!;
  for (let hour = 48; hour > 0; hour--) {
    await store.append(bulky(90, NOON - hour * HOUR_MS));
    await store.flush();
    await settle(store);
    ok(stored() <= bytesMax, `${stored()} bytes at hour ${hour}`);
  }
  const rows = (await allRows(store)).map(storedRecord);
  const ids = rows.map(({ id }) => id);
  ok(stored() > bytesMax * 0.85, `only ${stored()} bytes`);
  deepEqual(ids, ids.map((_, i) => ids[0]! + i), "a suffix of what came");
  equal(ids.at(-1), 48 * 90);
  await checkTotals(store);
  equal(store.counters().retention_size_deleted_records, 48 * 90 - ids.length);
  equal(store.figures().retention_excess_bytes, 0);
  match(
    log[0]!,
    /^Retention deleted \d+ records before .*: \d+ bytes were stored, 1000000 may be$/,
  );
  await store.close();
  store = await openTestStore(options);
  equal(stored() <= bytesMax, true);
  await checkTotals(store);
  await store.close();
  database.end();
});

Deno.test("retention by size spares what is not flushed, and what is younger than ten minutes, and says so", async () => {
  let nowMs = NOON;
  const log: string[] = [];
  const store = await openTestStore({
    now: () => nowMs,
    retentionBytes: 10_000,
    log: (_, line) => log.push(line),
  });
  await store.append(bulky(30, NOON - DAY_MS));
  await settle(store);
  equal(totalCount(store), 30, "nothing is flushed yet");
  await store.append(bulky(30, NOON - 30_000));
  await store.flush();
  await settle(store);
  equal(totalCount(store), 30, "those of today are left");
  ok(store.figures().retention_excess_bytes! > 0);
  await settle(store);
  equal(
    log.filter((line) => line.startsWith("Retention cannot keep within 10000 bytes")).length,
    1,
  );
  nowMs += HOUR_MS;
  await settle(store);
  equal(totalCount(store), 0);
  equal(store.figures().retention_excess_bytes, 0);
  equal(log.at(-1), "Retention keeps within 10000 bytes again");
  await checkTotals(store);
  await store.close();
});

Deno.test("retention by size keeps unflushed records of any age, and their streams' totals", async () => {
  const store = await openTestStore({ retentionBytes: 10_000 });
  await store.append(bulky(60, NOON - DAY_MS));
  await store.flush();
  await store.append(bulky(3, NOON - 9 * DAY_MS));
  await settle(store);
  equal(totalCount(store), 3);
  await checkTotals(store);
  await store.flush();
  await checkTotals(store);
  await store.close();
});
