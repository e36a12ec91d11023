/** @module Bytes that arrive in pieces and are taken off their beginning, as framers do. */

/** What the buffer starts with, and what it shrinks to when it is empty. */
const CAPACITY_MIN = 4096;

/** A queue of bytes in one growing array. Whoever fills it bounds it. */
export class ByteQueue {
  #bytes = new Uint8Array(CAPACITY_MIN);
  #start = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  push(chunk: Uint8Array): void {
    if (this.#end + chunk.length > this.#bytes.length) {
      const length = this.length;
      let capacity = this.#bytes.length;
      while (capacity < length + chunk.length) capacity *= 2;
      const bytes = capacity > this.#bytes.length ? new Uint8Array(capacity) : this.#bytes;
      bytes.set(this.#bytes.subarray(this.#start, this.#end));
      this.#bytes = bytes;
      this.#start = 0;
      this.#end = length;
    }
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** The byte at an index from the beginning; `undefined` if there is none. */
  at(index: number): number | undefined {
    return index < this.length ? this.#bytes[this.#start + index] : undefined;
  }

  /** The first index of a byte at or after `from`; -1 if there is none. */
  indexOf(byte: number, from: number): number {
    return this.#bytes.subarray(this.#start, this.#end).indexOf(byte, from);
  }

  /** Takes bytes off the beginning, as a copy. */
  take(count: number): Uint8Array {
    const taken = this.#bytes.slice(this.#start, Math.min(this.#start + count, this.#end));
    this.drop(count);
    return taken;
  }

  drop(count: number): void {
    this.#start = Math.min(this.#start + count, this.#end);
    if (this.#start < this.#end) return;
    this.#start = this.#end = 0;
    if (this.#bytes.length > CAPACITY_MIN) this.#bytes = new Uint8Array(CAPACITY_MIN);
  }
}
