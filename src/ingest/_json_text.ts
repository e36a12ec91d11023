/** Characters that JSON writes as escapes, and halves of surrogate pairs. */
// deno-lint-ignore no-control-regex -- they are what is looked for
const SPECIAL = /["\\\u0000-\u001f\ud800-\udfff]/;

/** A string as JSON, U+FFFD for its lone surrogates; quicker than `JSON.stringify` where nothing is escaped. */
export function jsonText(text: string): string {
  return SPECIAL.test(text) ? JSON.stringify(text.toWellFormed()) : `"${text}"`;
}

/** A number as JSON: a string if it is none that JSON has. */
export function jsonNumber(value: number): string {
  return Number.isFinite(value) ? String(value) : `"${value}"`;
}
