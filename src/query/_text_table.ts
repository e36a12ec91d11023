import type { TextColumn } from "../record.ts";

const encoder = new TextEncoder();

/** Distinct texts end to end, with their hashes; text `i` is `bytes[offsets[i]..offsets[i + 1])`. */
export interface DistinctTexts {
  readonly size: number;
  readonly bytes: Uint8Array;
  readonly offsets: Uint32Array;
  readonly hashes: Uint32Array;
}

/** What {@linkcode TextTable} tells texts apart by first. */
export function hashText(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x9e3779b1);
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** Numbers distinct texts, as bytes, from 0 on. */
export class TextTable implements DistinctTexts {
  size = 0;
  bytes = new Uint8Array(1_024);
  offsets = new Uint32Array(65);
  hashes = new Uint32Array(64);
  /** Open addressing, at most half full: a slot has the number of a text plus one. */
  #slots = new Uint32Array(128);

  /**
   * The number of the text `bytes[start..end)`; -1 if it is new and there are `sizeMax` already.
   * @param hash what {@linkcode hashText} gives for it
   */
  number(
    bytes: Uint8Array,
    start: number,
    end: number,
    hash: number,
    sizeMax = Infinity,
  ): number {
    const slots = this.#slots;
    let at = hash & (slots.length - 1);
    for (; slots[at] !== 0; at = (at + 1) & (slots.length - 1)) {
      const index = slots[at]! - 1;
      if (this.hashes[index] === hash && this.#is(index, bytes, start, end)) return index;
    }
    if (this.size >= sizeMax) return -1;
    slots[at] = this.size + 1;
    return this.#add(bytes.subarray(start, end), hash);
  }

  /** The number of a text; -1 if it is new and there are `sizeMax` already. */
  numberOf(text: string, sizeMax = Infinity): number {
    const bytes = encoder.encode(text);
    return this.number(bytes, 0, bytes.length, hashText(bytes, 0, bytes.length), sizeMax);
  }

  /** The texts in no more memory than they need. */
  packed(): DistinctTexts {
    const { size } = this;
    return {
      size,
      bytes: this.bytes.slice(0, this.offsets[size]),
      offsets: this.offsets.slice(0, size + 1),
      hashes: this.hashes.slice(0, size),
    };
  }

  #is(index: number, bytes: Uint8Array, start: number, end: number): boolean {
    const own = this.offsets[index]!;
    if (this.offsets[index + 1]! - own !== end - start) return false;
    for (let i = start; i < end; i++) if (this.bytes[own + i - start] !== bytes[i]) return false;
    return true;
  }

  #add(text: Uint8Array, hash: number): number {
    const index = this.size++;
    const start = this.offsets[index]!;
    const end = start + text.length;
    if (index === this.hashes.length) {
      this.hashes = enlarged(this.hashes, 2 * index);
      this.offsets = enlarged(this.offsets, 2 * index + 1);
    }
    if (end > this.bytes.length) {
      const more = new Uint8Array(Math.max(2 * this.bytes.length, end));
      more.set(this.bytes);
      this.bytes = more;
    }
    this.bytes.set(text, start);
    this.offsets[index + 1] = end;
    this.hashes[index] = hash;
    if (2 * this.size > this.#slots.length) this.#rehash();
    return index;
  }

  #rehash(): void {
    const slots = this.#slots = new Uint32Array(2 * this.#slots.length);
    for (let index = 0; index < this.size; index++) {
      let at = this.hashes[index]! & (slots.length - 1);
      while (slots[at] !== 0) at = (at + 1) & (slots.length - 1);
      slots[at] = index + 1;
    }
  }
}

/** Distinct texts as a column, one a row. */
export function columnOf({ bytes, offsets }: DistinctTexts): TextColumn {
  return { bytes, offsets, ascii: false };
}

function enlarged(array: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(length);
  larger.set(array);
  return larger;
}
