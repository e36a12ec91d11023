import { LogqlSyntaxError } from "./errors.ts";
import { parseBytes, parseMilliseconds, parseSeconds } from "./units.ts";

/** One word of a query. */
export interface Token {
  /** A symbol is its own kind. */
  readonly kind:
    | "symbol"
    | "name"
    | "string"
    | "number"
    | "duration"
    | "bytes"
    | "range"
    | "flag"
    | "end";
  /** As it was written; of a string what it means. */
  readonly text: string;
  /** Of a number; seconds of a duration, milliseconds of a range. */
  readonly value: number;
  /** Where it begins, in UTF-16 units. */
  readonly offset: number;
}

const SPACE = /(?:\s+|#[^\n]*)+/y;
const NAME = /[\p{L}_][\p{L}\p{N}_]*/uy;
/** A number and what follows directly: a unit, or an exponent. */
const NUMBER = /(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+(?![0-9A-Za-z]))?[0-9A-Za-z.µμ]*/y;
const PLAIN_NUMBER = /^(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const QUOTED = /"((?:[^"\\\n]|\\[^\n])*)"|`([^`]*)`/y;
const RANGE = /\[([^\]]*)\]/y;
const FLAG = /--([a-z-]+)/y;
const SYMBOL = /\|=|\|~|\|>|!=|!~|!>|=~|==|>=|<=|[{}(),|=<>+\-*\/%^]/y;

/**
 * The words of a query, the last of which is its end.
 * @throws {LogqlSyntaxError} where there is no word
 */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let offset = skip(SPACE, source, 0);
  while (offset < source.length) {
    const end = readToken(source, offset, tokens);
    offset = skip(SPACE, source, end);
  }
  tokens.push({ kind: "end", text: "", value: NaN, offset });
  return tokens;
}

function skip(pattern: RegExp, source: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(source) ? pattern.lastIndex : at;
}

function match(pattern: RegExp, source: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(source);
}

/** Reads one word and gives where it ends. */
function readToken(source: string, offset: number, tokens: Token[]): number {
  const add = (kind: Token["kind"], text: string, value: number, length: number): number => {
    tokens.push({ kind, text, value, offset });
    return offset + length;
  };
  const name = match(NAME, source, offset);
  if (name !== null) return add("name", name[0], NaN, name[0].length);
  const quoted = match(QUOTED, source, offset);
  if (quoted !== null) {
    const text = quoted[2] ?? unescape(quoted[1]!, source, offset + 1);
    return add("string", text, NaN, quoted[0].length);
  }
  const number = match(NUMBER, source, offset);
  if (number !== null) {
    const [kind, value] = numberOf(number[0], source, offset);
    return add(kind, number[0], value, number[0].length);
  }
  const range = match(RANGE, source, offset);
  if (range !== null) {
    return add("range", range[1]!, rangeOf(range[1]!, source, offset), range[0].length);
  }
  const flag = match(FLAG, source, offset);
  if (flag !== null) return add("flag", flag[1]!, NaN, flag[0].length);
  const symbol = match(SYMBOL, source, offset);
  if (symbol !== null) return add("symbol", symbol[0], NaN, symbol[0].length);
  const found = source[offset]!;
  const hint = '"`'.includes(found)
    ? ": the text has no end"
    : found === "["
    ? ": the range has no ]"
    : "";
  throw new LogqlSyntaxError(
    `syntax error: unexpected ${JSON.stringify(found)}${hint}`,
    source,
    offset,
  );
}

function numberOf(text: string, source: string, offset: number): [Token["kind"], number] {
  if (PLAIN_NUMBER.test(text)) return ["number", Number(text)];
  const seconds = parseSeconds(text);
  if (seconds !== undefined) return ["duration", seconds];
  const bytes = parseBytes(text);
  if (bytes !== undefined) return ["bytes", bytes];
  throw new LogqlSyntaxError(
    `syntax error: ${JSON.stringify(text)} is no number, duration (5m, 1.5s) or size (10KB, 1MiB)`,
    source,
    offset,
  );
}

function rangeOf(text: string, source: string, offset: number): number {
  const ms = parseMilliseconds(text.trim());
  if (ms !== undefined && ms > 0) return ms;
  throw new LogqlSyntaxError(
    `not a valid duration string: ${JSON.stringify(text)}; ` +
      "a range is a duration of at least 1ms in whole milliseconds, such as [5m]",
    source,
    offset,
  );
}

const ESCAPE =
  /\\(?:x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([abfnrtv\\"'])|([^]))/g;
const SIMPLE: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** Undoes the escapes of Go's strings. Bytes (`\xff`) are read as characters. */
function unescape(inner: string, source: string, offset: number): string {
  if (!inner.includes("\\")) return inner;
  return inner.replace(ESCAPE, (whole, hex, octal, short, long, simple, other, at: number) => {
    if (simple !== undefined) return SIMPLE[simple] ?? simple;
    const code = octal === undefined
      ? parseInt(hex ?? short ?? long ?? "", 16)
      : parseInt(octal, 8);
    if (other === undefined && code <= 0x10ffff) return String.fromCodePoint(code);
    throw new LogqlSyntaxError(
      `invalid escape ${
        JSON.stringify(whole)
      }: write \\\\ for a backslash, or the text in backticks`,
      source,
      offset + at,
    );
  });
}
