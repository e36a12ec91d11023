/** @module The text query's syntax: from what a person types to terms. */

import { QuerySyntaxError } from "./errors.ts";
import {
  compileTextRegex,
  REGEX_TERMS_MAX,
  REGEX_UNITS_MAX,
  type TextRegex,
} from "./text_regex.ts";
import { literalOf, type TextLiteral } from "./text_words.ts";

/** One condition of a text query. */
export interface TextTerm {
  /** Records that match it are left out. */
  readonly exclude: boolean;
  /** The attribute whose value it looks in; `undefined`: the message. */
  readonly attribute: string | undefined;
  readonly test: TextLiteral | TextRegex;
}

/** A text query: a record matches if every term holds. No terms: everything matches. */
export interface TextQuery {
  readonly terms: readonly TextTerm[];
}

/** UTF-16 units of a whole query: what a person may paste; longer ones are programs, and URLs end near here anyway. */
export const QUERY_UNITS_MAX = 8_192;

/** Each term may cost one pass over every message, so this bounds the passes of one query. */
export const QUERY_TERMS_MAX = 64;

/**
 * UTF-16 units of one word or phrase. The byte search compares up to this many bytes at each place of a message, so the
 * worst case (a run of one letter sought in longer runs) stays below a second for each MiB of messages.
 */
export const LITERAL_UNITS_MAX = 1_000;

const attributeStart = /attr\.(?:"((?:[^"\\]|\\.)*)"|([^\s:"]*)):/suy;
const space = /\s/;
const spaces = /\s*/y;
const untilSpace = /\S*/y;

/**
 * Reads a text query.
 * @throws {QuerySyntaxError} for anything that is not one; the message says where and what would be right
 */
export function parseTextQuery(q: string): TextQuery {
  if (q.length > QUERY_UNITS_MAX) {
    throw failure(
      QUERY_UNITS_MAX,
      `it has ${q.length} characters; at most ${QUERY_UNITS_MAX} are allowed`,
    );
  }
  if (!q.isWellFormed()) {
    const offset = [...q.matchAll(/\p{Surrogate}/gu)][0]?.index ?? 0;
    throw failure(offset, "half a surrogate pair stands here; it must be well-formed Unicode text");
  }
  return { terms: new Parser(q).terms() };
}

function failure(offset: number, problem: string): QuerySyntaxError {
  return new QuerySyntaxError(`Cannot read "q" at offset ${offset}: ${problem}`, offset);
}

class Parser {
  #at = 0;
  readonly #q: string;

  constructor(q: string) {
    this.#q = q;
  }

  terms(): TextTerm[] {
    const terms: TextTerm[] = [];
    let regexes = 0;
    for (this.#match(spaces); this.#at < this.#q.length; this.#match(spaces)) {
      const start = this.#at;
      if (terms.length === QUERY_TERMS_MAX) {
        throw failure(start, `at most ${QUERY_TERMS_MAX} terms are allowed`);
      }
      const term = this.#term();
      if (term.test.kind === "regex" && ++regexes > REGEX_TERMS_MAX) {
        throw failure(start, `at most ${REGEX_TERMS_MAX} regular expressions are allowed`);
      }
      terms.push(term);
    }
    return terms;
  }

  #term(): TextTerm {
    const exclude = this.#q[this.#at] === "-";
    if (exclude) {
      this.#at++;
      if (this.#atEndOfTerm()) {
        throw failure(
          this.#at,
          `nothing follows "-"; write -word, or "-" in quotes to find a dash`,
        );
      }
      if (this.#q[this.#at] === "-") {
        throw failure(this.#at, `"--" begins a term; put it in quotes to find it, as in "--flag"`);
      }
    }
    return { exclude, attribute: this.#attribute(), test: this.#test() };
  }

  #attribute(): string | undefined {
    const start = this.#at;
    const found = this.#match(attributeStart);
    if (found === undefined) return undefined;
    const name = found[1] === undefined ? found[2]! : unescapeQuoted(found[1]);
    if (name === "") {
      throw failure(
        start + "attr.".length,
        "the attribute's name is missing; write attr.NAME:word",
      );
    }
    if (name.length > LITERAL_UNITS_MAX) {
      throw failure(
        start,
        `the attribute's name has ${name.length} characters; at most ${LITERAL_UNITS_MAX} are allowed`,
      );
    }
    if (this.#atEndOfTerm()) {
      throw failure(
        this.#at,
        `nothing follows the colon; write attr.NAME:word or attr.NAME:"a phrase"`,
      );
    }
    return name;
  }

  #test(): TextLiteral | TextRegex {
    const first = this.#q[this.#at];
    return first === '"' ? this.#phrase() : first === "/" ? this.#regex() : this.#bare();
  }

  #phrase(): TextLiteral {
    const start = this.#at;
    const end = this.#closing('"');
    if (end === undefined) {
      throw failure(
        start,
        `the quote is not closed; end the phrase with ", and write \\" for a quote in it`,
      );
    }
    const text = unescapeQuoted(this.#q.slice(start + 1, end));
    this.#at = end + 1;
    if (text === "") {
      throw failure(start, "the phrase is empty; write something between the quotes");
    }
    if (!this.#atEndOfTerm()) {
      throw failure(this.#at, "something follows the closing quote; a space must come first");
    }
    return this.#literal(start, text, { start: true, end: true });
  }

  #regex(): TextRegex {
    const start = this.#at;
    const end = this.#closing("/");
    if (end === undefined) {
      throw failure(
        start,
        `the regular expression is not closed; end it with /, or put a path in quotes, as in "/api/v2"`,
      );
    }
    const pattern = this.#q.slice(start + 1, end).replace(/\\(.)/gsu, (escape, character) => {
      return character === "/" ? "/" : escape;
    });
    this.#at = end + 1;
    if (pattern === "") {
      throw failure(start, "the regular expression is empty; write something between the slashes");
    }
    if (pattern.length > REGEX_UNITS_MAX) {
      throw failure(
        start,
        `the regular expression has ${pattern.length} characters; at most ${REGEX_UNITS_MAX} are allowed`,
      );
    }
    const ignoreCase = this.#q[this.#at] === "i";
    if (ignoreCase) this.#at++;
    if (!this.#atEndOfTerm()) {
      throw failure(
        this.#at,
        `only "i" or a space may follow a regular expression; put a path in quotes, as in "/api/v2"`,
      );
    }
    const compiled = compileTextRegex(pattern, ignoreCase);
    if (typeof compiled === "string") throw failure(start, compiled);
    return compiled;
  }

  #bare(): TextLiteral {
    const start = this.#at;
    const token = this.#match(untilSpace)![0];
    const open = token.startsWith("*");
    const ended = token.length > 1 && token.endsWith("*");
    const text = token.slice(open ? 1 : 0, ended ? -1 : undefined);
    if (text === "") throw failure(start, `"*" needs a text; write word* or *part*`);
    if ((open && !ended) || text.includes("*")) {
      throw failure(
        start + token.lastIndexOf("*", token.length - 2),
        `"*" stands after a word (word*) or around a part (*part*); put a "*" to be found in quotes`,
      );
    }
    return this.#literal(start, text, { start: !open, end: !ended });
  }

  #literal(offset: number, text: string, bounds: { start: boolean; end: boolean }): TextLiteral {
    if (text.length > LITERAL_UNITS_MAX) {
      throw failure(
        offset,
        `the term has ${text.length} characters; at most ${LITERAL_UNITS_MAX} are allowed`,
      );
    }
    return literalOf(text, bounds);
  }

  /** The index of the delimiter that ends what begins with one here, skipping what a backslash escapes. */
  #closing(delimiter: string): number | undefined {
    for (let at = this.#at + 1; at < this.#q.length; at++) {
      const character = this.#q[at];
      if (character === delimiter) return at;
      if (character === "\\") at++;
    }
    return undefined;
  }

  #atEndOfTerm(): boolean {
    const next = this.#q[this.#at];
    return next === undefined || space.test(next);
  }

  #match(sticky: RegExp): RegExpExecArray | undefined {
    sticky.lastIndex = this.#at;
    const found = sticky.exec(this.#q);
    if (found !== null) this.#at = sticky.lastIndex;
    return found ?? undefined;
  }
}

/** Only a quote and a backslash can be escaped: in `C:\temp` the backslash is itself. */
function unescapeQuoted(text: string): string {
  return text.replace(/\\(["\\])/g, "$1");
}
