/**
 * @module One text column of a segment. Stored bytes are the body as a zstd frame, or the body itself where `storedBytes`
 * equals `rawBytes`.
 *
 * | encoding | body |
 * | --- | --- |
 * | 0 plain | flags, one byte (1: ASCII only); a length for each row, varints; the bytes end to end |
 * | 1 dictionary | number of values, varint; the values as in a plain body; one byte a row, left out for one value |
 */

import type { TextColumn } from "../record.ts";
import { ByteReader } from "./_byte_reader.ts";
import { ByteWriter } from "./_byte_writer.ts";
import { readTexts, writeTexts } from "./_columns.ts";
import { compress } from "./_compress.ts";
import { CorruptDataError } from "./errors.ts";
import { DICTIONARY_VALUES_MAX, RAW_BYTES_MAX } from "./limits.ts";

/** How a column's body is laid out; further ones may follow. */
export const ColumnEncoding = { plain: 0, dictionary: 1 } as const;

/** A column as stored, in one piece. */
export interface EncodedColumn {
  readonly encoding: number;
  readonly rawBytes: number;
  readonly stored: Uint8Array;
}

// Kept between calls, up to what an ordinary column needs.
const scratch = new ByteWriter();
const SCRATCH_BYTES_KEPT = 1 << 20;

/** Encodes a column, as a dictionary if that is well below the plain form. */
export function encodeTextColumn(column: TextColumn, count: number): EncodedColumn {
  try {
    const dictionary = findDictionary(column, count);
    if (dictionary === undefined) writeTexts(scratch, column, count);
    else writeDictionary(scratch, dictionary);
    if (scratch.length > RAW_BYTES_MAX) {
      throw new RangeError(
        `Cannot encode a column: ${scratch.length} bytes, at most ${RAW_BYTES_MAX}`,
      );
    }
    const raw = scratch.written();
    return {
      encoding: dictionary === undefined ? ColumnEncoding.plain : ColumnEncoding.dictionary,
      rawBytes: raw.length,
      stored: compress(raw) ?? raw.slice(),
    };
  } finally {
    scratch.clear(SCRATCH_BYTES_KEPT);
  }
}

/**
 * Decodes the body of a column.
 * @throws {CorruptDataError} it is not what was written, or of an encoding that is not known here
 */
export function decodeTextColumn(
  encoding: number,
  raw: Uint8Array,
  count: number,
  what: string,
): TextColumn {
  const reader = new ByteReader(raw, what);
  if (encoding === ColumnEncoding.plain) {
    const column = readTexts(reader, count);
    reader.end();
    return column;
  }
  if (encoding === ColumnEncoding.dictionary) return readDictionary(reader, count);
  throw new CorruptDataError(`Cannot decode ${what}: its encoding ${encoding} is not known here`);
}

interface Dictionary {
  /** The distinct texts. */
  readonly values: TextColumn;
  readonly valueCount: number;
  /** For each row the index of its text. */
  readonly indexes: Uint8Array;
}

/** The column as a dictionary, or `undefined` if it has too many values or would not gain. */
function findDictionary(column: TextColumn, count: number): Dictionary | undefined {
  const { bytes, offsets } = column;
  const slots = new Uint16Array(4 * DICTIONARY_VALUES_MAX);
  const indexes = new Uint8Array(count);
  const firstRow = new Uint32Array(DICTIONARY_VALUES_MAX);
  let valueCount = 0;
  let valueBytes = 0;
  for (let row = 0; row < count; row++) {
    const start = offsets[row]!;
    const end = offsets[row + 1]!;
    let at = hashBytes(bytes, start, end) & (slots.length - 1);
    let index = slots[at]! - 1;
    while (index >= 0 && !sameText(column, firstRow[index]!, start, end)) {
      at = (at + 1) & (slots.length - 1);
      index = slots[at]! - 1;
    }
    if (index < 0) {
      if (valueCount === DICTIONARY_VALUES_MAX) return undefined;
      index = valueCount++;
      slots[at] = index + 1;
      firstRow[index] = row;
      valueBytes += end - start;
    }
    indexes[row] = index;
  }
  // A byte a row and the values, against a length and a text a row: zstd narrows the gap, so it must be wide.
  const plainBytes = offsets[count]! - offsets[0]! + count;
  if ((valueBytes + valueCount + count) * 4 > plainBytes * 3 && valueCount > 1) return undefined;
  const values = takeValues(column, firstRow, valueCount, valueBytes);
  return { values, valueCount, indexes };
}

function takeValues(
  { bytes, offsets, ascii }: TextColumn,
  firstRow: Uint32Array,
  valueCount: number,
  valueBytes: number,
): TextColumn {
  const taken = new Uint8Array(valueBytes);
  const ends = new Uint32Array(valueCount + 1);
  for (let i = 0; i < valueCount; i++) {
    const row = firstRow[i]!;
    const value = bytes.subarray(offsets[row]!, offsets[row + 1]!);
    taken.set(value, ends[i]!);
    ends[i + 1] = ends[i]! + value.length;
  }
  return { bytes: taken, offsets: ends, ascii };
}

function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x9e3779b1);
  return hash >>> 16;
}

function sameText({ bytes, offsets }: TextColumn, row: number, start: number, end: number) {
  const other = offsets[row]!;
  if (offsets[row + 1]! - other !== end - start) return false;
  for (let i = start; i < end; i++) if (bytes[i] !== bytes[other + i - start]) return false;
  return true;
}

function writeDictionary(writer: ByteWriter, { values, valueCount, indexes }: Dictionary): void {
  writer.varint(valueCount);
  writeTexts(writer, values, valueCount);
  if (valueCount > 1) writer.raw(indexes);
}

function readDictionary(reader: ByteReader, count: number): TextColumn {
  const valueCount = reader.count(1, DICTIONARY_VALUES_MAX);
  if (valueCount === 0 && count > 0) reader.fail("a dictionary without values");
  const values = readTexts(reader, valueCount);
  const indexes = valueCount > 1 ? reader.take(count) : new Uint8Array(count);
  reader.end();
  const offsets = new Uint32Array(count + 1);
  let size = 0;
  for (let row = 0; row < count; row++) {
    const index = indexes[row]!;
    if (index >= valueCount) reader.fail(`value ${index} of ${valueCount}`);
    size += values.offsets[index + 1]! - values.offsets[index]!;
    // Checked before any memory is taken: a few bytes can stand for a great many.
    if (size > RAW_BYTES_MAX) reader.fail(`texts of more than ${RAW_BYTES_MAX} bytes`);
    offsets[row + 1] = size;
  }
  const bytes = new Uint8Array(size);
  for (let row = 0; row < count; row++) {
    let from = values.offsets[indexes[row]!]!;
    for (let at = offsets[row]!; at < offsets[row + 1]!; at++) bytes[at] = values.bytes[from++]!;
  }
  return { bytes, offsets, ascii: values.ascii };
}
