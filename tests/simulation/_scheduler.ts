/**
 * @module One order for everything that happens. Each step is a callback at a moment of a simulated clock; between two
 * steps all promises that can go on do so. What is due at the same moment comes in random order, from the seed.
 */

import { setImmediate } from "node:timers";
import { Heap } from "../../src/storage/heap.ts";
import type { Random } from "../engine/_random.ts";
import type { Trace } from "./_trace.ts";

/** Whose steps they are: those of a process that has stopped do not happen. */
export interface Owner {
  alive: boolean;
}

interface Step {
  readonly atMs: number;
  /** Breaks ties. */
  readonly lot: number;
  readonly owner: Owner | undefined;
  readonly run: () => void;
  cancelled: boolean;
}

/** Nothing is left that could happen, or it goes on for ever. */
export class StuckError extends Error {
  override readonly name = "StuckError";
}

/** Runs steps in the order of the simulated clock. */
export class Scheduler {
  readonly #random: Random;
  readonly #trace: Trace;
  readonly #steps = new Heap<Step>((a, b) =>
    a.atMs < b.atMs || (a.atMs === b.atMs && a.lot < b.lot)
  );
  /** Milliseconds since the simulation began; never goes back. */
  timeMs = 0;
  /** Steps so far. */
  count = 0;
  /** Set by whoever finds that something is wrong; ends the simulation. */
  failure: { readonly cause: unknown } | undefined;

  constructor(random: Random, trace: Trace) {
    this.#random = random;
    this.#trace = trace;
  }

  /** Runs a step after so many milliseconds; the function that it gives takes that back. */
  after(ms: number, run: () => void, owner?: Owner): () => void {
    const step = {
      atMs: this.timeMs + ms,
      lot: this.#random.next(),
      owner,
      run,
      cancelled: false,
    };
    this.#steps.push(step);
    return () => {
      step.cancelled = true;
    };
  }

  sleep(ms: number, owner?: Owner): Promise<void> {
    return new Promise((resolve) => void this.after(ms, resolve, owner));
  }

  /** Notes the first failure. */
  fail(cause: unknown): void {
    this.failure ??= { cause };
  }

  /**
   * Runs steps until a condition holds.
   * @throws {StuckError} it does not after so much simulated time, or cannot
   * @throws what {@linkcode fail} was given
   */
  async until(isDone: () => boolean, what: string, ms: number): Promise<void> {
    const end = this.timeMs + ms;
    await settled();
    while (!isDone()) {
      if (this.failure !== undefined) throw this.failure.cause;
      const step = this.#steps.pop();
      if (step === undefined) throw new StuckError(`Nothing happens any more before ${what}`);
      if (step.cancelled || step.owner?.alive === false) continue;
      if (step.atMs > end) throw new StuckError(`${ms} ms pass without ${what}`);
      this.timeMs = step.atMs;
      this.count++;
      this.#trace.mix(step.atMs);
      step.run();
      await settled();
    }
    if (this.failure !== undefined) throw this.failure.cause;
  }

  /** What a promise gives, when steps have led to it. */
  async outcome<T>(promise: Promise<T>, what: string, ms: number): Promise<T> {
    let done = false;
    promise.then(() => done = true, () => done = true);
    await this.until(() => done, what, ms);
    return await promise;
  }
}

/** Resolves when no promise can go on: the event loop comes to it only then. */
function settled(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
