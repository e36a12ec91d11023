/** @module Exact deletion: unreadable in one commit, then removed in the background. */

import { CorruptDataError } from "../codec/mod.ts";
import type { RecordColumns } from "../record.ts";
import { listCandidates } from "./catalog.ts";
import { rewrite } from "./compaction.ts";
import { flush } from "./flush.ts";
import { TooManyMatchesError } from "./errors.ts";
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

/** Publications of one step of a purge, about: each removes or rewrites up to 32,768 records and more. */
const PURGE_PUBLICATIONS = 4;

/**
 * Hides every record before a moment that matches, among those with an id below `horizonId()` and `spec.idBefore`.
 *
 * @returns how many records that were readable are so no more
 * @throws {TooManyMatchesError} they would be more than `spec.countMax`
 */
export function hideBefore(
  state: EngineState,
  spec: DeleteSpec,
  horizonId: () => number,
): Promise<number> {
  return state.parts.publisher.exclusively(async () => {
    const horizon = Math.min(spec.idBefore ?? Infinity, horizonId());
    const view = state.view();
    const bounds: ScanSpec = {
      to: instantBefore(spec.before),
      idTo: horizon - 1,
      services: spec.services,
      severities: spec.severities,
    };
    const inMemory = new StreamCounter();
    await visitChunks(view, bounds, inMemory);
    const inSegments = new StreamCounter();
    await visitSegments(view, bounds, [], inSegments);
    const deleted = new TotalsTable();
    for (const { counts } of [inSegments, inMemory]) {
      for (const { count, last, ...stream } of counts) deleted.add(stream, { count, last });
    }
    const count = [...deleted].reduce((sum, total) => sum + total.count, 0);
    if (count === 0) return 0;
    if (spec.countMax !== undefined && count > spec.countMax) {
      throw new TooManyMatchesError(
        `Cannot delete: ${count} records match, which is more than ${spec.countMax}`,
      );
    }
    const spared = new TotalsTable();
    if (spec.idBefore !== undefined) {
      const above = { ...bounds, idFrom: horizon, idTo: undefined };
      await visitSegments(view, above, [], new NewestFinder(spared));
    }
    const totals = [...inSegments.counts].map(({ count, last: _, ...stream }) => {
      const previous = state.stored.get(stream);
      const total = less(previous, count);
      const isOld = total.count > 0 && !isAtOrAfter(total.last, spec.before);
      const last = isOld && spared.has(stream) ? spared.get(stream).last : total.last;
      return { stream, previous, total: { ...total, last } };
    });
    let tombstone: Tombstone;
    await state.parts.publisher.publish((version) => ({
      newTombstone: tombstone = makeTombstone(spec, version, horizon),
      totals,
    }), () => {
      state.tombstones = [...state.tombstones, tombstone];
      for (const { stream, total } of totals) state.setStored(stream, total);
      for (const { count, last: _, ...stream } of deleted) {
        const before = state.live.get(stream);
        state.live.set(stream, less(before, count));
      }
      renewLast(state, deleted, spared, spec.before);
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

/** Finds the newest timestamp of each stream's matches. */
class NewestFinder implements Visitor {
  readonly #found: TotalsTable;

  constructor(found: TotalsTable) {
    this.#found = found;
  }

  whole({ service, severity, count, last }: WholeRun): boolean {
    this.#found.add({ service, severity }, { count, last });
    return true;
  }

  rows(columns: RecordColumns, rows: Uint32Array): void {
    const newest = new Map<number, number>();
    for (const row of rows) {
      const other = newest.get(columns.streamOf[row]!);
      if (other === undefined || isAtOrAfter(instantOf(columns, row), instantOf(columns, other))) {
        newest.set(columns.streamOf[row]!, row);
      }
    }
    for (const [stream, row] of newest) {
      this.#found.add(columns.streams[stream]!, { count: 1, last: instantOf(columns, row) });
    }
  }
}

function instantOf({ timestampMs, timestampNs }: RecordColumns, row: number): Instant {
  return { ms: timestampMs[row]!, ns: timestampNs?.[row] ?? 0 };
}

/**
 * What is deleted is older than what is kept, so that a stream's newest timestamp changes only if all that it had before
 * the deletion's horizon was deleted: then it is that of what came in later, which is still in memory or was `spared`.
 */
function renewLast(
  state: EngineState,
  deleted: TotalsTable,
  spared: TotalsTable,
  before: Instant,
): void {
  const arrived = new TotalsTable();
  for (const { service, severity, count, last } of spared) {
    arrived.add({ service, severity }, { count, last });
  }
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

/** How far the removal of what a tombstone hides has come. */
export interface Purge {
  readonly tombstone: Tombstone;
  /** No segment that ends before this moment has anything left that it hides, unless it is damaged. */
  readonly fromMs: number;
  /** Whether a segment that is damaged had to be passed over: then the tombstone has to stay. */
  readonly isStuck: boolean;
  readonly isDone: boolean;
}

/** The removal of what a tombstone hides, from its beginning. */
export function beginPurge(tombstone: Tombstone): Purge {
  return { tombstone, fromMs: -Infinity, isStuck: false, isDone: false };
}

/**
 * Removes from the segments some of what a tombstone hides, oldest first: a few publications, so that flushes can come
 * between such steps. The last one removes the tombstone itself.
 */
export async function purge(state: EngineState, before: Purge): Promise<Purge> {
  const { tombstone } = before;
  while (state.holdsIdsBelow(tombstone.horizonId)) await flush(state);
  const { fromMs, isStuck } = await purgeSome(state, before);
  if (fromMs < Infinity) return { tombstone, fromMs, isStuck, isDone: false };
  if (!isStuck) await drop(state, tombstone);
  return { tombstone, fromMs, isStuck, isDone: true };
}

/** Until a few publications were made at the end of a batch of the listing, or there is no more of it. */
async function purgeSome(
  state: EngineState,
  { tombstone, fromMs, isStuck }: Purge,
): Promise<Pick<Purge, "fromMs" | "isStuck">> {
  const { database, memo } = state.parts;
  const { version } = state;
  const release = state.hold(version);
  const removal = new Removal(state);
  try {
    const selection = makeSelection({
      from: { ms: fromMs, ns: 0 },
      to: instantBefore(tombstone.before),
      idTo: tombstone.horizonId - 1,
      services: tombstone.services,
      severities: tombstone.severities,
    }, []);
    // An entry that cannot be read may be of a segment with something to hide.
    const onDamage = () => removal.isStuck = true;
    const catalog = { database, memo, version, onDamage };
    for await (const { entries, frontierMs } of listCandidates(catalog, selection, "asc")) {
      for (const entry of entries) {
        await removal.add(entry, await hiddenIn(state, tombstone, entry));
      }
      if (removal.publications < PURGE_PUBLICATIONS || frontierMs === -Infinity) continue;
      await removal.finish();
      return { fromMs: frontierMs, isStuck: isStuck || removal.isStuck };
    }
    await removal.finish();
    return { fromMs: Infinity, isStuck: isStuck || removal.isStuck };
  } finally {
    release();
  }
}

/** Gathers segments of which something is hidden, and retires or rewrites them when there are enough. */
class Removal {
  readonly #state: EngineState;
  #covered: IndexEntry[] = [];
  #partly: IndexEntry[] = [];
  #partlyRecords = 0;
  publications = 0;
  isStuck = false;

  constructor(state: EngineState) {
    this.#state = state;
  }

  async add(entry: IndexEntry, hidden: "none" | "some" | "all" | "damaged"): Promise<void> {
    if (hidden === "damaged") this.isStuck = true;
    if (hidden === "all") this.#covered.push(entry);
    if (hidden === "some") {
      this.#partly.push(entry);
      this.#partlyRecords += entry.count;
    }
    if (this.#covered.length >= RETIRED_AT_ONCE) await this.#retire();
    const isFull = this.#partly.length >= COMPACTION_INPUTS_MAX ||
      this.#partlyRecords >= COMPACTION_RECORDS_MAX;
    if (isFull) await this.#rewrite();
  }

  async finish(): Promise<void> {
    if (this.#covered.length > 0) await this.#retire();
    if (this.#partly.length > 0) await this.#rewrite();
  }

  async #retire(): Promise<void> {
    const { publisher, planner } = this.#state.parts;
    const retired = this.#covered;
    this.#covered = [];
    this.publications++;
    await publisher.exclusively(() =>
      publisher.publish({ retired }, () => {
        for (const entry of retired) planner.remove(entry);
      })
    );
  }

  async #rewrite(): Promise<void> {
    const entries = this.#partly;
    this.#partly = [];
    this.#partlyRecords = 0;
    this.publications++;
    if (!await rewriteReadable(this.#state, entries)) this.isStuck = true;
  }
}

function drop(state: EngineState, tombstone: Tombstone): Promise<void> {
  const { publisher } = state.parts;
  return publisher.exclusively(() =>
    publisher.publish({ droppedTombstones: [tombstone] }, () => {
      state.tombstones = state.tombstones.filter((one) => one !== tombstone);
      const { before, horizonId } = tombstone;
      if (isUnfiltered(tombstone)) state.noteDeleted(before.ms, horizonId);
    })
  );
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
    if (entries.length === 1) noteStaying(state, entries[0]!, error);
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
  if ((entry.stream !== undefined || isUnfiltered(tombstone)) && covers(tombstone, entry)) {
    return "all";
  }
  try {
    const { columns, runs } = await state.parts.reader.head(entry);
    const left = selectFromRuns(columns, runs, makeSelection({}, [tombstone])).length;
    return left === 0 ? "all" : left < columns.count ? "some" : "none";
  } catch (error) {
    if (!(error instanceof CorruptDataError)) throw error;
    noteStaying(state, entry, error);
    return "damaged";
  }
}

function isUnfiltered({ services, severities }: Tombstone): boolean {
  return services === undefined && severities === undefined;
}

function noteStaying({ parts: { damage } }: EngineState, { id }: IndexEntry, error: Error): void {
  damage.note(
    "segments",
    `${id}`,
    `deleted records of segment ${id} stay on disk: ${error.message}`,
  );
}
