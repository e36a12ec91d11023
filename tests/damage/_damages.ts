/** @module What can happen to a stored value. */

import type { Entry } from "../../src/storage/database.ts";
import { type ArrayDatabase, compareKeys } from "./_array_database.ts";

/** A change of one value of a store, or of two that change places. */
export interface Damage {
  readonly name: string;
  apply(database: ArrayDatabase): void;
}

/** Where a bit is flipped: from the beginning, the end, and between. */
const FLIPPED_AT = [0, 1, 3, 7, 0.3, 0.6, -1];
const CUT_TO = [0, 1, 6, 0.5, -1];

/** Every kind of damage of a value. `others` are the store's values. */
export function damagesOf(
  entry: Entry,
  others: readonly Entry[],
  { flippedAt = FLIPPED_AT, cutTo = CUT_TO } = {},
): Damage[] {
  const { key, value } = entry;
  const put = (name: string, bytes: Uint8Array): Damage => ({
    name,
    apply: (database) => database.set(key, bytes),
  });
  const flips = new Set(flippedAt.map((at) => placeOf(at, value.length)));
  const cuts = new Set(cutTo.map((at) => placeOf(at, value.length)));
  const damages = value.length === 0 ? [] : [
    ...[...flips].map((at) => put(`a bit of byte ${at} flipped`, flipped(value, at))),
    ...[...cuts].map((length) => put(`cut to ${length} bytes`, value.slice(0, length))),
    put("a byte longer", new Uint8Array([...value, 0])),
    put("zeroed", new Uint8Array(value.length)),
  ];
  damages.push({ name: "missing", apply: (database) => database.delete(key) });
  const other = partnerOf(entry, others);
  if (other !== undefined) {
    damages.push({
      name: `in place of ${JSON.stringify(other.key)}`,
      apply: (database) => {
        database.set(key, other.value);
        database.set(other.key, value);
      },
    });
  }
  return damages;
}

function placeOf(at: number, length: number): number {
  if (at < 0) return Math.max(0, length + at);
  return Math.min(length - 1, at > 0 && at < 1 ? Math.floor(at * length) : at);
}

function flipped(value: Uint8Array, at: number): Uint8Array {
  const bytes = value.slice();
  bytes[at]! ^= 0x10;
  return bytes;
}

/** The next value of the same kind, with other bytes. */
function partnerOf({ key, value }: Entry, others: readonly Entry[]): Entry | undefined {
  const same = others.filter((other) =>
    shapeOf(other) === shapeOf({ key }) && compareKeys(other.key, key) !== 0 &&
    other.value.toHex() !== value.toHex()
  );
  return same.find((other) => compareKeys(other.key, key) > 0) ?? same[0];
}

/** What kind of value a key is of. */
export function shapeOf({ key }: Pick<Entry, "key">): string {
  const parts = key[1] === "segment" ? [key[1], key[3], key[4] ?? ""] : [key[1]];
  return [...parts, key.length].join(" ");
}
