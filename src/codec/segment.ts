/** @module Segments: sorted records as a head, text columns and a token filter, each in values of at most 62,000 bytes. */

import { crc32 } from "node:zlib";
import type { RecordColumns, TextColumn, TextColumnName } from "../record.ts";
import { decompress } from "./_compress.ts";
import { TokenSet } from "./_token_set.ts";
import { ATTRIBUTE_PREFIX, splitAttributes, wholeAttributes } from "./attributes.ts";
import { envelopeChecksum } from "./_envelope.ts";
import { CorruptDataError } from "./errors.ts";
import { FILTER_KEYS_MAX, RAW_BYTES_MAX, SEGMENT_ROWS_MAX } from "./limits.ts";
import { cutParts, joinParts } from "./parts.ts";
import { encodeSegmentHead } from "./segment_head.ts";
import { decodeTextColumn, encodeMessageColumn, encodeTextColumn } from "./text_column.ts";
import { buildTokenFilter } from "./token_filter.ts";
import type { ColumnEntry, EncodedSegment, SegmentRun, SegmentSummary } from "./types.ts";

/**
 * Encodes records that are grouped by stream and, within each, sorted by (timestamp, id). Text columns without a text are
 * left out, that of the messages too. Attributes may come whole or split as a segment has them; they are split anew.
 * @throws {RangeError} the head would pass 62,000 bytes, so that the caller has to split the records; there are none or
 *   more than 65,536; they are not sorted; or a number is outside its range
 */
export function encodeSegment(columns: RecordColumns): EncodedSegment {
  if (columns.count === 0 || columns.count > SEGMENT_ROWS_MAX) {
    throw new RangeError(
      `Cannot encode a segment: ${columns.count} records, not 1 to ${SEGMENT_ROWS_MAX}`,
    );
  }
  const runs = findRuns(columns);
  const texts = columnsToStore(columns);
  const directory: ColumnEntry[] = [];
  const stored: EncodedSegment["columns"][number][] = [];
  const tokens = new TokenSet(FILTER_KEYS_MAX);
  for (const [name, column] of texts) {
    const encoded = name === "message"
      ? encodeMessageColumn(column, columns.count, tokens)
      : encodeTextColumn(column, columns.count);
    const parts = cutParts(encoded.stored);
    directory.push({
      name,
      encoding: encoded.encoding,
      parts: parts.length,
      storedBytes: encoded.stored.length,
      rawBytes: encoded.rawBytes,
      checksum: crc32(encoded.stored),
    });
    stored.push({ name, parts });
  }
  texts.delete("message");
  const filterBytes = buildTokenFilter({ ...columns, texts }, tokens);
  const filter = cutParts(filterBytes);
  const head = encodeSegmentHead(columns, { runs, directory, filterParts: filter.length });
  let storedBytes = head.length + filterBytes.length;
  for (const entry of directory) storedBytes += entry.storedBytes;
  const summary = {
    ...summarize(columns, runs, storedBytes),
    filterChecksum: envelopeChecksum(filterBytes),
  };
  return { head, columns: stored, filter, summary };
}

/** The runs of equal streams; also checks that the rows are sorted. */
function findRuns(columns: RecordColumns): SegmentRun[] {
  const { count, streams, streamOf } = columns;
  const runs: SegmentRun[] = [];
  const seen = new Set<string>();
  let start = 0;
  for (let row = 1; row <= count; row++) {
    if (row < count && streamOf[row] === streamOf[start]) {
      checkOrder(columns, row);
      continue;
    }
    const stream = streams[streamOf[start]!];
    if (stream === undefined) {
      throw new RangeError(`Cannot encode a segment: row ${start} is of an unknown stream`);
    }
    const { service, severity } = stream;
    const key = `${severity}${service}`;
    if (seen.has(key)) {
      throw new RangeError(`Cannot encode a segment: "${service}" has rows in two places`);
    }
    seen.add(key);
    runs.push({ service, severity, start, end: row });
    start = row;
  }
  return runs;
}

function checkOrder({ timestampMs, timestampNs, ids }: RecordColumns, row: number): void {
  const ms = timestampMs[row]! - timestampMs[row - 1]!;
  if (ms > 0) return;
  const ns = timestampNs === undefined ? 0 : timestampNs[row]! - timestampNs[row - 1]!;
  if (ms === 0 && (ns > 0 || (ns === 0 && ids[row]! > ids[row - 1]!))) return;
  throw new RangeError(
    `Cannot encode a segment: row ${row} does not come after row ${row - 1} by (timestamp, id)`,
  );
}

function columnsToStore(columns: RecordColumns): Map<TextColumnName, TextColumn> {
  const texts = new Map<TextColumnName, TextColumn>();
  for (const [name, column] of columns.texts) {
    if (name === "attributes" || name.startsWith(ATTRIBUTE_PREFIX)) continue;
    texts.set(name, column);
  }
  const attributes = wholeAttributes(columns);
  if (attributes !== undefined) {
    for (const [name, column] of splitAttributes(attributes, columns.count)) {
      texts.set(name, column);
    }
  }
  for (const [name, { offsets }] of texts) {
    if (offsets[columns.count] === offsets[0]) texts.delete(name);
  }
  return texts;
}

function summarize(
  columns: RecordColumns,
  runs: readonly SegmentRun[],
  storedBytes: number,
): Omit<SegmentSummary, "filterChecksum"> {
  const { count, ids, receivedMs, timestampMs, timestampNs } = columns;
  let first = 0;
  let last = runs[0]!.end - 1;
  for (const run of runs) {
    if (compareTime(columns, run.start, first) < 0) first = run.start;
    if (compareTime(columns, run.end - 1, last) > 0) last = run.end - 1;
  }
  const [firstId, lastId] = extent(ids, count);
  const [firstReceivedMs, lastReceivedMs] = extent(receivedMs, count);
  const messages = columns.texts.get("message")?.offsets;
  return {
    streams: runs.map(({ service, severity }) => ({ service, severity })),
    count,
    firstMs: timestampMs[first]!,
    firstNs: timestampNs?.[first] ?? 0,
    lastMs: timestampMs[last]!,
    lastNs: timestampNs?.[last] ?? 0,
    firstReceivedMs,
    lastReceivedMs,
    firstId,
    lastId,
    storedBytes,
    messageBytes: messages === undefined ? 0 : messages[count]! - messages[0]!,
  };
}

function compareTime({ timestampMs, timestampNs }: RecordColumns, a: number, b: number): number {
  const ms = timestampMs[a]! - timestampMs[b]!;
  return ms !== 0 || timestampNs === undefined ? ms : timestampNs[a]! - timestampNs[b]!;
}

function extent(values: Float64Array, count: number): [least: number, most: number] {
  let least = values[0]!;
  let most = least;
  for (let i = 1; i < count; i++) {
    const value = values[i]!;
    if (value < least) least = value;
    else if (value > most) most = value;
  }
  return [least, most];
}

/**
 * One text column of a segment, from the parts that were stored for it.
 * @param entry the column, out of `head.directory`
 * @throws {CorruptDataError} the parts are not what was written, or of an encoding that is not known here
 */
export function decodeSegmentColumn(
  head: { readonly columns: Pick<RecordColumns, "count"> },
  entry: ColumnEntry,
  parts: readonly Uint8Array[],
): TextColumn {
  const what = `column "${entry.name}" of a segment`;
  const stored = joinParts(parts);
  if (parts.length !== entry.parts || stored.length !== entry.storedBytes) {
    throw new CorruptDataError(
      `Cannot decode ${what}: ${stored.length} bytes in ${parts.length} parts where ` +
        `${entry.storedBytes} in ${entry.parts} were written`,
    );
  }
  if (crc32(stored) !== entry.checksum) {
    throw new CorruptDataError(`Cannot decode ${what}: its checksum does not match`);
  }
  if (entry.rawBytes > RAW_BYTES_MAX) {
    throw new CorruptDataError(`Cannot decode ${what}: it claims ${entry.rawBytes} bytes`);
  }
  const packed = entry.storedBytes !== entry.rawBytes;
  const raw = packed ? decompress(stored, entry.rawBytes, what) : stored.slice();
  return decodeTextColumn(entry.encoding, raw, head.columns.count, what);
}
