/** @module Compaction: small, mixed and overlapping segments of a day become fewer, larger, ordered ones. */

import { CorruptDataError, decodeSegmentHead } from "../codec/mod.ts";
import type { StoredSegment } from "./build.ts";
import { isDamage } from "./repair/damage.ts";
import { type Database, listAll } from "./database.ts";
import { groupedSegments } from "./filter_group.ts";
import { checkHead, type IndexEntry, readIndexEntry } from "./index_entry.ts";
import {
  byTimePrefix,
  dirtyDayRange,
  type KeyRange,
  mixedPrefix,
  segmentColumnKey,
  segmentHeadKey,
  spanPrefix,
} from "./keys.ts";
import { unpackFirstValue } from "./segment_value.ts";
import type { EngineState } from "./state.ts";

/**
 * Replaces segments by what becomes of their records, sorted anew; what tombstones hide is left out.
 *
 * @throws {CorruptDataError} if one of them is damaged: then nothing was changed
 */
export async function rewrite(
  state: EngineState,
  inputs: readonly IndexEntry[],
  level: number,
): Promise<void> {
  const { publisher, builder, planner, reader, database } = state.parts;
  const stored: StoredSegment[] = [];
  for (const entry of inputs) stored.push(await readStored(database, entry));
  // A tombstone that is published meanwhile still hides in the new segments what it hides in the old ones.
  const { segments } = await builder.build({ segments: stored, tombstones: state.tombstones });
  await publisher.exclusively(() =>
    publisher.publish({
      segments: segments.map((segment) => ({ ...segment, level })),
      retired: inputs,
    }, ({ entries }) => {
      for (const entry of inputs) planner.remove(entry);
      for (const entry of entries) planner.add(entry);
      state.expectGrouping(entries);
      reader.filters.adopt(entries, segments.map(({ encoded }) => encoded.filter));
    })
  );
}

/** One step, if there is something worth doing. A damaged segment is left aside from then on, the others go on. */
export async function compact(state: EngineState): Promise<boolean> {
  const { planner, counters, damage } = state.parts;
  const inputs = planner.next();
  if (inputs === undefined) return false;
  try {
    await counters.compactions.measure(() => rewrite(state, inputs, inputs[0]!.level + 1));
    for (const { count } of inputs) counters.compactedRecords += count;
  } catch (error) {
    if (!(error instanceof CorruptDataError)) throw error;
    const unreadable = await findUnreadable(state, inputs);
    // If it is none of them by itself, it is not known what is wrong.
    for (const entry of unreadable.length > 0 ? unreadable : inputs) {
      planner.remove(entry);
      damage.note("segments", `${entry.id}`, `segment ${entry.id}: ${error.message}`);
    }
  }
  return true;
}

/** Which of some segments cannot be read. */
async function findUnreadable(
  { parts: { database, builder } }: EngineState,
  entries: readonly IndexEntry[],
): Promise<IndexEntry[]> {
  const unreadable: IndexEntry[] = [];
  for (const entry of entries) {
    try {
      await builder.build({ segments: [await readStored(database, entry)], tombstones: [] });
    } catch (error) {
      if (!(error instanceof CorruptDataError)) throw error;
      unreadable.push(entry);
    }
  }
  return unreadable;
}

/** Finds, after a start, the segments that compaction may still improve, and those whose filters may go into pages. */
export async function findCandidates(state: EngineState): Promise<void> {
  const { database, planner } = state.parts;
  const { version } = state;
  const list = async (range: KeyRange) => {
    const found: IndexEntry[] = [];
    for await (const stored of listAll(database, range)) {
      try {
        const entry = readIndexEntry(stored);
        if (entry.born <= version && entry.dead === undefined) found.push(entry);
      } catch (error) {
        // Who asks for its records is told.
        if (!isDamage(error)) throw error;
      }
    }
    for (const entry of found) planner.add(entry);
    return found;
  };
  const days: number[] = [];
  for await (const { key } of listAll(database, dirtyDayRange)) days.push(key[2] as number);
  for (const day of days) {
    state.dirtyDays.set(day, state.parts.now());
    const grouped = await groupedSegments(database, day);
    for (const prefix of [byTimePrefix, mixedPrefix]) {
      const entries = await list({ start: [...prefix, day], end: [...prefix, day + 1] });
      state.expectGrouping(entries.filter(({ id }) => !grouped.has(id)));
    }
  }
  await list({ start: [...spanPrefix, -Infinity], end: [...spanPrefix, Infinity] });
}

async function readStored(database: Database, entry: IndexEntry): Promise<StoredSegment> {
  const first = await database.get(segmentHeadKey(entry.id));
  if (first === undefined) {
    throw new CorruptDataError(`Cannot read segment ${entry.id}: its head is missing`);
  }
  // Not through the cache: what is about to be replaced would push out what queries need.
  const { head } = unpackFirstValue(first.value);
  const columns: Uint8Array[][] = [];
  const decoded = decodeSegmentHead(head);
  checkHead(entry, decoded);
  for (const { name, parts } of decoded.directory) {
    const keys = Array.from({ length: parts }, (_, i) => segmentColumnKey(entry.id, name, i));
    const values = (await database.getMany(keys)).map((value) => value?.value);
    if (values.includes(undefined)) {
      throw new CorruptDataError(`Cannot read segment ${entry.id}: a part of ${name} is missing`);
    }
    columns.push(values as Uint8Array[]);
  }
  return { head, columns };
}
