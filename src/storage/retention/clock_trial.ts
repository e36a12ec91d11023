import { CLOCK_LEAP_MS, CLOCK_TRIAL_MS } from "../limits.ts";
import type { Log } from "../state.ts";

/**
 * Doubts a clock that has leapt ahead: what retention deletes by it would be gone for ever. A machine whose clock is wrong
 * at its start is mostly put right within minutes; one that was switched off for weeks loses an hour.
 */
export class ClockTrial {
  readonly #log: Log;
  /** The latest moment that is believed to have been; milliseconds since the Unix epoch. */
  #knownMs: number;
  #since: number | undefined;

  /** @param knownMs a moment that certainly was, such as that of the last record's receipt; 0 if there is none */
  constructor(knownMs: number, log: Log) {
    this.#knownMs = knownMs === 0 ? Infinity : knownMs;
    this.#log = log;
  }

  /** Whether what the clock says now may be acted upon. */
  believes(nowMs: number): boolean {
    if (nowMs - this.#knownMs <= CLOCK_LEAP_MS) {
      this.#since = undefined;
    } else if (this.#since === undefined || nowMs < this.#since) {
      this.#since = nowMs;
      this.#log(
        "warning",
        `The clock says ${new Date(nowMs).toISOString()}, and was last seen at ` +
          `${
            new Date(this.#knownMs).toISOString()
          }: retention waits an hour, in case the clock is wrong`,
      );
    }
    if (this.#since !== undefined && nowMs - this.#since < CLOCK_TRIAL_MS) return false;
    this.#since = undefined;
    this.#knownMs = nowMs;
    return true;
  }
}
