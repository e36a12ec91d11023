/** @module Attributes that are too long as JSON: their longest values cut, the others left whole. */

import { utf8Length } from "../record.ts";

/** Says by how many bytes of JSON the values of a record were cut. */
const TRUNCATED_NAME = "attributes_truncated_bytes";

/** Bytes that the note takes at most: its name, a suffix where that is taken, a number, quotes, colon and comma. */
const NOTE_BYTES = 64;

/**
 * A JSON object of the members in at most `bytesMax` bytes. If they are too long, those longer than a common bound, chosen
 * as large as possible, are cut to it: their values become the beginning of their text (of their JSON text, if they are no
 * strings), and an attribute `attributes_truncated_bytes` is added.
 * @param members names, and values as JSON; fewer than `bytesMax` / 100 of them
 */
export function shortenMembers(members: readonly [string, string][], bytesMax: number): string {
  const texts = members.map(([name, json]) => `${JSON.stringify(name)}:${json}`);
  const sizes = texts.map(utf8Length);
  // Each has a comma or a brace after it, and one brace is before them all.
  const total = sizes.reduce((sum, size) => sum + size + 1, 1);
  if (total <= bytesMax) return `{${texts.join(",")}}`;
  const bound = commonBound(sizes, bytesMax - NOTE_BYTES - members.length - 1);
  const names = new Set(members.map(([name]) => name));
  const kept = members.map(([name, json], i) =>
    sizes[i]! <= bound ? texts[i]! : cutMember(name, json, bound, names)
  );
  const lost = sizes.reduce((sum, size, i) => sum + size - utf8Length(kept[i]!), 0);
  const note = `${JSON.stringify(freeOf(names, TRUNCATED_NAME))}:${lost}`;
  return `{${kept.join(",")},${note}}`;
}

/** The largest bound with which sizes cut to it have at most `budget` in sum. */
function commonBound(sizes: readonly number[], budget: number): number {
  const ascending = [...sizes].sort((a, b) => a - b);
  let left = budget;
  for (const [i, size] of ascending.entries()) {
    const share = Math.floor(left / (ascending.length - i));
    if (size > share) return share;
    left -= size;
  }
  return budget;
}

/** The member in at most `bound` bytes, at most half of them its name's. */
function cutMember(name: string, json: string, bound: number, names: Set<string>): string {
  let key = JSON.stringify(name);
  if (utf8Length(key) > bound / 2) {
    // Ten bytes for what tells apart names that begin alike.
    const shortName = freeOf(names, cutToJsonBytes(name, bound / 2 - 12));
    names.add(shortName);
    key = JSON.stringify(shortName);
  }
  const left = bound - utf8Length(key) - 1;
  if (utf8Length(json) <= left) return `${key}:${json}`;
  const text = json.startsWith('"') ? JSON.parse(json) as string : json;
  return `${key}:${JSON.stringify(cutToJsonBytes(text, left - 2))}`;
}

/** The longest beginning of a well-formed text that takes at most `max` bytes as JSON, without its quotes. */
function cutToJsonBytes(text: string, max: number): string {
  let bytes = 0;
  let end = 0;
  while (end < text.length) {
    const unit = text.charCodeAt(end);
    const isPair = unit >= 0xd800 && unit <= 0xdbff;
    bytes += isPair ? 4 : jsonBytes(unit);
    if (bytes > max) break;
    end += isPair ? 2 : 1;
  }
  return text.slice(0, end);
}

/** Control characters that JSON writes with two: \b \t \n \f \r. */
const SHORT_ESCAPES = [0x08, 0x09, 0x0a, 0x0c, 0x0d];

/** Bytes of a character of one unit in a JSON string. */
function jsonBytes(unit: number): number {
  if (unit < 0x20) return SHORT_ESCAPES.includes(unit) ? 2 : 6;
  if (unit === 0x22 || unit === 0x5c) return 2;
  if (unit < 0x80) return 1;
  return unit < 0x800 ? 2 : 3;
}

function freeOf(names: ReadonlySet<string>, name: string): string {
  let free = name;
  for (let i = 1; names.has(free); i++) free = `${name}_${i}`;
  return free;
}
