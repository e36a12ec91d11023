/** Characters of a bad value that an error repeats: enough to recognize it, and no error becomes a second log. */
const EXCERPT_CHARS_MAX = 60;

/** A value from outside as an error sentence shows it: JSON for plain ones, cut to 60 characters. */
export function describe(value: unknown): string {
  if (typeof value === "string") return excerpt(value);
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  return String(value);
}

/** A text in quotes as JSON writes it, cut to 60 characters. */
export function excerpt(text: string): string {
  return JSON.stringify(cut(text));
}

/** A text cut to 60 UTF-16 units or one less, with an ellipsis where something is missing. */
export function cut(text: string): string {
  if (text.length <= EXCERPT_CHARS_MAX) return text;
  const unit = text.charCodeAt(EXCERPT_CHARS_MAX - 1);
  const splitsPair = unit >= 0xd800 && unit <= 0xdbff;
  return text.slice(0, splitsPair ? EXCERPT_CHARS_MAX - 1 : EXCERPT_CHARS_MAX) + "…";
}
