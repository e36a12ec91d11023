/** How far back the first record of a batch may be stamped, so that a long pause is not filled with records. */
const SPREAD_MS_MAX = 2_000;

/** A step of 1 µs at least keeps the stamps of a batch distinct when two batches share a millisecond. */
const STEP_NS_MIN = 1_000;

/**
 * Gives records the time at which their service "wrote" them: strictly growing, spread over the time since the batch
 * before, to the nanosecond.
 */
export class Stamper {
  readonly #baseMs: number;
  /** Nanoseconds from the base: exact for 104 days, and off by a nanosecond or two after. */
  #lastNs = 0;
  #stepNs = STEP_NS_MIN;
  #second = Number.NaN;
  #secondText = "";

  /** `baseMs`: Unix milliseconds, an integer; no stamp is earlier. */
  constructor(baseMs: number) {
    this.#baseMs = baseMs;
  }

  /** Starts a batch of `count` records that ends now. */
  begin(count: number, nowMs: number): void {
    const toNs = (nowMs - this.#baseMs) * 1e6;
    this.#lastNs = Math.max(this.#lastNs, toNs - SPREAD_MS_MAX * 1e6);
    this.#stepNs = Math.max(STEP_NS_MIN, Math.floor((toNs - this.#lastNs) / count));
  }

  /** The next stamp as RFC 3339 with nine digits of fraction; `jitter` in [0, 1) places it within its step. */
  next(jitter: number): string {
    const stepStart = this.#lastNs;
    this.#lastNs += this.#stepNs;
    const ns = stepStart + 1 + Math.floor(jitter * (this.#stepNs - 1));
    const ms = Math.floor(ns / 1e6);
    const second = Math.floor((this.#baseMs + ms) / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#secondText = new Date(second * 1000).toISOString().slice(0, 20);
    }
    const nsOfSecond = (this.#baseMs + ms - second * 1000) * 1e6 + (ns - ms * 1e6);
    return this.#secondText + String(1_000_000_000 + nsOfSecond).slice(1) + "Z";
  }
}
