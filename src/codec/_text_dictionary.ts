/** @module Texts of which only few are distinct. */

import type { TextColumn } from "../record.ts";
import type { TextSpans } from "./_text_spans.ts";
import { DICTIONARY_VALUES_MAX } from "./limits.ts";

/** Texts as few distinct ones. */
export interface Dictionary {
  /** The distinct texts. */
  readonly values: TextColumn;
  readonly valueCount: number;
  /** For each row the index of its text. */
  readonly indexes: Uint8Array;
}

/** The column as a dictionary, or `undefined` if it has too many values or would not gain. */
export function findDictionary(texts: TextSpans, count: number): Dictionary | undefined {
  const { bytes, starts, ends } = texts;
  const slots = new Uint16Array(4 * DICTIONARY_VALUES_MAX);
  const indexes = new Uint8Array(count);
  const firstRow = new Uint32Array(DICTIONARY_VALUES_MAX);
  let valueCount = 0;
  let valueBytes = 0;
  let plainBytes = count;
  for (let row = 0; row < count; row++) {
    const start = starts[row]!;
    const end = ends[row]!;
    plainBytes += end - start;
    let at = hashBytes(bytes, start, end) & (slots.length - 1);
    let index = slots[at]! - 1;
    while (index >= 0 && !sameText(texts, firstRow[index]!, start, end)) {
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
  if ((valueBytes + valueCount + count) * 4 > plainBytes * 3 && valueCount > 1) return undefined;
  const values = takeValues(texts, firstRow, valueCount, valueBytes);
  return { values, valueCount, indexes };
}

function takeValues(
  { bytes, starts, ends: sourceEnds, ascii }: TextSpans,
  firstRow: Uint32Array,
  valueCount: number,
  valueBytes: number,
): TextColumn {
  const taken = new Uint8Array(valueBytes);
  const ends = new Uint32Array(valueCount + 1);
  for (let i = 0; i < valueCount; i++) {
    const row = firstRow[i]!;
    const value = bytes.subarray(starts[row]!, sourceEnds[row]!);
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

function sameText(
  { bytes, starts, ends }: TextSpans,
  row: number,
  start: number,
  end: number,
): boolean {
  const other = starts[row]!;
  if (ends[row]! - other !== end - start) return false;
  for (let i = start; i < end; i++) if (bytes[i] !== bytes[other + i - start]) return false;
  return true;
}
