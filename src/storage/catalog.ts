/** @module The secondary indexes: which segments a selection has to look at, in the order of a scan. */

import type { SeverityCode } from "../record.ts";
import { type Database, type Entry, listAll } from "./database.ts";
import { isDamage } from "./repair/damage.ts";
import { DayListing } from "./day_listing.ts";
import { timesOfIds } from "./id_index.ts";
import { type IndexEntry, isVisible, readIndexEntry } from "./index_entry.ts";
import {
  byServicePrefix,
  bySeverityPrefix,
  byStreamPrefix,
  byTimePrefix,
  dayOf,
  type Key,
  mixedPrefix,
  spanPrefix,
} from "./keys.ts";
import { DAY_MS, KEPT_DAY_MAX, NARROW_MS } from "./limits.ts";
import type { ListingMemo } from "./listing_memo.ts";
import { overlaps, type Selection, wantsStream } from "./selection.ts";

/** Years 0001 to 9999 as days: what an open range stands for. */
const FIRST_DAY = dayOf(-62_135_596_800_000);
const LAST_DAY = dayOf(253_402_300_799_999);

/** Up to this many streams are looked up one by one; past it the index of one filter serves better. */
const STREAM_LOOKUPS_MAX = 24;

/** The first page of a listing is small, since a query for the newest needs little; later ones are larger. */
const FIRST_PAGE = 32;
const PAGE_MAX = 512;

/** A batch of candidate segments, and how far the listing has come. */
export interface CandidateBatch {
  readonly entries: readonly IndexEntry[];
  /**
   * No segment that comes later holds a record beyond this moment, seen from where the scan began: descending, its last
   * timestamp is at most this; ascending, its first is at least this. Milliseconds since the epoch.
   */
  readonly frontierMs: number;
}

/** What a listing is made from. */
export interface Catalog {
  readonly database: Database;
  readonly memo: ListingMemo;
  readonly version: number;
  /** Told of each entry that had to be left out of a listing. */
  readonly onDamage: (key: Key, error: Error) => void;
  /** Told of each block of the id index that could not narrow a search; nothing is left out for it. */
  readonly onIdDamage?: (key: Key, error: Error) => void;
}

/**
 * Lists the segments visible at the catalog's version that a selection has to look at, in batches, nearest to the scan's
 * beginning first. Each segment comes once.
 */
export async function* listCandidates(
  catalog: Catalog,
  selection: Selection,
  order: "asc" | "desc",
): AsyncGenerator<CandidateBatch> {
  // With many filters the listing is that of an index made for fewer of them.
  const isWanted = (entry: IndexEntry) =>
    (entry.stream === undefined || wantsStream(selection, entry.stream)) &&
    overlaps(selection, entry);
  const times = await timesOfIds(catalog.database, selection, catalog.onIdDamage);
  const fromMs = Math.max(selection.from.ms, times?.fromMs ?? FIRST_DAY * DAY_MS);
  const toMs = Math.min(selection.to.ms, times?.toMs ?? Infinity);
  if (fromMs > toMs) return;
  yield {
    entries: (await listSpanning(catalog, fromMs)).filter(isWanted),
    frontierMs: order === "desc" ? Infinity : -Infinity,
  };
  const prefixes = [...wantedPrefixes(selection), mixedPrefix];
  const lastDay = Math.min(dayOf(toMs), LAST_DAY);
  const firstDay = dayOf(fromMs);
  let day = order === "desc" ? lastDay : firstDay;
  while (day >= firstDay && day <= lastDay) {
    const next = await nextDay(catalog, prefixes, day, order);
    if (next === undefined || next < firstDay || next > lastDay) return;
    for await (const batch of listDay(catalog, prefixes, next, fromMs, toMs, order)) {
      yield { entries: batch.entries.filter(isWanted), frontierMs: batch.frontierMs };
    }
    day = order === "desc" ? next - 1 : next + 1;
  }
}

/** Reads entries as they are listed; those that are damaged are left out and told of. */
function readEntries(
  entries: readonly Entry[],
  onDamage: Catalog["onDamage"],
): IndexEntry[] {
  return entries.flatMap((entry) => {
    try {
      return [readIndexEntry(entry)];
    } catch (error) {
      if (!isDamage(error)) throw error;
      onDamage(entry.key, error);
      return [];
    }
  });
}

/** A listing that lacks damaged entries: it must not be kept, so that whoever lists next is told of them too. */
class PartialListing extends Error {
  constructor(
    readonly entries: readonly IndexEntry[],
    readonly damaged: readonly { readonly key: Key; readonly error: Error }[],
  ) {
    super(`${damaged.length} index entries are damaged`);
  }
}

/** A day's listing from memory; one that lacks entries is read again each time. */
async function keptListing(
  { memo, onDamage }: Catalog,
  prefix: Key,
  day: number,
  list: () => Promise<readonly Entry[]>,
): Promise<DayListing | "large"> {
  try {
    return await memo.day(prefix, day, async () => {
      const damaged: { key: Key; error: Error }[] = [];
      const stored = await list();
      const entries = readEntries(stored, (key, error) => damaged.push({ key, error }));
      if (damaged.length > 0) throw new PartialListing(entries, damaged);
      return entries;
    });
  } catch (error) {
    if (!(error instanceof PartialListing)) throw error;
    for (const { key, error: cause } of error.damaged) onDamage(key, cause);
    return error.entries.length > KEPT_DAY_MAX ? "large" : new DayListing(error.entries);
  }
}

/** The entries that are visible at a version. */
function visible(entries: readonly IndexEntry[], version: number): IndexEntry[] {
  return entries.filter((entry) => isVisible(entry, version));
}

/** Segments that span days, from the first that ends at or after a moment. */
async function listSpanning(
  catalog: Catalog,
  fromMs: number,
): Promise<readonly IndexEntry[]> {
  const { database, version, onDamage } = catalog;
  const list = (startMs: number, limit?: number) =>
    database.list(
      { start: [...spanPrefix, startMs], end: [...spanPrefix, Infinity] },
      limit === undefined ? {} : { limit },
    );
  const kept = await keptListing(
    catalog,
    spanPrefix,
    0,
    () => list(-Infinity, KEPT_DAY_MAX + 1),
  );
  const entries = kept === "large"
    ? readEntries(await list(fromMs), onDamage)
    : kept.inOrder("asc");
  return visible(entries, version);
}

/** The index made for the selection's filters: one range scan a prefix. */
function wantedPrefixes({ services, severities }: Selection): Key[] {
  if (services !== undefined && severities !== undefined) {
    if (services.size * severities.size <= STREAM_LOOKUPS_MAX) {
      return [...services].flatMap((service) =>
        [...severities].map((severity) =>
          byStreamPrefix({ service, severity: severity as SeverityCode })
        )
      );
    }
  }
  if (services !== undefined && services.size <= STREAM_LOOKUPS_MAX) {
    return [...services].map(byServicePrefix);
  }
  if (severities !== undefined) return [...severities].map(bySeverityPrefix);
  return [byTimePrefix];
}

/** The nearest day that has segments under one of the prefixes. */
async function nextDay(
  { database, memo }: Catalog,
  prefixes: readonly Key[],
  day: number,
  order: "asc" | "desc",
): Promise<number | undefined> {
  const found = await Promise.all(
    prefixes.map((prefix) =>
      memo.nextDay(prefix, order, day, async () => {
        const range = order === "desc"
          ? { start: [...prefix, FIRST_DAY], end: [...prefix, day + 1] }
          : { start: [...prefix, day], end: [...prefix, LAST_DAY + 1] };
        const [entry] = await database.list(range, { limit: 1, reverse: order === "desc" });
        return entry?.key[prefix.length] as number | undefined;
      })
    ),
  );
  const days = found.filter((one) => one !== undefined);
  if (days.length === 0) return undefined;
  return order === "desc" ? Math.max(...days) : Math.min(...days);
}

/** The segments of one day under all prefixes: from memory where they are not too many, else page by page. */
async function* listDay(
  catalog: Catalog,
  prefixes: readonly Key[],
  day: number,
  fromMs: number,
  toMs: number,
  order: "asc" | "desc",
): AsyncGenerator<CandidateBatch> {
  const kept = await Promise.all(prefixes.map((prefix) => keptDay(catalog, prefix, day)));
  const large = prefixes.filter((_, i) => kept[i] === "large");
  const small = kept.filter((listing) => listing !== "large").map((listing) =>
    listing.inOrder(order)
  );
  if (large.length === 0) {
    yield* listKeptDay(small, day, fromMs, toMs, order, catalog.version);
    return;
  }
  const reverse = order === "desc";
  yield {
    entries: small.flatMap((entries) => visible(entries, catalog.version)),
    frontierMs: reverse ? Infinity : -Infinity,
  };
  yield* listLargeDay(catalog, large, day, fromMs, toMs, reverse);
}

function keptDay(catalog: Catalog, prefix: Key, day: number): Promise<DayListing | "large"> {
  return keptListing(catalog, prefix, day, async () => {
    const range = { start: [...prefix, day], end: [...prefix, day + 1] };
    const entries: Entry[] = [];
    for await (const entry of listAll(catalog.database, range)) {
      entries.push(entry);
      if (entries.length > KEPT_DAY_MAX) break;
    }
    return entries;
  });
}

/** Batches of a day's listings, each in the scan's order: few entries first, since a query for the newest needs few. */
function* listKeptDay(
  listings: readonly (readonly IndexEntry[])[],
  day: number,
  fromMs: number,
  toMs: number,
  order: "asc" | "desc",
  version: number,
): Generator<CandidateBatch> {
  const edgeOf = ({ firstMs, lastMs }: IndexEntry) => order === "desc" ? lastMs : firstMs;
  const isOutside = (edge: number) => order === "desc" ? edge < fromMs : edge > toMs;
  let open = listings.map((entries) => ({ entries, at: 0 }));
  for (let page = FIRST_PAGE;; page *= 4) {
    const taken = open.flatMap(({ entries, at }) => visible(entries.slice(at, at + page), version));
    open = open.map(({ entries, at }) => ({ entries, at: at + page }))
      .filter(({ entries, at }) => at < entries.length && !isOutside(edgeOf(entries[at]!)));
    const edges = open.map(({ entries, at }) => edgeOf(entries[at]!));
    if (edges.length === 0) {
      yield { entries: taken, frontierMs: order === "desc" ? day * DAY_MS : (day + 1) * DAY_MS };
      return;
    }
    yield {
      entries: taken,
      frontierMs: order === "desc" ? Math.max(...edges) : Math.min(...edges),
    };
  }
}

/**
 * Segments of a day that has many. Those that are wide, and mixed ones, come at once; narrow ones page by page in the
 * order of their last timestamps.
 */
async function* listLargeDay(
  { database, version, onDamage }: Catalog,
  prefixes: readonly Key[],
  day: number,
  fromMs: number,
  toMs: number,
  reverse: boolean,
): AsyncGenerator<CandidateBatch> {
  const dayStart = day * DAY_MS;
  const lowest = Math.max(fromMs, dayStart);
  const narrowEnd = Math.min(toMs + NARROW_MS, dayStart + DAY_MS) + 1;
  const narrow = prefixes.filter((prefix) => prefix !== mixedPrefix).map((prefix) =>
    new Listing(database, [...prefix, day, 0], lowest, narrowEnd, reverse)
  );
  const whole = await Promise.all(prefixes.map((prefix) => {
    const base = prefix === mixedPrefix ? [...prefix, day] : [...prefix, day, 1];
    return database.list({ start: [...base, lowest], end: [...base, dayStart + DAY_MS] });
  }));
  const dayEdge = reverse ? dayStart : dayStart + DAY_MS;
  const edge = reverse ? Infinity : -Infinity;
  yield {
    entries: visible(readEntries(whole.flat(), onDamage), version),
    frontierMs: narrow.length === 0 ? dayEdge : edge,
  };
  while (true) {
    const open = narrow.filter((listing) => !listing.done);
    if (open.length === 0) return;
    // The listing that has come least far holds the frontier back: it is the one to read on.
    const behind = open.reduce((a, b) => (reverse ? a.at >= b.at : a.at <= b.at) ? a : b);
    const entries = visible(readEntries(await behind.next(), onDamage), version);
    const rest = narrow.filter((listing) => !listing.done).map((listing) => listing.at);
    // What is still to come ends there; ascending, it may have begun up to an hour before.
    const frontierMs = reverse ? Math.max(...rest) : Math.min(...rest) - NARROW_MS;
    yield { entries, frontierMs: rest.length === 0 ? dayEdge : frontierMs };
  }
}

/** The narrow segments of a day under one prefix, page by page. */
class Listing {
  readonly #database: Database;
  readonly #prefix: Key;
  readonly #reverse: boolean;
  #start: Key;
  #end: Key;
  #page = FIRST_PAGE;
  /** The last timestamp that was reached. */
  at: number;
  done = false;

  constructor(database: Database, prefix: Key, lowest: number, end: number, reverse: boolean) {
    this.#database = database;
    this.#prefix = prefix;
    this.#reverse = reverse;
    this.#start = [...prefix, lowest];
    this.#end = [...prefix, end];
    this.at = reverse ? end : lowest;
  }

  async next(): Promise<Entry[]> {
    const range = { start: this.#start, end: this.#end };
    const found = await this.#database.list(range, { limit: this.#page, reverse: this.#reverse });
    if (found.length < this.#page) this.done = true;
    const last = found.at(-1);
    if (last !== undefined) {
      this.at = last.key[this.#prefix.length] as number;
      if (this.#reverse) this.#end = last.key;
      else this.#start = [...last.key, new Uint8Array()];
    }
    this.#page = Math.min(this.#page * 4, PAGE_MAX);
    return found;
  }
}
