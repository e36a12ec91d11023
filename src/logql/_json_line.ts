/** @module Lines that are JSON objects, with numbers as they are written. */

/** Numbers that JavaScript would write otherwise: long ones, and those with an exponent or with a last zero. */
const UNUSUAL_NUMBER = /[0-9.]{16}|\.[0-9]*0(?![0-9])|[0-9][eE][+-]?[0-9]|(?<![0-9A-Za-z])-0/;

/** An object's members, numbers that JavaScript would change as texts; `undefined` if a text is no JSON object. */
export function parseJsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  let value: unknown;
  try {
    value = UNUSUAL_NUMBER.test(text) ? JSON.parse(text, exactNumber) : JSON.parse(text);
  } catch (error) {
    // A RangeError: its objects lie too deep within one another for V8's stack.
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? value as Record<string, unknown> : undefined;
}

/** JSON.parse tells a reviver a number's own text (ECMAScript proposal "JSON.parse source text access", in V8). */
function exactNumber(
  _name: string,
  value: unknown,
  context?: { readonly source?: string },
): unknown {
  if (typeof value !== "number" || context?.source === undefined) return value;
  return String(value) === context.source ? value : context.source;
}

/**
 * The path of an extraction, such as `servers[0]["host name"].port`, as names and places; `undefined` if it is none.
 */
export function parseJsonPath(path: string): (string | number)[] | undefined {
  const parts: (string | number)[] = [];
  const piece = /(?:^|\.)([\p{L}_$][\p{L}\p{N}_$-]*)|\[(?:([0-9]+)|"((?:[^"\\]|\\.)*)")\]/uy;
  while (piece.lastIndex < path.length) {
    const match = piece.exec(path);
    if (match === null) return undefined;
    const [, name, index, quoted] = match;
    parts.push(index === undefined ? name ?? JSON.parse(`"${quoted}"`) as string : Number(index));
  }
  return parts.length === 0 ? undefined : parts;
}

/** What stands at a path, as a text: a text itself, anything else its JSON; empty if there is nothing. */
export function textAtPath(value: unknown, path: readonly (string | number)[]): string {
  let at = value;
  for (const part of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, part)) return "";
    at = (at as Record<string | number, unknown>)[part];
  }
  if (at === undefined || at === null) return "";
  if (typeof at === "string") return at;
  try {
    return JSON.stringify(at);
  } catch (error) {
    if (error instanceof RangeError) return "";
    throw error;
  }
}
