/** @module What a word is, and where a literal text occurs in a lower-cased one. Every other file only speeds this up. */

/** A text to be found in lower-cased texts. */
export interface TextLiteral {
  readonly kind: "literal";
  /** Lower case, not empty. */
  readonly text: string;
  /** No word character may stand directly before it. Only set if it begins with one. */
  readonly wordStart: boolean;
  /** No word character may stand directly after it. Only set if it ends with one. */
  readonly wordEnd: boolean;
}

const wordCharacter = /[\p{L}\p{Nd}_]/u;
const wordRuns = /[\p{L}\p{Nd}_]+/gu;

/** Whether a code point belongs to words: a letter, a decimal digit or `_`. */
export function isWordCodePoint(codePoint: number): boolean {
  if (codePoint < 0x80) {
    // Setting 0x20 maps the upper case letters onto the lower case ones, and none of the rest into their range.
    const letter = codePoint | 0x20;
    return (letter >= 0x61 && letter <= 0x7a) || (codePoint >= 0x30 && codePoint <= 0x39) ||
      codePoint === 0x5f;
  }
  return wordCharacter.test(String.fromCodePoint(codePoint));
}

/** Whether a word character stands directly before the index `at`, in UTF-16 units. */
export function isWordBefore(text: string, at: number): boolean {
  if (at === 0) return false;
  const unit = text.charCodeAt(at - 1);
  const isLowHalf = unit >= 0xdc00 && unit <= 0xdfff && at > 1;
  return isWordCodePoint(isLowHalf ? text.codePointAt(at - 2)! : unit);
}

/** Whether a word character stands at the index `at`, in UTF-16 units. */
export function isWordAt(text: string, at: number): boolean {
  return at < text.length && isWordCodePoint(text.codePointAt(at)!);
}

/**
 * Makes a literal of a text in any case.
 * @param bounds which of its ends must lie on the border of a word, if a word reaches that end
 */
export function literalOf(text: string, bounds: { start: boolean; end: boolean }): TextLiteral {
  const lowered = text.toLowerCase();
  return {
    kind: "literal",
    text: lowered,
    wordStart: bounds.start && isWordAt(lowered, 0),
    wordEnd: bounds.end && isWordBefore(lowered, lowered.length),
  };
}

/** Whether a literal occurs in a text that is in lower case already. */
export function containsLiteral(lowered: string, literal: TextLiteral): boolean {
  const { text, wordStart, wordEnd } = literal;
  for (let at = lowered.indexOf(text); at >= 0; at = lowered.indexOf(text, at + 1)) {
    if (wordStart && isWordBefore(lowered, at)) continue;
    if (wordEnd && isWordAt(lowered, at + text.length)) continue;
    return true;
  }
  return false;
}

/** The words, in lower case, that every text has in which the literal occurs. */
export function certainWords(literal: TextLiteral): string[] {
  const words: string[] = [];
  for (const { 0: word, index } of literal.text.matchAll(wordRuns)) {
    // A word that reaches an open end may be a part of a longer one there.
    if (index === 0 && !literal.wordStart) continue;
    if (index + word.length === literal.text.length && !literal.wordEnd) continue;
    words.push(word);
  }
  return words;
}

/** Whether a text has only characters below U+0080. */
export function isAscii(text: string): boolean {
  return !/[^\p{ASCII}]/u.test(text);
}
