/** @module The texts of one column of a batch while it grows: strings, or bytes where a format has those at hand. */

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const NOTHING = new Uint8Array();

/** A spare buffer is kept up to this size: a fresh megabyte for each body would cost more than what is written to it. */
const SPARE_BYTES_MAX = 1 << 20;
let spare = NOTHING;

/** Texts in order. */
export class TextList {
  /** Storage of the texts as UTF-8, end to end; the first `used` bytes are written. */
  bytes = NOTHING;
  used = 0;
  /** Whether no byte of the storage is above 0x7f; who writes to it says so. */
  ascii = true;
  /** The texts, as long as all came as strings. */
  #strings: string[] | undefined = [];
  /** For each text in the storage where it ends. */
  readonly ends: number[] = [];

  get length(): number {
    return this.#strings?.length ?? this.ends.length;
  }

  /** The texts if all came as strings. */
  get strings(): readonly string[] | undefined {
    return this.#strings;
  }

  push(text: string): void {
    if (this.#strings !== undefined) {
      this.#strings.push(text);
      return;
    }
    this.reserve(text.length * 3);
    const { read, written } = encoder.encodeInto(text, this.bytes.subarray(this.used));
    if (read !== written) this.ascii = false;
    this.used += written;
    this.end();
  }

  /** Makes room for `count` more bytes, so that a loop can write to `bytes` from `used` on; then comes `end`. */
  reserve(count: number): void {
    if (this.#strings !== undefined) this.#toBytes(this.#strings);
    const needed = this.used + count;
    if (needed <= this.bytes.length) return;
    const grown = spare.length >= needed
      ? spare
      : new Uint8Array(Math.max(needed, this.bytes.length * 2));
    if (grown === spare) spare = NOTHING;
    grown.set(this.written());
    this.bytes = grown;
  }

  /** What was written since the last text is the next one. */
  end(): void {
    this.ends.push(this.used);
  }

  /** What the storage holds: a view. */
  written(): Uint8Array {
    return this.bytes.subarray(0, this.used);
  }

  /** Gives unused storage back; nothing more is added. */
  trim(): void {
    if (this.#strings !== undefined || this.bytes.length === this.used) return;
    const trimmed = this.bytes.slice(0, this.used);
    if (this.bytes.length <= SPARE_BYTES_MAX && this.bytes.length > spare.length) {
      spare = this.bytes;
    }
    this.bytes = trimmed;
  }

  /** The texts as strings, made anew if they came as bytes. */
  toStrings(): string[] {
    if (this.#strings !== undefined) return this.#strings;
    let start = 0;
    return this.ends.map((end) => decoder.decode(this.bytes.subarray(start, start = end)));
  }

  #toBytes(strings: readonly string[]): void {
    this.#strings = undefined;
    for (const text of strings) this.push(text);
  }
}
