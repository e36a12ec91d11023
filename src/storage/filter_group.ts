/**
 * @module Filter groups: the token filters of up to 128 segments of a day, moved into pages that each answer for all of
 * them (`codec/filter_page.ts`). A group never changes but for what it says is gone, and goes with its last segment.
 */

import { CorruptDataError, decodeDocument, encodeDocument } from "../codec/mod.ts";
import { type Database, type Entry, listAll } from "./database.ts";
import type { IndexEntry } from "./index_entry.ts";
import { dayOf, filterGroupKey, filterGroupRange, filterPageKey, type Key } from "./keys.ts";

/** Pages removed in one commit, half a MB: a journal commit never waits long behind it. */
const REMOVED_AT_ONCE = 8;

/** Which segments are in which pages. */
export interface FilterGroup {
  readonly day: number;
  /** Unique within the day: the id of its first segment. */
  readonly id: number;
  readonly pages: number;
  /** The segments' ids by their place in the pages. */
  readonly segments: readonly number[];
  /** The checksum of each page, which binds it to its place; absent of groups made before it was kept. */
  readonly checksums?: readonly number[] | undefined;
}

/** A new group, and the filters that are no longer needed by themselves. */
export interface GroupedFilters {
  readonly group: FilterGroup;
  readonly pages: readonly Uint8Array[];
  /** Segments' ids, each with the number of values of its own filter. */
  readonly moved: readonly (readonly [segment: number, parts: number])[];
}

/** A group as stored: also the places whose segments are gone. */
export interface StoredGroup extends FilterGroup {
  readonly gone: readonly number[];
}

/** The mutation that makes a group known. */
export function groupMutation(
  { day, id, pages, segments, checksums }: FilterGroup,
  gone: readonly number[] = [],
): [Key, Uint8Array] {
  return [filterGroupKey(day, id), encodeDocument({ pages, segments, gone, checksums })];
}

/** @throws {CorruptDataError} it is damaged, or another group */
export function decodeGroup({ key, value }: Entry): StoredGroup {
  const stored = decodeDocument(value) as Omit<StoredGroup, "day" | "id">;
  const { pages, segments, gone, checksums } = stored;
  if (segments[0] !== key[3]) {
    throw new CorruptDataError(
      `Cannot read group ${key[3]} of filters: it is group ${segments[0]}`,
    );
  }
  return { day: key[2] as number, id: segments[0]!, pages, segments, gone, checksums };
}

/** The groups of a day. A damaged one is passed over: whoever asks for a filter in it is told that it is missing. */
export async function listGroups(database: Database, day: number): Promise<StoredGroup[]> {
  const groups: StoredGroup[] = [];
  for await (const entry of listAll(database, filterGroupRange(day))) {
    try {
      groups.push(decodeGroup(entry));
    } catch (error) {
      if (!(error instanceof CorruptDataError)) throw error;
    }
  }
  return groups;
}

/** The ids of the segments of a day whose filters are in pages. */
export async function groupedSegments(database: Database, day: number): Promise<Set<number>> {
  return new Set((await listGroups(database, day)).flatMap(({ segments }) => segments));
}

/** Notes that segments are gone, and removes the groups that have no others. May be done again. */
export async function forgetGrouped(
  database: Database,
  entries: readonly IndexEntry[],
): Promise<void> {
  const ids = new Set(entries.map(({ id }) => id));
  for (const day of new Set(entries.map(({ lastMs }) => dayOf(lastMs)))) {
    for (const group of await listGroups(database, day)) {
      const places = [...group.segments.keys()].filter((place) => {
        return ids.has(group.segments[place]!) && !group.gone.includes(place);
      });
      const gone = [...group.gone, ...places];
      if (gone.length === group.segments.length) await removeGroup(database, group);
      else if (places.length > 0) await database.commit({ sets: [groupMutation(group, gone)] });
    }
  }
}

/** Removes a group's pages, then the group. */
export async function removeGroup(
  database: Database,
  { day, id, pages }: Pick<FilterGroup, "day" | "id" | "pages">,
): Promise<void> {
  const keys = Array.from({ length: pages }, (_, page) => filterPageKey(day, id, page));
  for (let i = 0; i < keys.length; i += REMOVED_AT_ONCE) {
    await database.commit({ deletes: keys.slice(i, i + REMOVED_AT_ONCE) });
  }
  await database.commit({ deletes: [filterGroupKey(day, id)] });
}
