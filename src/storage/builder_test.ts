import assert from "node:assert/strict";
import { CorruptDataError, encodeBatch } from "../codec/mod.ts";
import { sealBatches } from "../record.ts";
import { batchOf } from "./_test_store.ts";
import { InlineBuilder, WorkerBuilder } from "./builder.ts";

const input = () => ({ batches: [encodeBatch(sealBatches([batchOf(700)], 1, 5))], tombstones: [] });

Deno.test("WorkerBuilder builds what InlineBuilder builds", async () => {
  const builder = new WorkerBuilder();
  const [a, b] = await Promise.all([builder.build(input()), builder.build(input())]);
  const expected = await new InlineBuilder().build(input());
  assert.deepEqual(a, expected);
  assert.deepEqual(b, expected);
  builder.close();
});

Deno.test("WorkerBuilder reports damaged input as CorruptDataError and goes on", async () => {
  const builder = new WorkerBuilder();
  const damaged = encodeBatch(sealBatches([batchOf(3)], 1, 5));
  damaged[20]! ^= 1;
  await assert.rejects(builder.build({ batches: [damaged], tombstones: [] }), CorruptDataError);
  assert.equal((await builder.build(input())).segments.length, 1);
  builder.close();
});

Deno.test("WorkerBuilder.close() ends what runs and waits, and starts no Worker after it", async () => {
  const builder = new WorkerBuilder();
  const running = builder.build(input());
  const waiting = builder.build(input());
  // It has begun when its Worker was started.
  for (let i = 0; i < 10; i++) await Promise.resolve();
  builder.close();
  await assert.rejects(running, /closed/);
  await assert.rejects(waiting, /closed/);
  await assert.rejects(builder.build(input()), /closed/);
});
