/** @module Patterns of the stage `pattern`: texts with `<name>` for what is between them, and `<_>` for what is not wanted. */

/** A part of a pattern: a text, or something between texts, whose name is empty if it is not wanted. */
type Part = { readonly text: string } | { readonly name: string };

/** A pattern, ready to match lines. */
export class CapturePattern {
  readonly #parts: readonly Part[];

  private constructor(parts: readonly Part[]) {
    this.#parts = parts;
  }

  /** Reads a pattern; a string instead says what is wrong with it. */
  static parse(pattern: string): CapturePattern | string {
    const parts: Part[] = [];
    let end = 0;
    for (const match of pattern.matchAll(/<([A-Za-z_][A-Za-z0-9_]*)>/g)) {
      if (match.index > end) parts.push({ text: pattern.slice(end, match.index) });
      else if (parts.length > 0) return "two captures stand side by side; put a text between them";
      parts.push({ name: match[1] === "_" ? "" : match[1]! });
      end = match.index + match[0].length;
    }
    if (end < pattern.length) parts.push({ text: pattern.slice(end) });
    const names = parts.flatMap((part) => "name" in part && part.name !== "" ? [part.name] : []);
    if (names.length === 0) return "it has no named capture such as <status>";
    if (new Set(names).size < names.length) return "two captures have the same name";
    return new CapturePattern(parts);
  }

  /** Goes through what the captures are in a line, as far as the pattern matches it. */
  captures(line: string, found: (name: string, value: string) => void): void {
    let at = 0;
    let open: string | undefined;
    for (const part of this.#parts) {
      if ("name" in part) {
        open = part.name;
        continue;
      }
      const hit = line.indexOf(part.text, at);
      if (open === undefined && hit !== at) return;
      if (open) found(open, hit < 0 ? line.slice(at) : line.slice(at, hit));
      if (hit < 0) return;
      open = undefined;
      at = hit + part.text.length;
    }
    if (open) found(open, line.slice(at));
  }
}
