import assert from "node:assert/strict";
import { Durations } from "./durations.ts";

Deno.test("within() counts what took at most so long, a bound included", () => {
  const durations = new Durations();
  for (const seconds of [0, 0.001, 0.0011, 0.3, 1, 99]) durations.add(seconds);
  const within = new Map(durations.within());
  assert.equal(within.get(0.001), 2);
  assert.equal(within.get(0.0025), 3);
  assert.equal(within.get(0.25), 3);
  assert.equal(within.get(0.5), 4);
  assert.equal(within.get(10), 5);
  assert.equal(durations.count, 6);
  assert.ok(Math.abs(durations.sumSeconds - 100.3021) < 1e-9);
});

Deno.test("measure() counts work that was done and not work that failed", async () => {
  const durations = new Durations();
  assert.equal(await durations.measure(() => Promise.resolve("done")), "done");
  await assert.rejects(durations.measure(() => Promise.reject(new Error("failed"))), /failed/);
  assert.equal(durations.count, 1);
});
