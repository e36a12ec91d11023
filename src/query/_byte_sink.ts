/** @module A growing run of bytes with the few writes that rows are made of. */

/** How a byte stands inside a JSON string: 0 as itself, 1 as `\u00XX`, else after a backslash as this byte. */
export const JSON_ESCAPE: Uint8Array = new Uint8Array(256);
JSON_ESCAPE.fill(1, 0, 0x20);
JSON_ESCAPE[0x08] = 0x62;
JSON_ESCAPE[0x09] = 0x74;
JSON_ESCAPE[0x0a] = 0x6e;
JSON_ESCAPE[0x0c] = 0x66;
JSON_ESCAPE[0x0d] = 0x72;
JSON_ESCAPE[0x22] = 0x22;
JSON_ESCAPE[0x5c] = 0x5c;

const HEX = new TextEncoder().encode("0123456789abcdef");

/** Large enough for a page of rows without growing more than a few times. */
const FIRST_CAPACITY = 65_536;

/** Below this a loop copies faster than `set`, whose call costs about 25 ns. */
const LOOPED_BYTES_MAX = 40;

/** Bytes that were written, `bytes[0..length)`; grows by doubling. */
export class ByteSink {
  bytes: Uint8Array<ArrayBuffer>;
  length = 0;

  constructor(capacity: number = FIRST_CAPACITY) {
    this.bytes = new Uint8Array(capacity);
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    if (this.length + count > this.bytes.length) this.#grow(this.length + count);
  }

  #grow(needed: number): void {
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** Copies some bytes as they are. */
  copy(source: Uint8Array): void {
    if (source.length < LOOPED_BYTES_MAX) this.copyRange(source, 0, source.length);
    else this.#copyWhole(source);
  }

  #copyWhole(source: Uint8Array): void {
    this.reserve(source.length);
    this.bytes.set(source, this.length);
    this.length += source.length;
  }

  /** Copies `source[start..end)` as it is. */
  copyRange(source: Uint8Array, start: number, end: number): void {
    if (end - start >= LOOPED_BYTES_MAX) {
      this.#copyWhole(source.subarray(start, end));
      return;
    }
    this.reserve(end - start);
    const bytes = this.bytes;
    let at = this.length;
    for (let i = start; i < end; i++) bytes[at++] = source[i]!;
    this.length = at;
  }

  /** Writes an integer from 0 to 2^53 - 1 in decimal. */
  integer(value: number): void {
    // 2^53 has 16 digits.
    this.reserve(16);
    let digits = 1;
    for (let bound = 10; bound <= value; bound *= 10) digits++;
    let at = this.length += digits;
    let rest = value;
    while (rest >= 0x40000000) {
      const next = Math.floor(rest / 10);
      this.bytes[--at] = 0x30 + (rest - next * 10);
      rest = next;
    }
    let small = rest | 0;
    do {
      const next = (small / 10) | 0;
      this.bytes[--at] = 0x30 + (small - next * 10);
      small = next;
    } while (small !== 0);
  }

  /** Writes UTF-8 text as the inside of a JSON string. */
  jsonText(source: Uint8Array, start: number, end: number): void {
    this.reserve(end - start);
    const bytes = this.bytes;
    let at = this.length;
    let i = start;
    for (; i < end; i++) {
      const byte = source[i]!;
      if (JSON_ESCAPE[byte] !== 0) break;
      bytes[at++] = byte;
    }
    this.length = at;
    if (i < end) this.#escapedText(source, i, end);
  }

  #escapedText(source: Uint8Array, start: number, end: number): void {
    // Six bytes for each is the most that escaping makes of one.
    this.reserve((end - start) * 6);
    const bytes = this.bytes;
    let at = this.length;
    for (let i = start; i < end; i++) {
      const byte = source[i]!;
      const escape = JSON_ESCAPE[byte]!;
      if (escape === 0) {
        bytes[at++] = byte;
        continue;
      }
      bytes[at++] = 0x5c;
      if (escape !== 1) {
        bytes[at++] = escape;
        continue;
      }
      bytes[at++] = 0x75;
      bytes[at++] = 0x30;
      bytes[at++] = 0x30;
      bytes[at++] = HEX[byte >> 4]!;
      bytes[at++] = HEX[byte & 15]!;
    }
    this.length = at;
  }

  /** Writes UTF-8 text as one CSV field, in quotes only where RFC 4180 needs them. */
  csvField(source: Uint8Array, start: number, end: number): void {
    let quoted = false;
    for (let i = start; i < end && !quoted; i++) {
      const byte = source[i]!;
      quoted = byte === 0x22 || byte === 0x2c || byte === 0x0a || byte === 0x0d;
    }
    if (!quoted) {
      this.copyRange(source, start, end);
      return;
    }
    this.reserve((end - start) * 2 + 2);
    const bytes = this.bytes;
    let at = this.length;
    bytes[at++] = 0x22;
    for (let i = start; i < end; i++) {
      const byte = source[i]!;
      if (byte === 0x22) bytes[at++] = 0x22;
      bytes[at++] = byte;
    }
    bytes[at++] = 0x22;
    this.length = at;
  }

  /** What was written, in the sink's own memory. */
  get written(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.length);
  }

  /** Gives a copy of what was written and starts again, with the same memory. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.bytes.slice(0, this.length);
    this.length = 0;
    return taken;
  }
}
