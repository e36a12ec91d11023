/** @module Numbered records as typed columns: what journal, memtable, segments and queries work on. */

import type { OptionalColumnName, RecordBatch, Stream } from "./batch.ts";
import type { TextList } from "./text_list.ts";

/** A column of texts: UTF-8 bytes end to end; text `i` is `bytes[offsets[i]..offsets[i + 1])`. */
export interface TextColumn {
  readonly bytes: Uint8Array;
  /** One more than there are records; ascending. */
  readonly offsets: Uint32Array;
  /** True only if every byte is below 0x80, so that byte and character offsets agree. */
  readonly ascii: boolean;
}

/**
 * A text column's name. `attributes` holds JSON objects; `attr.NAME`, in segments only, one common attribute's
 * JSON value by itself (then absent from `attributes`). An empty text means that the record has none.
 */
export type TextColumnName = "message" | OptionalColumnName | `attr.${string}`;

/** Numbered records as parallel typed arrays. Read-only by convention: columns are shared. */
export interface RecordColumns {
  readonly count: number;
  /** Integers below 2^53. */
  readonly ids: Float64Array;
  /** Milliseconds since the Unix epoch, floored. */
  readonly timestampMs: Float64Array;
  /** Nanoseconds within the millisecond, or `undefined` if all are 0. */
  readonly timestampNs: Uint32Array | undefined;
  /** Milliseconds since the Unix epoch at which each record was accepted. */
  readonly receivedMs: Float64Array;
  readonly streams: readonly Stream[];
  /** For each record the index of its stream in `streams`. */
  readonly streamOf: Uint16Array;
  /** The text columns that are loaded (segments load them on demand). */
  readonly texts: ReadonlyMap<TextColumnName, TextColumn>;
}

/** One record of some columns. */
export interface RowRef {
  readonly columns: RecordColumns;
  readonly row: number;
}

const encoder = new TextEncoder();

/** Packs texts into one column; `undefined` becomes the empty text. */
export function packTexts(texts: readonly (string | undefined)[], count: number): TextColumn {
  const joined = texts.join("");
  const bytes = encoder.encode(joined);
  const offsets = new Uint32Array(count + 1);
  let at = 0;
  if (bytes.length === joined.length) {
    for (let i = 0; i < count; i++) offsets[i + 1] = at += texts[i]?.length ?? 0;
    return { bytes, offsets, ascii: true };
  }
  for (let i = 0; i < count; i++) {
    const text = texts[i];
    if (text !== undefined) at += utf8Length(text);
    offsets[i + 1] = at;
  }
  return { bytes, offsets, ascii: false };
}

/** Packs the texts of some lists, in their order, into one column of `count` texts. */
function packLists(lists: readonly TextList[], count: number): TextColumn {
  if (lists.every(({ strings }) => strings !== undefined)) {
    const [first, ...others] = lists;
    if (others.length === 0) return packTexts(first?.strings ?? [], count);
    return packTexts(lists.flatMap(({ strings }) => strings!), count);
  }
  for (const list of lists) list.reserve(0);
  let length = 0;
  for (const { used } of lists) length += used;
  const [first] = lists;
  const whole = lists.length === 1 && first!.bytes.length === length ? first!.bytes : undefined;
  const bytes = whole ?? new Uint8Array(length);
  const offsets = new Uint32Array(count + 1);
  let ascii = true;
  let at = 0;
  let row = 0;
  for (const list of lists) {
    if (whole === undefined) bytes.set(list.written(), at);
    for (const end of list.ends) offsets[++row] = at + end;
    at += list.used;
    ascii &&= list.ascii;
  }
  return { bytes, offsets, ascii };
}

/** The bytes that a well-formed string takes as UTF-8. */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    length += unit < 0x800 ? 1 : 2;
    if (unit >= 0xd800 && unit <= 0xdbff) {
      // A surrogate pair is two units and four bytes: the high half brings two more, the low half none.
      i++;
    }
  }
  return length;
}

/** Keeps a byte order mark, which is a character of a message like any other. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Text `row` of a column as a string; empty if the record has none. */
export function textAt(column: TextColumn, row: number): string {
  return decoder.decode(column.bytes.subarray(column.offsets[row], column.offsets[row + 1]));
}

/** What a row's stream index, 16 bits wide, can tell apart. */
const STREAMS_MAX = 65_536;

/**
 * Numbers the records of some batches, in their order, from `firstId` on and packs them into typed columns.
 * All get the same time of receipt.
 * @throws {RangeError} more than 65,536 distinct streams
 */
export function sealBatches(
  batches: readonly RecordBatch[],
  firstId: number,
  receivedMs: number,
): RecordColumns {
  let count = 0;
  for (const batch of batches) count += batch.length;
  const ids = new Float64Array(count);
  const timestampMs = new Float64Array(count);
  const nanos = new Uint32Array(count);
  const streamOf = new Uint16Array(count);
  const streams: Stream[] = [];
  const streamIndex = new Map<string, number>();
  let anyNanos = 0;
  let at = 0;
  for (const batch of batches) {
    const mapped = batch.streams.map((stream) => {
      const key = `${stream.severity}${stream.service}`;
      let index = streamIndex.get(key);
      if (index === undefined) {
        if (streams.length === STREAMS_MAX) {
          throw new RangeError(`Cannot seal records of more than ${STREAMS_MAX} streams at once`);
        }
        streamIndex.set(key, index = streams.length);
        streams.push(stream);
      }
      return index;
    });
    for (let i = 0; i < batch.length; i++, at++) {
      ids[at] = firstId + at;
      timestampMs[at] = batch.timestampMs[i]!;
      anyNanos |= nanos[at] = batch.timestampNs[i]!;
      streamOf[at] = mapped[batch.streamOf[i]!]!;
    }
  }
  const texts = new Map<TextColumnName, TextColumn>();
  texts.set("message", packLists(batches.map((batch) => batch.texts), count));
  for (const name of new Set(batches.flatMap((batch) => [...batch.optional.keys()]))) {
    texts.set(name, packTexts(joinOptional(batches, name, count), count));
  }
  return {
    count,
    ids,
    timestampMs,
    timestampNs: anyNanos === 0 ? undefined : nanos,
    receivedMs: new Float64Array(count).fill(receivedMs),
    streams,
    streamOf,
    texts,
  };
}

function joinOptional(
  batches: readonly RecordBatch[],
  name: OptionalColumnName,
  count: number,
): (string | undefined)[] {
  const all = new Array<string | undefined>(count);
  let start = 0;
  for (const batch of batches) {
    const column = batch.optional.get(name);
    if (column !== undefined) {
      for (let i = 0; i < column.length; i++) all[start + i] = column[i];
    }
    start += batch.length;
  }
  return all;
}
