const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

/** Numbers the distinct names found in some bytes from 0 on, making a string of each but once. */
export class NameTable {
  /** Distinct names so far. */
  size = 0;
  readonly #bytes: Uint8Array;
  #starts = new Uint32Array(64);
  #ends = new Uint32Array(64);
  // Open addressing, at most half full; a slot holds a name's number plus one.
  #slots = new Uint32Array(128);
  readonly #escaped: boolean[] = [];
  readonly #names: string[] = [];

  /** @param bytes where every name is, without quotes, as JSON escapes it */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The number of the name in `bytes[start..end)`. */
  intern(start: number, end: number): number {
    const mask = this.#slots.length - 1;
    let at = this.#hash(start, end) & mask;
    for (; this.#slots[at] !== 0; at = (at + 1) & mask) {
      const index = this.#slots[at]! - 1;
      if (this.#equals(index, start, end)) return index;
    }
    const index = this.size++;
    if (index === this.#starts.length) {
      this.#starts = grown(this.#starts);
      this.#ends = grown(this.#ends);
    }
    this.#starts[index] = start;
    this.#ends[index] = end;
    this.#escaped[index] = this.#bytes.subarray(start, end).includes(BACKSLASH);
    this.#slots[at] = index + 1;
    if (this.size * 2 > this.#slots.length) this.#rehash();
    return index;
  }

  /** Where the name with this number ends if it stands at `start`, or -1 if it does not. */
  endOf(index: number, start: number): number {
    const bytes = this.#bytes;
    const other = this.#starts[index]!;
    const length = this.#ends[index]! - other;
    for (let i = 0; i < length; i++) if (bytes[other + i] !== bytes[start + i]) return -1;
    return start + length;
  }

  /** Whether a name holds a backslash, so that its text is not what its bytes say. */
  isEscaped(index: number): boolean {
    return this.#escaped[index] === true;
  }

  /** The length in bytes of a name, as JSON escapes it. */
  byteLength(index: number): number {
    return this.#ends[index]! - this.#starts[index]!;
  }

  /** The name with this number, its escapes undone. */
  name(index: number): string {
    return this.#names[index] ??= this.#read(index);
  }

  /** Writes a name, quoted as it was found, and a colon; gives the position after them. */
  writeKey(index: number, target: Uint8Array, position: number): number {
    let at = position;
    target[at++] = QUOTE;
    for (let i = this.#starts[index]!; i < this.#ends[index]!; i++) target[at++] = this.#bytes[i]!;
    target[at++] = QUOTE;
    target[at++] = COLON;
    return at;
  }

  #read(index: number): string {
    const text = decoder.decode(this.#bytes.subarray(this.#starts[index], this.#ends[index]));
    if (!this.isEscaped(index)) return text;
    try {
      return JSON.parse(`"${text}"`);
    } catch {
      // Not JSON after all: then the bytes are all there is.
      return text;
    }
  }

  #hash(start: number, end: number): number {
    let hash = 0x2545f491;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ this.#bytes[i]!, 0x9e3779b1);
    return hash >>> 11;
  }

  #equals(index: number, start: number, end: number): boolean {
    const other = this.#starts[index]!;
    const length = end - start;
    if (this.#ends[index]! - other !== length) return false;
    for (let i = 0; i < length; i++) {
      if (this.#bytes[other + i] !== this.#bytes[start + i]) return false;
    }
    return true;
  }

  #rehash(): void {
    this.#slots = new Uint32Array(this.#slots.length * 2);
    const mask = this.#slots.length - 1;
    for (let index = 0; index < this.size; index++) {
      let at = this.#hash(this.#starts[index]!, this.#ends[index]!) & mask;
      while (this.#slots[at] !== 0) at = (at + 1) & mask;
      this.#slots[at] = index + 1;
    }
  }
}

/** The same values in an array of twice the length. */
export function grown(array: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}
