/** @module Some rows of one source as columns of their own. */

import { ChosenTexts, TemplatedTexts } from "../codec/mod.ts";
import type { RecordColumns, TextColumn, TextColumnName } from "../record.ts";

/** Whether texts of some rows have to be put together first. */
export function isTemplated({ texts }: RecordColumns): boolean {
  for (const text of texts.values()) if (text instanceof TemplatedTexts) return true;
  return false;
}

/**
 * Rows `rows` of columns as columns of their own, in that order.
 * @param refer whether texts that have to be put together may refer to the source and be put together where they are written;
 * otherwise they are copies, and nothing keeps the source
 */
export function chooseRows(
  columns: RecordColumns,
  rows: Uint32Array,
  refer: boolean,
): RecordColumns {
  const texts = new Map<TextColumnName, TextColumn>();
  for (const [name, text] of columns.texts) texts.set(name, chooseTexts(text, rows, refer));
  const { timestampNs } = columns;
  return {
    count: rows.length,
    ids: chooseNumbers(columns.ids, rows, new Float64Array(rows.length)),
    timestampMs: chooseNumbers(columns.timestampMs, rows, new Float64Array(rows.length)),
    timestampNs: timestampNs && chooseNumbers(timestampNs, rows, new Uint32Array(rows.length)),
    receivedMs: chooseNumbers(columns.receivedMs, rows, new Float64Array(rows.length)),
    streams: columns.streams,
    streamOf: chooseNumbers(columns.streamOf, rows, new Uint16Array(rows.length)),
    texts,
  };
}

/** A loop: `from` with a function takes ten times as long. */
function chooseNumbers<T extends Float64Array | Uint32Array | Uint16Array>(
  numbers: T,
  rows: Uint32Array,
  chosen: T,
): T {
  for (let i = 0; i < rows.length; i++) chosen[i] = numbers[rows[i]!]!;
  return chosen;
}

function chooseTexts(text: TextColumn, rows: Uint32Array, refer: boolean): TextColumn {
  if (text instanceof TemplatedTexts) return refer ? new ChosenTexts(text, rows) : text.take(rows);
  const { bytes: from, offsets: places, ascii } = text;
  const offsets = new Uint32Array(rows.length + 1);
  for (let i = 0; i < rows.length; i++) {
    offsets[i + 1] = offsets[i]! + places[rows[i]! + 1]! - places[rows[i]!]!;
  }
  const bytes = new Uint8Array(offsets[rows.length]!);
  for (let i = 0; i < rows.length; i++) {
    bytes.set(from.subarray(places[rows[i]!], places[rows[i]! + 1]), offsets[i]);
  }
  return { bytes, offsets, ascii };
}
