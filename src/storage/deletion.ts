/** @module Exact deletion: unreadable in one commit, then removed in the background. */

import { CorruptDataError } from "../codec/mod.ts";
import type { RecordColumns } from "../record.ts";
import { listCandidates } from "./catalog.ts";
import { rewrite } from "./compaction.ts";
import { flush } from "./flush.ts";
import type { IndexEntry } from "./index_entry.ts";
import { COMPACTION_INPUTS_MAX, COMPACTION_RECORDS_MAX } from "./limits.ts";
import { makeSelection, selectFromRuns } from "./selection.ts";
import { type EngineState, totalsOf } from "./state.ts";
import { covers, makeTombstone, type Tombstone, touches } from "./tombstone.ts";
import { type Total, TotalsTable } from "./totals.ts";
import type { DeleteSpec, Instant, ScanSpec, Visitor, WholeRun } from "./types.ts";
import { visitChunks, visitSegments } from "./visit.ts";

/** Segments that one publication retires without reading them. */
const RETIRED_AT_ONCE = 128;

/**
 * Hides every record before a moment that matches, among those with an id below `horizonId()`.
 *
 * @returns how many records that were readable are so no more
 */
export function hideBefore(
  state: EngineState,
  spec: DeleteSpec,
  horizonId: () => number,
): Promise<number> {
  return state.parts.publisher.exclusively(async () => {
    const horizon = horizonId();
    const view = state.view();
    const bounds: ScanSpec = {
      to: instantBefore(spec.before),
      idTo: horizon - 1,
      services: spec.services,
      severities: spec.severities,
    };
    const inMemory = new StreamCounter();
    visitChunks(view, bounds, inMemory);
    const inSegments = new StreamCounter();
    await visitSegments(view, bounds, [], inSegments);
    const deleted = new TotalsTable();
    for (const { counts } of [inSegments, inMemory]) {
      for (const { count, last, ...stream } of counts) deleted.add(stream, { count, last });
    }
    const count = [...deleted].reduce((sum, total) => sum + total.count, 0);
    if (count === 0) return 0;
    const totals = [...inSegments.counts].map(({ count, last: _, ...stream }) => {
      const previous = state.stored.get(stream);
      return { stream, previous, total: less(previous, count) };
    });
    let tombstone: Tombstone;
    await state.parts.publisher.publish((version) => ({
      newTombstone: tombstone = makeTombstone(spec, version, horizon),
      totals,
    }), () => {
      state.tombstones = [...state.tombstones, tombstone];
      for (const { stream, total } of totals) state.stored.set(stream, total);
      for (const { count, last: _, ...stream } of deleted) {
        const before = state.live.get(stream);
        state.live.set(stream, less(before, count));
      }
      renewLast(state, deleted, spec.before);
    });
    state.parts.counters.deletedRecords += count;
    return count;
  });
}

/** A total without so many records; not below none, which damaged totals could lead to. */
function less(total: Total, count: number): Total {
  return { ...total, count: Math.max(0, total.count - count) };
}

/** The greatest moment before another one. */
function instantBefore({ ms, ns }: Instant): Instant {
  return ns > 0 ? { ms, ns: ns - 1 } : { ms: ms - 1, ns: 999_999 };
}

/** Counts matches by stream. */
class StreamCounter implements Visitor {
  readonly counts = new TotalsTable();

  whole({ service, severity, count, last }: WholeRun): boolean {
    this.counts.add({ service, severity }, { count, last });
    return true;
  }

  rows(columns: RecordColumns, rows: Uint32Array): void {
    const perStream = new Uint32Array(columns.streams.length);
    for (const row of rows) perStream[columns.streamOf[row]!]!++;
    columns.streams.forEach((stream, i) => {
      const count = perStream[i]!;
      if (count > 0) this.counts.add(stream, { count, last: { ms: 0, ns: 0 } });
    });
  }
}

/**
 * What is deleted is older than what is kept, so that a stream's newest timestamp changes only if all that it had was
 * deleted: then it is that of what came in meanwhile, which is still in memory.
 */
function renewLast(state: EngineState, deleted: TotalsTable, before: Instant): void {
  const arrived = new TotalsTable();
  for (const { columns } of state.view().chunks) {
    for (const [stream, total] of totalsOf(columns, state.tombstones)) arrived.add(stream, total);
  }
  for (const { service, severity } of deleted) {
    const stream = { service, severity };
    const total: Total = state.live.get(stream);
    if (total.count === 0 || isAtOrAfter(total.last, before)) continue;
    state.live.set(stream, { count: total.count, last: arrived.get(stream).last });
  }
}

function isAtOrAfter(a: Instant, b: Instant): boolean {
  return a.ms > b.ms || (a.ms === b.ms && a.ns >= b.ns);
}

/**
 * Removes from the segments what a tombstone hides, then the tombstone itself. A segment that is damaged is passed over;
 * then the tombstone has to stay.
 *
 * @returns whether nothing is left that it hides
 */
export async function purge(state: EngineState, tombstone: Tombstone): Promise<boolean> {
  const { publisher, database, memo } = state.parts;
  while (state.holdsIdsBelow(tombstone.horizonId)) await flush(state);
  const { version } = state;
  const release = state.hold(version);
  let damaged = false;
  try {
    const catalog = { database, memo, version };
    const selection = makeSelection({
      to: instantBefore(tombstone.before),
      idTo: tombstone.horizonId - 1,
      services: tombstone.services,
      severities: tombstone.severities,
    }, []);
    let covered: IndexEntry[] = [];
    let partly: IndexEntry[] = [];
    const isFull = () =>
      partly.length >= COMPACTION_INPUTS_MAX ||
      partly.reduce((sum, { count }) => sum + count, 0) >= COMPACTION_RECORDS_MAX;
    for await (const { entries } of listCandidates(catalog, selection, "asc")) {
      for (const entry of entries) {
        const hidden = await hiddenIn(state, tombstone, entry);
        if (hidden === "all") covered.push(entry);
        else if (hidden === "some") partly.push(entry);
        else if (hidden === "damaged") damaged = true;
        if (covered.length >= RETIRED_AT_ONCE) {
          await retire(state, covered);
          covered = [];
        }
        if (isFull()) {
          damaged = !await rewriteReadable(state, partly) || damaged;
          partly = [];
        }
      }
    }
    if (covered.length > 0) await retire(state, covered);
    if (partly.length > 0) damaged = !await rewriteReadable(state, partly) || damaged;
  } finally {
    release();
  }
  if (damaged) return false;
  await publisher.exclusively(() =>
    publisher.publish({ droppedTombstones: [tombstone] }, () => {
      state.tombstones = state.tombstones.filter((one) => one !== tombstone);
    })
  );
  return true;
}

/** Rewrites segments together or, if one of them is damaged, those that can be read one by one. */
async function rewriteReadable(
  state: EngineState,
  entries: readonly IndexEntry[],
): Promise<boolean> {
  try {
    await rewrite(state, entries, Math.max(...entries.map(({ level }) => level)));
    return true;
  } catch (error) {
    if (!(error instanceof CorruptDataError)) throw error;
    state.parts.log("error", `Deleted records stay on disk: ${error.message}`);
    if (entries.length > 1) { for (const entry of entries) await rewriteReadable(state, [entry]); }
    return false;
  }
}

/** How much of a segment a tombstone hides. */
async function hiddenIn(
  state: EngineState,
  tombstone: Tombstone,
  entry: IndexEntry,
): Promise<"none" | "some" | "all" | "damaged"> {
  if (!touches(tombstone, entry)) return "none";
  const unfiltered = tombstone.services === undefined && tombstone.severities === undefined;
  if ((entry.stream !== undefined || unfiltered) && covers(tombstone, entry)) return "all";
  try {
    const { columns, runs } = await state.parts.reader.head(entry.id);
    const left = selectFromRuns(columns, runs, makeSelection({}, [tombstone])).length;
    return left === 0 ? "all" : left < columns.count ? "some" : "none";
  } catch (error) {
    if (!(error instanceof CorruptDataError)) throw error;
    state.parts.log("error", `Deleted records stay on disk: ${error.message}`);
    return "damaged";
  }
}

function retire(state: EngineState, entries: readonly IndexEntry[]): Promise<void> {
  const { publisher, planner } = state.parts;
  return publisher.exclusively(() =>
    publisher.publish({ retired: entries }, () => {
      for (const entry of entries) planner.remove(entry);
    })
  );
}
