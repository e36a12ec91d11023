/** @module The search pool with real Workers, on a store in a file. */

import assert from "node:assert/strict";
import { parseLogFilters, startSearchWorker } from "../../src/query/mod.ts";
import { planPredicate } from "../../src/query/plan.ts";
import { RecordBatch } from "../../src/record.ts";
import { InlineBuilder } from "../../src/storage/builder.ts";
import { listAll } from "../../src/storage/database.ts";
import type { Database } from "../../src/storage/database.ts";
import { openDenoKv } from "../../src/storage/disk/deno_kv.ts";
import { segmentColumnKey } from "../../src/storage/keys.ts";
import { WIDE_SEGMENTS_MIN } from "../../src/storage/limits.ts";
import { EngineStore, type OrderedScanSpec, type SearchReply } from "../../src/storage/mod.ts";
import { SearchPool } from "../../src/storage/search_pool.ts";
import { Turns } from "../../src/storage/turns.ts";
import { batchOf } from "./_model.ts";
import { Random } from "./_random.ts";
import { randomFlavour, randomRecords, WORDS } from "./_records.ts";

const NOON = Date.UTC(2026, 9, 31, 12);

interface Ground {
  readonly store: EngineStore;
  readonly pool: SearchPool;
  readonly database: Database;
  readonly workers: Worker[];
  readonly log: string[];
  /** Resolves when both Workers can be asked. */
  readonly started: Promise<void>;
}

/** A store in a file, with a pool of two Workers that are started. */
async function withPool(use: (ground: Ground) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "sentinel-pool-" });
  const workers: Worker[] = [];
  const log: string[] = [];
  const { promise: started, resolve } = Promise.withResolvers<void>();
  let ready = 0;
  const pool = new SearchPool({
    startWorker() {
      const worker = startSearchWorker() as unknown as Worker;
      worker.addEventListener("message", ({ data }: MessageEvent<SearchReply>) => {
        if (data !== "ready") return;
        if (++ready === 2) resolve();
        // The pool gets the message only now.
        else setTimeout(() => pool.ready());
      });
      workers.push(worker);
      return worker;
    },
    log: (_, message) => log.push(message),
    workers: 2,
  });
  let ms = 0;
  const database = await openDenoKv(`${folder}/data.kv`);
  const store = await EngineStore.open({
    database,
    builder: new InlineBuilder(),
    pool,
    background: false,
    now: () => NOON,
    wait: () => Promise.resolve(),
    // As if each step took a ms: readers rest again and again.
    turns: new Turns(() => ms++),
  });
  try {
    pool.ready();
    await use({ store, pool, database, workers, log, started });
  } finally {
    await store.close();
    await Deno.remove(folder, { recursive: true });
  }
}

function predicateOf(...params: [string, string][]) {
  return planPredicate(parseLogFilters(new URLSearchParams(params)))!;
}

/** The same question, which no Worker can be asked. */
function onThisThread(spec: OrderedScanSpec): OrderedScanSpec {
  return { ...spec, predicate: { ...spec.predicate!, source: undefined } };
}

/** Ids that a scan finds, page by page; and what was damaged. */
async function scanned({ store }: Ground, spec: OrderedScanSpec, pageRows = 10) {
  const snapshot = store.snapshot();
  try {
    const scan = snapshot.scan(spec);
    const ids: number[] = [];
    while (true) {
      const rows = await scan.next(pageRows);
      for (const { columns, row } of rows) ids.push(columns.ids[row]!);
      if (rows.length < pageRows) return { ids, damage: [...snapshot.damage].sort() };
    }
  } finally {
    snapshot.release();
  }
}

/** What visits find, by rows and by digests. */
async function visited({ store }: Ground, spec: OrderedScanSpec) {
  const snapshot = store.snapshot();
  try {
    const ids: number[] = [];
    await snapshot.visit(spec, ["attr.user"], {
      rows: (columns, rows) => rows.forEach((row) => ids.push(columns.ids[row]!)),
    });
    const digested: number[] = [];
    await snapshot.visitDigests<{ bytes: number; ids: Float64Array }>(spec, {
      key: "ids",
      columns: [],
      make: ({ ids }) => ({ bytes: 8 * ids.length, ids: ids.slice() }),
      rows: ({ ids }, rows) => (rows ?? ids.keys()).forEach((row) => digested.push(ids[row]!)),
    });
    assert.deepEqual(digested, ids);
    return { ids: ids.sort((a, b) => a - b), damage: [...snapshot.damage].sort() };
  } finally {
    snapshot.release();
  }
}

/** One store of a few dozen segments: of one stream, of many, days apart; with deletions that leave parts of some. */
async function fill({ store }: Ground, random: Random): Promise<void> {
  const flavour = { ...randomFlavour(random), batchMax: 700 };
  for (let i = 0; i < 24; i++) {
    await store.append(batchOf(randomRecords(random, flavour, NOON)));
    if (i < 22) await store.flush();
    if (i % 8 === 7) {
      const before = { ms: NOON - random.int(0, flavour.spreadMs), ns: 0 };
      await store.delete({ before, services: [random.pick(flavour.services)] });
    }
  }
}

function randomSpec(random: Random): OrderedScanSpec {
  const word = random.pick(WORDS);
  const half = word.slice(1, 3);
  const predicate = predicateOf(...random.pick<[string, string][]>([
    [["q", word]],
    [["q", `*${half}*`]],
    [["q", `/${half}/i`]],
    [["q", "/[aeiou]{2}/"]],
    [["q", `-${word} *${half}*`]],
    [["attr.user", "x"]],
    [["not_attr.user", "1"], ["q", `*${half}*`]],
    [["q", "attr.user:x"]],
    [["q", "*zzz*"]],
  ]));
  return {
    predicate,
    order: random.pick(["asc", "desc"]),
    ...(random.chance(0.4) ? { from: { ms: NOON - random.int(0, 4_000_000), ns: 0 } } : {}),
    ...(random.chance(0.3) ? { severities: [0, 2, 4] } : {}),
    ...(random.chance(0.3) ? { idFrom: random.int(1, 4000) } : {}),
  };
}

Deno.test("what Workers find is what is found on the main thread", async () => {
  await withPool(async (ground) => {
    const random = new Random(1);
    await fill(ground, random);
    await ground.started;
    for (let i = 0; i < 30; i++) {
      const spec = randomSpec(random);
      const page = random.pick([100, 5000]);
      const expected = await scanned(ground, onThisThread(spec), page);
      assert.deepEqual(await scanned(ground, spec, page), expected, `query ${i}`);
      assert.deepEqual(await visited(ground, spec), await visited(ground, onThisThread(spec)));
    }
    const { pool, log } = ground;
    assert.ok(pool.searched > 100, `Workers have searched ${pool.searched} segments`);
    assert.deepEqual(log, []);
  });
});

/** So many segments, one of which has what `NEEDLE` looks for. */
async function haystack({ store }: Ground, segments: number): Promise<void> {
  for (let i = 0; i < segments; i++) {
    const batch = new RecordBatch();
    for (let row = 0; row < 600; row++) {
      const text = i === 3 && row === 5 ? "a needle, found" : `some hay number ${row}`;
      batch.append(NOON + i * 1000 + row, 0, "field", 2, text);
    }
    await store.append(batch);
    await store.flush();
  }
}

const NEEDLE = { order: "desc", predicate: predicateOf(["q", "*eedl*"]) } as const;
const NEEDLE_IDS = [1806];

Deno.test("a wide scan has Workers search all but its first segments; a narrow one goes without", async () => {
  await withPool(async (ground) => {
    const { store, pool, started } = ground;
    await haystack(ground, 30);
    await started;
    assert.deepEqual((await scanned(ground, NEEDLE)).ids, NEEDLE_IDS);
    const wide = pool.searched;
    assert.ok(wide >= 30 - 2 * WIDE_SEGMENTS_MIN, `Workers have searched ${wide} segments`);
    // A word that the filters of all but one segment rule out; few segments; no predicate.
    const word = { ...NEEDLE, predicate: predicateOf(["q", "needle"]) };
    assert.deepEqual((await scanned(ground, word)).ids, NEEDLE_IDS);
    const few = { ...NEEDLE, from: { ms: NOON + 24_000, ns: 0 } };
    assert.deepEqual((await scanned(ground, few)).ids, []);
    assert.equal((await scanned(ground, { order: "asc" }, 10_000)).ids.length, 18_000);
    assert.equal(pool.searched, wide);
    assert.equal(store.counters().worker_searches, wide);
    assert.equal(store.figures().search_workers, 2);
  });
});

Deno.test("records are stored while Workers search", async () => {
  await withPool(async (ground) => {
    const { store, workers } = ground;
    await haystack(ground, 30);
    await ground.started;
    // What a Worker answers is held back until the records are stored.
    const held: (() => void)[] = [];
    const receivers = workers.map((worker) => worker.onmessage!);
    workers.forEach((worker, i) => {
      worker.onmessage = (event) => held.push(() => receivers[i]!.call(worker, event));
    });
    let isDone = false;
    const scan = scanned(ground, NEEDLE).finally(() => isDone = true);
    const batch = new RecordBatch();
    batch.append(NOON, 0, "other", 2, "stored meanwhile");
    await store.append(batch);
    assert.equal(isDone, false);
    workers.forEach((worker, i) => worker.onmessage = receivers[i]!);
    held.forEach((receive) => receive());
    assert.deepEqual((await scan).ids, NEEDLE_IDS);
    assert.equal(store.figures().records, 18_001);
  });
});

Deno.test("a Worker that dies in the middle of a scan is survived", async () => {
  await withPool(async (ground) => {
    const { pool, workers, log } = ground;
    await haystack(ground, 30);
    await ground.started;
    const scan = scanned(ground, NEEDLE);
    // It is no message that a Worker knows.
    workers[0]!.postMessage(undefined);
    assert.deepEqual(await scan, { ids: NEEDLE_IDS, damage: [] });
    while (pool.workers > 0) assert.deepEqual((await scanned(ground, NEEDLE)).ids, NEEDLE_IDS);
    assert.match(log[0]!, /^A Worker that searches segments failed: /);
    assert.deepEqual((await scanned(ground, NEEDLE)).ids, NEEDLE_IDS);
    assert.equal(pool.workers, 0);
  });
});

Deno.test("damage that a Worker meets is reported as on the main thread", async () => {
  await withPool(async (ground) => {
    const { database } = ground;
    await haystack(ground, 30);
    const segments: number[] = [];
    for await (const { key } of listAll(database, { start: [0, "by_time"], end: [0, "by_timf"] })) {
      segments.push(key[5] as number);
    }
    const column = segmentColumnKey(segments[2]!, "message", 0);
    const bytes = (await database.get(column))!.value.slice();
    bytes[30]! ^= 1;
    await database.commit({ sets: [[column, bytes]] });
    await database.commit({ deletes: [segmentColumnKey(segments[4]!, "message", 0)] });
    await ground.started;
    const expected = await scanned(ground, onThisThread(NEEDLE));
    assert.equal(expected.damage.length, 2);
    assert.deepEqual(await scanned(ground, NEEDLE), expected);
    assert.ok(ground.pool.searched > 0);
  });
});

Deno.test("a question that nobody waits for any more ends, and leaves the Workers to others", async () => {
  await withPool(async (ground) => {
    const { store, pool } = ground;
    await haystack(ground, 60);
    await ground.started;
    for (const spec of [NEEDLE, onThisThread(NEEDLE)]) {
      const gone = new AbortController();
      const snapshot = store.snapshot(gone);
      const scan = snapshot.scan(spec).next(10);
      const visit = snapshot.visit(spec, [], { rows() {} });
      const ended = Promise.all([
        assert.rejects(scan, { name: "AbortError" }),
        assert.rejects(visit, { name: "AbortError" }),
      ]);
      const before = store.readWork.columns;
      gone.abort();
      await ended;
      assert.ok(store.readWork.columns - before < 60, "it read on");
      await assert.rejects(snapshot.scan(spec).next(10), { name: "AbortError" });
      snapshot.release();
    }
    const before = pool.searched;
    assert.deepEqual((await scanned(ground, NEEDLE)).ids, NEEDLE_IDS);
    assert.ok(pool.searched > before);
  });
});
