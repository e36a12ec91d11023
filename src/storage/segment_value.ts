/**
 * @module A segment's first value: its head.
 *
 * | bytes | what |
 * | --- | --- |
 * | 4 | length of the head, little-endian |
 * | that many | the head |
 * | the rest | in segments of format 1 the token filter, if both fit a value; nothing since, as it is moved into pages |
 */

import { CorruptDataError } from "../codec/mod.ts";

/** The first value of a segment. */
export function packFirstValue(head: Uint8Array): Uint8Array {
  const value = new Uint8Array(4 + head.length);
  new DataView(value.buffer).setUint32(0, head.length, true);
  value.set(head, 4);
  return value;
}

/**
 * The head of a first value, and the filter's bytes (empty if it is stored apart).
 * @throws {CorruptDataError} if the value is too short
 */
export function unpackFirstValue(
  value: Uint8Array,
): { readonly head: Uint8Array; readonly filter: Uint8Array } {
  const length = value.length < 4
    ? Infinity
    : new DataView(value.buffer, value.byteOffset).getUint32(0, true);
  if (4 + length > value.length) {
    throw new CorruptDataError("Cannot read a segment: its first value is cut short");
  }
  return { head: value.subarray(4, 4 + length), filter: value.subarray(4 + length) };
}
