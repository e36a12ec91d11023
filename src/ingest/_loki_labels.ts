/** @module Labels as Loki's protobuf carries them, in the text of a selector: `{app="web", path="C:\\logs"}`. */

/** A label or an item of structured metadata. */
export type Label = readonly [name: string, value: string];

/** A name, bare as Prometheus has it (dots and dashes too) or in quotes; then a value in one of Go's three kinds of quotes. */
const LABEL =
  /\s*(?:([\p{L}_][\p{L}\p{N}_.:\-/]*)|("(?:[^"\\]|\\.)*"))\s*=\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)\s*(,|(?=\}))/uys;

/** The labels of a text, in their order; `undefined` if it is none. */
export function parseLabels(text: string): Label[] | undefined {
  const open = /^\s*\{\s*/.exec(text);
  if (open === null) return undefined;
  const labels: Label[] = [];
  let at = open[0].length;
  while (!text.startsWith("}", at)) {
    LABEL.lastIndex = at;
    const match = LABEL.exec(text);
    if (match === null) return undefined;
    const [whole, bare, quoted, value = ""] = match;
    labels.push([bare ?? unquote(quoted!), unquote(value)]);
    at += whole.length;
    // A comma may be the last.
    while (/\s/.test(text.charAt(at))) at++;
  }
  return text.slice(at + 1).trim() === "" ? labels : undefined;
}

const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/gs;

const SIMPLE: ReadonlyMap<string, string> = new Map([
  ["a", "\x07"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["v", "\v"],
]);

/** What a quoted text of Go's means. An escape that it does not know stands for what follows the backslash. */
function unquote(quoted: string): string {
  const inner = quoted.slice(1, -1);
  if (quoted.startsWith("`") || !inner.includes("\\")) return inner;
  return inner.replace(
    ESCAPE,
    (_, hex?: string, octal?: string, short?: string, long?: string, other?: string) => {
      if (other !== undefined) return SIMPLE.get(other) ?? other;
      const code = octal === undefined
        ? parseInt(hex ?? short ?? long ?? "", 16)
        : parseInt(octal, 8);
      return code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
    },
  ).toWellFormed();
}
