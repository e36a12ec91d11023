/** @module A database in an array, of which a copy costs nothing: each damage gets a store of its own. */

import type { Commit, Database, Entry } from "../../src/storage/database.ts";
import type { Key, KeyRange } from "../../src/storage/keys.ts";

type Part = Key[number];

/** The order of Deno KV: byte strings, texts, numbers, `true`; a key before those that it begins. */
export function compareKeys(a: Key, b: Key): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = compareParts(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareParts(a: Part, b: Part): number {
  const kinds = kindOf(a) - kindOf(b);
  if (kinds !== 0) return kinds;
  if (a instanceof Uint8Array) return compareBytes(a, b as Uint8Array);
  if (typeof a === "number") return a < (b as number) ? -1 : a > (b as number) ? 1 : 0;
  if (typeof a !== "string") return 0;
  const encoder = new TextEncoder();
  return compareBytes(encoder.encode(a), encoder.encode(b as string));
}

function kindOf(part: Part): number {
  if (part instanceof Uint8Array) return 0;
  return ["string", "number", "boolean"].indexOf(typeof part) + 1;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    if (a[i] !== b[i]) return a[i]! - b[i]!;
  }
  return a.length - b.length;
}

/** Readers own what they get, and may give its memory away. */
function copyOf(entry: Entry): Entry {
  return { ...entry, value: entry.value.slice() };
}

/** Values by their keys, in order. */
export class ArrayDatabase implements Database {
  readonly #entries: Entry[];
  #stamp = 1000;

  constructor(entries: readonly Entry[] = []) {
    this.#entries = [...entries];
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  get(key: Key): Promise<Entry | undefined> {
    const at = this.#at(key);
    const entry = this.#entries[at];
    const isThere = entry !== undefined && compareKeys(entry.key, key) === 0;
    return Promise.resolve(isThere ? copyOf(entry) : undefined);
  }

  getMany(keys: readonly Key[]): Promise<(Entry | undefined)[]> {
    return Promise.all(keys.map((key) => this.get(key)));
  }

  list(
    { start, end }: KeyRange,
    { limit = Infinity, reverse = false }: { limit?: number; reverse?: boolean } = {},
  ): Promise<Entry[]> {
    const found = this.#entries.slice(this.#at(start), this.#at(end));
    if (reverse) found.reverse();
    return Promise.resolve(found.slice(0, limit).map(copyOf));
  }

  async commit({ checks = [], sets = [], deletes = [] }: Commit): Promise<string | undefined> {
    for (const { key, versionstamp } of checks) {
      if (((await this.get(key))?.versionstamp ?? null) !== versionstamp) return undefined;
    }
    const versionstamp = `${this.#stamp++}`;
    for (const [key, value] of sets) this.set(key, value, versionstamp);
    for (const key of deletes) this.delete(key);
    return versionstamp;
  }

  /** Puts a value at a key. */
  set(key: Key, value: Uint8Array, versionstamp = "0"): void {
    const at = this.#at(key);
    const entry = this.#entries[at];
    const isThere = entry !== undefined && compareKeys(entry.key, key) === 0;
    this.#entries.splice(at, isThere ? 1 : 0, { key, value: value.slice(), versionstamp });
  }

  /** Removes a key, if it is there. */
  delete(key: Key): void {
    const at = this.#at(key);
    const entry = this.#entries[at];
    if (entry !== undefined && compareKeys(entry.key, key) === 0) this.#entries.splice(at, 1);
  }

  close(): void {}

  /** Where a key is, or would be. */
  #at(key: Key): number {
    let start = 0;
    let end = this.#entries.length;
    while (start < end) {
      const middle = (start + end) >>> 1;
      if (compareKeys(this.#entries[middle]!.key, key) < 0) start = middle + 1;
      else end = middle;
    }
    return start;
  }
}
