/** @module What outlives every process: keys and values in order, with stamps, within the limits of Deno KV. */

import type { Commit, Entry } from "../../src/storage/database.ts";
import type { Key, KeyRange } from "../../src/storage/keys.ts";

/** Deno KV's limits, as a KV Connect server has them. */
const KEY_BYTES_MAX = 2048;
const VALUE_BYTES_MAX = 65_536;
const COMMIT_BYTES_MAX = 819_200;
const COMMIT_KEY_BYTES_MAX = 81_920;
const MUTATIONS_MAX = 1000;
const CHECKS_MAX = 10;

/** An ordered store in memory. */
export class Disk {
  /** Encoded keys, ascending. */
  readonly #order: string[] = [];
  readonly #entries = new Map<string, Entry>();
  #commits = 0;

  get(key: Key): Entry | undefined {
    return copied(this.#entries.get(encodeKey(key)));
  }

  /** Entries of a range in key order, or reversed. */
  list(range: KeyRange, limit: number, reverse: boolean): Entry[] {
    const start = this.#place(encodeKey(range.start));
    const end = Math.max(start, this.#place(encodeKey(range.end)));
    const keys = reverse
      ? this.#order.slice(Math.max(start, end - limit), end).reverse()
      : this.#order.slice(start, Math.min(end, start + limit));
    return keys.map((key) => copied(this.#entries.get(key))!);
  }

  /** Applies a commit, whole, and gives its stamp; `undefined` if a check does not hold. */
  apply({ checks = [], sets = [], deletes = [] }: Commit): string | undefined {
    for (const { key, versionstamp } of checks) {
      const found = this.#entries.get(encodeKey(key))?.versionstamp ?? null;
      if (found !== versionstamp) return undefined;
    }
    const versionstamp = (++this.#commits).toString(16).padStart(20, "0");
    for (const [key, value] of sets) {
      const encoded = encodeKey(key);
      if (!this.#entries.has(encoded)) this.#order.splice(this.#place(encoded), 0, encoded);
      this.#entries.set(encoded, { key, value, versionstamp });
    }
    for (const key of deletes) {
      const encoded = encodeKey(key);
      if (this.#entries.delete(encoded)) this.#order.splice(this.#place(encoded), 1);
    }
    return versionstamp;
  }

  /** The number of keys before this one. */
  #place(encoded: string): number {
    let start = 0;
    let end = this.#order.length;
    while (start < end) {
      const middle = (start + end) >>> 1;
      if (this.#order[middle]! < encoded) start = middle + 1;
      else end = middle;
    }
    return start;
  }
}

/** Readers own what they get. */
function copied(entry: Entry | undefined): Entry | undefined {
  return entry && { ...entry, value: entry.value.slice() };
}

/**
 * A commit as it was when it was asked for: who asked may use the buffers again.
 * @throws {TypeError} it is beyond the limits
 */
export function accepted({ checks = [], sets = [], deletes = [] }: Commit): Commit {
  const keys = [...sets.map(([key]) => key), ...deletes];
  let keyBytes = 0;
  for (const key of keys) {
    const { length } = encodeKey(key);
    if (length > KEY_BYTES_MAX) throw new TypeError(`Key too large for write: ${length} bytes`);
    keyBytes += length;
  }
  let bytes = keyBytes;
  for (const [, { length }] of sets) {
    if (length > VALUE_BYTES_MAX) throw new TypeError(`Value too large: ${length} bytes`);
    bytes += length;
  }
  if (checks.length > CHECKS_MAX) throw new TypeError(`Too many checks: ${checks.length}`);
  if (keys.length > MUTATIONS_MAX) throw new TypeError(`Too many mutations: ${keys.length}`);
  if (keyBytes > COMMIT_KEY_BYTES_MAX) throw new TypeError(`Total key size too large: ${keyBytes}`);
  if (bytes > COMMIT_BYTES_MAX) throw new TypeError(`Total mutation size too large: ${bytes}`);
  return { checks: [...checks], sets: sets.map(([key, value]) => [key, value.slice()]), deletes };
}

const numberBytes = new DataView(new ArrayBuffer(8));

/** A key as a string of bytes (one a unit) that sorts as Deno KV sorts keys. */
export function encodeKey(key: Key): string {
  let encoded = "";
  for (const part of key as readonly (Key[number] | boolean)[]) {
    if (typeof part === "number") encoded += `\x21${encodeNumber(part)}`;
    else if (typeof part === "string") encoded += `\x02${encodeText(part)}\0`;
    else if (typeof part === "boolean") encoded += part ? "\x27" : "\x26";
    else encoded += `\x01${escaped(part)}\0`;
  }
  return encoded;
}

const encoder = new TextEncoder();
// deno-lint-ignore no-control-regex -- the zero byte is what has to be escaped
const PLAIN = /^[\x01-\x7f]*$/;

/** The bytes of UTF-8. */
function encodeText(text: string): string {
  return PLAIN.test(text) ? text : escaped(encoder.encode(text));
}

/** A zero byte ends a part, so that one within it is followed by ff. */
function escaped(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte === 0 ? "\0\xff" : String.fromCharCode(byte);
  return text;
}

/** The bytes of a double, so changed that negative ones sort before positive ones. */
function encodeNumber(value: number): string {
  numberBytes.setFloat64(0, value);
  const negative = (numberBytes.getUint8(0) & 0x80) !== 0;
  let text = "";
  for (let i = 0; i < 8; i++) {
    const byte = numberBytes.getUint8(i);
    text += String.fromCharCode(negative ? byte ^ 0xff : i === 0 ? byte | 0x80 : byte);
  }
  return text;
}
