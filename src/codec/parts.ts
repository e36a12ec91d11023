import { PART_BYTES_MAX } from "./limits.ts";

/** Cuts bytes into values of at most 62,000 bytes, each with memory of its own; none of no bytes. */
export function cutParts(bytes: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += PART_BYTES_MAX) {
    // A copy: a view would drag the whole buffer along when it is sent to another thread. Not slice(): a Buffer's is a view.
    parts.push(new Uint8Array(bytes.subarray(at, at + PART_BYTES_MAX)));
  }
  return parts;
}

/** The parts end to end; a single one as it is. */
export function joinParts(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
