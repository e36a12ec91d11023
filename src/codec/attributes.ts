/**
 * @module Attributes as columns: common top-level names of the JSON objects get a column each, and come back together.
 *
 * A row is split only if it reads the same when put together again: not if it is no object, repeats a name, or escapes
 * characters in one; such a row stays whole in `attributes`. Values keep their JSON text to the byte.
 */

import type { RecordColumns, TextColumn, TextColumnName } from "../record.ts";
import { MemberScanner } from "./_json_members.ts";
import { grown, type NameTable } from "./_name_table.ts";
import { SPLIT_NAME_BYTES_MAX, SPLIT_NAMES_MAX, SPLIT_ROWS_SHARE } from "./limits.ts";

/** Before an attribute's name in the name of its column. */
export const ATTRIBUTE_PREFIX = "attr.";

const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Columns that `attributes` was split into, the rest of `attributes` last. */
export type SplitAttributes = Map<TextColumnName, TextColumn>;

/** The members of all rows that may be split, one after the other. */
interface Members {
  readonly names: NameTable;
  readonly count: number;
  readonly name: Uint32Array;
  readonly valueStart: Uint32Array;
  readonly valueEnd: Uint32Array;
  /** Row `i` has the members `rowStart[i]..rowStart[i + 1]`. */
  readonly rowStart: Uint32Array;
  /** By name: in how many rows it is. */
  readonly rowsWith: Uint32Array;
}

/**
 * Splits a column of JSON objects: the names in most rows (at most 64; at least 2 rows, and one in 16 of those that have
 * attributes) get columns `attr.NAME` of their own, in order of first appearance.
 */
export function splitAttributes(column: TextColumn, count: number): SplitAttributes {
  const members = findMembers(column, count);
  const chosen = chooseNames(members, rowsWithText(column, count));
  const split: SplitAttributes = new Map();
  if (chosen.length === 0) return split.set("attributes", column);
  // For each name its column's index plus one, 0 for those that stay.
  const columnOf = new Uint32Array(members.names.size);
  chosen.forEach((name, index) => columnOf[name] = index + 1);
  const values = takeValues(column, members, chosen, columnOf, count);
  chosen.forEach((name, index) => {
    split.set(`${ATTRIBUTE_PREFIX}${members.names.name(name)}`, values[index]!);
  });
  return split.set("attributes", takeRest(column, members, columnOf, count));
}

function rowsWithText({ offsets }: TextColumn, count: number): number {
  let rows = 0;
  for (let row = 0; row < count; row++) if (offsets[row + 1]! > offsets[row]!) rows++;
  return rows;
}

function findMembers({ bytes, offsets }: TextColumn, count: number): Members {
  const scanner = new MemberScanner(bytes);
  const names = scanner.names;
  let name = new Uint32Array(1024);
  let valueStart = new Uint32Array(1024);
  let valueEnd = new Uint32Array(1024);
  let rowsWith = new Uint32Array(64);
  let lastRow = new Uint32Array(64);
  const rowStart = new Uint32Array(count + 1);
  let total = 0;
  for (let row = 0; row < count; row++) {
    rowStart[row] = total;
    const found = scanner.scan(offsets[row]!, offsets[row + 1]!);
    let whole = found <= 0;
    for (let i = 0; i < found; i++) {
      const index = scanner.name[i]!;
      if (index >= rowsWith.length) {
        rowsWith = grown(rowsWith);
        lastRow = grown(lastRow);
      }
      if (lastRow[index] === row + 1 || names.isEscaped(index)) whole = true;
      lastRow[index] = row + 1;
      if (total + i >= name.length) {
        name = grown(name);
        valueStart = grown(valueStart);
        valueEnd = grown(valueEnd);
      }
      name[total + i] = index;
      valueStart[total + i] = scanner.valueStart[i]!;
      valueEnd[total + i] = scanner.valueEnd[i]!;
    }
    if (whole) continue;
    for (let i = 0; i < found; i++) rowsWith[name[total + i]!]!++;
    total += found;
  }
  rowStart[count] = total;
  return { names, count: total, name, valueStart, valueEnd, rowStart, rowsWith };
}

/** The names that get a column, in order of first appearance. */
function chooseNames({ names, rowsWith }: Members, rows: number): number[] {
  const least = Math.max(2, Math.ceil(rows / SPLIT_ROWS_SHARE));
  const candidates: number[] = [];
  for (let index = 0; index < names.size; index++) {
    if (rowsWith[index]! < least) continue;
    if (names.byteLength(index) <= SPLIT_NAME_BYTES_MAX) candidates.push(index);
  }
  candidates.sort((a, b) => rowsWith[b]! - rowsWith[a]! || a - b);
  return candidates.slice(0, SPLIT_NAMES_MAX).sort((a, b) => a - b);
}

function takeValues(
  source: TextColumn,
  members: Members,
  chosen: readonly number[],
  columnOf: Uint32Array,
  count: number,
): TextColumn[] {
  const { name, valueStart, valueEnd, rowStart } = members;
  const sizes = new Float64Array(chosen.length);
  for (let i = 0; i < members.count; i++) {
    const column = columnOf[name[i]!]!;
    if (column > 0) sizes[column - 1]! += valueEnd[i]! - valueStart[i]!;
  }
  const bytesOf = Array.from(sizes, (size) => new Uint8Array(size));
  const offsetsOf = chosen.map(() => new Uint32Array(count + 1));
  const ends = new Uint32Array(chosen.length);
  const seenBits = new Uint8Array(chosen.length);
  for (let row = 0; row < count; row++) {
    for (let i = rowStart[row]!; i < rowStart[row + 1]!; i++) {
      const column = columnOf[name[i]!]! - 1;
      if (column < 0) continue;
      const bytes = bytesOf[column]!;
      let at = ends[column]!;
      let bits = 0;
      for (let from = valueStart[i]!; from < valueEnd[i]!; from++) {
        bits |= bytes[at++] = source.bytes[from]!;
      }
      ends[column] = at;
      seenBits[column]! |= bits;
    }
    for (let column = 0; column < offsetsOf.length; column++) {
      offsetsOf[column]![row + 1] = ends[column]!;
    }
  }
  return chosen.map((_, i) => ({
    bytes: bytesOf[i]!,
    offsets: offsetsOf[i]!,
    ascii: seenBits[i]! < 0x80,
  }));
}

/** What no column took: whole rows as they were, or objects of the members left; nothing if none is left. */
function takeRest(
  { bytes, offsets, ascii }: TextColumn,
  { name, names, valueStart, valueEnd, rowStart }: Members,
  columnOf: Uint32Array,
  count: number,
): TextColumn {
  // What is left of an object is never longer than the object was.
  const rest = new Uint8Array(offsets[count]! - offsets[0]!);
  const restOffsets = new Uint32Array(count + 1);
  let at = 0;
  const copy = (from: number, to: number) => {
    for (let i = from; i < to; i++) rest[at++] = bytes[i]!;
  };
  for (let row = 0; row < count; row++) {
    const first = rowStart[row]!;
    const last = rowStart[row + 1]!;
    let taken = 0;
    for (let i = first; i < last; i++) if (columnOf[name[i]!]! > 0) taken++;
    if (taken === 0) {
      copy(offsets[row]!, offsets[row + 1]!);
    } else if (taken < last - first) {
      let before = OPEN_BRACE;
      for (let i = first; i < last; i++) {
        if (columnOf[name[i]!]! > 0) continue;
        rest[at++] = before;
        before = COMMA;
        at = names.writeKey(name[i]!, rest, at);
        copy(valueStart[i]!, valueEnd[i]!);
      }
      rest[at++] = CLOSE_BRACE;
    }
    restOffsets[row + 1] = at;
  }
  return { bytes: rest.subarray(0, at), offsets: restOffsets, ascii };
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/**
 * The whole JSON object of a record's attributes, from `attributes` and the `attr.NAME` columns that are loaded; empty if it
 * has none. Names may stand in another order than they were sent in; values are the same to the byte.
 */
export function joinAttributes(columns: RecordColumns, row: number): string {
  let joined = "";
  for (const [name, { bytes, offsets }] of columns.texts) {
    if (!name.startsWith(ATTRIBUTE_PREFIX)) continue;
    const start = offsets[row]!;
    const end = offsets[row + 1]!;
    if (end === start) continue;
    const key = JSON.stringify(name.slice(ATTRIBUTE_PREFIX.length));
    joined += `${joined === "" ? "" : ","}${key}:${decoder.decode(bytes.subarray(start, end))}`;
  }
  const rest = restOf(columns, row);
  if (joined === "") return rest;
  // The rest of a row that was split has at least one member, as this codec writes it: "{" first.
  return rest === "" ? `{${joined}}` : `{${joined},${rest.slice(1)}`;
}

function restOf({ texts }: RecordColumns, row: number): string {
  const column = texts.get("attributes");
  if (column === undefined) return "";
  return decoder.decode(column.bytes.subarray(column.offsets[row], column.offsets[row + 1]));
}

/**
 * The whole JSON objects of all records as one column, as {@linkcode joinAttributes} gives them; `undefined` if neither
 * `attributes` nor any `attr.NAME` is loaded. Copies nothing if there is nothing to join.
 */
export function wholeAttributes(columns: RecordColumns): TextColumn | undefined {
  const { count, texts } = columns;
  const rest = texts.get("attributes");
  const parts: { key: Uint8Array; column: TextColumn }[] = [];
  let size = rest === undefined ? 0 : rest.offsets[count]! - rest.offsets[0]!;
  let ascii = rest?.ascii ?? true;
  for (const [name, column] of texts) {
    if (!name.startsWith(ATTRIBUTE_PREFIX)) continue;
    const key = encoder.encode(`${JSON.stringify(name.slice(ATTRIBUTE_PREFIX.length))}:`);
    parts.push({ key, column });
    // Each value comes with its key, and a comma or the braces.
    size += column.offsets[count]! - column.offsets[0]!;
    size += rowsWithText(column, count) * (key.length + 2);
    ascii &&= column.ascii && key.every((byte) => byte < 0x80);
  }
  if (parts.length === 0) return rest;
  const bytes = new Uint8Array(size);
  const offsets = new Uint32Array(count + 1);
  let at = 0;
  for (let row = 0; row < count; row++) {
    const start = at;
    for (const { key, column } of parts) {
      const from = column.offsets[row]!;
      const to = column.offsets[row + 1]!;
      if (from === to) continue;
      bytes[at] = at === start ? OPEN_BRACE : COMMA;
      at++;
      for (let i = 0; i < key.length; i++) bytes[at++] = key[i]!;
      for (let i = from; i < to; i++) bytes[at++] = column.bytes[i]!;
    }
    const from = rest?.offsets[row] ?? 0;
    const to = rest?.offsets[row + 1] ?? 0;
    const split = at > start;
    if (split) bytes[at++] = from === to ? CLOSE_BRACE : COMMA;
    for (let i = split ? from + 1 : from; i < to; i++) bytes[at++] = rest!.bytes[i]!;
    offsets[row + 1] = at;
  }
  return { bytes: bytes.slice(0, at), offsets, ascii };
}
