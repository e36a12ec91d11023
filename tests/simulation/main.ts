/** @module Runs simulations: `--seeds N` of them, `--from S` on; or one, `--seed S`, with all that happens in it. */

import { parseArgs } from "node:util";
import { runSeeds } from "./_seeds.ts";
import { simulate, SimulationError } from "./_simulation.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    from: { type: "string", default: "1" },
    seed: { type: "string" },
  },
});

if (values.seed === undefined) await runMany(Number(values.from), Number(values.seeds));
else await runOne(Number(values.seed));

async function runOne(seed: number): Promise<void> {
  try {
    print(JSON.stringify(await simulate(seed, print)));
  } catch (error) {
    if (!(error instanceof SimulationError)) throw error;
    print(Deno.inspect(error.cause, { depth: 4 }));
    print(error.message);
    Deno.exitCode = 1;
  }
}

async function runMany(from: number, count: number): Promise<void> {
  const begun = performance.now();
  const failed: number[] = [];
  let steps = 0;
  let simulatedMs = 0;
  for await (const outcome of runSeeds(from, count)) {
    if ("failure" in outcome) {
      failed.push(outcome.failure.seed);
      print(outcome.failure.text);
    } else {
      steps += outcome.result.steps;
      simulatedMs += outcome.result.simulatedMs;
    }
  }
  const seconds = (performance.now() - begun) / 1000;
  print(
    `${count} seeds in ${seconds.toFixed(1)} s (${(count / seconds).toFixed(1)} a second), ` +
      `${steps} steps, ${(simulatedMs / 3_600_000).toFixed(1)} simulated hours; ` +
      (failed.length === 0 ? "none failed" : `failed: ${failed.join(", ")}`),
  );
  if (failed.length > 0) Deno.exitCode = 1;
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
