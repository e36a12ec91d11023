import assert from "node:assert/strict";
import { pastBatches } from "./past.ts";

const PAST = {
  services: 12,
  rate: 0.5,
  seed: 7,
  startMs: Date.UTC(2025, 3, 1),
  endMs: Date.UTC(2025, 3, 1, 2),
  batch: 1_000,
};

Deno.test("pastBatches() tells the same story for the same seed, in the order of time, at its rate", () => {
  const batches = [...pastBatches(PAST)];
  assert.deepEqual(batches, [...pastBatches(PAST)]);
  const records = batches.flatMap((batch) => JSON.parse(batch));
  const times = records.map(({ timestamp }) => Date.parse(timestamp));
  assert.ok(times.every((ms) => ms >= PAST.startMs && ms < PAST.endMs));
  // Within a step of two seconds each service comes by itself.
  assert.ok(times.every((ms, i) => i === 0 || ms > times[i - 1]! - 2_000));
  assert.equal(new Set(records.map(({ service }) => service)).size, 12);
  const expected = 12 * PAST.rate * 7_200;
  assert.ok(records.length > expected / 4 && records.length < expected * 4, `${records.length}`);
  assert.notDeepEqual([...pastBatches({ ...PAST, seed: 8 })], batches);
});
