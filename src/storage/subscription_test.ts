import assert from "node:assert/strict";
import { allIds, batchOf, openTestStore } from "./_test_store.ts";
import { RecordBatch } from "../record.ts";

Deno.test("a listener gets every commit by ascending ids, once it can be read and before it is acknowledged", async () => {
  const store = await openTestStore();
  await store.append(batchOf(3));
  const told: number[][] = [];
  let acknowledged: boolean | undefined = false;
  let toldBefore: boolean | undefined;
  let visible: Promise<number[]> | undefined;
  const stop = store.subscribe((columns) => {
    told.push([...columns.ids]);
    visible ??= allIds(store, { idFrom: 4 });
    toldBefore ??= !acknowledged;
  });
  await store.append(batchOf(2)).then(() => acknowledged = true);
  assert.deepEqual(await visible, [4, 5]);
  assert.equal(toldBefore, true);
  // Large enough to become a chunk of its own.
  await store.append(batchOf(600));
  await store.append(new RecordBatch());
  stop();
  await store.append(batchOf(1));
  assert.deepEqual(told[0], [4, 5]);
  assert.deepEqual(told[1], Array.from({ length: 600 }, (_, i) => 6 + i));
  assert.equal(told.length, 2);
  await store.close();
});

Deno.test("what a listener throws is logged; the records are stored and other listeners told", async () => {
  const lines: string[] = [];
  const store = await openTestStore({ log: (_, message) => lines.push(message) });
  let told = 0;
  store.subscribe(() => {
    throw new Error("a listener's bug");
  });
  store.subscribe(() => void told++);
  assert.deepEqual(await store.append(batchOf(2)), { firstId: 1, count: 2 });
  assert.equal(told, 1);
  assert.deepEqual(lines, ["a listener's bug"]);
  assert.deepEqual(await allIds(store), [1, 2]);
  await store.close();
});
