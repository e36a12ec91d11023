/** @module Index listings of the current version, kept in memory until the next publication. */

import type { IndexEntry } from "./index_entry.ts";

/** Entries kept: about 400 bytes each, 8 MB. */
const ENTRIES_MAX = 20_000;

/** Answers kept, whatever their size: a thousand streams' worth. */
const ANSWERS_MAX = 4_000;

/**
 * Remembers what listings answered at one version. What is visible at a version never changes, so that nothing has to be
 * kept up to date: a newer version starts afresh, a reader of an older one goes without.
 */
export class ListingMemo {
  #version = -1;
  #entries = 0;
  readonly #days = new Map<string, readonly IndexEntry[] | "large">();
  readonly #nextDays = new Map<string, number | undefined>();

  /** Calls `load` unless the segments of a day under an index are known; `"large"` if they are too many to keep. */
  async day(
    version: number,
    key: string,
    load: () => Promise<readonly IndexEntry[] | "large">,
  ): Promise<readonly IndexEntry[] | "large"> {
    if (!this.#turnTo(version)) return await load();
    const known = this.#days.get(key);
    if (known !== undefined) return known;
    const found = await load();
    const size = found === "large" ? 0 : found.length;
    const fits = this.#entries + size <= ENTRIES_MAX && this.#days.size < ANSWERS_MAX;
    if (version === this.#version && fits && !this.#days.has(key)) {
      this.#days.set(key, found);
      this.#entries += size;
    }
    return found;
  }

  /** Calls `load` unless the day that follows another one is known. */
  async nextDay(
    version: number,
    key: string,
    load: () => Promise<number | undefined>,
  ): Promise<number | undefined> {
    if (!this.#turnTo(version)) return await load();
    if (this.#nextDays.has(key)) return this.#nextDays.get(key);
    const found = await load();
    if (version === this.#version && this.#nextDays.size < ANSWERS_MAX) {
      this.#nextDays.set(key, found);
    }
    return found;
  }

  /** Whether the memo is (now) about this version. */
  #turnTo(version: number): boolean {
    if (version > this.#version) {
      this.#version = version;
      this.#entries = 0;
      this.#days.clear();
      this.#nextDays.clear();
    }
    return version === this.#version;
  }
}
