import { utf8Length } from "./columns.ts";

/** Whether a string has at most `max` characters (code points), without counting where its length tells. */
export function hasAtMostChars(text: string, max: number): boolean {
  if (text.length <= max) return true;
  if (text.length > max * 2) return false;
  let chars = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0xdc00 || unit > 0xdfff) chars++;
  }
  return chars <= max;
}

/** Whether a string has at most `max` bytes as UTF-8, without counting where its length tells. */
export function hasAtMostBytes(text: string, max: number): boolean {
  return text.length * 3 <= max || (text.length <= max && utf8Length(text) <= max);
}

/** Whether a string has a control character (Unicode category Cc). */
export function hasControls(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || (unit >= 0x7f && unit <= 0x9f)) return true;
  }
  return false;
}
