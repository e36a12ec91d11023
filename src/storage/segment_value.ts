/**
 * @module A segment's first value: its head and, where both fit, its token filter.
 *
 * | bytes | what |
 * | --- | --- |
 * | 4 | length of the head, little-endian |
 * | that many | the head |
 * | the rest | the token filter; none if it has values of its own |
 *
 * One value instead of two saves half a database page a segment, and a read.
 */

import { CorruptDataError, type EncodedSegment, joinParts } from "../codec/mod.ts";
import { VALUE_BYTES_MAX } from "./limits.ts";

/** The first value of a segment, and the values of its filter if they had to be apart. */
export function packFirstValue(
  segment: EncodedSegment,
): { readonly value: Uint8Array; readonly filter: readonly Uint8Array[] } {
  const { head } = segment;
  const filter = joinParts(segment.filter);
  const together = 4 + head.length + filter.length <= VALUE_BYTES_MAX;
  const value = new Uint8Array(4 + head.length + (together ? filter.length : 0));
  new DataView(value.buffer).setUint32(0, head.length, true);
  value.set(head, 4);
  if (together) value.set(filter, 4 + head.length);
  return { value, filter: together ? [] : segment.filter };
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
