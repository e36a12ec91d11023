import { OverloadedError } from "../storage/mod.ts";

/** How many may be inside, how many may wait, and how long. */
export interface GateLimits {
  readonly runningMax: number;
  readonly waitingMax: number;
  readonly waitMsMax: number;
}

interface Waiter {
  enter(): void;
}

/** Lets a bounded number of tasks run at once, and a bounded number wait for their turn in order of arrival. */
export class Gate {
  #running = 0;
  readonly #waiting = new Set<Waiter>();

  /** @param what the tasks, for the sentence of a refusal and for its reason */
  constructor(readonly what: "queries" | "exports" | "tails", readonly limits: GateLimits) {}

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Waits for a turn.
   * @returns what ends it; calling it again does nothing
   * @throws {OverloadedError} too many wait already, or the wait was too long
   */
  async enter(): Promise<() => void> {
    if (this.#running >= this.limits.runningMax) await this.#wait();
    else this.#running++;
    let inside = true;
    return () => {
      if (!inside) return;
      inside = false;
      this.#leave();
    };
  }

  /** Runs a task in its turn. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    const leave = await this.enter();
    try {
      return await task();
    } finally {
      leave();
    }
  }

  #wait(): Promise<void> {
    if (this.#waiting.size >= this.limits.waitingMax) throw this.#overloaded();
    return new Promise((resolve, reject) => {
      const waiter = {
        enter: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(waiter);
        reject(this.#overloaded());
      }, this.limits.waitMsMax);
      this.#waiting.add(waiter);
    });
  }

  /** Hands the turn to whoever waits longest; only without one is there a free place. */
  #leave(): void {
    const first = this.#waiting.values().next();
    if (first.done) {
      this.#running--;
      return;
    }
    this.#waiting.delete(first.value);
    first.value.enter();
  }

  #overloaded(): OverloadedError {
    return new OverloadedError(
      `The server is running ${this.limits.runningMax} ${this.what} and more are waiting: try again in a moment`,
      503,
      1,
      { reason: this.what },
    );
  }
}
