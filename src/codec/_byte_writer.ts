/** A growing buffer of bytes, with the integers of the stored formats. Reusable: take its bytes, then clear it. */
export class ByteWriter {
  /** Storage; only the first `length` bytes are written. Replaced when it grows. */
  bytes: Uint8Array;
  length = 0;

  constructor(capacity = 1024) {
    this.bytes = new Uint8Array(capacity);
  }

  /** Makes room for `count` more bytes, so that a loop can write to `bytes` directly. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  /** What has been written: a view, valid until the next write or `clear`. */
  written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  /** Forgets what was written; storage past `keptBytes` is given back. */
  clear(keptBytes: number): void {
    this.length = 0;
    if (this.bytes.length > keptBytes) this.bytes = new Uint8Array(keptBytes);
  }

  u8(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  u32(value: number): void {
    this.reserve(4);
    const { bytes, length } = this;
    bytes[length] = value;
    bytes[length + 1] = value >>> 8;
    bytes[length + 2] = value >>> 16;
    bytes[length + 3] = value >>> 24;
    this.length += 4;
  }

  /**
   * An integer from 0 to 2^53 - 1: seven bits a byte, the lowest first, the top bit set on all but the last.
   * @throws {RangeError} it is not such an integer
   */
  varint(value: number): void {
    this.reserve(8);
    const bytes = this.bytes;
    let at = this.length;
    let rest = value;
    if (rest > 0x7fffffff || !(rest >= 0) || !Number.isInteger(rest)) {
      if (!(rest >= 0) || !Number.isSafeInteger(rest)) {
        throw new RangeError(`Cannot encode ${value}: not an integer from 0 to 2^53 - 1`);
      }
      while (rest > 0x7fffffff) {
        bytes[at++] = (rest % 128) | 0x80;
        rest = Math.floor(rest / 128);
      }
    }
    while (rest >= 0x80) {
      bytes[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[at++] = rest;
    this.length = at;
  }

  /**
   * A safe integer of either sign: as the varint of twice its magnitude, plus one if it is negative.
   * @throws {RangeError} it is not a safe integer
   */
  signed(value: number): void {
    if (value === (value | 0) && value < 0x3fffffff && value > -0x3fffffff) {
      this.varint(value < 0 ? -value * 2 + 1 : value * 2);
      return;
    }
    if (!Number.isSafeInteger(value)) {
      throw new RangeError(`Cannot encode ${value}: not an integer from -(2^53 - 1) to 2^53 - 1`);
    }
    // Twice the magnitude may pass 2^53, so its lowest seven bits are written apart from the rest.
    const magnitude = Math.abs(value);
    const low = (magnitude % 64) * 2 + (value < 0 ? 1 : 0);
    const rest = Math.floor(magnitude / 64);
    if (rest === 0) return this.u8(low);
    this.u8(low | 0x80);
    this.varint(rest);
  }

  raw(source: Uint8Array): void {
    this.reserve(source.length);
    this.bytes.set(source, this.length);
    this.length += source.length;
  }

  /** A text as its length in UTF-8 bytes (varint) and those bytes. */
  text(value: string): void {
    if (value.length < SHORT_UNITS && this.#shortAscii(value)) return;
    const encoded = encoder.encode(value);
    this.varint(encoded.length);
    this.raw(encoded);
  }

  /** Most texts here are short names: encoding one by a call takes ten times as long. */
  #shortAscii(value: string): boolean {
    this.reserve(1 + value.length);
    const bytes = this.bytes;
    const start = this.length + 1;
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i);
      if (unit >= 0x80) return false;
      bytes[start + i] = unit;
    }
    bytes[start - 1] = value.length;
    this.length = start + value.length;
    return true;
  }
}

const encoder = new TextEncoder();

/** Texts with fewer units are short: their length is a varint of one byte. */
const SHORT_UNITS = 0x80;
