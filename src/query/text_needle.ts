/**
 * @module The byte search under text queries. UTF-8 bytes are taken as one string of one-byte characters, and V8's
 * compiled regular expressions run over it: about 1 GB/s for a plain literal, several times that from a rare letter.
 */

import { Buffer } from "node:buffer";
import type { TextColumn } from "../record.ts";

/** The bytes of the rows `fromRow` to `toRow` (half-open) of a column as characters U+0000 to U+00FF. */
export function oneByteText(column: TextColumn, fromRow: number, toRow: number): string {
  const from = column.offsets[fromRow]!;
  const length = column.offsets[toRow]! - from;
  const { buffer, byteOffset } = column.bytes;
  return Buffer.from(buffer, byteOffset + from, length).toString("latin1");
}

/** Bytes as characters U+0000 to U+00FF. */
export function latin1({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString("latin1");
}

/** Finds one text in UTF-8 bytes seen as one-byte characters. Reusable, but for one search at a time. */
export interface ByteNeedle {
  /** Where the latest hit begins. */
  readonly start: number;
  /** Where the latest hit ends, exclusive. */
  readonly end: number;
  /**
   * Has to be called before the first search in a text, or in several that are alike.
   * @param samples how many of its characters to look at; absent: as many as pay off for one text
   */
  prepare(text: string, samples?: number): void;
  /** Looks for the first hit that begins at `from` or later. */
  find(text: string, from: number): boolean;
}

/** A needle of ASCII characters, found in any case of its letters. */
export function asciiNeedle(text: string): ByteNeedle {
  return new AsciiNeedle(text);
}

/** A few characters are rare enough to find the places, and keep what is compared at each place small. */
const anyCaseCharactersMax = 16;

/**
 * A needle that finds wherever a lower-case text may begin in some case; not every hit is one. It misses a text
 * that only comes from lower-casing `İ`, which becomes two characters.
 */
export function anyCaseNeedle(lowered: string): ByteNeedle {
  let pattern = "";
  for (const character of [...lowered].slice(0, anyCaseCharactersMax)) {
    const forms = [character, ...upperForms(character)].map((form) => escapeUnits(utf8Units(form)));
    pattern += forms.length === 1 ? forms[0] : `(?:${forms.join("|")})`;
  }
  return new PatternNeedle(pattern);
}

class PatternNeedle implements ByteNeedle {
  start = 0;
  end = 0;
  readonly #regex: RegExp;

  constructor(pattern: string) {
    this.#regex = new RegExp(pattern, "g");
  }

  prepare(): void {}

  find(text: string, from: number): boolean {
    this.#regex.lastIndex = from;
    const hit = this.#regex.exec(text);
    if (hit === null) return false;
    this.start = hit.index;
    this.end = this.#regex.lastIndex;
    return true;
  }
}

/** Shorter texts are searched for the plain literal: sampling them would cost more than it saves. */
const sampledUnitsMin = 16_384;
/** Enough to tell a letter in a hundred from one in twenty; takes less than a microsecond. */
const samplesOfOne = 512;
/** From a letter rarer than this, V8's vectorised skip to it wins over its skip table for the whole literal. */
const rareShareMax = 0.03;
/** Pivots are looked for in this many first letters; rarer ones further on hardly matter. */
const pivotsMax = 64;

/**
 * A regular expression `needle` advances by a table of several letters at about 1 GB/s. One that begins with a single
 * rare letter and looks around itself, `x(?<=ex)(?=ception)`, skips to that letter sixteen bytes at a time instead.
 * V8 does so only if no alternative is longer than one character, which `|\xfe` sees to: neither UTF-8 nor a template has that byte.
 */
class AsciiNeedle implements ByteNeedle {
  start = 0;
  end = 0;
  readonly #text: string;
  #plain: RegExp | undefined;
  readonly #pivoted: (RegExp | undefined)[] = [];
  #pivot = -1;

  constructor(text: string) {
    this.#text = text;
  }

  prepare(text: string, samples: number = samplesOfOne): void {
    this.#pivot = text.length < sampledUnitsMin ? -1 : this.#rarest(text, samples);
  }

  find(text: string, from: number): boolean {
    return this.#pivot < 0 ? this.#findPlain(text, from) : this.#findPivot(text, from);
  }

  #findPlain(text: string, from: number): boolean {
    // Most searches end with the token filters.
    const regex = this.#plain ??= compiled(escapeUnits(this.#text));
    regex.lastIndex = from;
    if (!regex.test(text)) return false;
    this.end = regex.lastIndex;
    this.start = this.end - this.#text.length;
    return true;
  }

  #findPivot(text: string, from: number): boolean {
    const pivot = this.#pivot;
    const regex = this.#pivoted[pivot] ??= this.#compilePivot(pivot);
    regex.lastIndex = from + pivot;
    if (!regex.test(text)) return false;
    this.start = regex.lastIndex - 1 - pivot;
    this.end = this.start + this.#text.length;
    return true;
  }

  #compilePivot(pivot: number): RegExp {
    const before = escapeUnits(this.#text.slice(0, pivot + 1));
    const after = escapeUnits(this.#text.slice(pivot + 1));
    return compiled(`${escapeUnits(this.#text[pivot]!)}(?<=${before})(?=${after})|\\xfe`);
  }

  #rarest(text: string, samples: number): number {
    const counts = new Uint16Array(256);
    const step = text.length / samples;
    for (let i = 0; i < samples; i++) counts[lowerUnit(text.charCodeAt(Math.floor(i * step)))]!++;
    let best = -1;
    let bestCount = samples * rareShareMax;
    for (let i = 0; i < Math.min(this.#text.length, pivotsMax); i++) {
      const count = counts[lowerUnit(this.#text.charCodeAt(i))]!;
      if (count < bestCount) {
        best = i;
        bestCount = count;
      }
    }
    return best;
  }
}

/** V8 interprets an expression's first run, at a fifth of the speed, and compiles it for the next. */
function compiled(pattern: string): RegExp {
  const regex = new RegExp(pattern, "gi");
  regex.test("");
  regex.lastIndex = 0;
  return regex;
}

function lowerUnit(unit: number): number {
  return unit >= 0x41 && unit <= 0x5a ? unit | 0x20 : unit;
}

function utf8Units(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

function escapeUnits(units: string): string {
  return units.replace(/[^A-Za-z0-9_]/g, (unit) => {
    return `\\x${unit.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}

let upperFormsByLower: Map<string, string[]> | undefined;

/** The other characters whose lower case is this one. The table takes about 10 ms to make, once, if ever needed. */
function upperForms(lower: string): readonly string[] {
  upperFormsByLower ??= makeUpperForms();
  return upperFormsByLower.get(lower) ?? [];
}

/** No letter with case has a higher code point than U+1E943 (Adlam). */
const casedCodePointsMax = 0x1ffff;

function makeUpperForms(): Map<string, string[]> {
  const table = new Map<string, string[]>();
  for (let codePoint = 0; codePoint <= casedCodePointsMax; codePoint++) {
    const character = String.fromCodePoint(codePoint);
    const lower = character.toLowerCase();
    if (lower === character) continue;
    const forms = table.get(lower);
    if (forms === undefined) table.set(lower, [character]);
    else forms.push(character);
  }
  // At the end of a word a capital sigma becomes ς, elsewhere σ.
  table.set("ς", ["Σ"]);
  return table;
}
