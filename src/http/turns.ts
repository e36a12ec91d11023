import { setImmediate } from "node:timers";

/**
 * Lets long pieces of work on the one thread come one at a time, in order of arrival, with a look at everything else
 * between two of them: when fifty bodies have arrived together, a query waits for the one that is being parsed, not for
 * all of them.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #taken = false;

  /** How many wait for their turn. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Resolves when it is the caller's turn, at once if it is nobody's; the turn is what the caller then does without waiting. */
  next(): Promise<void> {
    if (!this.#taken) {
      this.#take();
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Ends with the next look at what has happened meanwhile: a hop of 4 µs. */
  #take(): void {
    this.#taken = true;
    setImmediate(() => {
      const next = this.#waiting.shift();
      if (next === undefined) {
        this.#taken = false;
        return;
      }
      this.#take();
      next();
    });
  }
}
