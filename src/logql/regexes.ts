import { compileTextRegex, REGEX_TERMS_MAX, type TextRegex } from "../query/mod.ts";
import { LogqlError } from "./errors.ts";
import { REMEMBERED_VALUES_MAX } from "./limits.ts";

/** As much of an expression as a sentence about it shows. */
const SHOWN_UNITS = 100;

/** Compiles the regular expressions of one selector and its pipeline; those that are only texts do not count. */
export class Regexes {
  #count = 0;

  /**
   * Compiles one that is searched for.
   * @throws {LogqlError} it is none, too large, or one too many
   */
  search(pattern: string): TextRegex {
    const { ignoreCase, body } = takeCaseFlag(pattern);
    return this.#compile(body, ignoreCase, pattern);
  }

  /**
   * Compiles one that whole values must match, `.` being any character.
   * @throws {LogqlError} it is none, too large, or one too many
   */
  whole(pattern: string): (value: string) => boolean {
    if (pattern === ".*") return () => true;
    if (pattern === ".+") return (value) => value !== "";
    const texts = literalAlternatives(pattern);
    if (texts !== undefined) {
      const wanted = new Set(texts);
      return (value) => wanted.has(value);
    }
    const { program } = this.#compile(`(?s:${pattern})`, false, pattern);
    const remembered = new Map<string, boolean>();
    return (value) => {
      let matches = remembered.get(value);
      if (matches === undefined) {
        matches = program.testExact(value);
        if (remembered.size < REMEMBERED_VALUES_MAX) remembered.set(value, matches);
      }
      return matches;
    };
  }

  #compile(pattern: string, ignoreCase: boolean, written: string): TextRegex {
    if (++this.#count > REGEX_TERMS_MAX) {
      throw new LogqlError(
        `parse error : the query has more than ${REGEX_TERMS_MAX} regular expressions; texts with | between do not count`,
      );
    }
    const regex = compileTextRegex(pattern, ignoreCase);
    if (typeof regex !== "string") return regex;
    const shown = written.length > SHOWN_UNITS ? `${written.slice(0, SHOWN_UNITS)}…` : written;
    throw new LogqlError(`parse error : ${JSON.stringify(shown)}: ${regex}`);
  }
}

/** The flag as the compiler of text queries takes it: then it can look for a text that every match has. */
function takeCaseFlag(pattern: string): { ignoreCase: boolean; body: string } {
  return pattern.startsWith("(?i)")
    ? { ignoreCase: true, body: pattern.slice(4) }
    : { ignoreCase: false, body: pattern };
}

/**
 * The texts that a regular expression is nothing but alternatives of: `a|b\.c`, also in parentheses; `undefined` if it is
 * more than that.
 */
export function literalAlternatives(pattern: string): string[] | undefined {
  const body = /^\((?:\?:)?([^()]*)\)$/.exec(pattern)?.[1] ?? pattern;
  const texts: string[] = [];
  let text = "";
  for (let at = 0; at < body.length; at++) {
    const unit = body[at]!;
    if (unit === "|") {
      texts.push(text);
      text = "";
    } else if (unit === "\\") {
      const escaped = body[++at];
      // A letter or digit behind a backslash is a class or a control character.
      if (escaped === undefined || /[A-Za-z0-9\s]|[^ -~]/.test(escaped)) return undefined;
      text += escaped;
    } else if (/[.*+?()[\]{}^$]/.test(unit)) {
      return undefined;
    } else text += unit;
  }
  texts.push(text);
  return texts;
}
