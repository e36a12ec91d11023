/** @module Runs simulations beside others, one after another: a seed comes in, what became of it goes out. */

import { simulate, SimulationError } from "./_simulation.ts";
import type { Outcome } from "./_seeds.ts";

const worker = self as unknown as {
  onmessage: (event: MessageEvent<number>) => void;
  postMessage(outcome: Outcome): void;
};

worker.onmessage = async ({ data: seed }) => {
  try {
    worker.postMessage({ result: await simulate(seed) });
  } catch (error) {
    if (!(error instanceof SimulationError)) throw error;
    const { message, trace, cause } = error;
    worker.postMessage({
      failure: { seed, text: [...trace, Deno.inspect(cause, { depth: 4 }), message].join("\n") },
    });
  }
};
