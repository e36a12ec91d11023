/** @module RFC 5424's structured data: `[id name="value" …]…` (section 6.3). */

/** The parameters of each element by its id; the values of a name that repeats are an array. */
export type StructuredData = Record<string, Record<string, string | string[]>>;

const NIL = "-";
const ELEMENT_START = /\[([^ =\]"]{1,255})/y;
const PARAMETER = / +([^ =\]"]{1,255})="((?:[^"\\\]]|\\[^])*)"/y;

/**
 * Reads structured data at a place in a text, with the space after it.
 * @returns the elements (`undefined` for `-`) and where the message begins; `undefined` if it is malformed
 */
export function readStructuredData(
  text: string,
  start: number,
): { elements: StructuredData | undefined; end: number } | undefined {
  if (text.startsWith(NIL, start)) return endAt(text, start + NIL.length, undefined);
  const elements = new Map<string, Map<string, string | string[]>>();
  let at = start;
  while (text[at] === "[") {
    ELEMENT_START.lastIndex = at;
    const match = ELEMENT_START.exec(text);
    if (match === null) return undefined;
    const id = match[1]!;
    let parameters = elements.get(id);
    if (parameters === undefined) elements.set(id, parameters = new Map());
    at = readParameters(text, at + match[0].length, parameters);
    if (text[at] !== "]") return undefined;
    at++;
  }
  if (elements.size === 0) return undefined;
  const entries = [...elements].map(([id, parameters]) => [id, Object.fromEntries(parameters)]);
  return endAt(text, at, Object.fromEntries(entries));
}

function endAt(text: string, at: number, elements: StructuredData | undefined) {
  if (at < text.length && text[at] !== " ") return undefined;
  return { elements, end: at + 1 };
}

/** Reads the parameters of an element; gives where they end. */
function readParameters(text: string, start: number, out: Map<string, string | string[]>): number {
  let at = start;
  for (;;) {
    PARAMETER.lastIndex = at;
    const match = PARAMETER.exec(text);
    if (match === null) return at;
    const name = match[1]!;
    // A backslash before anything else stands for itself.
    const value = match[2]!.replace(/\\(["\\\]])/g, "$1");
    const before = out.get(name);
    if (before === undefined) out.set(name, value);
    else if (Array.isArray(before)) before.push(value);
    else out.set(name, [before, value]);
    at += match[0].length;
  }
}
