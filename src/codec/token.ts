/**
 * @module What token filters index, and how it is hashed. A change of either needs a new version below: filters written
 * before must never be asked with tokens cut or hashed otherwise.
 */

/** Names the rules of {@linkcode wordsOf} and of the tokens of attributes and traces. */
export const TOKENIZER_VERSION = 1;

/** Names the function of {@linkcode hashToken}. */
export const HASH_VERSION = 1;

const WORD = /[\p{L}\p{Nd}_]+/gu;

/**
 * The words of a text in their order, repeated as often as they occur: the longest runs of Unicode letters, decimal digits
 * and `_` in the lower-cased text.
 */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(WORD) ?? [];
}

/**
 * The token of an attribute with this very value, without regard to case. The value of a string is its text; of anything
 * else its JSON text.
 */
export function attributeToken(name: string, value: string): string {
  return `${name}=${value.toLowerCase()}`;
}

/**
 * The token of an attribute whose value (text as for {@linkcode attributeToken}) holds this word. Same as that of a value
 * that is nothing but the word: most values are, and need one key instead of two.
 */
export function attributeWordToken(name: string, word: string): string {
  return attributeToken(name, word);
}

/** The token of a trace id, without regard to case. */
export function traceToken(id: string): string {
  return attributeToken("trace_id", id);
}

/** 64 bits in two halves, each a signed 32-bit integer; never both 0. */
export interface TokenHash {
  readonly high: number;
  readonly low: number;
}

/** State of the two halves before the first character. */
export const HASH_HIGH_START = 0x2545f491;
/** @see {@linkcode HASH_HIGH_START} */
export const HASH_LOW_START = 0x1b873593;
/**
 * Each half takes a character by xor, then is multiplied by its odd constant (FNV-1a's shape, with denser primes). As
 * signed integers, which machine code takes as they are.
 */
export const HASH_HIGH_FACTOR = 0x9e3779b1 | 0;
/** @see {@linkcode HASH_HIGH_FACTOR} */
export const HASH_LOW_FACTOR = 0x85ebca77 | 0;

/** The hash of a token, over its UTF-16 units. The scanner of ASCII bytes computes the same, byte by byte. */
export function hashToken(token: string): TokenHash {
  let high = HASH_HIGH_START;
  let low = HASH_LOW_START;
  for (let i = 0; i < token.length; i++) {
    const unit = token.charCodeAt(i);
    high = Math.imul(high ^ unit, HASH_HIGH_FACTOR);
    low = Math.imul(low ^ unit, HASH_LOW_FACTOR);
  }
  return { high, low: (high | low) === 0 ? 1 : low };
}
