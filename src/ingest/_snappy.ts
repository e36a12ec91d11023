import { BadBodyError, BodyTooLargeError } from "./errors.ts";

/** A copy of 64 bytes takes three: no stream expands to more than this many times its length. */
const EXPANSION_MAX = 22;

/**
 * Expands a block of snappy (github.com/google/snappy, format_description.txt), the unframed form. Written by hand because the
 * decoder of `snappyjs` trusts lengths of four bytes: a negative one makes it run for ever.
 * @throws {BodyTooLargeError} it expands to more than `maxBytes`; found before memory is taken
 * @throws {BadBodyError} it is no such block
 */
export function uncompressSnappy(bytes: Uint8Array, maxBytes: number): Uint8Array {
  let at = 0;
  let length = 0;
  for (let scale = 1;; scale *= 0x80) {
    const byte = bytes[at++];
    if (byte === undefined || scale > 2 ** 28) throw corrupt("it does not begin with a length");
    length += (byte & 0x7f) * scale;
    if (byte < 0x80) break;
  }
  if (length > maxBytes) {
    throw new BodyTooLargeError(
      `The body has more than ${maxBytes} bytes once decompressed: send it in smaller parts`,
    );
  }
  if (length > bytes.length * EXPANSION_MAX) throw corrupt("it is shorter than its length says");
  const out = new Uint8Array(length);
  let end = 0;
  while (at < bytes.length) {
    const tag = bytes[at++]!;
    const kind = tag & 3;
    let size = (tag >> 2) + 1;
    if (kind === 0) {
      if (size > 60) {
        const lengthBytes = size - 60;
        size = littleEndian(bytes, at, lengthBytes) + 1;
        at += lengthBytes;
      }
      if (!(at + size <= bytes.length && end + size <= length)) {
        throw corrupt("a literal is too long");
      }
      if (size <= SHORT_BYTES) { for (let i = 0; i < size; i++) out[end + i] = bytes[at + i]!; }
      else out.set(bytes.subarray(at, at + size), end);
      at += size;
      end += size;
      continue;
    }
    let offset: number;
    if (kind === 1) {
      size = ((tag >> 2) & 7) + 4;
      offset = ((tag >> 5) << 8) + littleEndian(bytes, at, 1);
      at += 1;
    } else {
      const offsetBytes = kind === 2 ? 2 : 4;
      offset = littleEndian(bytes, at, offsetBytes);
      at += offsetBytes;
    }
    // NaN, the mark of bytes that are missing, fails too.
    if (!(offset > 0 && offset <= end && end + size <= length)) {
      throw corrupt("a copy is out of range");
    }
    // Byte by byte: a copy may overlap what it writes.
    for (let i = 0; i < size; i++, end++) out[end] = out[end - offset]!;
  }
  if (end !== length) throw corrupt("it is shorter than its length says");
  return out;
}

/** Below this a loop is quicker than a view and `set`. */
const SHORT_BYTES = 64;

/** An unsigned integer of one to four bytes; NaN if they are not all there. */
function littleEndian(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = count - 1; i >= 0; i--) value = value * 256 + (bytes[at + i] ?? NaN);
  return value;
}

function corrupt(reason: string): BadBodyError {
  return new BadBodyError(`Cannot decompress the body as snappy: ${reason}`);
}
