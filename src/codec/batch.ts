/**
 * @module One committed group of records as a journal value: an envelope around this body.
 *
 * | part | how |
 * | --- | --- |
 * | count | varint |
 * | ids | the first, varint; the others follow it one by one |
 * | received | 0 and one signed varint for all; or 1 and, for each, the signed difference from the one before |
 * | streams | their number, varint; each: severity, one byte; service, a text |
 * | stream of each | nothing for one stream; else one byte each, or two (little-endian) past 256 streams |
 * | timestamps | for each the signed difference in milliseconds from the one before, from 0 on |
 * | nanoseconds | number of byte planes, 0 for none; unit, varint; the planes |
 * | texts | number of columns, varint; each: name, a text; flags; lengths, varints; bytes |
 */

import type { RecordColumns, Stream, TextColumn, TextColumnName } from "../record.ts";
import { ByteReader } from "./_byte_reader.ts";
import { ByteWriter } from "./_byte_writer.ts";
import {
  readNanos,
  readStream,
  readTexts,
  writeNanos,
  writeStream,
  writeTexts,
} from "./_columns.ts";
import { EnvelopeKind, openEnvelope, sealEnvelope } from "./_envelope.ts";
import { RAW_BYTES_MAX } from "./limits.ts";

const format = {
  kind: EnvelopeKind.batch,
  version: 1,
  what: "a batch",
  rawBytesMax: RAW_BYTES_MAX,
  compressed: true,
  window: "small",
} as const;

const RECEIVED_ALIKE = 0;
const RECEIVED_EACH = 1;
/** Streams of one batch: indexes into them are 16 bits wide. */
const STREAMS_MAX = 65_536;

// Kept between calls, up to what an ordinary batch needs: a fresh megabyte for each would cost more than the encoding.
const scratch = new ByteWriter();
const SCRATCH_BYTES_KEPT = 1 << 20;

/**
 * Records with consecutive ids as one checked, mostly compressed value.
 * @throws {RangeError} ids are not consecutive, or a number is outside its range
 */
export function encodeBatch(columns: RecordColumns): Uint8Array {
  try {
    scratch.varint(columns.count);
    writeIds(scratch, columns);
    writeReceived(scratch, columns);
    writeStreams(scratch, columns);
    writeDifferences(scratch, columns.timestampMs, columns.count);
    writeNanos(scratch, columns.timestampNs?.subarray(0, columns.count));
    scratch.varint(columns.texts.size);
    for (const [name, column] of columns.texts) {
      scratch.text(name);
      writeTexts(scratch, column, columns.count);
    }
    return sealEnvelope(format, scratch.written());
  } finally {
    scratch.clear(SCRATCH_BYTES_KEPT);
  }
}

function writeIds(writer: ByteWriter, { ids, count }: RecordColumns): void {
  const first = ids[0] ?? 0;
  for (let i = 1; i < count; i++) {
    if (ids[i] !== first + i) {
      throw new RangeError(`Cannot encode a batch: id ${ids[i]} where ${first + i} must follow`);
    }
  }
  writer.varint(first);
}

function writeReceived(writer: ByteWriter, { receivedMs, count }: RecordColumns): void {
  const first = receivedMs[0] ?? 0;
  if (receivedMs.subarray(0, count).every((value) => value === first)) {
    writer.u8(RECEIVED_ALIKE);
    writer.signed(first);
    return;
  }
  writer.u8(RECEIVED_EACH);
  writeDifferences(writer, receivedMs, count);
}

function writeStreams(writer: ByteWriter, { streams, streamOf, count }: RecordColumns): void {
  if (streams.length > STREAMS_MAX) {
    throw new RangeError(
      `Cannot encode a batch: ${streams.length} streams, at most ${STREAMS_MAX}`,
    );
  }
  writer.varint(streams.length);
  for (const stream of streams) writeStream(writer, stream);
  for (let i = 0; i < count; i++) {
    if (streamOf[i]! >= streams.length) {
      throw new RangeError(
        `Cannot encode a batch: record ${i} is of unknown stream ${streamOf[i]}`,
      );
    }
  }
  if (streams.length <= 1) return;
  const wide = streams.length > 256;
  writer.reserve(2 * count);
  const bytes = writer.bytes;
  let at = writer.length;
  for (let i = 0; i < count; i++) {
    bytes[at++] = streamOf[i]!;
    if (wide) bytes[at++] = streamOf[i]! >>> 8;
  }
  writer.length = at;
}

function writeDifferences(writer: ByteWriter, values: Float64Array, count: number): void {
  let last = 0;
  for (let i = 0; i < count; i++) {
    writer.signed(values[i]! - last);
    last = values[i]!;
  }
}

/**
 * The records that {@linkcode encodeBatch} was given, in memory of their own. Nanoseconds that are all 0 come back as
 * `undefined`.
 * @throws {CorruptDataError} the bytes are not what was written
 */
export function decodeBatch(bytes: Uint8Array): RecordColumns {
  const body = openEnvelope(format, bytes);
  const reader = new ByteReader(body.buffer === bytes.buffer ? body.slice() : body, format.what);
  // Every record takes a byte for its timestamp at least.
  const count = reader.count(1);
  const ids = readIds(reader, count);
  const receivedMs = readReceived(reader, count);
  const streams: Stream[] = [];
  const streamCount = reader.count(2, STREAMS_MAX);
  for (let i = 0; i < streamCount; i++) streams.push(readStream(reader));
  const streamOf = readStreamOf(reader, count, streamCount);
  const timestampMs = readDifferences(reader, count);
  const timestampNs = readNanos(reader, count);
  const texts = new Map<TextColumnName, TextColumn>();
  for (let left = reader.count(2); left > 0; left--) {
    const name = reader.text() as TextColumnName;
    texts.set(name, readTexts(reader, count));
  }
  reader.end();
  return { count, ids, timestampMs, timestampNs, receivedMs, streams, streamOf, texts };
}

function readIds(reader: ByteReader, count: number): Float64Array {
  const first = reader.varint();
  if (first + count > Number.MAX_SAFE_INTEGER + 1) reader.fail(`an id of ${first}`);
  const ids = new Float64Array(count);
  for (let i = 0; i < count; i++) ids[i] = first + i;
  return ids;
}

function readReceived(reader: ByteReader, count: number): Float64Array {
  const how = reader.u8();
  if (how === RECEIVED_ALIKE) return new Float64Array(count).fill(reader.signed());
  if (how !== RECEIVED_EACH) reader.fail(`times of receipt of kind ${how}`);
  return readDifferences(reader, count);
}

function readDifferences(reader: ByteReader, count: number): Float64Array {
  const values = new Float64Array(count);
  let last = 0;
  for (let i = 0; i < count; i++) values[i] = last += reader.signed();
  return values;
}

function readStreamOf(reader: ByteReader, count: number, streams: number): Uint16Array {
  const streamOf = new Uint16Array(count);
  if (streams === 0 && count > 0) reader.fail("records without a stream");
  if (streams <= 1) return streamOf;
  const wide = streams > 256;
  const bytes = reader.take(wide ? 2 * count : count);
  for (let i = 0; i < count; i++) {
    const stream = wide ? bytes[2 * i]! | bytes[2 * i + 1]! << 8 : bytes[i]!;
    if (stream >= streams) reader.fail(`stream ${stream} of ${streams}`);
    streamOf[i] = stream;
  }
  return streamOf;
}
