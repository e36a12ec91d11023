import type { Clock } from "./clock.ts";
import { BACKOFF_FIRST_MS, BACKOFF_MS_MAX, STOP_PATIENCE_MS } from "./limits.ts";
import type { Random } from "./random.ts";

/** What a {@link Backoff} needs. */
export interface BackoffOptions {
  readonly clock: Clock;
  /** Seeded, so that the jitter of a run can be had again. */
  readonly random: Random;
  /** How long attempts may fail without a success in between. */
  readonly patienceMs: number;
  /** Aborted when the run is to stop: patience is then short. */
  readonly stop?: AbortSignal;
}

/** Exponential backoff with jitter and an end, kept from one request to the next until one succeeds. */
export class Backoff {
  readonly #options: BackoffOptions;
  #failures = 0;
  #failingSince = 0;
  #stoppedAt: number | undefined;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** The server answered: the next failure is a first one again. */
  succeeded(): void {
    this.#failures = 0;
  }

  /**
   * Waits before the next attempt. A stop of the run ends the wait and leaves a few seconds for the attempts after it.
   * @param retryAfterMs what the server asked for, in ms: the least that is waited
   * @returns false if patience is at its end, without having waited
   */
  async failed(retryAfterMs = 0): Promise<boolean> {
    const { clock, random, patienceMs, stop } = this.#options;
    const now = clock.now();
    if (this.#failures === 0) this.#failingSince = now;
    const pauseMs = Math.min(BACKOFF_MS_MAX, BACKOFF_FIRST_MS * 2 ** Math.min(this.#failures, 10));
    this.#failures++;
    if (stop?.aborted) this.#stoppedAt ??= now;
    const endsAt = Math.min(
      this.#failingSince + patienceMs,
      (this.#stoppedAt ?? Infinity) + STOP_PATIENCE_MS,
    );
    if (now >= endsAt) return false;
    const jitteredMs = pauseMs * (0.5 + 0.5 * random.fraction());
    // A batch that many clients were told to hold back should not come from all of them in the same millisecond.
    const askedMs = retryAfterMs === 0 ? 0 : retryAfterMs + jitteredMs * 0.2;
    const waitMs = Math.min(Math.max(jitteredMs, askedMs), endsAt - now);
    await clock.wait(waitMs, stop?.aborted ? undefined : stop);
    return true;
  }
}

/** What a `Retry-After` header asks for in ms: seconds or an HTTP date (RFC 9110 section 10.2.3); 0 if neither. */
export function retryAfterMs(header: string | null, nowMs: number): number {
  if (header === null) return 0;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? 0 : Math.max(0, at - nowMs);
}
