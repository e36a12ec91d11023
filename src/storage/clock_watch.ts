import type { Log } from "./state.ts";

/** Less is nothing to tell of: clocks are set by so much every day. */
const BEHIND_MS = 60_000;

/**
 * Tells that the clock is behind the last time of receipt: such times never go back, so that after a clock that was ahead they
 * stay where they are until it has come there again.
 */
export class ClockWatch {
  readonly #now: () => number;
  readonly #lastReceivedMs: () => number;
  readonly #log: Log;
  #isTold = false;

  /** @param lastReceivedMs the last time of receipt, in milliseconds since the Unix epoch; 0: none */
  constructor(now: () => number, lastReceivedMs: () => number, log: Log) {
    this.#now = now;
    this.#lastReceivedMs = lastReceivedMs;
    this.#log = log;
  }

  /** By how much it is behind; 0 if it is not. */
  get behindMs(): number {
    return Math.max(0, this.#lastReceivedMs() - this.#now());
  }

  /** A sentence while it is behind by more than a minute. */
  get warning(): string | undefined {
    const { behindMs } = this;
    if (behindMs < BEHIND_MS) return undefined;
    const until = new Date(this.#lastReceivedMs()).toISOString();
    return `the clock is ${
      inWords(behindMs)
    } behind the last record's time of receipt; new records get ${until} as theirs ` +
      "until it has come there";
  }

  /** Says in the log when that begins and when it ends. */
  look(): void {
    const { warning } = this;
    const isBehind = warning !== undefined;
    if (isBehind === this.#isTold) return;
    this.#isTold = isBehind;
    if (isBehind) this.#log("warning", `Times of receipt stand still: ${warning}`);
    else this.#log("info", "The clock is past the last record's time of receipt again");
  }
}

function inWords(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 120) return `${minutes} minutes`;
  return minutes < 48 * 60
    ? `${Math.floor(minutes / 60)} hours`
    : `${Math.floor(minutes / 1440)} days`;
}
