/** @module Decides which rows share a segment. */

import type { Stream } from "../record.ts";
import { type BuildRows, compareStreams, type Run } from "./build_rows.ts";
import { dayOf, type SegmentKind } from "./keys.ts";
import {
  MIXED_STREAMS_MAX,
  OWN_DAY_DAYS_MAX,
  OWN_DAY_RECORDS_MIN,
  OWN_SEGMENT_RECORDS_MIN,
  SEGMENT_RECORDS_MAX,
  SEGMENT_TEXT_BYTES_MAX,
} from "./limits.ts";

/** The rows of one segment. */
export interface PlannedSegment {
  readonly kind: SegmentKind;
  readonly runs: readonly Run[];
}

/** Gives segments of their own to streams with enough records of a day, and mixed ones to the rest. */
export function* planSegments(
  rows: BuildRows,
  streams: readonly Run[],
): Generator<PlannedSegment> {
  const days = splitByDay(rows, streams);
  const spanning: Run[] = [];
  for (const runs of days.values()) {
    const shared: Run[] = [];
    for (const run of runs) {
      if (run.rows.length < OWN_SEGMENT_RECORDS_MIN) shared.push(run);
      else for (const piece of evenly(rows, run)) yield { kind: "single", runs: [piece] };
    }
    const records = shared.reduce((sum, run) => sum + run.rows.length, 0);
    if (records >= OWN_DAY_RECORDS_MIN || days.size <= OWN_DAY_DAYS_MAX) {
      for (const piece of fill(rows, shared)) yield { kind: "mixed", runs: piece };
    } else {
      spanning.push(...shared);
    }
  }
  yield* planSpanning(rows, spanning);
}

/** For each UTC day the runs of that day, in order of stream. */
function splitByDay({ timestampMs }: BuildRows, runs: readonly Run[]): Map<number, Run[]> {
  const days = new Map<number, Run[]>();
  for (const { stream, rows } of runs) {
    const lastDay = dayOf(timestampMs[rows[rows.length - 1]!]!);
    for (let start = 0; start < rows.length;) {
      const day = dayOf(timestampMs[rows[start]!]!);
      let end = start + 1;
      if (day === lastDay) end = rows.length;
      else while (dayOf(timestampMs[rows[end]!]!) === day) end++;
      const ofDay = days.get(day) ?? [];
      ofDay.push({ stream, rows: rows.subarray(start, end) });
      days.set(day, ofDay);
      start = end;
    }
  }
  return days;
}

/** Records of many days, a few each: segments one after the other in time, each of several streams. */
function* planSpanning(rows: BuildRows, runs: readonly Run[]): Generator<PlannedSegment> {
  const streamOf = new Map<number, Stream>();
  for (const { stream, rows } of runs) for (const row of rows) streamOf.set(row, stream);
  const all = rows.sort(Uint32Array.from(streamOf.keys()));
  for (let start = 0; start < all.length; start += SEGMENT_RECORDS_MAX) {
    const byStream = new Map<Stream, number[]>();
    for (const row of all.subarray(start, start + SEGMENT_RECORDS_MAX)) {
      const stream = streamOf.get(row)!;
      const own = byStream.get(stream) ?? [];
      own.push(row);
      byStream.set(stream, own);
    }
    const pieces = [...byStream].map(([stream, own]) => ({ stream, rows: Uint32Array.from(own) }));
    pieces.sort((a, b) => compareStreams(a.stream, b.stream));
    for (const piece of fill(rows, pieces)) yield { kind: "span", runs: piece };
  }
}

/**
 * Cuts a run into segments of about the same number of records, so that no small rest is left. Where large texts come in a
 * row, pieces of far more bytes than others are cut again.
 */
function* evenly(rows: BuildRows, run: Run): Generator<Run> {
  const count = run.rows.length;
  const pieces = Math.max(
    Math.ceil(count / SEGMENT_RECORDS_MAX),
    Math.ceil(bytesOf(rows, run) / SEGMENT_TEXT_BYTES_MAX),
  );
  const size = Math.ceil(count / pieces);
  for (let start = 0; start < count; start += size) {
    const piece = { stream: run.stream, rows: run.rows.subarray(start, start + size) };
    const isLarge = pieces > 1 && size > 1 && bytesOf(rows, piece) > 2 * SEGMENT_TEXT_BYTES_MAX;
    if (isLarge) yield* evenly(rows, piece);
    else yield piece;
  }
}

function bytesOf(rows: BuildRows, run: Run): number {
  let bytes = 0;
  for (const row of run.rows) bytes += rows.textBytes(row);
  return bytes;
}

/** Packs runs, in their order, into segments within the limits; a run may be cut. */
function* fill(rows: BuildRows, runs: readonly Run[]): Generator<Run[]> {
  let piece: Run[] = [];
  let records = 0;
  let bytes = 0;
  for (const { stream, rows: own } of runs) {
    let start = 0;
    for (let i = 0; i < own.length; i++) {
      const size = rows.textBytes(own[i]!);
      if (
        records === SEGMENT_RECORDS_MAX || (records > 0 && bytes + size > SEGMENT_TEXT_BYTES_MAX) ||
        (i === start && piece.length === MIXED_STREAMS_MAX)
      ) {
        if (i > start) piece.push({ stream, rows: own.subarray(start, i) });
        yield piece;
        piece = [];
        records = bytes = 0;
        start = i;
      }
      records++;
      bytes += size;
    }
    piece.push({ stream, rows: own.subarray(start) });
  }
  if (piece.length > 0) yield piece;
}
