/** @module What publications have replaced: noted with them, and removed when no reader sees it any more. */

import {
  CorruptDataError,
  cutParts,
  decodeDocument,
  decodeSegmentHead,
  encodeDocument,
  joinParts,
} from "../codec/mod.ts";
import type { BackgroundWriter } from "./background_writer.ts";
import { type DamageRegister, isDamage } from "./repair/damage.ts";
import { type Database, type Entry, listAll } from "./database.ts";
import { forgetGrouped, type GroupedFilters } from "./filter_group.ts";
import { type IndexEntry, packEntry, unpackEntry } from "./index_entry.ts";
import {
  filterKey,
  filterRange,
  garbageKey,
  garbageRange,
  indexKeys,
  type Key,
  segmentColumnKey,
  segmentHeadKey,
  segmentRange,
} from "./keys.ts";
import { REMOVED_BYTES_MAX } from "./limits.ts";
import type { ListingMemo } from "./listing_memo.ts";
import { readAllEntries } from "./repair/recovery.ts";
import { unpackFirstValue } from "./segment_value.ts";

/** Filters of some 30 KB each: about as many bytes as a background commit writes. */
const FILTERS_REMOVED_AT_ONCE = 8;

/** What a publication leaves to be removed. */
export interface Leftovers {
  readonly entries: readonly IndexEntry[];
  /** Filters that are in pages now: their segments' ids, and of how many values each was. */
  readonly moved: GroupedFilters["moved"];
}

/** Garbage that waits until no reader sees it. */
interface Garbage extends Leftovers {
  readonly version: number;
  readonly parts: number;
}

/** The garbage of one node. */
export class GarbageHeap {
  readonly #database: Database;
  readonly #node: number;
  readonly #writer: BackgroundWriter;
  readonly #memo: ListingMemo;
  readonly #damage: DamageRegister;
  readonly #waiting: Garbage[] = [];

  constructor(
    database: Database,
    node: number,
    writer: BackgroundWriter,
    memo: ListingMemo,
    damage: DamageRegister,
  ) {
    this.#database = database;
    this.#node = node;
    this.#writer = writer;
    this.#memo = memo;
    this.#damage = damage;
  }

  /** The number of segments that wait to be removed. */
  get count(): number {
    return this.#waiting.reduce((sum, { entries }) => sum + entries.length, 0);
  }

  /** Whether a segment waits to be removed. */
  isLeaving(id: number): boolean {
    return this.#waiting.some(({ entries }) => entries.some((entry) => entry.id === id));
  }

  /** Adds replaced segments of which no note tells that they are to be removed; nobody sees them any more. */
  add(replaced: readonly IndexEntry[]): void {
    const entries = replaced.filter(({ id }) => !this.isLeaving(id));
    if (entries.length > 0) this.#waiting.unshift({ version: 0, parts: 0, entries, moved: [] });
  }

  /** Removes what no reader at `oldest` or later sees. */
  async collect(oldest: number): Promise<void> {
    while (this.#waiting.length > 0 && this.#waiting[0]!.version <= oldest) {
      const { version, parts, entries, moved } = this.#waiting[0]!;
      await this.removeSegments(entries);
      await forgetGrouped(this.#database, entries);
      await this.#removeFilters(moved);
      const notes = Array.from({ length: parts }, (_, i) => garbageKey(this.#node, version, i));
      await this.#writer.delete(notes);
      this.#memo.removed(entries);
      this.#waiting.shift();
    }
  }

  /** Adds what a publication has replaced, of which so many parts of a note tell. */
  addReplaced(version: number, parts: number, leftovers: Leftovers): void {
    if (parts > 0) this.#waiting.push({ version, parts, ...leftovers });
  }

  /** Finds what earlier processes have left. */
  async find(): Promise<void> {
    const byVersion = new Map<number, Uint8Array[]>();
    for await (const { key, value } of listAll(this.#database, garbageRange(this.#node))) {
      const version = key[3] as number;
      const parts = byVersion.get(version) ?? [];
      parts.push(value);
      byVersion.set(version, parts);
    }
    for (const [version, parts] of byVersion) {
      const leftovers = await this.#soundLeftovers(version, parts);
      this.#waiting.push({ version, parts: parts.length, ...leftovers });
    }
  }

  async #soundLeftovers(version: number, parts: readonly Uint8Array[]): Promise<Leftovers> {
    try {
      return readLeftovers(parts);
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#damage.note("others", `garbage ${version}`, `what is to be removed: ${error.message}`);
      const entries = [...(await readAllEntries(this.#database)).values()];
      return { entries: entries.filter(({ dead }) => dead === version), moved: [] };
    }
  }

  /** Removes segments with all their keys: several in one commit, since each is a sync that journal commits wait for. */
  async removeSegments(entries: readonly IndexEntry[]): Promise<void> {
    let keys: Key[] = [];
    let bytes = 0;
    for (const entry of entries) {
      if (bytes + entry.storedBytes > REMOVED_BYTES_MAX) {
        await this.#writer.delete(keys);
        keys = [];
        bytes = 0;
      }
      keys.push(...await this.#keysOf(entry));
      bytes += entry.storedBytes;
    }
    await this.#writer.delete(keys);
  }

  /** Every key that a segment has, its head's last of its values: while that is there, it tells the others. */
  async #keysOf(entry: IndexEntry): Promise<Key[]> {
    const keys = valueKeys(entry.id, await this.#database.get(segmentHeadKey(entry.id)));
    if (keys !== undefined) return [...keys, ...indexKeys(entry)];
    const found: Key[] = [];
    for (const range of [segmentRange(entry.id), filterRange(entry.id)]) {
      for await (const { key } of listAll(this.#database, range, 10)) found.push(key);
    }
    return [...found, ...indexKeys(entry)];
  }

  async #removeFilters(moved: GroupedFilters["moved"]): Promise<void> {
    const keys = moved.flatMap(([id, parts]) =>
      Array.from({ length: parts }, (_, part) => filterKey(id, part))
    );
    for (let i = 0; i < keys.length; i += FILTERS_REMOVED_AT_ONCE) {
      await this.#writer.commit({ deletes: keys.slice(i, i + FILTERS_REMOVED_AT_ONCE) });
    }
  }
}

/**
 * The keys of a segment's values, as its head has them, so that megabytes need not be read to be removed; `undefined` if
 * it is gone or damaged.
 */
function valueKeys(id: number, first: Entry | undefined): Key[] | undefined {
  if (first === undefined) return undefined;
  try {
    const { head, filter } = unpackFirstValue(first.value);
    const { directory, filterParts } = decodeSegmentHead(head);
    const keys: Key[] = [];
    for (const { name, parts } of directory) {
      for (let part = 0; part < parts; part++) keys.push(segmentColumnKey(id, name, part));
    }
    if (filter.length === 0) {
      for (let part = 0; part < filterParts; part++) keys.push(filterKey(id, part));
    }
    return [...keys, segmentHeadKey(id)];
  } catch (error) {
    if (error instanceof CorruptDataError) return undefined;
    throw error;
  }
}

/** What is left to be removed as the parts of a document; none if nothing is. */
export function encodeLeftovers({ entries, moved }: Leftovers): Uint8Array[] {
  if (entries.length === 0 && moved.length === 0) return [];
  return cutParts(encodeDocument({ entries: entries.map(packEntry), moved }));
}

/** Reads what {@linkcode encodeLeftovers} wrote; in format 1 it was an array of entries. */
export function readLeftovers(parts: readonly Uint8Array[]): Leftovers {
  const stored = decodeDocument(joinParts(parts)) as
    | string[]
    | { entries: string[]; moved: [number, number][] };
  const { entries, moved } = Array.isArray(stored) ? { entries: stored, moved: [] } : stored;
  return { entries: entries.map(unpackEntry), moved };
}
