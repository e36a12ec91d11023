import assert from "node:assert/strict";
import { openStore, type Store } from "../../src/storage/mod.ts";
import { type RowRef, textAt } from "../../src/record.ts";
import { encodeDocument, joinAttributes } from "../../src/codec/mod.ts";
import { openDenoKv } from "../../src/storage/disk/deno_kv.ts";
import { metaKey } from "../../src/storage/keys.ts";
import { FORMAT_VERSION } from "../../src/storage/limits.ts";
import { spawnServer, withFolder } from "../_server.ts";
import { KEPT_RECORDS, keptBatch, keptRecord } from "./_records.ts";

const FORMATS = Array.from({ length: FORMAT_VERSION }, (_, i) => i + 1);

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

Deno.test("a store is kept of every format that this version opens", async () => {
  const kept: string[] = [];
  for await (const { name } of Deno.readDir(new URL(".", import.meta.url))) {
    if (name.endsWith(".kv.gz")) kept.push(name);
  }
  assert.deepEqual(kept.sort(), FORMATS.map((format) => `format_${format}.kv.gz`));
});

for (const format of FORMATS) {
  Deno.test(`a store of format ${format} opens, keeps every record, and takes more`, async () => {
    await withCopy(format, async (path) => {
      const store = await openStore({ path });
      await assertHolds(store, KEPT_RECORDS);
      assert.ok(store.figures().segment_bytes! > 0, "its segments are counted");
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

Deno.test("serve refuses a store of a newer format with one line and 1, and leaves it as it is", async () => {
  const newer = FORMAT_VERSION + 1;
  await withFolder(async (dir) => {
    const path = `${dir}/logs.kv`;
    await (await openStore({ path })).close();
    const mark = await openDenoKv(path);
    await mark.commit({ sets: [[metaKey, encodeDocument({ format: newer })]] });
    mark.close();
    const before = await Deno.readFile(path);

    const { child, ready } = spawnServer({ dir });
    await assert.rejects(ready());
    assert.equal((await child.status).code, 1);
    assert.equal(
      await Deno.readTextFile(`${dir}/server.err`),
      `Cannot open the data: it has format ${newer}, this version reads formats up to ${FORMAT_VERSION}; ` +
        "use the version of sentinel that wrote it, or a newer one\n",
    );
    assert.equal(await Deno.readTextFile(`${dir}/server.out`), "");
    assert.deepEqual(await Deno.readFile(path), before);
  });
});
