/**
 * @module The frame around every stored value of this project that stands alone.
 *
 * | bytes | what |
 * | --- | --- |
 * | 0 | kind: one of {@linkcode EnvelopeKind} |
 * | 1 | version of that kind's layout |
 * | 2..6 | CRC-32 (IEEE) of bytes 6 to the end, begun with the value of bytes 0..2; little-endian |
 * | 6 | flags: 1 if the body is a zstd frame |
 * | 7..11 | length of the body once expanded; little-endian |
 * | 11.. | the body |
 */

import { crc32 } from "node:zlib";
import { compress, decompress } from "./_compress.ts";
import { CorruptDataError } from "./errors.ts";

/** What an envelope holds, as its first byte: the ASCII letter. */
export const EnvelopeKind = {
  batch: 0x42,
  document: 0x44,
  filter: 0x46,
  filterPage: 0x50,
  head: 0x53,
} as const;

/** A kind of envelope. */
export type EnvelopeKind = typeof EnvelopeKind[keyof typeof EnvelopeKind];

const HEADER_BYTES = 11;
const CHECKED_FROM = 6;
const FLAG_ZSTD = 1;

/** How a kind of envelope is read and written. */
export interface EnvelopeFormat {
  readonly kind: EnvelopeKind;
  readonly version: number;
  /** Names it in errors. */
  readonly what: string;
  /** The most that its body may expand to. */
  readonly rawBytesMax: number;
  /** Whether to try zstd on the body. */
  readonly compressed: boolean;
  /** How far back zstd looks for what repeats; absent: large. */
  readonly window?: "small";
}

/**
 * Wraps a body, which is copied.
 * @throws {RangeError} the body is longer than the format allows
 */
export function sealEnvelope(format: EnvelopeFormat, body: Uint8Array): Uint8Array {
  if (body.length > format.rawBytesMax) {
    throw new RangeError(
      `Cannot encode ${format.what}: ${body.length} bytes, at most ${format.rawBytesMax} fit`,
    );
  }
  const packed = format.compressed ? compress(body, format.window) : undefined;
  const stored = packed ?? body;
  const bytes = new Uint8Array(HEADER_BYTES + stored.length);
  bytes[0] = format.kind;
  bytes[1] = format.version;
  bytes[6] = packed === undefined ? 0 : FLAG_ZSTD;
  writeU32(bytes, 7, body.length);
  bytes.set(stored, HEADER_BYTES);
  writeU32(bytes, 2, checksum(bytes));
  return bytes;
}

/**
 * Unwraps a body: a view of `bytes`, or new memory if it was compressed.
 * @throws {CorruptDataError} the bytes are not such an envelope, or not what was written
 */
export function openEnvelope(format: EnvelopeFormat, bytes: Uint8Array): Uint8Array {
  const fail = (problem: string): never => {
    throw new CorruptDataError(`Cannot decode ${format.what}: ${problem}`);
  };
  if (bytes.length < HEADER_BYTES) fail(`${bytes.length} bytes are too few`);
  if (bytes[0] !== format.kind) fail(`its first byte is ${bytes[0]}, not ${format.kind}`);
  if (bytes[1] !== format.version) {
    fail(`version ${bytes[1]} of its format is not known here, only ${format.version}`);
  }
  if (readU32(bytes, 2) !== checksum(bytes)) fail("its checksum does not match");
  const flags = bytes[6]!;
  const rawBytes = readU32(bytes, 7);
  if (rawBytes > format.rawBytesMax) fail(`it claims ${rawBytes} bytes`);
  const stored = bytes.subarray(HEADER_BYTES);
  if (flags === FLAG_ZSTD) return decompress(stored, rawBytes, format.what);
  if (flags !== 0) fail(`its flags are ${flags}, not 0 or 1`);
  if (stored.length !== rawBytes) fail(`it has ${stored.length} of ${rawBytes} bytes`);
  return stored;
}

/** The checksum that an envelope says it has; 0 of bytes that are too few for one. Tells envelopes of a kind apart. */
export function envelopeChecksum(bytes: Uint8Array): number {
  return bytes.length < HEADER_BYTES ? 0 : readU32(bytes, 2);
}

function checksum(bytes: Uint8Array): number {
  return crc32(bytes.subarray(CHECKED_FROM), bytes[0]! << 8 | bytes[1]!);
}

function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}

function readU32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 | bytes[at + 3]! << 24) >>> 0;
}
