/** @module What short ASCII texts stand for, found by their bytes: a string is made only when one is new. */

/** Places of a table; two texts that share one take turns. A power of two. */
const PLACES = 256;

/** Longer texts are not looked up: bounds the table's memory at 128 KiB. */
const TEXT_BYTES_MAX = 512;

interface Entry<T> {
  readonly bytes: Uint8Array;
  readonly value: T;
}

/** Remembers the values of texts. */
export class InternTable<T> {
  readonly #entries: (Entry<T> | undefined)[] = new Array(PLACES).fill(undefined);
  readonly #make: (text: string) => T | undefined;

  /** @param make what a text stands for; `undefined`, which is not remembered, if nothing */
  constructor(make: (text: string) => T | undefined) {
    this.#make = make;
  }

  /**
   * The value of the ASCII text at `start` to `end`.
   * @param hash a number that depends on those bytes alone, its lowest bits most
   */
  get(source: Uint8Array, start: number, end: number, hash: number): T | undefined {
    const entry = this.#entries[hash & (PLACES - 1)];
    if (entry !== undefined && equals(entry.bytes, source, start, end)) return entry.value;
    if (end - start > TEXT_BYTES_MAX) return undefined;
    const bytes = source.slice(start, end);
    const value = this.#make(String.fromCharCode(...bytes));
    if (value !== undefined) this.#entries[hash & (PLACES - 1)] = { bytes, value };
    return value;
  }
}

function equals(bytes: Uint8Array, source: Uint8Array, start: number, end: number): boolean {
  if (bytes.length !== end - start) return false;
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== source[start + i]) return false;
  return true;
}
