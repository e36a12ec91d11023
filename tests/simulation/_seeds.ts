/** @module Many simulations, on all processors. */

import type { Result } from "./_simulation.ts";

/** A simulation that went wrong: its last lines, the reason, and how to replay it. */
export interface Failure {
  readonly seed: number;
  readonly text: string;
}

/** What became of a seed. */
export type Outcome = { readonly result: Result } | { readonly failure: Failure };

/** Yields the outcome of each of `count` seeds from `from` on, as they end. */
export async function* runSeeds(from: number, count: number): AsyncGenerator<Outcome> {
  const jobs = Math.min(count, navigator.hardwareConcurrency);
  const outcomes: Outcome[] = [];
  let wake = Promise.withResolvers<void>();
  let next = from;
  const workers = Array.from({ length: jobs }, () => {
    const worker = new Worker(new URL("./_worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }) => {
      outcomes.push(data);
      if (next < from + count) worker.postMessage(next++);
      wake.resolve();
    };
    worker.onerror = (event) => wake.reject(event.error ?? new Error(event.message));
    worker.postMessage(next++);
    return worker;
  });
  try {
    for (let done = 0; done < count; done++) {
      while (outcomes.length === 0) {
        await wake.promise;
        wake = Promise.withResolvers();
      }
      yield outcomes.shift()!;
    }
  } finally {
    for (const worker of workers) worker.terminate();
  }
}
