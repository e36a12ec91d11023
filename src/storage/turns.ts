import { setImmediate } from "node:timers";
import { SLICE_MS } from "./limits.ts";

/**
 * Lets everything else have its turn while somebody reads a lot: all readers together work a slice at a time, with a look at
 * what else has happened between two of them. A question that is answered within a slice never waits.
 */
export class Turns {
  readonly #now: () => number;
  readonly #waiting: (() => void)[] = [];
  #sliceEndMs = -Infinity;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Says that a question begins: as nobody waits, the thread has just come to it. */
  begin(): void {
    if (this.#waiting.length === 0) this.#sliceEndMs = this.#now() + SLICE_MS;
  }

  /** To be awaited before each piece of work: `undefined` within a slice, else resolves in a slice of the caller's own. */
  rest(): Promise<void> | undefined {
    if (this.#now() < this.#sliceEndMs) return undefined;
    return new Promise((resolve) => {
      if (this.#waiting.push(resolve) === 1) this.#wake();
    });
  }

  /** Wakes one after the next look at what has happened: a hop of 4 µs if that is nothing. */
  #wake(): void {
    setImmediate(() => {
      this.#sliceEndMs = this.#now() + SLICE_MS;
      this.#waiting.shift()!();
      if (this.#waiting.length > 0) this.#wake();
    });
  }
}
