/**
 * @module One text column of a segment. Stored bytes are the body as a zstd frame, or the body itself where `storedBytes`
 * equals `rawBytes`.
 *
 * | encoding | body |
 * | --- | --- |
 * | 0 plain | flags, one byte (1: ASCII only); a length for each row, varints; the bytes end to end |
 * | 1 dictionary | number of values, varint; the values as in a plain body; one byte a row, left out for one value |
 * | 2 templates | see `template_column.ts`; compressed in itself, so that stored and body are the same |
 */

import type { TextColumn } from "../record.ts";
import { ByteReader } from "./_byte_reader.ts";
import { ByteWriter } from "./_byte_writer.ts";
import { readTexts, writeTexts } from "./_columns.ts";
import { compress } from "./_compress.ts";
import { mergeTemplates } from "./_template_merge.ts";
import { mineTemplates } from "./_template_miner.ts";
import type { TemplatedRows } from "./_templated_rows.ts";
import { type Dictionary, findDictionary } from "./_text_dictionary.ts";
import { spansOf } from "./_text_spans.ts";
import { addWords } from "./_token_scan.ts";
import type { TokenSet } from "./_token_set.ts";
import { CorruptDataError } from "./errors.ts";
import { GatheredTexts } from "./gathered_texts.ts";
import { DICTIONARY_VALUES_MAX, RAW_BYTES_MAX } from "./limits.ts";
import { encodeTemplates } from "./template_column.ts";
import { openTemplates } from "./templated_texts.ts";

/** How a column's body is laid out; further ones may follow. */
export const ColumnEncoding = { plain: 0, dictionary: 1, templates: 2 } as const;

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
  const dictionary = findDictionary(spansOf(column), count);
  return dictionary === undefined ? encodePlain(column, count) : encodeDictionary(dictionary);
}

/**
 * Encodes the column of the messages, as templates where they repeat, and adds their words to a set on the way: each template's
 * only once.
 */
export function encodeMessageColumn(
  column: TextColumn,
  count: number,
  tokens: TokenSet,
): EncodedColumn {
  const gathered = column instanceof GatheredTexts ? column : undefined;
  const merged = gathered && mergeTemplates(gathered, tokens);
  if (merged !== undefined) return encodeRows(merged, count);
  const texts = gathered?.inPlace ?? spansOf(column);
  const dictionary = findDictionary(texts, count);
  if (dictionary !== undefined) {
    addWords(tokens, dictionary.values, dictionary.valueCount);
    return encodeDictionary(dictionary);
  }
  const mined = mineTemplates(texts, count, tokens);
  if (mined === undefined) {
    addWords(tokens, column, count);
    return encodePlain(column, count);
  }
  return encodeRows(mined, count);
}

function encodeRows(rows: TemplatedRows, count: number): EncodedColumn {
  const stored = encodeTemplates(rows, count);
  return { encoding: ColumnEncoding.templates, rawBytes: stored.length, stored };
}

function encodePlain(column: TextColumn, count: number): EncodedColumn {
  return encodeBody(ColumnEncoding.plain, () => writeTexts(scratch, column, count));
}

function encodeDictionary(dictionary: Dictionary): EncodedColumn {
  return encodeBody(ColumnEncoding.dictionary, () => writeDictionary(scratch, dictionary));
}

function encodeBody(encoding: number, write: () => void): EncodedColumn {
  try {
    write();
    if (scratch.length > RAW_BYTES_MAX) {
      throw new RangeError(
        `Cannot encode a column: ${scratch.length} bytes, at most ${RAW_BYTES_MAX}`,
      );
    }
    const raw = scratch.written();
    return { encoding, rawBytes: raw.length, stored: compress(raw) ?? raw.slice() };
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
  if (encoding === ColumnEncoding.templates) return openTemplates(raw, count, what);
  const reader = new ByteReader(raw, what);
  if (encoding === ColumnEncoding.plain) {
    const column = readTexts(reader, count);
    reader.end();
    return column;
  }
  if (encoding === ColumnEncoding.dictionary) return readDictionary(reader, count);
  throw new CorruptDataError(`Cannot decode ${what}: its encoding ${encoding} is not known here`);
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
