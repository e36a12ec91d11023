/**
 * @module The whole engine on a simulated clock and a simulated database that delays, fails, applies and then fails, falls
 * silent and ends: `deno task test:sim --seeds 5000` runs more seeds, `--seed N` replays one.
 */

import assert from "node:assert/strict";
import { runSeeds } from "./_seeds.ts";
import { simulate } from "./_simulation.ts";

/** In the ordinary suite. */
const SEEDS = 200;

Deno.test("whatever the database does, what was promised is there, once, and nothing is left behind", async () => {
  for await (const outcome of runSeeds(1, SEEDS)) {
    if ("failure" in outcome) assert.fail(outcome.failure.text);
  }
});

Deno.test("the same seed gives the same simulation step by step, another seed another one", async () => {
  const hashes = new Set<string>();
  for (const seed of [1, 2, 3, 4]) {
    const first = await simulate(seed);
    assert.deepEqual(await simulate(seed), first);
    hashes.add(first.hash);
  }
  assert.equal(hashes.size, 4);
});
