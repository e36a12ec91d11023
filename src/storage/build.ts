/**
 * @module From records in any order to sorted segments: what a flush and a compaction have in common. Pure, so that it
 * runs in a Worker as well as in a test.
 */

import {
  decodeBatch,
  decodeSegmentColumn,
  decodeSegmentHead,
  type EncodedSegment,
  encodeSegment,
  wholeAttributes,
} from "../codec/mod.ts";
import {
  joinColumns,
  type RecordColumns,
  type Stream,
  type TextColumn,
  type TextColumnName,
} from "../record.ts";
import { planSegments } from "./build_plan.ts";
import { BuildRows, type Run } from "./build_rows.ts";
import type { SegmentKind } from "./keys.ts";
import type { Tombstone } from "./tombstone.ts";

/** A segment's stored values. */
export interface StoredSegment {
  readonly head: Uint8Array;
  /** The parts of each column, in the order of the head's directory. */
  readonly columns: readonly (readonly Uint8Array[])[];
}

/** Records to put in order: journal payloads of a flush, segments of a compaction. */
export interface BuildInput {
  readonly batches?: readonly Uint8Array[];
  readonly segments?: readonly StoredSegment[];
  /** What they hide is left out. */
  readonly tombstones: readonly Tombstone[];
}

/** A finished segment. */
export interface BuiltSegment {
  readonly kind: SegmentKind;
  readonly encoded: EncodedSegment;
}

/** What came out, with the counts that the stored totals need. */
export interface BuildOutput {
  readonly segments: readonly BuiltSegment[];
  readonly totals: readonly { stream: Stream; count: number; lastMs: number; lastNs: number }[];
}

/**
 * Sorts records into segments: of one stream and day where there are enough, mixed ones for the rest.
 *
 * @throws {CorruptDataError} if an input is damaged
 */
export function buildSegments(input: BuildInput): BuildOutput {
  const batches = (input.batches ?? []).map(decodeBatch);
  const sources = (input.segments ?? []).map(decodeStored);
  // As one, so that texts need no further copy before they are compressed.
  if (batches.length > 0) sources.push(joinColumns(batches));
  const rows = new BuildRows(sources);
  const streams = rows.byStream(input.tombstones);
  const segments: BuiltSegment[] = [];
  for (const { kind, runs } of planSegments(rows, streams)) {
    for (const encoded of encodeRuns(rows, runs)) segments.push({ kind, encoded });
  }
  return { segments, totals: streams.map((run) => totalOf(rows, run)) };
}

function decodeStored(stored: StoredSegment): RecordColumns {
  const head = decodeSegmentHead(stored.head);
  const texts = new Map<TextColumnName, TextColumn>();
  head.directory.forEach((entry, i) => {
    texts.set(entry.name as TextColumnName, decodeSegmentColumn(head, entry, stored.columns[i]!));
  });
  return withWholeAttributes({ ...head.columns, texts });
}

/** Puts attributes that a segment keeps apart back together, since others may keep them otherwise. */
function withWholeAttributes(columns: RecordColumns): RecordColumns {
  if (![...columns.texts.keys()].some((name) => name.startsWith("attr."))) return columns;
  const texts = new Map<TextColumnName, TextColumn>();
  for (const [name, text] of columns.texts) if (!name.startsWith("attr.")) texts.set(name, text);
  const whole = wholeAttributes(columns);
  if (whole !== undefined) texts.set("attributes", whole);
  return { ...columns, texts };
}

function totalOf({ timestampMs, timestampNs }: BuildRows, { stream, rows }: Run) {
  const last = rows[rows.length - 1]!;
  return {
    stream,
    count: rows.length,
    lastMs: timestampMs[last]!,
    lastNs: timestampNs?.[last] ?? 0,
  };
}

/** Encodes runs as one segment, or as several where a head would not fit its value. */
function encodeRuns(rows: BuildRows, runs: readonly Run[]): EncodedSegment[] {
  try {
    return [encodeSegment(rows.gather(runs))];
  } catch (error) {
    const records = runs.reduce((sum, run) => sum + run.rows.length, 0);
    if (!(error instanceof RangeError) || records < 2) throw error;
    const [left, right] = halves(runs, records >>> 1);
    return [...encodeRuns(rows, left), ...encodeRuns(rows, right)];
  }
}

function halves(runs: readonly Run[], records: number): [Run[], Run[]] {
  const left: Run[] = [];
  const right: Run[] = [];
  let room = records;
  for (const { stream, rows } of runs) {
    const taken = Math.min(room, rows.length);
    if (taken > 0) left.push({ stream, rows: rows.subarray(0, taken) });
    if (taken < rows.length) right.push({ stream, rows: rows.subarray(taken) });
    room -= taken;
  }
  return [left, right];
}
