import assert from "node:assert/strict";
import { RecordBatch, type RecordColumns, type RowRef, textAt } from "../record.ts";
import { openTestStore, TestDatabase, totalCount } from "./_test_store.ts";
import { type Builder, InlineBuilder } from "./builder.ts";
import { OverloadedError } from "./errors.ts";
import { openDenoKv } from "./disk/deno_kv.ts";
import { FencedDatabase } from "./fence.ts";
import { GENERATION_RECORDS_MAX } from "./limits.ts";
import { EngineStore } from "./store.ts";
import type { OrderedScanSpec, Snapshot } from "./types.ts";

const NOON = Date.UTC(2026, 9, 31, 12);

async function openMemory() {
  const database = await openDenoKv(":memory:");
  return await EngineStore.open({ database, builder: new InlineBuilder(), background: false });
}

function batchOf(count: number, firstMs = NOON, service = "auth", severity: 0 | 2 | 4 = 2) {
  const batch = new RecordBatch();
  for (let i = 0; i < count; i++) {
    batch.append(firstMs + i, 0, service, severity, `message ${i} of ${service}`);
  }
  return batch;
}

async function all(snapshot: Snapshot, spec: Partial<OrderedScanSpec> = {}): Promise<RowRef[]> {
  const scan = snapshot.scan({ order: "desc", ...spec });
  const rows: RowRef[] = [];
  while (true) {
    const some = await scan.next(700);
    rows.push(...some);
    if (some.length < 700) return rows;
  }
}

const idsOf = (rows: RowRef[]) => rows.map(({ columns, row }) => columns.ids[row]!);
const messageOf = ({ columns, row }: RowRef) => textAt(columns.texts.get("message")!, row);

Deno.test("append() gives consecutive ids and makes records readable at once", async () => {
  const store = await openMemory();
  assert.deepEqual(await store.append(batchOf(3)), { firstId: 1, count: 3 });
  assert.deepEqual(await store.append(batchOf(2)), { firstId: 4, count: 2 });
  const snapshot = store.snapshot();
  const rows = await all(snapshot);
  assert.deepEqual(idsOf(rows), [3, 5, 2, 4, 1]);
  assert.equal(messageOf(rows[0]!), "message 2 of auth");
  assert.equal(snapshot.streamTotals()[0]!.count, 5);
  snapshot.release();
  await store.close();
});

Deno.test("a flush changes nothing that a reader sees", async () => {
  const store = await openMemory();
  await store.append(batchOf(5000));
  await store.append(batchOf(300, NOON, "payment", 4));
  const before = store.snapshot();
  assert.equal(await store.flush(), true);
  assert.equal(await store.flush(), false);
  const after = store.snapshot();
  await store.append(batchOf(10, NOON + 1000, "later"));
  for (const snapshot of [before, after]) {
    const rows = await all(snapshot);
    assert.equal(rows.length, 5300);
    assert.equal(new Set(idsOf(rows)).size, 5300);
    const payments = await all(snapshot, { services: ["payment"], order: "asc" });
    assert.deepEqual(idsOf(payments), Array.from({ length: 300 }, (_, i) => 5001 + i));
    assert.equal(messageOf(payments[7]!), "message 7 of payment");
    assert.equal(messageOf((await snapshot.get(4321))!), "message 4320 of auth");
    assert.equal(await snapshot.get(5301), undefined);
    snapshot.release();
  }
  await store.close();
});

Deno.test("columns that a listener got stay whole after the flush", async () => {
  const store = await openMemory();
  const told: RecordColumns[] = [];
  const stop = store.subscribe((columns) => told.push(columns));
  await store.append(batchOf(1000));
  stop();
  await store.append(batchOf(1000));
  assert.equal(await store.flush(), true);
  assert.equal(messageOf({ columns: told[0]!, row: 999 }), "message 999 of auth");
  await store.close();
});

Deno.test("what comes in while a flush waits is flushed in pieces of a bounded size", async () => {
  const store = await openMemory();
  const count = GENERATION_RECORDS_MAX / 2 + 1;
  for (let i = 0; i < 5; i++) await store.append(batchOf(count));
  const left: number[] = [];
  while (await store.flush()) left.push(store.figures().memtable_records!);
  assert.deepEqual(left, [3 * count, count, 0]);
  await store.close();
});

Deno.test("a restart finds everything, flushed or not, and gives ids no second time", async () => {
  const path = await Deno.makeTempDir();
  const open = async () =>
    await EngineStore.open({
      database: await openDenoKv(`${path}/data.kv`),
      builder: new InlineBuilder(),
      background: false,
    });
  let store = await open();
  await store.append(batchOf(600));
  await store.flush();
  await store.append(batchOf(100, NOON + 5000));
  await store.close();
  store = await open();
  let snapshot = store.snapshot();
  assert.equal((await all(snapshot)).length, 700);
  assert.equal(snapshot.streamTotals()[0]!.count, 700);
  snapshot.release();
  assert.equal(await store.delete({ before: { ms: NOON + 10_000, ns: 0 } }), 700);
  await store.close();
  store = await open();
  snapshot = store.snapshot();
  assert.deepEqual(await all(snapshot), []);
  assert.deepEqual(snapshot.streamTotals(), []);
  snapshot.release();
  assert.equal((await store.append(batchOf(1))).firstId, 701);
  await store.close();
  await Deno.remove(path, { recursive: true });
});

Deno.test("delete() counts exactly, hides at once and leaves nothing behind", async () => {
  const store = await openMemory();
  await store.append(batchOf(1000));
  await store.append(batchOf(50, NOON, "payment", 4));
  await store.flush();
  await store.append(batchOf(100, NOON + 450));
  const old = store.snapshot();
  const before = { ms: NOON + 500, ns: 0 };
  assert.equal(await store.delete({ before, services: ["auth"] }), 550);
  assert.equal(await store.delete({ before, services: ["auth"] }), 0);
  assert.equal((await all(old)).length, 1150);
  old.release();
  const check = async () => {
    const snapshot = store.snapshot();
    const rows = await all(snapshot);
    assert.equal(rows.length, 600);
    assert.equal(snapshot.streamTotals().reduce((sum, { count }) => sum + count, 0), 600);
    snapshot.release();
  };
  await check();
  while (await store.maintain()) await check();
  await check();
  assert.equal(store.figures().tombstones, 0);
  assert.equal(store.figures().segments_to_remove, 0);
  assert.equal(await store.delete({ before: { ms: NOON + 10_000, ns: 0 } }), 600);
  while (await store.maintain());
  assert.equal(store.figures().records, 0);
  await store.close();
});

Deno.test("compaction merges small segments and keeps every record", async () => {
  const store = await openMemory();
  for (let i = 0; i < 20; i++) {
    await store.append(batchOf(600, NOON + i * 100));
    await store.append(batchOf(30, NOON + i * 100, "sparse"));
    await store.flush();
  }
  const before = store.snapshot();
  const expected = idsOf(await all(before));
  assert.equal(expected.length, 20 * 630);
  while (await store.maintain());
  const after = store.snapshot();
  assert.deepEqual(idsOf(await all(after)), expected);
  assert.deepEqual(idsOf(await all(after, { order: "asc" })), expected.toReversed());
  assert.deepEqual(idsOf(await all(before)), expected);
  before.release();
  after.release();
  while (await store.maintain());
  await store.close();
});

Deno.test("records are refused while those in memory cannot be flushed, and taken again when they can", async () => {
  const inline = new InlineBuilder();
  let broken = true;
  const builder: Builder = {
    build: (input) => broken ? Promise.reject(new Error("no room to build")) : inline.build(input),
    close() {},
  };
  const store = await openTestStore({
    builder,
    background: true,
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  });
  const batch = new RecordBatch();
  for (let i = 0; i < 32; i++) batch.append(NOON, 0, "disk", 2, "m".repeat(64_000));
  let taken = 0;
  await assert.rejects(async () => {
    for (; taken < 100; taken++) await store.append(batch);
  }, { name: "OverloadedError", status: 503, message: /^Cannot store: .*no room to build/ });
  assert.ok(taken > 3, `${taken} batches`);
  const why = "records in memory cannot be written to the disk: no room to build";
  assert.equal(store.notReady, why);
  broken = false;
  for (let tries = 0; tries < 200; tries++) {
    try {
      await store.append(batch);
      break;
    } catch (error) {
      assert.ok(error instanceof OverloadedError && tries < 199, String(error));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  assert.equal(totalCount(store), 32 * (taken + 1));
  assert.equal(store.notReady, undefined);
  await store.close();
});

Deno.test("a store that is not ready says why: the outcome of a commit, its end, another process", async () => {
  const database = await TestDatabase.open();
  const batch = new RecordBatch();
  batch.append(NOON, 0, "ready", 2, "m");
  const store = await openTestStore({ database });
  assert.equal(store.notReady, undefined);
  const reads = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  database.afterCommit = () => {
    throw new Error("the connection was lost");
  };
  database.beforeRead = () => {
    asked.resolve();
    return reads.promise;
  };
  const doubtful = store.append(batch);
  await asked.promise;
  assert.equal(store.notReady, "the outcome of a commit is not known yet");
  database.afterCommit = () => {};
  reads.resolve();
  assert.equal((await doubtful).count, 1);
  assert.equal(store.notReady, undefined);

  await FencedDatabase.take(database, 0, NOON);
  const taken = "Cannot write: another process has taken over this database";
  await assert.rejects(store.append(batch));
  assert.equal(store.notReady, taken);
  await assert.rejects(store.append(batch), { message: `Cannot store: ${taken}` });
  await store.close();

  const next = await openTestStore({ database });
  const closing = next.close();
  assert.equal(next.notReady, "the server is shutting down");
  await closing;
  database.end();
});
