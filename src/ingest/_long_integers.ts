/** @module Integers in JSON that a double cannot hold: found, and quoted so that they are kept as text. */

/** Digits of 2^53: no integer of fewer is beyond what a double holds exactly. */
const LONG_DIGITS = 16;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const PLUS = 0x2b;
const MINUS = 0x2d;
const DOT = 0x2e;
const UPPER_E = 0x45;
const LOWER_E = 0x65;

function isDigit(unit: number | undefined): boolean {
  return unit !== undefined && unit >= 0x30 && unit <= 0x39;
}

/** Whether 16 digits stand together anywhere; looks at every sixteenth byte alone where none do. */
export function hasLongDigitRun(bytes: Uint8Array): boolean {
  for (let i = LONG_DIGITS - 1; i < bytes.length; i += LONG_DIGITS) {
    if (!isDigit(bytes[i])) continue;
    let start = i;
    while (isDigit(bytes[start - 1])) start--;
    while (isDigit(bytes[i + 1])) i++;
    if (i - start + 1 >= LONG_DIGITS) return true;
  }
  return false;
}

/**
 * The same JSON with every integer literal beyond ±(2^53 - 1) in quotes. Linear in the text's length.
 * @param text valid JSON: it has been parsed
 */
export function quoteLongIntegers(text: string): string {
  const pieces: string[] = [];
  let copied = 0;
  let at = 0;
  while (at < text.length) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) {
      at = endOfString(text, at);
    } else if (isDigit(unit) || unit === MINUS) {
      const end = endOfNumber(text, at);
      if (isLongInteger(text, at, end)) {
        pieces.push(text.slice(copied, at), '"', text.slice(at, end), '"');
        copied = end;
      }
      at = end;
    } else {
      at++;
    }
  }
  return copied === 0 ? text : pieces.join("") + text.slice(copied);
}

function endOfString(text: string, start: number): number {
  let end = start;
  let backslashes: number;
  do {
    end = text.indexOf('"', end + 1);
    backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++;
  } while (backslashes % 2 === 1);
  return end + 1;
}

/** The first place that holds nothing a number consists of. */
function endOfNumber(text: string, start: number): number {
  let end = start + 1;
  while (end < text.length) {
    const unit = text.charCodeAt(end);
    const part = isDigit(unit) || unit === PLUS || unit === MINUS || unit === DOT ||
      unit === UPPER_E || unit === LOWER_E;
    if (!part) break;
    end++;
  }
  return end;
}

function isLongInteger(text: string, start: number, end: number): boolean {
  if (end - start < LONG_DIGITS) return false;
  const literal = text.slice(start, end);
  return /^-?[0-9]+$/.test(literal) && !Number.isSafeInteger(Number(literal));
}
