import assert from "node:assert/strict";
import { InlineBuilder } from "./builder.ts";
import type { BuildInput, BuildOutput } from "./build.ts";
import { allIds, batchOf, NOON, openTestStore, totalCount } from "./_test_store.ts";
import { GENERATION_RECORDS_MAX } from "./limits.ts";

/** Remembers how many entries of the journal each build was given. */
class NotingBuilder extends InlineBuilder {
  readonly entries: number[] = [];
  /** The index of the build that fails. */
  failing = -1;

  override build(input: BuildInput): Promise<BuildOutput> {
    const index = this.entries.push(input.batches?.length ?? 0) - 1;
    if (index !== this.failing) return super.build(input);
    return Promise.reject(new Error("The segment builder failed"));
  }
}

async function openWithTwoGenerations() {
  const builder = new NotingBuilder();
  const store = await openTestStore({ builder });
  await store.append(batchOf(GENERATION_RECORDS_MAX));
  for (let i = 0; i < 2; i++) {
    await store.append(batchOf(GENERATION_RECORDS_MAX / 2, NOON + 100_000 * (i + 1)));
  }
  return { builder, store };
}

Deno.test("while a generation is published the next is built, and it is built once", async () => {
  const { builder, store } = await openWithTwoGenerations();
  await store.flush();
  assert.deepEqual(builder.entries, [1, 2]);
  await store.flush();
  assert.deepEqual(builder.entries, [1, 2]);
  assert.equal(await store.flush(), false);
  assert.equal(totalCount(store), 2 * GENERATION_RECORDS_MAX);
  assert.equal((await allIds(store)).length, 2 * GENERATION_RECORDS_MAX);
  await store.close();
});

Deno.test("what was built ahead of a deletion is built anew, without what it hides", async () => {
  const { builder, store } = await openWithTwoGenerations();
  await store.flush();
  const before = { ms: NOON + 100_000 + 5, ns: 0 };
  assert.equal(await store.delete({ before }), GENERATION_RECORDS_MAX + 5);
  await store.flush();
  assert.deepEqual(builder.entries, [1, 2, 2]);
  while (await store.maintain()) { /* until the deletion has left nothing behind */ }
  assert.equal(store.figures().tombstones, 0);
  assert.equal(totalCount(store), GENERATION_RECORDS_MAX - 5);
  assert.equal((await allIds(store)).length, GENERATION_RECORDS_MAX - 5);
  await store.close();
});

Deno.test("a build ahead that fails is tried again, and nothing is lost", async () => {
  const { builder, store } = await openWithTwoGenerations();
  builder.failing = 1;
  assert.equal(await store.flush(), true);
  await assert.rejects(store.flush(), /The segment builder failed/);
  assert.equal(await store.flush(), true);
  assert.deepEqual(builder.entries, [1, 2, 2]);
  assert.equal((await allIds(store)).length, 2 * GENERATION_RECORDS_MAX);
  await store.close();
});
