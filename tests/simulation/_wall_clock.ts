/** @module The time of day, which people and time servers set forward and back. */

import { DAY_MS } from "../../src/storage/limits.ts";
import type { Random } from "../engine/_random.ts";
import type { Ledger } from "./_ledger.ts";
import type { Scheduler } from "./_scheduler.ts";

const BEGIN_MS = Date.UTC(2026, 9, 31, 12);
const MINUTE_MS = 60_000;

/** The wall clock of the machine. */
export class WallClock {
  readonly #random: Random;
  readonly #scheduler: Scheduler;
  readonly #ledger: Ledger;
  readonly #retentionMs: number | undefined;
  #offsetMs = BEGIN_MS;
  /** The latest time that it has shown. */
  latestMs = BEGIN_MS;
  /** The moments before which retention may have deleted since the process started. */
  readonly #expected = new Set<number>();

  constructor(
    random: Random,
    scheduler: Scheduler,
    ledger: Ledger,
    retentionMs: number | undefined,
  ) {
    this.#random = random;
    this.#scheduler = scheduler;
    this.#ledger = ledger;
    this.#retentionMs = retentionMs;
  }

  /** Milliseconds since the Unix epoch. */
  now(): number {
    const nowMs = Math.floor(this.#offsetMs + this.#scheduler.timeMs);
    this.latestMs = Math.max(this.latestMs, nowMs);
    this.#expectRetention(nowMs);
    return nowMs;
  }

  /** Sets it at random; gives by how much, in seconds. */
  turn(): number {
    const random = this.#random;
    // The day for which a key is remembered must not end while one that is used again is on its way.
    const mayForget = !this.#ledger.sent.some(({ key, underWay }) =>
      key !== undefined && underWay > 0
    );
    const byMs = random.weighted([
      [5, () => random.int(0, 20 * MINUTE_MS)],
      [3, () => mayForget ? random.int(0, DAY_MS) : 0],
      [1, () => mayForget ? 3 * DAY_MS : 0],
      [2, () => -random.int(0, 2 * MINUTE_MS)],
      [1, () => -random.int(0, DAY_MS)],
    ])();
    this.forward(byMs);
    return byMs / 1000;
  }

  forward(ms: number): void {
    this.#offsetMs += ms;
    this.now();
  }

  /** A new process looks anew. */
  restart(): void {
    this.#expected.clear();
    this.now();
  }

  /** From when the clock says so, retention may delete what is older: a failed try comes again, by then perhaps of another day. */
  #expectRetention(nowMs: number): void {
    if (this.#retentionMs === undefined) return;
    const before = Math.floor((nowMs - this.#retentionMs) / DAY_MS) * DAY_MS;
    if (this.#expected.has(before)) return;
    this.#expected.add(before);
    this.#ledger.deleting({ before: { ms: before, ns: 0 } });
  }
}
