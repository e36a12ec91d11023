import assert from "node:assert/strict";
import { openStore, type Store } from "../../src/storage/mod.ts";
import { type RowRef, textAt } from "../../src/record.ts";
import { joinAttributes } from "../../src/codec/mod.ts";
import { KEPT_RECORDS, keptBatch, keptRecord } from "./_records.ts";

/** Calls back with the path of a copy of a kept store. */
async function withCopy(format: number, work: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "sentinel_test_" });
  try {
    const kept = await Deno.open(new URL(`./format_${format}.kv.gz`, import.meta.url));
    const path = `${folder}/sentinel.kv`;
    const copy = await Deno.create(path);
    await kept.readable.pipeThrough(new DecompressionStream("gzip")).pipeTo(copy.writable);
    await work(path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Everything that a record was stored with. */
function readRow({ columns, row }: RowRef) {
  const text = (name: "message" | "trace_id") => {
    const column = columns.texts.get(name);
    return (column && textAt(column, row)) || undefined;
  };
  const { service, severity } = columns.streams[columns.streamOf[row]!]!;
  return {
    timestampMs: columns.timestampMs[row]!,
    timestampNs: columns.timestampNs?.[row] ?? 0,
    service,
    severity,
    message: text("message"),
    attributes: joinAttributes(columns, row) || undefined,
    traceId: text("trace_id"),
  };
}

async function assertHolds(store: Store, count: number): Promise<void> {
  const snapshot = store.snapshot();
  try {
    const rows = await snapshot.scan({ order: "asc" }).next(1e6);
    assert.equal(rows.length, count);
    const records = new Map(rows.map((row) => [row.columns.ids[row.row]!, readRow(row)]));
    for (let i = 0; i < count; i++) {
      assert.deepEqual(records.get(i + 1), keptRecord(i % KEPT_RECORDS), `record ${i + 1}`);
    }
    assert.deepEqual(snapshot.damage, []);
  } finally {
    snapshot.release();
  }
}

for (const format of [1]) {
  Deno.test(`a store of format ${format} opens, keeps every record, and takes more`, async () => {
    await withCopy(format, async (path) => {
      const store = await openStore({ path });
      await assertHolds(store, KEPT_RECORDS);
      await store.append(keptBatch(0, KEPT_RECORDS));
      while (await store.flush() || await store.maintain());
      await assertHolds(store, 2 * KEPT_RECORDS);
      await store.close();
      const again = await openStore({ path });
      await assertHolds(again, 2 * KEPT_RECORDS);
      await again.close();
    });
  });
}
