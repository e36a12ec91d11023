import { CorruptDataError } from "./errors.ts";

// A byte order mark is text like any other here, and bytes that are not UTF-8 were never written.
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads what {@linkcode ByteWriter} wrote. Every read past the end is a {@linkcode CorruptDataError}. */
export class ByteReader {
  at = 0;

  /** @param what names the bytes in errors, such as "segment head" */
  constructor(readonly bytes: Uint8Array, readonly what: string) {}

  get remaining(): number {
    return this.bytes.length - this.at;
  }

  fail(problem: string): never {
    throw new CorruptDataError(`Cannot decode ${this.what}: ${problem} at byte ${this.at}`);
  }

  u8(): number {
    return this.bytes[this.at++] ?? this.fail("it ends too early");
  }

  u32(): number {
    const view = this.take(4);
    return (view[0]! | view[1]! << 8 | view[2]! << 16 | view[3]! << 24) >>> 0;
  }

  /** An integer from 0 to 2^53 - 1. */
  varint(): number {
    const first = this.u8();
    if (first < 0x80) return first;
    return this.#rest(first & 0x7f, 128);
  }

  signed(): number {
    const first = this.u8();
    const low = (first & 0x7f) >>> 1;
    const magnitude = first < 0x80 ? low : this.#rest(low, 64);
    return (first & 1) === 0 ? magnitude : -magnitude;
  }

  #rest(low: number, unit: number): number {
    let value = low;
    let scale = unit;
    for (let i = 0; i < 8; i++) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) this.fail("an integer is too large");
        return value;
      }
      scale *= 128;
    }
    return this.fail("an integer is too long");
  }

  /** A varint that counts things of which each takes at least `bytesEach` of the bytes still unread. */
  count(bytesEach: number, most = Number.MAX_SAFE_INTEGER): number {
    const count = this.varint();
    if (count > most || count * bytesEach > this.remaining) {
      this.fail(`a count of ${count} is impossible`);
    }
    return count;
  }

  /** The next `length` bytes: a view. */
  take(length: number): Uint8Array {
    if (length > this.remaining) this.fail("it ends too early");
    return this.bytes.subarray(this.at, this.at += length);
  }

  text(): string {
    const bytes = this.take(this.count(1));
    try {
      return strictDecoder.decode(bytes);
    } catch (cause) {
      throw new CorruptDataError(`Cannot decode ${this.what}: a text is not UTF-8`, { cause });
    }
  }

  /** All must have been read. */
  end(): void {
    if (this.remaining !== 0) this.fail(`${this.remaining} bytes too many`);
  }
}
