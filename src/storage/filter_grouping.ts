/** @module Moving the token filters of a day's segments into pages that each answer for many segments. */

import {
  CorruptDataError,
  cutFilterPages,
  envelopeChecksum,
  joinParts,
  PAGED_FILTER_BYTES_MAX,
  PAGED_FILTERS_MAX,
} from "../codec/mod.ts";
import { listCandidates } from "./catalog.ts";
import { isSmall } from "./compaction_planner.ts";
import { groupedSegments } from "./filter_group.ts";
import type { IndexEntry } from "./index_entry.ts";
import { dayOf, filterRange } from "./keys.ts";
import { DAY_MS } from "./limits.ts";
import { makeSelection } from "./selection.ts";
import type { EngineState } from "./state.ts";

/** Fewer filters than this are not worth a group: it takes two values and more. */
const GROUPED_MIN = 4;

/** A day is over when nothing was flushed to it for so long, sooner if a later day has begun. What comes later is grouped later. */
const PASSED_DAY_MS = 10_000;
const STILL_DAY_MS = 10 * 60_000;

/** A filter as stored. */
interface Member {
  readonly entry: IndexEntry;
  readonly parts: number;
  readonly filter: Uint8Array;
}

/**
 * Moves the filters of one day's segments into pages, if there are enough: of a day that is over of all segments, else
 * of those that are not going to be merged, once they fill pages. False if no day has enough.
 */
export async function groupFilters(state: EngineState): Promise<boolean> {
  const newestDay = Math.max(...state.dirtyDays.keys());
  for (const [day, arrived] of state.filterDays) {
    const over = isOver(state, day, newestDay);
    if (!over && arrived < PAGED_FILTERS_MAX) continue;
    state.filterDays.set(day, 0);
    try {
      if (await groupSome(state, day, over)) {
        // There may be enough for another group.
        state.filterDays.set(day, Infinity);
        return true;
      }
    } catch (error) {
      // Too uneven for pages, or damaged: what is searched is told so.
      if (!(error instanceof CorruptDataError || error instanceof RangeError)) throw error;
      state.parts.log("warning", `The token filters of a day stay apart: ${error.message}`);
    }
    if (over) state.filterDays.delete(day);
  }
  return false;
}

/** Makes one group of a day's segments, if there are enough. */
async function groupSome(state: EngineState, day: number, over: boolean): Promise<boolean> {
  const entries = await listUngrouped(state, day);
  const lasting = over ? entries : entries.filter(isLasting);
  if (lasting.length < (over ? GROUPED_MIN : PAGED_FILTERS_MAX)) return false;
  const members = await readMembers(state, lasting.slice(0, PAGED_FILTERS_MAX));
  if (members.length < GROUPED_MIN) return false;
  await publishGroup(state, day, members);
  return true;
}

/** Whether a segment is not going to be merged with others, unless they overlap. */
function isLasting(entry: IndexEntry): boolean {
  return entry.kind === "single" && !isSmall(entry);
}

/** Whether no more than a few segments of a day are to be expected. */
function isOver({ dirtyDays, parts }: EngineState, day: number, newestDay: number): boolean {
  const still = parts.now() - (dirtyDays.get(day) ?? -Infinity);
  const isStill = still >= (day < newestDay ? PASSED_DAY_MS : STILL_DAY_MS);
  return isStill && parts.planner.isSettled(day);
}

/** The segments of a day whose filters are not in pages, in the order of time. */
async function listUngrouped(state: EngineState, day: number): Promise<IndexEntry[]> {
  const { database, memo } = state.parts;
  const grouped = await groupedSegments(database, day);
  const bounds = {
    from: { ms: day * DAY_MS, ns: 0 },
    to: { ms: (day + 1) * DAY_MS - 1, ns: 999_999 },
  };
  const ungrouped: IndexEntry[] = [];
  // Its segment keeps its filter by itself.
  const onDamage = () => {};
  const catalog = { database, memo, version: state.version, onDamage };
  for await (const { entries } of listCandidates(catalog, makeSelection(bounds, []), "asc")) {
    for (const entry of entries) {
      const isOfDay = entry.kind !== "span" && dayOf(entry.lastMs) === day;
      if (isOfDay && !grouped.has(entry.id)) ungrouped.push(entry);
    }
  }
  return ungrouped;
}

/** Reads filters as long as they fit pages together; what has none of its own by itself is passed over. */
async function readMembers(
  { parts: { database } }: EngineState,
  entries: readonly IndexEntry[],
): Promise<Member[]> {
  const members: Member[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const stored = await database.list(filterRange(entry.id));
    if (stored.length === 0) continue;
    const filter = joinParts(stored.map(({ value }) => value));
    bytes += filter.length;
    if (bytes > PAGED_FILTER_BYTES_MAX) break;
    members.push({ entry, parts: stored.length, filter });
  }
  return members;
}

/**
 * @throws {CorruptDataError} one of the filters is damaged
 * @throws {RangeError} they are so uneven that a page would not fit a value
 */
async function publishGroup(
  state: EngineState,
  day: number,
  members: readonly Member[],
): Promise<void> {
  const { publisher, reader } = state.parts;
  const pages = cutFilterPages(members.map(({ filter }) => filter));
  const segments = members.map(({ entry }) => entry.id);
  const checksums = pages.map(envelopeChecksum);
  await publisher.exclusively(() =>
    publisher.publish({
      grouped: {
        group: { day, id: segments[0]!, pages: pages.length, segments, checksums },
        pages,
        moved: members.map(({ entry, parts }) => [entry.id, parts]),
      },
    }, () => reader.filters.forgetDay(day))
  );
}
