/** @module Retention by size: when what is stored takes more than it may, the oldest records go, of all services alike. */

import { listCandidates } from "../catalog.ts";
import { hideBefore } from "../deletion.ts";
import { elapsed } from "../elapsed.ts";
import type { IndexEntry } from "../index_entry.ts";
import { KEPT_AGE_MS, RETENTION_SEGMENTS_MAX, ROOM_MADE, ROOM_RETRY_MS } from "../limits.ts";
import { makeSelection } from "../selection.ts";
import type { EngineState } from "../state.ts";

/** What retention by size needs beside the state. */
export interface SizeRetentionOptions {
  readonly bytesMax: number;
  /** The next record's id. */
  readonly nextId: () => number;
}

/** Keeps what is stored within a bound. What has not been flushed stays, and what is not ten minutes old. */
export class SizeRetention {
  readonly #state: EngineState;
  readonly #options: SizeRetentionOptions;
  /** When, and of which version, nothing more could go. */
  #exhausted: { readonly ms: number; readonly version: number } | undefined;

  constructor(state: EngineState, options: SizeRetentionOptions) {
    this.#state = state;
    this.#options = options;
  }

  /** By how many bytes the bound is exceeded though everything went that may; 0: it is kept. */
  get excessBytes(): number {
    if (this.#exhausted === undefined) return 0;
    return Math.max(0, this.#storedBytes - this.#options.bytesMax);
  }

  /** Compressed segments, and the journal of what is not in segments yet. */
  get #storedBytes(): number {
    return (this.#state.parts.publisher.state.segmentBytes ?? 0) + this.#state.journalDiskBytes;
  }

  /**
   * Hides the oldest records if there is too much, a bounded number of segments; false if there is nothing to do.
   * @param reclaiming whether a deletion's space is still being reclaimed: then it is not known yet what is left to do
   */
  async step(reclaiming: boolean): Promise<boolean> {
    if (reclaiming) return false;
    const { bytesMax } = this.#options;
    const bytes = this.#storedBytes;
    if (bytes <= bytesMax) {
      this.#note(false, bytes);
      return false;
    }
    if (this.#isExhausted) return false;
    const { counters, log } = this.#state.parts;
    const beforeMs = await this.#endOfStep(bytes - bytesMax * (1 - ROOM_MADE));
    const count = await hideBefore(
      this.#state,
      { before: { ms: beforeMs, ns: 0 } },
      () => this.#state.oldestUnflushedId ?? this.#options.nextId(),
    );
    if (count === 0) {
      this.#note(true, bytes);
      return false;
    }
    counters.crowdedRecords += count;
    log(
      "info",
      `Retention deleted ${count} records before ${new Date(beforeMs).toISOString()}: ` +
        `${bytes} bytes were stored, ${bytesMax} may be`,
    );
    return true;
  }

  /** Up to when records have to go to make so much room, as far as they may. */
  async #endOfStep(bytes: number): Promise<number> {
    const { database, memo, now } = this.#state.parts;
    const youngestMs = now() - KEPT_AGE_MS;
    // What cannot be listed is not counted.
    const onDamage = () => {};
    const catalog = { database, memo, version: this.#state.version, onDamage };
    const bounds = { to: { ms: youngestMs - 1, ns: 999_999 } };
    const found: IndexEntry[] = [];
    for await (
      const { entries, frontierMs } of listCandidates(catalog, makeSelection(bounds, []), "asc")
    ) {
      found.push(...entries);
      // What is still to come may end before some of these, but not before the frontier.
      const endMs = endOf(found.filter(({ lastMs }) => lastMs < frontierMs), bytes);
      if (endMs !== undefined) return Math.min(endMs, youngestMs);
    }
    return Math.min(endOf(found, bytes) ?? youngestMs, youngestMs);
  }

  /** Whether there is no point in looking again yet. */
  get #isExhausted(): boolean {
    if (this.#exhausted === undefined) return false;
    const { ms, version } = this.#exhausted;
    const { parts } = this.#state;
    return version === this.#state.version && elapsed(ms, parts.now()) < ROOM_RETRY_MS;
  }

  /** Notes whether the bound cannot be kept, and says so when that begins and when it ends. */
  #note(isExhausted: boolean, bytes: number): void {
    const { version, parts: { now, log } } = this.#state;
    const wasExhausted = this.#exhausted !== undefined;
    this.#exhausted = isExhausted ? { ms: now(), version } : undefined;
    if (isExhausted === wasExhausted) return;
    const { bytesMax } = this.#options;
    if (isExhausted) {
      log(
        "warning",
        `Retention cannot keep within ${bytesMax} bytes: ${bytes} are stored, and all that is left is younger ` +
          "than ten minutes, not flushed yet, or dated in the future; give --retention-bytes more",
      );
    } else {
      log("info", `Retention keeps within ${bytesMax} bytes again`);
    }
  }
}

/** The moment after the segments that have to go to make so much room, or after as many as one step takes. */
function endOf(entries: readonly IndexEntry[], bytes: number): number | undefined {
  const sorted = entries.toSorted((a, b) => a.lastMs - b.lastMs);
  let freed = 0;
  for (const [i, { storedBytes, lastMs }] of sorted.entries()) {
    freed += storedBytes;
    if (freed >= bytes || i + 1 >= RETENTION_SEGMENTS_MAX) return lastMs + 1;
  }
  return undefined;
}
