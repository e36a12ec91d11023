/** @module The pieces that batches and segments share: nanoseconds, streams and texts. */

import { SEVERITIES, type SeverityCode, type Stream, type TextColumn } from "../record.ts";
import type { ByteReader } from "./_byte_reader.ts";
import type { ByteWriter } from "./_byte_writer.ts";

const NANOS_PER_MS = 1_000_000;

/**
 * Nanoseconds: the number of byte planes (0: none), then the unit (varint), then that many planes of one byte a record, the
 * lowest first. Planes keep the few high bits apart, where zstd finds them alike.
 */
export function writeNanos(writer: ByteWriter, nanos: Uint32Array | undefined): void {
  let most = 0;
  let allMicros = true;
  for (const value of nanos ?? []) {
    if (value > most) most = value;
    if (value % 1000 !== 0) allMicros = false;
  }
  if (most >= NANOS_PER_MS) {
    throw new RangeError(`Cannot encode ${most} nanoseconds: a millisecond has 1000000`);
  }
  if (nanos === undefined || most === 0) return writer.u8(0);
  const unit = allMicros ? 1000 : 1;
  const planes = Math.ceil((32 - Math.clz32(most / unit)) / 8);
  writer.u8(planes);
  writer.varint(unit);
  writer.reserve(planes * nanos.length);
  const bytes = writer.bytes;
  let at = writer.length;
  for (let plane = 0; plane < planes; plane++) {
    for (let i = 0; i < nanos.length; i++) bytes[at++] = (nanos[i]! / unit) >>> (8 * plane);
  }
  writer.length = at;
}

/** What {@linkcode writeNanos} wrote. */
export function readNanos(reader: ByteReader, count: number): Uint32Array | undefined {
  const planes = reader.u8();
  if (planes === 0) return undefined;
  if (planes > 3) reader.fail(`nanoseconds of ${planes} bytes`);
  const unit = reader.varint();
  const bytes = reader.take(planes * count);
  const nanos = new Uint32Array(count);
  for (let plane = 0; plane < planes; plane++) {
    for (let i = 0; i < count; i++) nanos[i]! |= bytes[plane * count + i]! << (8 * plane);
  }
  for (let i = 0; i < count; i++) {
    const value = nanos[i]! * unit;
    if (value >= NANOS_PER_MS) reader.fail(`${value} nanoseconds in a millisecond`);
    nanos[i] = value;
  }
  return nanos;
}

/** A stream: its severity in one byte, its service as a text. */
export function writeStream(writer: ByteWriter, stream: Stream): void {
  writer.u8(stream.severity);
  writer.text(stream.service);
}

/** What {@linkcode writeStream} wrote. */
export function readStream(reader: ByteReader): Stream {
  const severity = reader.u8();
  if (severity >= SEVERITIES.length) reader.fail(`a severity of ${severity}`);
  return { service: reader.text(), severity: severity as SeverityCode };
}

const TEXTS_ASCII = 1;

/** Texts: a byte of flags (1: ASCII only), a varint of length for each, then their bytes end to end. */
export function writeTexts(writer: ByteWriter, column: TextColumn, count: number): void {
  const { bytes, offsets, ascii } = column;
  writer.u8(ascii ? TEXTS_ASCII : 0);
  writeLengths(writer, offsets, count);
  writer.raw(bytes.subarray(offsets[0], offsets[count]));
}

function writeLengths(writer: ByteWriter, offsets: Uint32Array, count: number): void {
  writer.reserve(5 * count);
  const target = writer.bytes;
  let at = writer.length;
  let start = offsets[0]!;
  for (let i = 1; i <= count; i++) {
    const end = offsets[i]!;
    let length = end - start;
    if (!(length >= 0)) throw new RangeError(`Cannot encode texts: offset ${i} is out of order`);
    while (length >= 0x80) {
      target[at++] = (length & 0x7f) | 0x80;
      length >>>= 7;
    }
    target[at++] = length;
    start = end;
  }
  writer.length = at;
}

/** What {@linkcode writeTexts} wrote; the column's bytes are a view of the reader's. */
export function readTexts(reader: ByteReader, count: number): TextColumn {
  const flags = reader.u8();
  if (flags > TEXTS_ASCII) reader.fail(`flags of ${flags} on texts`);
  if (count > reader.remaining) reader.fail(`no room for ${count} texts`);
  const offsets = new Uint32Array(count + 1);
  let at = 0;
  for (let i = 1; i <= count; i++) offsets[i] = at += reader.varint();
  return { bytes: reader.take(at), offsets, ascii: flags === TEXTS_ASCII };
}
