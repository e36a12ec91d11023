/**
 * @module Attributes in text queries. A value is looked at as its text: a string is itself, anything else its JSON.
 *
 * The columns hold what `JSON.stringify` gave, so that ASCII characters other than `"`, `\` and control characters
 * stand in them as they are: rows without such a part of the needle are never parsed.
 */

import type { TextColumn, TextColumnName } from "../record.ts";
import type { SearchedColumns } from "../storage/mod.ts";
import { LiteralMatcher, rowText } from "./text_match.ts";
import { containsLiteral, literalOf, type TextLiteral } from "./text_words.ts";
import type { TextRegex } from "./text_regex.ts";

/** Selects the rows that have an attribute whose value passes a test. */
export class AttributeMatcher {
  /** The column that holds the attribute alone, in segments where it is common. */
  readonly column: TextColumnName;
  readonly #name: string;
  readonly #test: TextLiteral | TextRegex;
  readonly #nameMatcher: LiteralMatcher;
  readonly #partMatcher: LiteralMatcher | undefined;

  constructor(name: string, test: TextLiteral | TextRegex) {
    this.column = `attr.${name}`;
    this.#name = name;
    this.#test = test;
    this.#nameMatcher = new LiteralMatcher(inAnyPlace(JSON.stringify(name)));
    const sought = test.kind === "literal" || !test.requiredEverywhere ? test : test.required;
    const part = sought?.kind === "literal" ? unescapedPart(sought.text) : undefined;
    if (part !== undefined) {
      this.#partMatcher = new LiteralMatcher(inAnyPlace(part));
    }
  }

  /** The rows among `rows` (ascending) that match, in the same order. */
  select(columns: SearchedColumns, rows: Uint32Array): Uint32Array {
    const own = columns.texts.get(this.column);
    const others = columns.texts.get("attributes");
    const inOwn = own === undefined ? none : this.#selectIn(own, rows, (text) => JSON.parse(text));
    const inOthers = others === undefined
      ? none
      : this.#selectIn(others, this.#nameMatcher.select(others, rows), (text) => {
        const attributes = JSON.parse(text);
        return Object.hasOwn(attributes, this.#name) ? attributes[this.#name] : undefined;
      });
    return mergeAscending(inOwn, inOthers);
  }

  /** Tests what `read` makes of each row's JSON text, where there is one. */
  #selectIn(
    column: TextColumn,
    rows: Uint32Array,
    read: (text: string) => unknown,
  ): Uint32Array {
    const candidates = this.#partMatcher?.select(column, rows) ?? rows;
    return candidates.filter((row) => {
      const text = rowText(column, row);
      const value = text === "" ? undefined : read(text);
      return value !== undefined && this.#passes(value);
    });
  }

  #passes(value: unknown): boolean {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return this.#test.kind === "regex"
      ? this.#test.program.test(text)
      : containsLiteral(text.toLowerCase(), this.#test);
  }
}

const none = new Uint32Array(0);

function inAnyPlace(text: string): TextLiteral {
  return literalOf(text, { start: false, end: false });
}

/** The longest part of a text that JSON leaves as it is, if there is one. */
function unescapedPart(text: string): string | undefined {
  return text.match(/[ !#-[\]-~]+/g)?.reduce((a, b) => b.length > a.length ? b : a);
}

/** Two ascending lists of rows as one, without repetitions. */
function mergeAscending(a: Uint32Array, b: Uint32Array): Uint32Array {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  return Uint32Array.from(new Set([...a, ...b])).sort();
}
