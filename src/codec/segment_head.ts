/**
 * @module The head of a segment, which alone answers counts and histograms: an envelope around this body.
 *
 * | part | how |
 * | --- | --- |
 * | count | varint |
 * | runs | their number, varint; each: severity, one byte; service, a text; rows, varint |
 * | ids | for each row the signed difference from the row before |
 * | timestamps | of the first row of a run the signed difference in milliseconds from the first row of the run before; of every other row the difference from the row before, varint |
 * | nanoseconds | number of byte planes, 0 for none; unit, varint; the planes |
 * | received | 0 and the steps of a function of the id, or 1 and differences: see `_received.ts` |
 * | directory | number of columns, varint; each: name, a text; encoding, one byte; parts, stored bytes, raw bytes, varints; CRC-32 of the stored bytes, four bytes |
 * | filter | number of its parts, varint |
 */

import type { RecordColumns } from "../record.ts";
import { ByteReader } from "./_byte_reader.ts";
import { ByteWriter } from "./_byte_writer.ts";
import { readNanos, readStream, writeNanos, writeStream } from "./_columns.ts";
import { EnvelopeKind, openEnvelope, sealEnvelope } from "./_envelope.ts";
import { readReceived, writeReceived } from "./_received.ts";
import {
  FILTER_PARTS_MAX,
  HEAD_BYTES_MAX,
  HEAD_RAW_BYTES_MAX,
  RAW_BYTES_MAX,
  SEGMENT_ROWS_MAX,
} from "./limits.ts";
import type { ColumnEntry, SegmentHead, SegmentRun } from "./types.ts";

const format = {
  kind: EnvelopeKind.head,
  version: 1,
  what: "a segment's head",
  rawBytesMax: HEAD_RAW_BYTES_MAX,
  compressed: true,
} as const;

/** What {@linkcode encodeSegmentHead} puts beside the rows. */
export interface HeadParts {
  readonly runs: readonly SegmentRun[];
  readonly directory: readonly ColumnEntry[];
  readonly filterParts: number;
}

/**
 * Encodes a head.
 * @throws {RangeError} it would pass 62,000 bytes: the segment has to be split; or a number is outside its range
 */
export function encodeSegmentHead(columns: RecordColumns, parts: HeadParts): Uint8Array {
  const { count } = columns;
  const ids = columns.ids.subarray(0, count);
  const writer = new ByteWriter(16 * count + 1024);
  writer.varint(count);
  writer.varint(parts.runs.length);
  for (const run of parts.runs) {
    writeStream(writer, run);
    writer.varint(run.end - run.start);
  }
  writeIds(writer, ids);
  writeTimestamps(writer, columns.timestampMs, parts.runs);
  writeNanos(writer, columns.timestampNs?.subarray(0, count));
  writeReceived(writer, ids, columns.receivedMs.subarray(0, count));
  writeDirectory(writer, parts.directory);
  writer.varint(parts.filterParts);
  const head = sealEnvelope(format, writer.written());
  if (head.length > HEAD_BYTES_MAX) {
    throw new RangeError(
      `Cannot encode a segment: its head has ${head.length} bytes for ${count} rows of ` +
        `${parts.runs.length} streams, at most ${HEAD_BYTES_MAX} fit: split it`,
    );
  }
  return head;
}

function writeIds(writer: ByteWriter, ids: Float64Array): void {
  let last = 0;
  for (const id of ids) {
    if (!(id >= 0)) throw new RangeError(`Cannot encode an id of ${id}`);
    writer.signed(id - last);
    last = id;
  }
}

function writeTimestamps(
  writer: ByteWriter,
  timestampMs: Float64Array,
  runs: readonly SegmentRun[],
): void {
  let first = 0;
  for (const run of runs) {
    let last = timestampMs[run.start]!;
    writer.signed(last - first);
    first = last;
    for (let row = run.start + 1; row < run.end; row++) {
      writer.varint(timestampMs[row]! - last);
      last = timestampMs[row]!;
    }
  }
}

function writeDirectory(writer: ByteWriter, directory: readonly ColumnEntry[]): void {
  writer.varint(directory.length);
  for (const entry of directory) {
    writer.text(entry.name);
    writer.u8(entry.encoding);
    writer.varint(entry.parts);
    writer.varint(entry.storedBytes);
    writer.varint(entry.rawBytes);
    writer.u32(entry.checksum);
  }
}

/** The stream of each row of a segment that has but one: shared by all of them. */
const FIRST_STREAM = new Uint16Array(SEGMENT_ROWS_MAX);

/**
 * The head that {@linkcode encodeSegmentHead} was given, in memory of its own.
 * @throws {CorruptDataError} the bytes are not what was written
 */
export function decodeSegmentHead(bytes: Uint8Array): SegmentHead {
  const reader = new ByteReader(openEnvelope(format, bytes), format.what);
  // Every row takes a byte for its id and one for its timestamp at least.
  const count = reader.count(2, SEGMENT_ROWS_MAX);
  const runs = readRuns(reader, count);
  const ids = readIds(reader, count);
  const timestampMs = readTimestamps(reader, count, runs);
  const timestampNs = readNanos(reader, count);
  const received = readReceived(reader, ids);
  const directory = readDirectory(reader);
  const filterParts = reader.varint();
  if (filterParts > FILTER_PARTS_MAX) reader.fail(`a filter of ${filterParts} parts`);
  reader.end();
  const streamOf = runs.length === 1 ? FIRST_STREAM.subarray(0, count) : new Uint16Array(count);
  runs.forEach((run, index) => index > 0 && streamOf.fill(index, run.start, run.end));
  const streams = runs.map(({ service, severity }) => ({ service, severity }));
  let receivedMs: Float64Array | undefined;
  return {
    columns: {
      count,
      ids,
      timestampMs,
      timestampNs,
      get receivedMs() {
        return receivedMs ??= received();
      },
      streams,
      streamOf,
      texts: new Map(),
    },
    runs,
    directory,
    filterParts,
  };
}

function readRuns(reader: ByteReader, count: number): SegmentRun[] {
  const runs: SegmentRun[] = [];
  let start = 0;
  for (let left = reader.count(3, count); left > 0; left--) {
    const stream = readStream(reader);
    const rows = reader.varint();
    if (rows === 0 || rows > count - start) reader.fail(`a run of ${rows} rows`);
    runs.push({ ...stream, start, end: start += rows });
  }
  if (start !== count) reader.fail(`runs of ${start} rows out of ${count}`);
  return runs;
}

function readIds(reader: ByteReader, count: number): Float64Array {
  const ids = new Float64Array(count);
  let last = 0;
  for (let row = 0; row < count; row++) {
    last += reader.signed();
    if (!(last >= 0 && last <= Number.MAX_SAFE_INTEGER)) reader.fail(`an id of ${last}`);
    ids[row] = last;
  }
  return ids;
}

function readTimestamps(
  reader: ByteReader,
  count: number,
  runs: readonly SegmentRun[],
): Float64Array {
  const timestampMs = new Float64Array(count);
  let first = 0;
  for (const run of runs) {
    let last = first += reader.signed();
    timestampMs[run.start] = last;
    for (let row = run.start + 1; row < run.end; row++) {
      timestampMs[row] = last += reader.varint();
    }
  }
  return timestampMs;
}

function readDirectory(reader: ByteReader): ColumnEntry[] {
  const directory: ColumnEntry[] = [];
  for (let left = reader.count(9); left > 0; left--) {
    const entry = {
      name: reader.text(),
      encoding: reader.u8(),
      parts: reader.varint(),
      storedBytes: reader.varint(),
      rawBytes: reader.varint(),
      checksum: reader.u32(),
    };
    if (entry.storedBytes > entry.rawBytes || entry.rawBytes > RAW_BYTES_MAX) {
      reader.fail(`a column of ${entry.storedBytes} bytes for ${entry.rawBytes}`);
    }
    if (entry.parts > entry.storedBytes) reader.fail(`a column of ${entry.parts} parts`);
    directory.push(entry);
  }
  return directory;
}
