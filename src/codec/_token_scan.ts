/** @module Adds the tokens of texts to a set, from their bytes where these are ASCII, as strings where not. */

import type { TextColumn } from "../record.ts";
import type { TokenSet } from "./_token_set.ts";
import {
  attributeToken,
  attributeWordToken,
  HASH_HIGH_FACTOR,
  HASH_HIGH_START,
  HASH_LOW_FACTOR,
  HASH_LOW_START,
  hashToken,
  wordsOf,
} from "./token.ts";

// An imported or exported constant is read from memory each time, which halves the speed of the loops below.
const HIGH_START = HASH_HIGH_START;
const LOW_START = HASH_LOW_START;
const HIGH_FACTOR = HASH_HIGH_FACTOR;
const LOW_FACTOR = HASH_LOW_FACTOR;

/** What {@linkcode WORD_BYTES} has for bytes past 0x7f. */
export const NOT_ASCII = 0xff;
const EQUALS = 0x3d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** For each byte the lower-cased byte if it belongs to words, 0 if it parts them, {@linkcode NOT_ASCII} past 0x7f. */
export const WORD_BYTES = new Uint8Array(256).fill(NOT_ASCII, 0x80);
/** For each ASCII byte the lower-cased byte. */
const LOWER_BYTES = new Uint8Array(256);
for (let byte = 0; byte < 0x80; byte++) {
  const lower = String.fromCharCode(byte).toLowerCase();
  LOWER_BYTES[byte] = lower.charCodeAt(0);
  if (/[a-z0-9_]/.test(lower)) WORD_BYTES[byte] = lower.charCodeAt(0);
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function slice(bytes: Uint8Array, start: number, end: number): string {
  return decoder.decode(bytes.subarray(start, end));
}

function addToken(set: TokenSet, token: string): void {
  const { high, low } = hashToken(token);
  set.add(high, low);
}

/** Adds the words of every text of a column. */
export function addWords(set: TokenSet, column: TextColumn, count: number): void {
  const { bytes, offsets } = column;
  for (let row = 0; row < count; row++) {
    const start = offsets[row]!;
    const end = offsets[row + 1]!;
    if (addAsciiWords(set, bytes, start, end)) continue;
    for (const word of wordsOf(slice(bytes, start, end))) addToken(set, word);
  }
}

/**
 * Adds the words of ASCII bytes; gives up at the first other byte with false, having added only words that end before it,
 * which lower-casing the whole text would not change.
 */
export function addAsciiWords(
  set: TokenSet,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  let high = HIGH_START;
  let low = LOW_START;
  let inWord = false;
  for (let at = start; at < end; at++) {
    const unit = WORD_BYTES[bytes[at]!]!;
    if (unit === 0) {
      if (!inWord) continue;
      set.add(high, low);
      high = HIGH_START;
      low = LOW_START;
      inWord = false;
    } else if (unit === NOT_ASCII) {
      return false;
    } else {
      high = Math.imul(high ^ unit, HIGH_FACTOR);
      low = Math.imul(low ^ unit, LOW_FACTOR);
      inWord = true;
    }
  }
  if (inWord) set.add(high, low);
  return true;
}

/**
 * Adds words of ASCII.
 * @param spans start and end of each in `bytes`, alternating
 */
export function addWordSpans(set: TokenSet, bytes: Uint8Array, spans: Uint32Array): void {
  for (let i = 0; i < spans.length; i += 2) {
    const end = spans[i + 1]!;
    let high = HIGH_START;
    let low = LOW_START;
    for (let at = spans[i]!; at < end; at++) {
      const unit = WORD_BYTES[bytes[at]!]!;
      high = Math.imul(high ^ unit, HIGH_FACTOR);
      low = Math.imul(low ^ unit, LOW_FACTOR);
    }
    set.add(high, low);
  }
}

/** The hash of `NAME=`, from which those of its tokens go on. */
export interface NamePrefix {
  readonly name: string;
  readonly high: number;
  readonly low: number;
}

/** The prefix for an attribute's name. */
export function namePrefix(name: string): NamePrefix {
  let high = HIGH_START;
  let low = LOW_START;
  for (let i = 0; i <= name.length; i++) {
    const unit = i < name.length ? name.charCodeAt(i) : EQUALS;
    high = Math.imul(high ^ unit, HIGH_FACTOR);
    low = Math.imul(low ^ unit, LOW_FACTOR);
  }
  return { name, high, low };
}

/** Adds the tokens of one attribute, given the JSON text of its value. */
export function addAttribute(
  set: TokenSet,
  prefix: NamePrefix,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  const quoted = bytes[start] === QUOTE && end - start >= 2;
  const from = quoted ? start + 1 : start;
  const to = quoted ? end - 1 : end;
  if (addAsciiAttribute(set, prefix, bytes, from, to, quoted)) return;
  const json = slice(bytes, start, end);
  const text = quoted ? parseString(json) : json;
  addToken(set, attributeToken(prefix.name, text));
  for (const word of wordsOf(text)) addToken(set, attributeWordToken(prefix.name, word));
}

/** Adds the token of a field's text as it stands, without JSON around it. */
export function addField(
  set: TokenSet,
  prefix: NamePrefix,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  if (addAsciiAttribute(set, prefix, bytes, start, end, false)) return;
  addToken(set, attributeToken(prefix.name, slice(bytes, start, end)));
}

function parseString(json: string): string {
  try {
    return JSON.parse(json);
  } catch {
    // Not JSON after all: then its text is all that can be searched for.
    return json;
  }
}

/** False, having added only words that hold anyway, at a byte that needs the text as a string. */
function addAsciiAttribute(
  set: TokenSet,
  prefix: NamePrefix,
  bytes: Uint8Array,
  start: number,
  end: number,
  quoted: boolean,
): boolean {
  if (addAsciiWord(set, prefix, bytes, start, end)) return true;
  let wholeHigh = prefix.high;
  let wholeLow = prefix.low;
  let high = prefix.high;
  let low = prefix.low;
  let inWord = false;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte >= 0x80 || (quoted && byte === BACKSLASH)) return false;
    const lower = LOWER_BYTES[byte]!;
    wholeHigh = Math.imul(wholeHigh ^ lower, HIGH_FACTOR);
    wholeLow = Math.imul(wholeLow ^ lower, LOW_FACTOR);
    const unit = WORD_BYTES[byte]!;
    if (unit !== 0) {
      high = Math.imul(high ^ unit, HIGH_FACTOR);
      low = Math.imul(low ^ unit, LOW_FACTOR);
      inWord = true;
    } else if (inWord) {
      set.add(high, low);
      high = prefix.high;
      low = prefix.low;
      inWord = false;
    }
  }
  if (inWord) set.add(high, low);
  set.add(wholeHigh, wholeLow);
  return true;
}

/** Adds a value that is nothing but one word of ASCII; false if it is not. */
function addAsciiWord(
  set: TokenSet,
  prefix: NamePrefix,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  let high = prefix.high;
  let low = prefix.low;
  for (let at = start; at < end; at++) {
    const unit = WORD_BYTES[bytes[at]!]!;
    if (unit === 0 || unit === NOT_ASCII) return false;
    high = Math.imul(high ^ unit, HIGH_FACTOR);
    low = Math.imul(low ^ unit, LOW_FACTOR);
  }
  set.add(high, low);
  return true;
}
