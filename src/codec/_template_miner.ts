/**
 * @module Finds the templates of log messages: what is left of a text when its words with digits in them are taken out. Programs
 * print few templates and many values; apart from each other both compress better, and a search reads less.
 */

import { addWords, NOT_ASCII, WORD_BYTES } from "./_token_scan.ts";
import type { TokenSet } from "./_token_set.ts";
import { textOf, type TextSpans } from "./_text_spans.ts";
import { TEMPLATE_GAP, type TemplatedRows } from "./_templated_rows.ts";
import { HASH_HIGH_FACTOR, HASH_HIGH_START, HASH_LOW_FACTOR, HASH_LOW_START } from "./token.ts";

// An imported or exported constant is read from memory each time, which halves the speed of the loops below.
const HIGH_START = HASH_HIGH_START;
const LOW_START = HASH_LOW_START;
const HIGH_FACTOR = HASH_HIGH_FACTOR;
const LOW_FACTOR = HASH_LOW_FACTOR;
const WORDS = WORD_BYTES;

/** Stands for a value in the hash of a template. */
const GAP_UNIT = 0x100;

const DIGIT = 1;
const WORD = 2;
/** For each byte what it is to a template: 0 what parts words, {@linkcode WORD}, or that and {@linkcode DIGIT}. */
const CLASSES = new Uint8Array(256);
for (let byte = 0; byte < 256; byte++) {
  const unit = WORD_BYTES[byte]!;
  if (unit === 0 || unit === NOT_ASCII) continue;
  CLASSES[byte] = unit <= 0x39 ? WORD | DIGIT : WORD;
}

/** Rows after which it is looked at whether templates repeat at all. */
const TRIAL_ROWS = 2048;

/**
 * Takes texts apart, and adds the tokens of all of them to a set on the way. `undefined` if too few templates repeat to be worth
 * it; the set may then lack tokens.
 * @param count rows, at most 65,536
 */
export function mineTemplates(
  texts: TextSpans,
  count: number,
  tokens: TokenSet,
): TemplatedRows | undefined {
  const miner = new TemplateMiner(texts, count, tokens);
  let literalBytes = 0;
  let bytes = 0;
  for (let row = 0; row < count; row++) {
    literalBytes += miner.add(row);
    bytes += texts.ends[row]! - texts.starts[row]!;
    const looked = row + 1 === TRIAL_ROWS || row + 1 === count;
    // A new template is stored whole: it must stand for at least one more text on average.
    if (looked && literalBytes * 2 > bytes) return undefined;
  }
  return miner.finish();
}

class TemplateMiner {
  readonly #texts: TextSpans;
  readonly #bytes: Uint8Array;
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;
  readonly #tokens: TokenSet;
  readonly #templateOf: Uint16Array;
  readonly #rowSpans: Uint32Array;
  #spans: Uint32Array;
  #spanCount = 0;
  /** Open addressing by hash: a template's index plus one. At most half full, as no row makes more than one. */
  readonly #slots: Int32Array;
  readonly #hashes: Int32Array;
  readonly #firstRow: Uint32Array;
  readonly #rowCount: Uint32Array;
  #templateCount = 0;

  constructor(texts: TextSpans, count: number, tokens: TokenSet) {
    this.#texts = texts;
    this.#bytes = texts.bytes;
    this.#starts = texts.starts;
    this.#ends = texts.ends;
    this.#tokens = tokens;
    this.#templateOf = new Uint16Array(count);
    this.#rowSpans = new Uint32Array(count + 1);
    this.#spans = new Uint32Array(16 * count + 64);
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * count + 2)));
    this.#hashes = new Int32Array(count);
    this.#firstRow = new Uint32Array(count);
    this.#rowCount = new Uint32Array(count);
  }

  /** Takes a row apart; gives the bytes of its template if that is new, else 0. */
  add(row: number): number {
    const hash = this.#scan(row);
    this.#rowSpans[row + 1] = this.#spanCount;
    const slots = this.#slots;
    const mask = slots.length - 1;
    let at = (hash ^ (hash >>> 15)) & mask;
    let template = slots[at]! - 1;
    while (template >= 0 && !(this.#hashes[template] === hash && this.#isAlike(template, row))) {
      at = (at + 1) & mask;
      template = slots[at]! - 1;
    }
    const isNew = template < 0;
    if (isNew) {
      template = this.#templateCount++;
      slots[at] = template + 1;
      this.#hashes[template] = hash;
      this.#firstRow[template] = row;
    }
    this.#templateOf[row] = template;
    this.#rowCount[template]!++;
    // Letters past ASCII may make one word of a value and what is next to it, so that such rows are read as a whole.
    if (isNew || !this.#texts.ascii) addWords(this.#tokens, textOf(this.#texts, row), 1);
    return isNew ? this.#literalBytes(row) : 0;
  }

  /** Notes the spans of a row's values, adds these to the tokens, and gives a hash of the rest. */
  #scan(row: number): number {
    const bytes = this.#bytes;
    const end = this.#ends[row]!;
    let at = this.#starts[row]!;
    this.#reserve(end - at);
    const spans = this.#spans;
    const tokens = this.#tokens;
    let next = 2 * this.#spanCount;
    let hash = 0;
    while (at < end) {
      let byte = bytes[at]!;
      let kind = CLASSES[byte]!;
      if (kind === 0) {
        hash = Math.imul(hash ^ byte, HIGH_FACTOR);
        at++;
        continue;
      }
      const start = at;
      const before = hash;
      let kinds = 0;
      do {
        kinds |= kind;
        hash = Math.imul(hash ^ byte, HIGH_FACTOR);
        if (++at === end) break;
        byte = bytes[at]!;
        kind = CLASSES[byte]!;
      } while (kind !== 0);
      if ((kinds & DIGIT) === 0) continue;
      hash = Math.imul(before ^ GAP_UNIT, HIGH_FACTOR);
      spans[next++] = start;
      spans[next++] = at;
      let high = HIGH_START;
      let low = LOW_START;
      for (let i = start; i < at; i++) {
        const unit = WORDS[bytes[i]!]!;
        high = Math.imul(high ^ unit, HIGH_FACTOR);
        low = Math.imul(low ^ unit, LOW_FACTOR);
      }
      tokens.add(high, low);
    }
    this.#spanCount = next >>> 1;
    return hash;
  }

  /** Makes room for the spans of a text: at most one for every two of its bytes. */
  #reserve(textBytes: number): void {
    const needed = 2 * this.#spanCount + textBytes + 2;
    if (needed <= this.#spans.length) return;
    const grown = new Uint32Array(Math.max(needed, this.#spans.length * 2));
    grown.set(this.#spans);
    this.#spans = grown;
  }

  /** Whether a row is its template's first row but for the values. */
  #isAlike(template: number, row: number): boolean {
    const bytes = this.#bytes;
    const spans = this.#spans;
    const other = this.#firstRow[template]!;
    let span = 2 * this.#rowSpans[row]!;
    let otherSpan = 2 * this.#rowSpans[other]!;
    const spansEnd = 2 * this.#rowSpans[row + 1]!;
    if (spansEnd - span !== 2 * this.#rowSpans[other + 1]! - otherSpan) return false;
    let at = this.#starts[row]!;
    let otherAt = this.#starts[other]!;
    for (;;) {
      const end = span < spansEnd ? spans[span]! : this.#ends[row]!;
      const otherEnd = span < spansEnd ? spans[otherSpan]! : this.#ends[other]!;
      if (end - at !== otherEnd - otherAt) return false;
      while (at < end) if (bytes[at++] !== bytes[otherAt++]) return false;
      if (span === spansEnd) return true;
      at = spans[span + 1]!;
      otherAt = spans[otherSpan + 1]!;
      span += 2;
      otherSpan += 2;
    }
  }

  /** The bytes of a row without its values. */
  #literalBytes(row: number): number {
    let length = this.#ends[row]! - this.#starts[row]!;
    for (let span = this.#rowSpans[row]!; span < this.#rowSpans[row + 1]!; span++) {
      length -= this.#spans[2 * span + 1]! - this.#spans[2 * span]!;
    }
    return length;
  }

  finish(): TemplatedRows {
    const templates = Array.from(
      this.#firstRow.subarray(0, this.#templateCount),
      (row) => this.#templateOfRow(row),
    );
    return {
      templates,
      rowCount: this.#rowCount.subarray(0, this.#templateCount),
      templateOf: this.#templateOf,
      rowSpans: this.#rowSpans,
      spans: this.#spans,
      bytes: this.#bytes,
      ascii: this.#texts.ascii,
    };
  }

  #templateOfRow(row: number): Uint8Array {
    const spans = this.#rowSpans[row + 1]! - this.#rowSpans[row]!;
    const template = new Uint8Array(this.#literalBytes(row) + spans);
    let from = this.#starts[row]!;
    let length = 0;
    for (let span = this.#rowSpans[row]!; span < this.#rowSpans[row + 1]!; span++) {
      const end = this.#spans[2 * span]!;
      while (from < end) template[length++] = this.#bytes[from++]!;
      template[length++] = TEMPLATE_GAP;
      from = this.#spans[2 * span + 1]!;
    }
    while (length < template.length) template[length++] = this.#bytes[from++]!;
    return template;
  }
}
