/**
 * @module Index listings in memory. Publications keep them up to date, so that a store that takes records all the time does
 * not list its index anew for every question.
 *
 * A listing holds what any reader may see; who reads it looks at `born` and `dead`. What it was loaded from may hold marks
 * of a publication that is under way, and may yet be undone: they are left out, and come with {@linkcode ListingMemo.published}.
 */

import { DayListing } from "./day_listing.ts";
import type { IndexEntry } from "./index_entry.ts";
import { dayOf, indexPrefixes, type Key } from "./keys.ts";
import { KEPT_DAY_MAX } from "./limits.ts";

/** Entries kept, of some 200 million records: about 400 bytes each, 16 MB if questions reach so far. */
const ENTRIES_MAX = 40_000;

/** Listings kept, whatever their size: a thousand streams' worth. */
const LISTINGS_MAX = 4000;

/** Days that follow others, kept: enough for a hundred readers in different places. */
const NEXT_DAYS_MAX = 1000;

/** After so many publications a day that was too large to keep is looked at again: compaction may have made it smaller. */
const LARGE_VERSIONS = 256;

/** A change of what is visible. */
export interface VisibleChange {
  readonly version: number;
  readonly born: readonly IndexEntry[];
  readonly retired: readonly IndexEntry[];
}

/** A day with more segments than are kept. */
interface LargeDay {
  readonly untilVersion: number;
}

/** A listing that is being read, and what happens to it meanwhile. */
interface Loading {
  readonly result: Promise<DayListing | "large">;
  readonly missed: ((listing: DayListing) => void)[];
}

/** Remembers listings of days, and which day has segments next. */
export class ListingMemo {
  #version = 0;
  #entries = 0;
  /** Least recently used first. */
  readonly #listings = new Map<string, DayListing | LargeDay>();
  readonly #loading = new Map<string, Loading>();
  readonly #nextDays = new Map<string, Map<string, NextDay>>();
  #nextDaysHeld = 0;

  /**
   * The segments of a day under an index; `"large"` if they are too many to keep. Whoever holds a version may read on in
   * what it gets.
   * @param load lists them, at most one more than {@linkcode KEPT_DAY_MAX}, with marks of any version
   */
  async day(
    prefix: Key,
    day: number,
    load: () => Promise<readonly IndexEntry[]>,
  ): Promise<DayListing | "large"> {
    const name = nameOf(prefix, day);
    const known = this.#listings.get(name);
    if (known !== undefined) {
      this.#listings.delete(name);
      this.#listings.set(name, known);
      if (known instanceof DayListing) return known;
      if (known.untilVersion > this.#version) return "large";
    }
    return await (this.#loading.get(name)?.result ?? this.#load(name, load));
  }

  #load(name: string, load: () => Promise<readonly IndexEntry[]>): Promise<DayListing | "large"> {
    const version = this.#version;
    const missed: Loading["missed"] = [];
    const read = async () => {
      try {
        const entries = await load();
        const listing = new DayListing(entries.flatMap((entry) => asOf(entry, version)));
        for (const change of missed) change(listing);
        return this.#keep(name, entries.length > KEPT_DAY_MAX ? "large" : listing);
      } finally {
        this.#loading.delete(name);
      }
    };
    const result = read();
    this.#loading.set(name, { result, missed });
    return result;
  }

  #keep(name: string, found: DayListing | "large"): DayListing | "large" {
    this.#forget(name);
    if (found === "large") {
      this.#listings.set(name, { untilVersion: this.#version + LARGE_VERSIONS });
    } else {
      this.#listings.set(name, found);
      this.#entries += found.size;
    }
    while (this.#entries > ENTRIES_MAX || this.#listings.size > LISTINGS_MAX) {
      this.#forget(this.#listings.keys().next().value!);
    }
    return found;
  }

  #forget(name: string): void {
    const known = this.#listings.get(name);
    this.#listings.delete(name);
    if (known instanceof DayListing) this.#entries -= known.size;
  }

  /**
   * The nearest day with segments under an index, from `day` on in the order.
   * @param load finds it; a day whose segments are not visible (any more) does no harm
   */
  async nextDay(
    prefix: Key,
    order: "asc" | "desc",
    day: number,
    load: () => Promise<number | undefined>,
  ): Promise<number | undefined> {
    const index = prefix.join(" ");
    const question = `${order} ${day}`;
    const known = this.#nextDays.get(index)?.get(question);
    if (known !== undefined) return known.found;
    const version = this.#version;
    const found = await load();
    if (version !== this.#version) return found;
    if (this.#nextDaysHeld >= NEXT_DAYS_MAX) {
      this.#nextDays.clear();
      this.#nextDaysHeld = 0;
    }
    let answers = this.#nextDays.get(index);
    if (answers === undefined) this.#nextDays.set(index, answers = new Map());
    if (!answers.has(question)) this.#nextDaysHeld++;
    answers.set(question, { order, day, found });
    return found;
  }

  /** Tells what has just become visible; in the step in which it does. */
  published({ version, born, retired }: VisibleChange): void {
    this.#version = version;
    for (const entry of born) {
      this.#update(entry, (listing) => listing.set(entry));
      if (entry.kind !== "span") this.#forgetNextDays(entry);
    }
    for (const entry of retired) {
      this.#update(entry, (listing) => listing.set({ ...entry, dead: version }));
    }
  }

  /** Tells what no reader sees any more. */
  removed(entries: readonly IndexEntry[]): void {
    for (const entry of entries) this.#update(entry, (listing) => listing.delete(entry.id));
  }

  #update(entry: IndexEntry, change: (listing: DayListing) => void): void {
    for (const name of namesOf(entry)) {
      this.#loading.get(name)?.missed.push(change);
      const listing = this.#listings.get(name);
      if (!(listing instanceof DayListing)) continue;
      this.#entries -= listing.size;
      change(listing);
      this.#entries += listing.size;
      if (listing.size > KEPT_DAY_MAX) this.#keep(name, "large");
    }
  }

  /** Forgets the answers that a new segment makes wrong. */
  #forgetNextDays(entry: IndexEntry): void {
    const born = dayOf(entry.lastMs);
    for (const prefix of indexPrefixes(entry)) {
      const answers = this.#nextDays.get(prefix.join(" "));
      for (const [question, { order, day, found }] of answers ?? []) {
        const between = order === "desc"
          ? born <= day && born > (found ?? -Infinity)
          : born >= day && born < (found ?? Infinity);
        if (between && answers!.delete(question)) this.#nextDaysHeld--;
      }
    }
  }
}

/** A question, and its answer. */
interface NextDay {
  readonly order: "asc" | "desc";
  readonly day: number;
  readonly found: number | undefined;
}

/** The name of a listing. */
function nameOf(prefix: Key, day: number): string {
  return `${prefix.join(" ")} ${day}`;
}

/** Every listing that has an entry; segments that span days are listed without one. */
function namesOf(entry: IndexEntry): string[] {
  const day = entry.kind === "span" ? 0 : dayOf(entry.lastMs);
  return indexPrefixes(entry).map((prefix) => nameOf(prefix, day));
}

/** An entry without the marks of what was not published at a version; nothing if it was not there. */
function asOf(entry: IndexEntry, version: number): IndexEntry[] {
  if (entry.born > version) return [];
  return [entry.dead !== undefined && entry.dead > version ? { ...entry, dead: undefined } : entry];
}
