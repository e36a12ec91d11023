/** @module Asking token filters: a segment's own, or the page that answers for all segments of its group. */

import {
  CorruptDataError,
  envelopeChecksum,
  type FilterPage,
  hashToken,
  joinParts,
  openFilterPage,
  openTokenFilter,
  pageOfToken,
  type TokenFilter,
  type TokenHash,
} from "../codec/mod.ts";
import { ByteCache } from "./byte_cache.ts";
import type { Database } from "./database.ts";
import { type FilterGroup, listGroups } from "./filter_group.ts";
import type { IndexEntry } from "./index_entry.ts";
import { dayOf, filterPageKey, filterRange, segmentHeadKey } from "./keys.ts";
import type { ReadWork } from "./read_work.ts";
import { unpackFirstValue } from "./segment_value.ts";

/** Places of segments in groups, kept in memory: 60,000, of 300 million records. */
const PLACES_BYTES_MAX = 6 * 1024 * 1024;
const PLACE_BYTES = 100;

/** Where a segment's filter is. */
interface Place {
  readonly group: FilterGroup;
  readonly at: number;
}

/** The places of a day's segments, by their ids. */
type Places = ReadonlyMap<number, Place>;

/** Something with the number of bytes that it keeps in memory. */
interface Sized<T> {
  readonly value: T;
  readonly bytes: number;
}

/** Answers whether segments may contain tokens. Filters and pages are kept in a bounded cache. */
export class FilterReader {
  readonly #database: Database;
  readonly #filters: ByteCache;
  readonly #work: ReadWork;
  readonly #days = new ByteCache(PLACES_BYTES_MAX);
  /** The hashes of a predicate's tokens, which many segments are asked for. */
  readonly #hashes = new WeakMap<readonly string[], readonly TokenHash[]>();
  /** Whether anybody has asked since segments were published last. */
  #asked = false;

  constructor(database: Database, cacheBytesMax: number, work: ReadWork) {
    this.#database = database;
    this.#work = work;
    this.#filters = new ByteCache(cacheBytesMax);
  }

  get cachedBytes(): number {
    return this.#filters.bytes + this.#days.bytes;
  }

  /**
   * Whether a segment may contain all of some tokens, by what is in memory; `undefined` if that cannot tell. Without it a
   * question to hundreds of segments would wait for each of them.
   */
  recall(entry: IndexEntry, tokens: readonly string[]): boolean | undefined {
    this.#asked = true;
    const hashes = this.#hashesOf(tokens);
    const own = this.#filters.peek<Sized<TokenFilter>>(entry.id)?.value;
    if (own !== undefined) return hashes.every((hash) => own.mayContain(hash));
    if (entry.kind === "span") return undefined;
    const place = this.#days.peek<Places>(dayOf(entry.lastMs))?.get(entry.id);
    if (place === undefined) return undefined;
    for (const hash of hashes) {
      const { group, at } = place;
      const page = this.#filters.peek<Sized<FilterPage>>(
        pageName(group, pageOfToken(hash, group.pages)),
      );
      if (page === undefined) return undefined;
      if (!page.value.mayContain(at, hash)) return false;
    }
    return true;
  }

  /**
   * Whether a segment may contain all of some tokens, if pages or what is in memory can tell; else `undefined`.
   * @throws {CorruptDataError} a page is missing or damaged
   */
  async foretell(entry: IndexEntry, tokens: readonly string[]): Promise<boolean | undefined> {
    const recalled = this.recall(entry, tokens);
    if (recalled !== undefined) return recalled;
    const place = (await this.#placesOf(entry))?.get(entry.id);
    if (place === undefined) return undefined;
    for (const hash of this.#hashesOf(tokens)) {
      const page = await this.#page(place.group, pageOfToken(hash, place.group.pages));
      if (!page.mayContain(place.at, hash)) return false;
    }
    return true;
  }

  /**
   * Whether a segment may contain all of some tokens.
   * @throws {CorruptDataError} its filter is missing or damaged
   */
  async mayContain(entry: IndexEntry, tokens: readonly string[]): Promise<boolean> {
    const foretold = await this.foretell(entry, tokens);
    if (foretold !== undefined) return foretold;
    const filter = await this.#own(entry);
    if (filter !== undefined) {
      return this.#hashesOf(tokens).every((hash) => filter.mayContain(hash));
    }
    // It was moved into pages while the day's groups were being read.
    this.forgetDay(dayOf(entry.lastMs));
    const moved = await this.foretell(entry, tokens);
    if (moved === undefined) throw missing(`the filter of segment ${entry.id}`);
    return moved;
  }

  /**
   * Takes the filters, in parts, of segments that have just been published. The next question would read them one by one;
   * where nobody asks, they would only push others out.
   */
  adopt(entries: readonly IndexEntry[], filters: readonly (readonly Uint8Array[])[]): void {
    if (!this.#asked) return;
    this.#asked = false;
    entries.forEach(({ id }, i) => {
      const bytes = joinParts(filters[i]!);
      if (bytes.length === 0) return;
      const filter = { value: openTokenFilter(bytes), bytes: bytes.length };
      this.#filters.put(id, filter, sizeOf(filter));
    });
  }

  /** Has the groups of a day read again: there is a new one. */
  forgetDay(day: number): void {
    this.#days.delete(day);
  }

  #hashesOf(tokens: readonly string[]): readonly TokenHash[] {
    let hashes = this.#hashes.get(tokens);
    if (hashes === undefined) this.#hashes.set(tokens, hashes = tokens.map(hashToken));
    return hashes;
  }

  async #placesOf(entry: IndexEntry): Promise<Places | undefined> {
    if (entry.kind === "span") return undefined;
    const key = dayOf(entry.lastMs);
    return this.#days.peek<Places>(key) ??
      await this.#days.get(
        key,
        async () => {
          const places = new Map<number, Place>();
          for (const group of await listGroups(this.#database, dayOf(entry.lastMs))) {
            group.segments.forEach((id, at) => places.set(id, { group, at }));
          }
          return places;
        },
        (places) => (places.size + 1) * PLACE_BYTES,
      );
  }

  async #page(group: FilterGroup, page: number): Promise<FilterPage> {
    const { day, id, checksums } = group;
    const key = pageName(group, page);
    const known = this.#filters.peek<Sized<FilterPage>>(key) ?? await this.#filters.get(
      key,
      async () => {
        const entry = await this.#database.get(filterPageKey(day, id, page));
        if (entry === undefined) throw missing(`page ${page} of the filters of group ${id}`);
        this.#work.filters++;
        const value = openFilterPage(entry.value);
        checkPlace(entry.value, checksums?.[page], `page ${page} of the filters of group ${id}`);
        return { value, bytes: entry.value.length };
      },
      sizeOf,
    );
    return known.value;
  }

  /** A segment's own filter; `undefined` if it has none (any more). */
  async #own({ id, filterChecksum }: IndexEntry): Promise<TokenFilter | undefined> {
    const known = await this.#filters.get(
      id,
      async () => {
        const bytes = await this.#ownBytes(id);
        this.#work.filters++;
        if (bytes === undefined) return { value: undefined, bytes: 0 };
        const value = openTokenFilter(bytes);
        checkPlace(bytes, filterChecksum, `the filter of segment ${id}`);
        return { value, bytes: bytes.length };
      },
      sizeOf,
    );
    if (known.value === undefined) this.#filters.delete(id);
    return known.value;
  }

  async #ownBytes(id: number): Promise<Uint8Array | undefined> {
    const parts = await this.#database.list(filterRange(id));
    if (parts.length > 0) return joinParts(parts.map(({ value }) => value));
    const first = await this.#database.get(segmentHeadKey(id));
    if (first === undefined) throw missing(`segment ${id}`);
    const { filter } = unpackFirstValue(first.value);
    // A copy, since the filter keeps its bytes, and the head beside them is not needed.
    return filter.length > 0 ? filter.slice() : undefined;
  }
}

/** The name of a page in the cache. */
function pageName({ id }: FilterGroup, page: number): string {
  return `${id} ${page}`;
}

function sizeOf({ bytes }: Sized<unknown>): number {
  return bytes + 200;
}

/** @throws {CorruptDataError} the bytes are sound, but belong elsewhere */
function checkPlace(bytes: Uint8Array, checksum: number | undefined, what: string): void {
  if (checksum === undefined || checksum === envelopeChecksum(bytes)) return;
  throw new CorruptDataError(`Cannot read ${what}: another one is in its place`);
}

function missing(what: string): CorruptDataError {
  return new CorruptDataError(`Cannot read ${what}: it is missing`);
}
