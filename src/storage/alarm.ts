/** Calls `wake` once, after so many milliseconds; the function that it gives takes that back. */
export type Timer = (wake: () => void, ms: number) => () => void;

/** Sleep that can be ended early. */
export class Alarm {
  readonly #timer: Timer;
  /** Those who sleep, with what takes their timer back. */
  readonly #sleepers = new Map<() => void, () => void>();
  #silenced = false;
  #rung = false;

  constructor(timer: Timer = eventLoopTimer) {
    this.#timer = timer;
  }

  sleep(ms: number): Promise<void> {
    if (this.#silenced || this.#rung) {
      this.#rung = false;
      return Promise.resolve();
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => {
      this.#sleepers.get(wake)?.();
      this.#sleepers.delete(wake);
      resolve();
    };
    this.#sleepers.set(wake, this.#timer(wake, ms));
    return promise;
  }

  /** Wakes who sleeps; if nobody does, the next sleep ends at once. */
  ring(): void {
    this.#rung = this.#sleepers.size === 0;
    for (const wake of [...this.#sleepers.keys()]) wake();
  }

  /** From now on nobody sleeps. */
  silence(): void {
    this.#silenced = true;
    this.ring();
  }
}

function eventLoopTimer(wake: () => void, ms: number): () => void {
  const timer = setTimeout(wake, ms);
  return () => clearTimeout(timer);
}
