/** @module Which rows of a text column contain a literal, decided on its bytes wherever that is certain. */

import { Buffer } from "node:buffer";
import { TemplatedTexts } from "../codec/mod.ts";
import type { TextColumn } from "../record.ts";
import { anyCaseNeedle, asciiNeedle, type ByteNeedle, latin1, oneByteText } from "./text_needle.ts";
import { TemplateSearch } from "./text_templates.ts";
import { containsLiteral, isAscii, isWordCodePoint, type TextLiteral } from "./text_words.ts";

/** Between two rows that far apart, in bytes, one more search is cheaper than searching what lies between. */
const gapBytesMax = 2_048;

/**
 * Rows are searched in pieces of at most this many bytes (a longer row alone). A piece becomes a string of its own: this
 * long it stays in the processor's cache and dies young, where a column of a MiB at once takes fresh pages of memory.
 */
const pieceBytesMax = 32 * 1024;

/**
 * What a text shows about letters holds for so many that follow, unless they are much longer. A look at each chunk of the memtable
 * would cost as much as a third of the search, mostly for the machine code of another expression for each rare letter.
 */
const preparedTextsMax = 32;

/** For so many texts the letter is chosen with care: one that is twice as frequent takes twice as long. */
const preparedSamples = 4_096;

/** UTF-8, as one-byte characters, of `İ` and of the Kelvin sign: what is not ASCII but has ASCII in its lower case. */
const dottedI = "\xc4\xb0";
const kelvinSign = "\xe2\x84\xaa";

/** Text `row` of a column as a string, byte for byte. */
export function rowText(column: TextColumn, row: number): string {
  const from = column.offsets[row]!;
  const { buffer, byteOffset } = column.bytes;
  return Buffer.from(buffer, byteOffset + from, column.offsets[row + 1]! - from)
    .toString(column.ascii ? "latin1" : "utf8");
}

/** The texts of some rows of a column. Where texts have to be put together only those are. */
export class PickedTexts {
  readonly #column: TextColumn;
  readonly #rows: Uint32Array | undefined;

  constructor(column: TextColumn, rows: Uint32Array) {
    const isTemplated = column instanceof TemplatedTexts;
    this.#column = isTemplated ? column.take(rows) : column;
    this.#rows = isTemplated ? undefined : rows;
  }

  /** The text of the row at a place in the list of rows. */
  at(place: number): string {
    return rowText(this.#column, this.#rows === undefined ? place : this.#rows[place]!);
  }
}

/** The runs of rows, as half-open index ranges of `rows`, that are worth searching as one text. */
export function* searchRuns(
  column: TextColumn,
  rows: Uint32Array,
): Generator<{ from: number; to: number }> {
  const { offsets } = column;
  const first = rows[0] ?? 0;
  // Rows without a gap, as most are, are cut by their offsets alone.
  const areAll = rows.length > 0 && rows.at(-1)! - first === rows.length - 1;
  let to = 0;
  for (let from = 0; from < rows.length; from = to) {
    const end = offsets[rows[from]!]! + pieceBytesMax;
    to++;
    if (areAll) {
      to = lastAtMost(offsets, end, first + to, first + rows.length) - first;
    } else {
      while (
        to < rows.length && offsets[rows[to]! + 1]! <= end &&
        offsets[rows[to]!]! - offsets[rows[to - 1]! + 1]! <= gapBytesMax
      ) to++;
    }
    yield { from, to };
  }
}

/** The last place from `from` to `to` (inclusive) whose offset is at most `end`; `from` if there is none. */
function lastAtMost(offsets: Uint32Array, end: number, from: number, to: number): number {
  let [least, most] = [from, to];
  while (least < most) {
    const middle = (least + most + 1) >>> 1;
    if (offsets[middle]! <= end) least = middle;
    else most = middle - 1;
  }
  return least;
}

/** Selects the rows of columns whose text contains a literal. Reusable; not for two searches at a time. */
export class LiteralMatcher {
  readonly #literal: TextLiteral;
  readonly #isAscii: boolean;
  readonly #needle: ByteNeedle;
  readonly #templates: TemplateSearch | undefined;
  #preparedLength = 0;
  #preparedTexts = 0;

  constructor(literal: TextLiteral) {
    this.#literal = literal;
    this.#isAscii = isAscii(literal.text);
    this.#templates = this.#isAscii ? new TemplateSearch(literal) : undefined;
    this.#needle = this.#isAscii ? asciiNeedle(literal.text) : anyCaseNeedle(literal.text);
  }

  /** The rows among `rows` (ascending) that match, in the same order. */
  select(column: TextColumn, rows: Uint32Array): Uint32Array {
    if (rows.length === 0 || (column.ascii && !this.#isAscii)) return rows.subarray(0, 0);
    if (column instanceof TemplatedTexts) return this.#selectTemplated(column, rows);
    const selected = new Uint32Array(rows.length);
    let count = 0;
    let prepared = false;
    for (const { from, to } of searchRuns(column, rows)) {
      const text = oneByteText(column, rows[from]!, rows[to - 1]! + 1);
      if (!prepared) this.#prepare(text);
      prepared = true;
      const run = rows.subarray(from, to);
      count = !column.ascii && this.#bytesMislead(text)
        ? this.#selectAsStrings(column, run, selected, count)
        : this.#selectInRun(column, text, run, selected, count);
    }
    return selected.subarray(0, count);
  }

  /** The texts of one column are alike, and columns are often like the one before. */
  #prepare(text: string): void {
    if (this.#preparedTexts > 0 && text.length <= 2 * this.#preparedLength) {
      this.#preparedTexts--;
      return;
    }
    this.#needle.prepare(text, preparedSamples);
    this.#preparedTexts = preparedTextsMax;
    this.#preparedLength = text.length;
  }

  #selectTemplated(texts: TemplatedTexts, rows: Uint32Array): Uint32Array {
    const misleads = !texts.ascii && this.#bytesMislead(latin1(texts.templates.bytes));
    if (this.#templates === undefined || misleads) return this.#selectTaken(texts, rows);
    const { certain, possible } = this.#templates.find(texts, rows);
    return merged(certain, this.#selectTaken(texts, possible));
  }

  /** Puts texts together and looks at them. */
  #selectTaken(texts: TemplatedTexts, rows: Uint32Array): Uint32Array {
    // Without this, where every value is would be read for nothing.
    if (rows.length === 0) return rows;
    const taken = texts.take(rows);
    const all = Uint32Array.from(rows, (_, i) => i);
    return this.select(taken, all).map((i) => rows[i]!);
  }

  #bytesMislead(text: string): boolean {
    const sought = this.#literal.text;
    return (/[i\u0307]/.test(sought) && text.includes(dottedI)) ||
      (sought.includes("k") && text.includes(kelvinSign));
  }

  #selectAsStrings(
    column: TextColumn,
    rows: Uint32Array,
    selected: Uint32Array,
    count: number,
  ): number {
    for (const row of rows) if (this.#matchesAsString(column, row)) selected[count++] = row;
    return count;
  }

  #matchesAsString(column: TextColumn, row: number): boolean {
    return containsLiteral(rowText(column, row).toLowerCase(), this.#literal);
  }

  /** Hits are found in the bytes of many rows at once; each hit decides its row or the search goes on behind it. */
  #selectInRun(
    column: TextColumn,
    text: string,
    rows: Uint32Array,
    selected: Uint32Array,
    count: number,
  ): number {
    const { offsets } = column;
    const needle = this.#needle;
    const base = offsets[rows[0]!]!;
    let at = 0;
    for (let from = 0; needle.find(text, from);) {
      while (at < rows.length && offsets[rows[at]! + 1]! - base <= needle.start) at++;
      if (at === rows.length) break;
      const row = rows[at]!;
      const rowStart = offsets[row]! - base;
      const rowEnd = offsets[row + 1]! - base;
      if (needle.start < rowStart) {
        from = rowStart;
        continue;
      }
      if (needle.end > rowEnd) {
        from = needle.start + 1;
        continue;
      }
      const matches = this.#hitMatches(text, rowStart, rowEnd);
      if (matches === false) {
        from = this.#nextStart(text, rowEnd);
        continue;
      }
      if (matches ?? this.#matchesAsString(column, row)) selected[count++] = row;
      if (++at === rows.length) break;
      from = offsets[rows[at]!]! - base;
    }
    return count;
  }

  /** Whether the needle's hit is a match; `undefined` if only the row as a string can tell. */
  #hitMatches(text: string, rowStart: number, rowEnd: number): boolean | undefined {
    if (!this.#isAscii) return undefined;
    const { start, end } = this.#needle;
    const before = this.#literal.wordStart && start > rowStart ? text.charCodeAt(start - 1) : 0;
    const after = this.#literal.wordEnd && end < rowEnd ? text.charCodeAt(end) : 0;
    if (before >= 0x80 || after >= 0x80) return undefined;
    return !isWordCodePoint(before) && !isWordCodePoint(after);
  }

  /** Behind a hit that is not one: a word that does not begin here begins at the earliest behind the word here. */
  #nextStart(text: string, rowEnd: number): number {
    let next = this.#needle.start + 1;
    if (!this.#literal.wordStart) return next;
    while (next < rowEnd && isAsciiWordUnit(text.charCodeAt(next - 1))) next++;
    return next;
  }
}

/** Two lists without a common element, both ascending, as one. */
export function merged(a: Uint32Array, b: Uint32Array): Uint32Array {
  if (b.length === 0) return a;
  if (a.length === 0) return b;
  const all = new Uint32Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all.sort();
}

function isAsciiWordUnit(unit: number): boolean {
  return unit < 0x80 && isWordCodePoint(unit);
}
