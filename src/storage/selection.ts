/** @module From a scan's bounds to rows: cheapest column first, before any text is read. */

import { SEGMENT_ROWS_MAX } from "../codec/mod.ts";
import type { RecordColumns, Stream } from "../record.ts";
import type { ChunkView } from "./memtable.ts";
import { concerns, type Extent, hides, type Tombstone, touches } from "./tombstone.ts";
import type { Instant, ScanSpec } from "./types.ts";

const BEGINNING: Instant = { ms: -Infinity, ns: 0 };
const END: Instant = { ms: Infinity, ns: 0 };

/** A scan's bounds with every default filled in, and what hides records from it. */
export interface Selection {
  readonly from: Instant;
  readonly to: Instant;
  readonly idFrom: number;
  readonly idTo: number;
  readonly receivedFromMs: number;
  readonly receivedToMs: number;
  readonly services: ReadonlySet<string> | undefined;
  readonly severities: ReadonlySet<number> | undefined;
  readonly tombstones: readonly Tombstone[];
}

export function makeSelection(spec: ScanSpec, tombstones: readonly Tombstone[]): Selection {
  return {
    from: spec.from ?? BEGINNING,
    to: spec.to ?? END,
    idFrom: spec.idFrom ?? 0,
    idTo: spec.idTo ?? Infinity,
    receivedFromMs: spec.receivedFromMs ?? -Infinity,
    receivedToMs: spec.receivedToMs ?? Infinity,
    services: spec.services && new Set(spec.services),
    severities: spec.severities && new Set(spec.severities),
    tombstones,
  };
}

/** An extent with the times of receipt. */
export interface ReceivedExtent extends Extent {
  readonly firstReceivedMs: number;
  readonly lastReceivedMs: number;
}

/** Whether records of this extent can match at all. */
export function overlaps(selection: Selection, extent: ReceivedExtent): boolean {
  return before(selection.from, extent.lastMs, extent.lastNs) &&
    after(selection.to, extent.firstMs, extent.firstNs) &&
    extent.lastId >= selection.idFrom && extent.firstId <= selection.idTo &&
    extent.lastReceivedMs >= selection.receivedFromMs &&
    extent.firstReceivedMs <= selection.receivedToMs;
}

/** Whether every record of this extent and stream is within the bounds and none is hidden. */
export function contains(
  selection: Selection,
  extent: ReceivedExtent,
  stream: Stream | undefined,
): boolean {
  return before(selection.from, extent.firstMs, extent.firstNs) &&
    after(selection.to, extent.lastMs, extent.lastNs) &&
    extent.firstId >= selection.idFrom && extent.lastId <= selection.idTo &&
    extent.firstReceivedMs >= selection.receivedFromMs &&
    extent.lastReceivedMs <= selection.receivedToMs &&
    !selection.tombstones.some((tombstone) =>
      (stream === undefined || concerns(tombstone, stream)) && touches(tombstone, extent)
    );
}

export function wantsStream(selection: Selection, stream: Stream): boolean {
  return (selection.services === undefined || selection.services.has(stream.service)) &&
    (selection.severities === undefined || selection.severities.has(stream.severity));
}

/** A range of rows of one stream; `sorted` by (timestamp, id). Half-open. */
export interface RowRange {
  readonly start: number;
  readonly end: number;
}

/** Every row that a segment can have, in order: shared by whoever begins with all rows, never written to or transferred. */
const ALL_ROWS = Uint32Array.from({ length: SEGMENT_ROWS_MAX }, (_, row) => row);

/** The rows of the runs of a segment (each sorted by time) that are within the bounds, ascending. */
export function selectFromRuns(
  columns: RecordColumns,
  runs: readonly (Stream & RowRange)[],
  selection: Selection,
): Uint32Array {
  const pieces: Uint32Array[] = [];
  for (const run of runs) {
    if (!wantsStream(selection, run)) continue;
    const start = firstRow(columns, run, (ms, ns) => before(selection.from, ms, ns));
    const end = firstRow(columns, run, (ms, ns) => !after(selection.to, ms, ns));
    if (end <= start) continue;
    pieces.push(narrow(columns, ALL_ROWS.subarray(start, end), run, selection));
  }
  return concatRows(pieces);
}

/** The rows of a memtable chunk, in any order of time, that are within the bounds, ascending. */
export function selectFromChunk(
  { columns, firstMs, lastMs }: ChunkView,
  selection: Selection,
): Uint32Array {
  const { count, streams } = columns;
  const { from, to, tombstones } = selection;
  if (lastMs < from.ms || firstMs > to.ms) return new Uint32Array();
  const wanted = streams.map((stream) => wantsStream(selection, stream));
  if (!wanted.includes(true)) return new Uint32Array();
  const all = !wanted.includes(false) && from.ms < firstMs && to.ms > lastMs &&
    tombstones.length === 0 && count <= ALL_ROWS.length;
  const selected = all ? ALL_ROWS.subarray(0, count) : selectRows(columns, wanted, selection);
  return withinIds(columns, selected, selection);
}

/** The rows of some streams, within the bounds of time and not hidden. */
function selectRows(
  columns: RecordColumns,
  wanted: readonly boolean[],
  { from, to, tombstones }: Selection,
): Uint32Array {
  const { count, timestampMs, timestampNs, streamOf, streams } = columns;
  const rows = new Uint32Array(count);
  let used = 0;
  for (let row = 0; row < count; row++) {
    if (!wanted[streamOf[row]!]) continue;
    const ms = timestampMs[row]!;
    if (ms < from.ms || ms > to.ms) continue;
    if (ms === from.ms || ms === to.ms) {
      const ns = timestampNs?.[row] ?? 0;
      if (!before(from, ms, ns) || !after(to, ms, ns)) continue;
    }
    rows[used++] = row;
  }
  const selected = rows.subarray(0, used);
  if (tombstones.length === 0 || used === 0) return selected;
  const byStream = streams.map((stream) =>
    tombstones.filter((tombstone) => concerns(tombstone, stream))
  );
  return selected.filter((row) => !hidden(columns, row, byStream[streamOf[row]!]!));
}

function narrow(
  columns: RecordColumns,
  rows: Uint32Array,
  stream: Stream,
  selection: Selection,
): Uint32Array {
  const tombstones = selection.tombstones.filter((tombstone) => concerns(tombstone, stream));
  const visible = tombstones.length === 0
    ? rows
    : rows.filter((row) => !hidden(columns, row, tombstones));
  return withinIds(columns, visible, selection);
}

function withinIds(columns: RecordColumns, rows: Uint32Array, selection: Selection): Uint32Array {
  const { idFrom, idTo, receivedFromMs, receivedToMs } = selection;
  const { ids, receivedMs } = columns;
  let kept = rows;
  if (idFrom > 0 || idTo < Infinity) {
    kept = kept.filter((row) => ids[row]! >= idFrom && ids[row]! <= idTo);
  }
  if (receivedFromMs > -Infinity || receivedToMs < Infinity) {
    kept = kept.filter((row) =>
      receivedMs[row]! >= receivedFromMs && receivedMs[row]! <= receivedToMs
    );
  }
  return kept;
}

function hidden(columns: RecordColumns, row: number, tombstones: readonly Tombstone[]): boolean {
  const ms = columns.timestampMs[row]!;
  const ns = columns.timestampNs?.[row] ?? 0;
  return tombstones.some((tombstone) => hides(tombstone, ms, ns, columns.ids[row]!));
}

/** The first row of a sorted range for which `holds`, which holds from some row on; `end` if for none. */
function firstRow(
  columns: RecordColumns,
  range: RowRange,
  holds: (ms: number, ns: number) => boolean,
): number {
  let { start, end } = range;
  while (start < end) {
    const middle = (start + end) >>> 1;
    if (holds(columns.timestampMs[middle]!, columns.timestampNs?.[middle] ?? 0)) end = middle;
    else start = middle + 1;
  }
  return start;
}

/** Lists of rows end to end. */
export function concatRows(pieces: readonly Uint32Array[]): Uint32Array {
  if (pieces.length === 1) return pieces[0]!;
  const all = new Uint32Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** Whether the bound is at or before the moment. */
function before(bound: Instant, ms: number, ns: number): boolean {
  return bound.ms < ms || (bound.ms === ms && bound.ns <= ns);
}

/** Whether the bound is at or after the moment. */
function after(bound: Instant, ms: number, ns: number): boolean {
  return bound.ms > ms || (bound.ms === ms && bound.ns >= ns);
}
