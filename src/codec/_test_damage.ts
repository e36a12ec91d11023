/** @module For tests: bytes damaged in every way that a decoder has to notice. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { crc32, zstdDecompressSync } from "node:zlib";
import { CorruptDataError } from "./errors.ts";

/** Asserts that `decode` refuses the bytes cut at every length and with every byte changed. */
export function assertDamageIsNoticed(
  bytes: Uint8Array,
  decode: (bytes: Uint8Array) => unknown,
): void {
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(() => decode(bytes.slice(0, length)), CorruptDataError, `cut at ${length}`);
  }
  for (let at = 0; at < bytes.length; at++) {
    for (const change of [0x01, 0x80, 0xff]) {
      const changed = bytes.slice();
      changed[at]! ^= change;
      assert.throws(() => decode(changed), CorruptDataError, `byte ${at} changed`);
    }
  }
  assert.throws(() => decode(Buffer.concat([bytes, new Uint8Array(1)])), CorruptDataError);
}

/**
 * Asserts that `decode` throws nothing but {@linkcode CorruptDataError} for bodies that are damaged but have a valid
 * checksum, as a faulty writer would leave them.
 */
export function assertForgeriesAreSurvived(
  envelope: Uint8Array,
  decode: (bytes: Uint8Array) => unknown,
): void {
  const header = envelope.slice(0, 11);
  const stored = envelope.slice(11);
  const raw = header[6] === 1 ? new Uint8Array(zstdDecompressSync(stored)) : stored;
  for (let at = 0; at < raw.length; at++) {
    for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
      const changed = raw.slice();
      changed[at] = value;
      survives(() => decode(forge(header, changed, 0, changed.length)));
    }
    const cut = raw.slice(0, at);
    survives(() => decode(forge(header, cut, 0, cut.length)));
  }
  for (let at = 0; header[6] === 1 && at < stored.length; at++) {
    const changed = stored.slice();
    changed[at]! ^= 0x41;
    survives(() => decode(forge(header, changed, 1, raw.length)));
    survives(() => decode(forge(header, stored.slice(0, at), 1, raw.length)));
  }
  for (const length of [0, 1, raw.length - 1, raw.length + 1, 0xffffffff]) {
    survives(() => decode(forge(header, raw, 0, length)));
    survives(() => decode(forge(header, stored, 1, length)));
  }
}

/** An envelope with this body and a checksum that matches. */
function forge(
  header: Uint8Array,
  body: Uint8Array,
  flags: number,
  rawBytes: number,
): Uint8Array {
  const bytes = Buffer.concat([header.subarray(0, 11), body]);
  bytes[6] = flags;
  bytes.writeUInt32LE(rawBytes, 7);
  bytes.writeUInt32LE(crc32(bytes.subarray(6), bytes[0]! << 8 | bytes[1]!), 2);
  return new Uint8Array(bytes);
}

/** Asserts that nothing but a {@linkcode CorruptDataError} is thrown. */
export function survives(decode: () => unknown): void {
  try {
    decode();
  } catch (error) {
    assert(error instanceof CorruptDataError, String(error));
  }
}
