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
import type { RecordColumns, Stream, TextColumn, TextColumnName } from "../record.ts";
import { dayOf, type SegmentKind } from "./keys.ts";
import {
  MIXED_STREAMS_MAX,
  OWN_DAY_DAYS_MAX,
  OWN_DAY_RECORDS_MIN,
  OWN_SEGMENT_RECORDS_MIN,
  SEGMENT_RECORDS_MAX,
  SEGMENT_TEXT_BYTES_MAX,
} from "./limits.ts";
import { concerns, hides, type Tombstone } from "./tombstone.ts";

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
  const sources = [
    ...(input.batches ?? []).map(decodeBatch),
    ...(input.segments ?? []).map(decodeStored),
  ];
  const groups = groupByStream(sources, input.tombstones);
  const pieces = splitByDay(groups);
  const segments: BuiltSegment[] = [];
  for (const { kind, runs } of plan(pieces)) {
    for (const encoded of encodeRuns(runs)) segments.push({ kind, encoded });
  }
  return { segments, totals: groups.map(totalOf) };
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

/** The rows of one stream, sorted by (timestamp, id). */
interface Run {
  readonly stream: Stream;
  readonly refs: readonly Ref[];
}

interface Ref {
  readonly source: RecordColumns;
  readonly row: number;
}

function groupByStream(
  sources: readonly RecordColumns[],
  tombstones: readonly Tombstone[],
): Run[] {
  const byKey = new Map<string, { stream: Stream; refs: Ref[] }>();
  for (const source of sources) {
    const targets = source.streams.map((stream) => {
      const key = `${stream.service}\u0000${stream.severity}`;
      let target = byKey.get(key);
      if (target === undefined) byKey.set(key, target = { stream, refs: [] });
      const hiding = tombstones.filter((tombstone) => concerns(tombstone, stream));
      return { refs: target.refs, hiding };
    });
    for (let row = 0; row < source.count; row++) {
      const { refs, hiding } = targets[source.streamOf[row]!]!;
      if (hiding.length > 0 && isHidden(source, row, hiding)) continue;
      refs.push({ source, row });
    }
  }
  const runs = [...byKey.values()].filter(({ refs }) => refs.length > 0);
  for (const { refs } of runs) sortRefs(refs);
  return runs.sort((a, b) => compareStreams(a.stream, b.stream));
}

function isHidden(source: RecordColumns, row: number, tombstones: readonly Tombstone[]): boolean {
  const ms = source.timestampMs[row]!;
  const ns = source.timestampNs?.[row] ?? 0;
  return tombstones.some((tombstone) => hides(tombstone, ms, ns, source.ids[row]!));
}

function compareStreams(a: Stream, b: Stream): number {
  if (a.service !== b.service) return a.service < b.service ? -1 : 1;
  return a.severity - b.severity;
}

/** Mostly sorted already: records arrive about in order of time. */
function sortRefs(refs: Ref[]): void {
  for (let i = 1; i < refs.length; i++) {
    if (compareRefs(refs[i - 1]!, refs[i]!) > 0) {
      refs.sort(compareRefs);
      return;
    }
  }
}

function compareRefs(a: Ref, b: Ref): number {
  return a.source.timestampMs[a.row]! - b.source.timestampMs[b.row]! ||
    (a.source.timestampNs?.[a.row] ?? 0) - (b.source.timestampNs?.[b.row] ?? 0) ||
    a.source.ids[a.row]! - b.source.ids[b.row]!;
}

function totalOf({ stream, refs }: Run) {
  const { source, row } = refs[refs.length - 1]!;
  return {
    stream,
    count: refs.length,
    lastMs: source.timestampMs[row]!,
    lastNs: source.timestampNs?.[row] ?? 0,
  };
}

/** For each UTC day the runs of that day, in order of stream. */
function splitByDay(runs: readonly Run[]): Map<number, Run[]> {
  const days = new Map<number, Run[]>();
  for (const { stream, refs } of runs) {
    let start = 0;
    while (start < refs.length) {
      const day = dayOfRef(refs[start]!);
      let end = start + 1;
      if (dayOfRef(refs[refs.length - 1]!) === day) end = refs.length;
      else while (end < refs.length && dayOfRef(refs[end]!) === day) end++;
      const ofDay = days.get(day) ?? [];
      ofDay.push({ stream, refs: refs.slice(start, end) });
      days.set(day, ofDay);
      start = end;
    }
  }
  return days;
}

function dayOfRef(ref: Ref): number {
  return dayOf(ref.source.timestampMs[ref.row]!);
}

/** Decides which runs get segments of their own and which share. */
function* plan(days: Map<number, Run[]>): Generator<{ kind: SegmentKind; runs: Run[] }> {
  const spanning: Ref[] = [];
  const streamOf = new Map<Ref, Stream>();
  for (const runs of days.values()) {
    const shared: Run[] = [];
    for (const run of runs) {
      if (run.refs.length < OWN_SEGMENT_RECORDS_MIN) shared.push(run);
      else for (const piece of evenly(run)) yield { kind: "single", runs: [piece] };
    }
    const records = shared.reduce((sum, { refs }) => sum + refs.length, 0);
    if (records >= OWN_DAY_RECORDS_MIN || days.size <= OWN_DAY_DAYS_MAX) {
      for (const piece of fill(shared)) yield { kind: "mixed", runs: piece };
      continue;
    }
    for (const { stream, refs } of shared) {
      for (const ref of refs) {
        spanning.push(ref);
        streamOf.set(ref, stream);
      }
    }
  }
  yield* planSpanning(spanning, streamOf);
}

/** Records of many days, a few each: segments one after the other in time, each of several streams. */
function* planSpanning(
  refs: Ref[],
  streamOf: Map<Ref, Stream>,
): Generator<{ kind: SegmentKind; runs: Run[] }> {
  refs.sort(compareRefs);
  for (let start = 0; start < refs.length; start += SEGMENT_RECORDS_MAX) {
    const byStream = new Map<Stream, Ref[]>();
    for (const ref of refs.slice(start, start + SEGMENT_RECORDS_MAX)) {
      const stream = streamOf.get(ref)!;
      const own = byStream.get(stream) ?? [];
      own.push(ref);
      byStream.set(stream, own);
    }
    const runs = [...byStream].map(([stream, own]) => ({ stream, refs: own }));
    runs.sort((a, b) => compareStreams(a.stream, b.stream));
    for (const piece of fill(runs)) yield { kind: "span", runs: piece };
  }
}

/**
 * Cuts a run into segments of about the same number of records, so that no small rest is left. Where large texts come in a
 * row, pieces of far more bytes than others are cut again.
 */
function* evenly({ stream, refs }: Run): Generator<Run> {
  const bytes = bytesOf({ stream, refs });
  const pieces = Math.max(
    Math.ceil(refs.length / SEGMENT_RECORDS_MAX),
    Math.ceil(bytes / SEGMENT_TEXT_BYTES_MAX),
  );
  const size = Math.ceil(refs.length / pieces);
  for (let start = 0; start < refs.length; start += size) {
    const piece = { stream, refs: refs.slice(start, start + size) };
    if (pieces > 1 && size > 1 && bytesOf(piece) > 2 * SEGMENT_TEXT_BYTES_MAX) yield* evenly(piece);
    else yield piece;
  }
}

function bytesOf({ refs }: Run): number {
  return refs.reduce((sum, ref) => sum + textBytes(ref), 0);
}

/** Packs runs, in their order, into segments within the limits; a run may be cut. */
function* fill(runs: readonly Run[]): Generator<Run[]> {
  let piece: Run[] = [];
  let records = 0;
  let bytes = 0;
  for (const { stream, refs } of runs) {
    let start = 0;
    for (let i = 0; i < refs.length; i++) {
      const size = textBytes(refs[i]!);
      if (
        records === SEGMENT_RECORDS_MAX || (records > 0 && bytes + size > SEGMENT_TEXT_BYTES_MAX) ||
        (i === start && piece.length === MIXED_STREAMS_MAX)
      ) {
        if (i > start) piece.push({ stream, refs: refs.slice(start, i) });
        yield piece;
        piece = [];
        records = bytes = 0;
        start = i;
      }
      records++;
      bytes += size;
    }
    piece.push({ stream, refs: refs.slice(start) });
  }
  if (piece.length > 0) yield piece;
}

function textBytes({ source, row }: Ref): number {
  let bytes = 0;
  for (const { offsets } of source.texts.values()) bytes += offsets[row + 1]! - offsets[row]!;
  return bytes;
}

/** Encodes runs as one segment, or as several where a head would not fit its value. */
function encodeRuns(runs: readonly Run[]): EncodedSegment[] {
  try {
    return [encodeSegment(gather(runs))];
  } catch (error) {
    const records = runs.reduce((sum, { refs }) => sum + refs.length, 0);
    if (!(error instanceof RangeError) || records < 2) throw error;
    const [left, right] = halves(runs, records >>> 1);
    return [...encodeRuns(left), ...encodeRuns(right)];
  }
}

function halves(runs: readonly Run[], records: number): [Run[], Run[]] {
  const left: Run[] = [];
  const right: Run[] = [];
  let room = records;
  for (const { stream, refs } of runs) {
    const taken = Math.min(room, refs.length);
    if (taken > 0) left.push({ stream, refs: refs.slice(0, taken) });
    if (taken < refs.length) right.push({ stream, refs: refs.slice(taken) });
    room -= taken;
  }
  return [left, right];
}

/** Copies the rows of runs, in their order, into columns of their own. */
function gather(runs: readonly Run[]): RecordColumns {
  const refs = runs.length === 1 ? runs[0]!.refs : runs.flatMap((run) => run.refs);
  const count = refs.length;
  const ids = new Float64Array(count);
  const timestampMs = new Float64Array(count);
  const timestampNs = new Uint32Array(count);
  const receivedMs = new Float64Array(count);
  const streamOf = new Uint16Array(count);
  let anyNanos = 0;
  const names = new Set<TextColumnName>();
  for (const source of new Set(refs.map((ref) => ref.source))) {
    for (const name of source.texts.keys()) names.add(name);
  }
  for (let i = 0; i < count; i++) {
    const { source, row } = refs[i]!;
    ids[i] = source.ids[row]!;
    timestampMs[i] = source.timestampMs[row]!;
    anyNanos |= timestampNs[i] = source.timestampNs?.[row] ?? 0;
    receivedMs[i] = source.receivedMs[row]!;
  }
  let at = 0;
  runs.forEach((run, index) => {
    streamOf.fill(index, at, at + run.refs.length);
    at += run.refs.length;
  });
  const texts = new Map<TextColumnName, TextColumn>();
  for (const name of names) texts.set(name, gatherTexts(refs, name));
  return {
    count,
    ids,
    timestampMs,
    timestampNs: anyNanos === 0 ? undefined : timestampNs,
    receivedMs,
    streams: runs.map((run) => run.stream),
    streamOf,
    texts,
  };
}

function gatherTexts(refs: readonly Ref[], name: TextColumnName): TextColumn {
  const offsets = new Uint32Array(refs.length + 1);
  let length = 0;
  let ascii = true;
  refs.forEach(({ source, row }, i) => {
    const text = source.texts.get(name);
    if (text !== undefined) {
      length += text.offsets[row + 1]! - text.offsets[row]!;
      ascii &&= text.ascii;
    }
    offsets[i + 1] = length;
  });
  const bytes = new Uint8Array(length);
  refs.forEach(({ source, row }, i) => {
    const text = source.texts.get(name);
    if (text === undefined) return;
    bytes.set(text.bytes.subarray(text.offsets[row], text.offsets[row + 1]), offsets[i]);
  });
  return { bytes, offsets, ascii };
}
