/** @module Lines of `key=value` and `key="quoted value"`: https://brandur.org/logfmt, as Loki reads them. */

/** A pair; a key alone has the empty value. */
export interface LogfmtPair {
  readonly key: string;
  readonly value: string;
}

const SPACE = /[\0- ]+/y;
const KEY = /[^\0- ="]+/y;
const BARE = /[^\0- ="]*/y;
/** What is left of something that is no pair. */
const REST = /[^\0- ]*/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"/sy;

/**
 * The pairs of a line, one after another. What is no pair is passed over.
 * @param damaged told where something is no pair; whether to go on behind it
 */
export function* logfmtPairs(
  line: string,
  damaged: (at: number) => boolean,
): Generator<LogfmtPair> {
  for (let at = 0; at < line.length;) {
    at += lengthAt(SPACE, line, at);
    const keyLength = lengthAt(KEY, line, at);
    if (keyLength === 0) {
      if (at < line.length && !damaged(at)) return;
      at += lengthAt(REST, line, at);
      continue;
    }
    const key = line.slice(at, at + keyLength);
    at += keyLength;
    if (line[at] !== "=") {
      if (line[at] === '"' && !damaged(at)) return;
      yield { key, value: "" };
      continue;
    }
    at++;
    QUOTED.lastIndex = at;
    const quoted = QUOTED.exec(line);
    if (quoted !== null) {
      at = QUOTED.lastIndex;
      yield { key, value: unescape(quoted[1]!) };
      continue;
    }
    const valueLength = lengthAt(BARE, line, at);
    const value = line.slice(at, at + valueLength);
    at += valueLength;
    if (line[at] === "=" || line[at] === '"') {
      if (!damaged(at)) return;
      at += lengthAt(REST, line, at);
      continue;
    }
    yield { key, value };
  }
}

function lengthAt(pattern: RegExp, line: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(line) ? pattern.lastIndex - at : 0;
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };

function unescape(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(
    /\\(?:u([0-9a-fA-F]{4})|(.))/gs,
    (_, hex?: string, other = "") =>
      hex === undefined ? ESCAPES[other] ?? other : String.fromCharCode(parseInt(hex, 16)),
  ).toWellFormed();
}
