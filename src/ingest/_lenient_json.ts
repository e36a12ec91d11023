/** @module JSON bodies of clients that cannot be told: an array, a value on each line, or values one after the other. */

import { hasLongDigitRun, quoteLongIntegers } from "./_long_integers.ts";
import { BadBodyError } from "./errors.ts";
import { BODY_RECORDS_MAX, CAUSE_CHARS_MAX } from "./limits.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Drops a byte order mark that starts the body; bytes that are no UTF-8 become U+FFFD. */
const decoder = new TextDecoder();

/** A body as text. Never fails: clients that send broken UTF-8 cannot mend it, and would lose a whole batch. */
export function lenientUtf8(body: Uint8Array): string {
  return decoder.decode(body);
}

/** What only a string or an integer beyond 2^53 has. */
const LONG_DIGITS = /[0-9]{16}/;

/**
 * Parses JSON; integers beyond 2^53 - 1 become strings, so that their digits are kept.
 * @throws {SyntaxError} it is not valid
 */
export type ParseJson = (text: string) => unknown;

/** The parser for the texts of a body: one that looks for long integers only if it can have any. */
export function parserFor(body: Uint8Array): ParseJson {
  return hasLongDigitRun(body) ? parseExactJson : parsePlainJson;
}

function parsePlainJson(text: string): unknown {
  return JSON.parse(text);
}

function parseExactJson(text: string): unknown {
  const plain: unknown = JSON.parse(text);
  if (!LONG_DIGITS.test(text)) return plain;
  const quoted = quoteLongIntegers(text);
  return quoted === text ? plain : JSON.parse(quoted);
}

/** Takes one value of a body. */
export type TakeValue = (value: unknown) => void;

/**
 * Hands over the values of a body, in their order: those of an array, of arrays one after the other, or the values
 * themselves, on a line each or not. Nothing for a blank body.
 * @throws {BadBodyError} anything in it is no JSON, or it has too many values; some may have been handed over by then
 */
export function readJsonValues(body: Uint8Array, take: TakeValue): void {
  const text = lenientUtf8(body);
  if (isBlank(text)) return;
  const parse = parserFor(body);
  let count = 0;
  const takeItem = (value: unknown) => {
    if (++count > BODY_RECORDS_MAX) {
      throw new BadBodyError(`Cannot take more than ${BODY_RECORDS_MAX} records in a body`);
    }
    take(value);
  };
  const takeAll = (value: unknown) => {
    if (Array.isArray(value)) value.forEach(takeItem);
    else takeItem(value);
  };
  const whole = tryParse(text, parse);
  if (whole !== MALFORMED) return takeAll(whole);
  const rest = readLines(text, parse, takeAll);
  if (rest < text.length) readSequence(text, rest, parse, takeAll);
}

/** Hands over the values of lines; gives where the first line starts that is no value, or the text's length. */
function readLines(text: string, parse: ParseJson, take: TakeValue): number {
  let start = 0;
  while (start < text.length) {
    const found = text.indexOf("\n", start);
    const end = found === -1 ? text.length : found;
    const line = text.slice(start, end);
    if (!isBlank(line)) {
      const value = tryParse(line, parse);
      if (value === MALFORMED) return start;
      take(value);
    }
    start = end + 1;
  }
  return text.length;
}

/** Hands over values that follow each other from `start` on, with white space between them or nothing. */
function readSequence(text: string, start: number, parse: ParseJson, take: TakeValue): void {
  const notBlank = /[^ \t\r\n]/g;
  for (;;) {
    notBlank.lastIndex = start;
    const match = notBlank.exec(text);
    if (match === null) return;
    start = match.index;
    const end = endOfValue(text, start);
    let value: unknown;
    try {
      value = parse(text.slice(start, end));
    } catch (cause) {
      throw syntaxError(text, start, cause);
    }
    take(value);
    start = end;
  }
}

/** Where an object or array ends that starts at `start`; the text's end, if it does not; for anything else its line's end. */
function endOfValue(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first !== OPEN_BRACE && first !== OPEN_BRACKET) {
    const end = text.indexOf("\n", start);
    return end === -1 ? text.length : end;
  }
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) at = endOfString(text, at);
    else if (unit === OPEN_BRACE || unit === OPEN_BRACKET) depth++;
    else if ((unit === CLOSE_BRACE || unit === CLOSE_BRACKET) && --depth === 0) return at + 1;
  }
  return text.length;
}

/** Where the string's closing quote is; the text's end, if it has none. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) return at;
    if (unit === BACKSLASH) at++;
  }
  return text.length;
}

/** What {@linkcode tryParse} gives for a text that is no JSON. */
export const MALFORMED = Symbol("malformed");

/** The value of a JSON text, or {@linkcode MALFORMED}. */
export function tryParse(text: string, parse: ParseJson): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return MALFORMED;
    throw error;
  }
}

function syntaxError(text: string, at: number, cause: unknown): BadBodyError {
  if (!(cause instanceof SyntaxError)) throw cause;
  let line = 1;
  for (let i = text.indexOf("\n"); i !== -1 && i < at; i = text.indexOf("\n", i + 1)) line++;
  const reason = cause.message.replace(/ \(line \d+ column \d+\)$/, "").slice(0, CAUSE_CHARS_MAX);
  const message = `Cannot read the body: the value on line ${line} is not valid JSON: ${reason}`;
  return new BadBodyError(message.toWellFormed(), undefined, { cause });
}

/** Whether there is nothing but JSON's white space. */
export function isBlank(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return false;
  }
  return true;
}
