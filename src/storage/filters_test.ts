import assert from "node:assert/strict";
import { NOON, openTestStore, TestDatabase } from "./_test_store.ts";
import { RecordBatch } from "../record.ts";
import type { EngineStore } from "./store.ts";

/** A flush of 600 records, of which number i has the word `wI`. */
async function flushWords(store: EngineStore, first: number): Promise<void> {
  const batch = new RecordBatch();
  for (let i = first; i < first + 600; i++) batch.append(NOON + i, 0, "a", 2, `w${i} text`);
  await store.append(batch);
  await store.flush();
}

/** How many rows filters let pass for a word. */
async function shownFor(store: EngineStore, word: string): Promise<number> {
  const snapshot = store.snapshot();
  try {
    let shown = 0;
    const predicate = {
      columns: [],
      requiredTokens: [word],
      select: (_: unknown, rows: Uint32Array) => rows,
    };
    await snapshot.visit({ predicate }, [], { rows: (_, rows) => void (shown += rows.length) });
    assert.deepEqual(snapshot.damage, []);
    return shown;
  } finally {
    snapshot.release();
  }
}

Deno.test("filters of new segments are not read back while somebody asks for words", async () => {
  const database = await TestDatabase.open();
  const store = await openTestStore({ database });
  let reads = 0;
  database.beforeRead = ([_, kind]) => {
    if (kind === "filter") reads++;
  };
  await flushWords(store, 0);
  assert.equal(await shownFor(store, "w7"), 600);
  assert.equal(reads, 1, "nobody had asked when it was published");
  await flushWords(store, 600);
  assert.equal(await shownFor(store, "w607"), 600);
  assert.equal(await shownFor(store, "w7"), 600);
  assert.equal(await shownFor(store, "absent"), 0);
  assert.equal(reads, 1);
  await flushWords(store, 1200);
  await flushWords(store, 1800);
  assert.equal(await shownFor(store, "w1807"), 600);
  assert.equal(reads, 2, "nobody had asked since the flush before");
  await store.close();
  database.end();
});
