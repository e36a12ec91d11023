import type { Clock } from "./clock.ts";

/** A clock for tests: waiting moves it on at once. */
export class FakeClock implements Clock {
  /** Every wait so far, in ms. */
  readonly waits: number[] = [];
  #now: number;

  constructor(now = Date.UTC(2025, 3, 1, 12)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  wait(ms: number, signal?: AbortSignal): Promise<void> {
    this.waits.push(ms);
    if (!signal?.aborted) this.#now += ms;
    return Promise.resolve();
  }

  /** Moves the clock on. */
  pass(ms: number): void {
    this.#now += ms;
  }
}
