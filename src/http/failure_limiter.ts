import { OverloadedError } from "../storage/mod.ts";

/** How many failures, in which time, of how many addresses. */
export interface FailureLimits {
  readonly failuresMax: number;
  readonly windowMs: number;
  readonly addressesMax: number;
}

interface Failures {
  count: number;
  readonly endMs: number;
}

/** Refuses an address that failed too often, until its window of time is over. */
export class FailureLimiter {
  readonly #failures = new Map<string, Failures>();

  constructor(readonly limits: FailureLimits) {}

  /** @throws {OverloadedError} 429, if the address has used up its failures */
  check(address: string, nowMs: number): void {
    const failures = this.#failures.get(address);
    if (failures === undefined || failures.count < this.limits.failuresMax) return;
    if (nowMs >= failures.endMs) {
      this.#failures.delete(address);
      return;
    }
    const seconds = Math.ceil((failures.endMs - nowMs) / 1000);
    throw new OverloadedError(
      `Too many wrong tokens came from your address: try again in ${seconds} s`,
      429,
      seconds,
      { reason: "sign_ins" },
    );
  }

  /** Counts a failure. */
  failed(address: string, nowMs: number): void {
    const failures = this.#failures.get(address);
    if (failures !== undefined && nowMs < failures.endMs) {
      failures.count++;
      return;
    }
    this.#failures.delete(address);
    if (this.#failures.size >= this.limits.addressesMax) {
      const oldest = this.#failures.keys().next();
      if (!oldest.done) this.#failures.delete(oldest.value);
    }
    this.#failures.set(address, { count: 1, endMs: nowMs + this.limits.windowMs });
  }
}
