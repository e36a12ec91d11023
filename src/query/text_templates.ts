/**
 * @module Searches texts that are kept as templates and values, without putting them together. Values are the words of ASCII with a
 * digit in them, so that a word of the literal is either in a template or in a value, never in both.
 */

import type { TemplatedTexts } from "../codec/mod.ts";
import { asciiNeedle, type ByteNeedle, latin1 } from "./text_needle.ts";
import type { TextLiteral } from "./text_words.ts";

/** What is known of a row. */
const POSSIBLE = 1;
const CERTAIN = 2;

/** Rows in which a literal occurs, and others in which it may; both ascend. */
export interface TemplateMatches {
  readonly certain: Uint32Array;
  readonly possible: Uint32Array;
}

/** A longest run of word characters of a literal. */
interface Word {
  readonly text: string;
  /** It may be the end of a longer word, or the beginning of one. */
  readonly openStart: boolean;
  readonly openEnd: boolean;
}

/** Finds an ASCII literal in columns of templates. Reusable; not for two searches at a time. */
export class TemplateSearch {
  readonly #literal: ByteNeedle;
  /** The literal is nothing but this word. */
  readonly #onlyWord: Word | undefined;
  /** Matches templates in which the literal may occur with the help of values. */
  readonly #shape: RegExp;
  /** A row of such a template must have one of these in a value. */
  readonly #values: readonly { word: Word; needle: ByteNeedle }[];
  readonly #starts: boolean;
  readonly #ends: boolean;

  constructor(literal: TextLiteral) {
    this.#literal = asciiNeedle(literal.text);
    this.#starts = literal.wordStart;
    this.#ends = literal.wordEnd;
    const parts = literal.text.match(/[a-z0-9_]+|[^a-z0-9_]+/g)!;
    const words = parts.flatMap((text, i) =>
      isWord(text)
        ? [{
          text,
          openStart: i === 0 && !literal.wordStart,
          openEnd: i === parts.length - 1 && !literal.wordEnd,
        }]
        : []
    );
    this.#onlyWord = parts.length === 1 ? words[0] : undefined;
    this.#shape = shapeOf(parts, words);
    this.#values = valuesOf(words).map((word) => ({ word, needle: asciiNeedle(word.text) }));
  }

  /** The rows among `rows` (ascending) that match or may match. */
  find(texts: TemplatedTexts, rows: Uint32Array): TemplateMatches {
    const marks = new Uint8Array(texts.count);
    const found = this.#markTemplates(texts, marks);
    const mayBeInValues = this.#onlyWord !== undefined || found.shaped !== undefined;
    const inValues = mayBeInValues && this.#markValues(texts, found.shaped, marks);
    if (!found.any && !inValues) {
      return { certain: rows.subarray(0, 0), possible: rows.subarray(0, 0) };
    }
    return {
      certain: rows.filter((row) => marks[row] === CERTAIN),
      possible: rows.filter((row) => marks[row] === POSSIBLE),
    };
  }

  /**
   * Marks the rows of templates that have the literal. `shaped` are the templates, as ones, that have it but for values; absent
   * if there are none, or if values need no template.
   */
  #markTemplates(
    texts: TemplatedTexts,
    marks: Uint8Array,
  ): { any: boolean; shaped: Uint8Array | undefined } {
    const { bytes, offsets, count, ascii } = texts.templates;
    const text = latin1(bytes);
    const known = new Uint8Array(count);
    let any = false;
    for (const hit of hitsWithin(this.#literal, text, offsets)) {
      const mark = this.#certainty(text, hit, ascii);
      if (mark > known[hit.index]!) known[hit.index] = mark;
      any ||= mark > 0;
    }
    if (any) {
      const { templateOf } = texts.rows;
      for (let row = 0; row < templateOf.length; row++) marks[row] = known[templateOf[row]!]!;
    }
    if (this.#onlyWord !== undefined) return { any, shaped: undefined };
    if (this.#values.length === 0 || !this.#shape.test(text)) return { any, shaped: undefined };
    const shaped = new Uint8Array(count);
    let anyShaped = false;
    for (let i = 0; i < count; i++) {
      if (!this.#shape.test(text.slice(offsets[i], offsets[i + 1]))) continue;
      shaped[i] = 1;
      anyShaped = true;
    }
    return { any, shaped: anyShaped ? shaped : undefined };
  }

  /** Whether the literal found in a template is there, given what stands around it. */
  #certainty(text: string, { from, to, start, end }: Hit, ascii: boolean): number {
    const before = this.#starts && start > from ? text.charCodeAt(start - 1) : 0;
    const after = this.#ends && end < to ? text.charCodeAt(end) : 0;
    if (isWordUnit(before) || isWordUnit(after)) return 0;
    return ascii || (before < 0x80 && after < 0x80) ? CERTAIN : POSSIBLE;
  }

  /** Marks rows that have one of the sought words in a value, if their templates are among those given; false: none has. */
  #markValues(
    texts: TemplatedTexts,
    shaped: Uint8Array | undefined,
    marks: Uint8Array,
  ): boolean {
    // Letters past ASCII beside a value make it a part of a longer word.
    const mark = this.#onlyWord !== undefined && texts.ascii ? CERTAIN : POSSIBLE;
    const text = latin1(texts.values);
    let any = false;
    for (const { word, needle } of this.#values) {
      let places: Places | undefined;
      needle.prepare(text);
      for (let from = 0; needle.find(text, from); from = needle.start + 1) {
        places ??= new Places(texts);
        const { start, end, template, row } = places.at(needle.start);
        if (needle.end > end) continue;
        if (!word.openStart && needle.start !== start) continue;
        if (!word.openEnd && needle.end !== end) continue;
        if (shaped !== undefined && shaped[template] === 0) continue;
        if (marks[row]! < mark) marks[row] = mark;
        any = true;
      }
    }
    return any;
  }
}

function isWord(part: string): boolean {
  return /^[a-z0-9_]/.test(part);
}

function hasDigit(text: string): boolean {
  return /[0-9]/.test(text);
}

function isWordUnit(unit: number): boolean {
  const letter = unit | 0x20;
  return (letter >= 0x61 && letter <= 0x7a) || (unit >= 0x30 && unit <= 0x39) || unit === 0x5f;
}

/** A word with a digit is a value; another one is not, unless it may be a part of one. */
function shapeOf(parts: readonly string[], words: readonly Word[]): RegExp {
  let next = 0;
  const pattern = parts.map((part) => {
    if (!isWord(part)) return escaped(part);
    const { text, openStart, openEnd } = words[next++]!;
    if (hasDigit(text)) return "\\xff";
    const before = openStart ? "" : "(?<![a-z0-9_])";
    const after = openEnd ? "" : "(?![a-z0-9_])";
    const literal = `${before}${escaped(text)}${after}`;
    return openStart || openEnd ? `(?:${literal}|\\xff)` : literal;
  }).join("");
  return new RegExp(pattern, "i");
}

/** The words of which a row must have one in a value, unless its template has the whole literal. */
function valuesOf(words: readonly Word[]): Word[] {
  const certain = words.filter(({ text }) => hasDigit(text));
  if (certain.length === 0) return words.filter(({ openStart, openEnd }) => openStart || openEnd);
  // The longest is the rarest.
  return [certain.reduce((a, b) => b.text.length > a.text.length ? b : a)];
}

function escaped(text: string): string {
  return text.replace(/[^a-z0-9_]/gi, (unit) => {
    return `\\x${unit.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}

/** A needle found in one of several texts that lie end to end. */
interface Hit {
  readonly index: number;
  /** Of the text. */
  readonly from: number;
  readonly to: number;
  /** Of the needle. */
  readonly start: number;
  readonly end: number;
}

/** Every place of a needle within one of the texts; the needle's word bounds are for the caller to see to. */
function* hitsWithin(needle: ByteNeedle, text: string, offsets: Uint32Array): Generator<Hit> {
  let index = 0;
  needle.prepare(text);
  for (let from = 0; needle.find(text, from); from = needle.start + 1) {
    const { start, end } = needle;
    while (offsets[index + 1]! <= start) index++;
    const to = offsets[index + 1]!;
    if (end <= to) yield { index, from: offsets[index]!, to, start, end };
  }
}

/** Tells whose values are where, for places that ascend. */
class Places {
  readonly #firstGap: Uint32Array;
  readonly #firstValue: Uint32Array;
  readonly #valueStart: Uint32Array;
  readonly #rowsByTemplate: Uint32Array;
  readonly #rowCount: Uint32Array;
  #value = 0;
  #gap = 0;
  #template = 0;
  #templateRows = 0;

  constructor(texts: TemplatedTexts) {
    this.#firstGap = texts.templates.firstGap;
    this.#firstValue = texts.places.firstValue;
    this.#valueStart = texts.places.valueStart;
    this.#rowsByTemplate = texts.rowsByTemplate;
    this.#rowCount = texts.rows.rowCount;
  }

  /** The value that the byte `at` belongs to, with its bounds, template and row. */
  at(at: number): { start: number; end: number; template: number; row: number } {
    while (this.#valueStart[this.#value + 1]! <= at) this.#value++;
    while (this.#firstValue[this.#gap + 1]! <= this.#value) this.#gap++;
    while (this.#firstGap[this.#template + 1]! <= this.#gap) {
      this.#templateRows += this.#rowCount[this.#template++]!;
    }
    const rank = this.#value - this.#firstValue[this.#gap]!;
    return {
      start: this.#valueStart[this.#value]!,
      end: this.#valueStart[this.#value + 1]!,
      template: this.#template,
      row: this.#rowsByTemplate[this.#templateRows + rank]!,
    };
  }
}
