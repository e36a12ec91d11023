/** @module The text query: what `q` means, compiled to a predicate over columns. */

import { attributeWordToken } from "../codec/mod.ts";
import type { TextColumn, TextColumnName } from "../record.ts";
import type { SearchedColumns } from "../storage/mod.ts";
import type { TermSource, TextPredicate } from "./predicate_source.ts";
import { AttributeMatcher } from "./text_attribute.ts";
import { LiteralMatcher, PickedTexts } from "./text_match.ts";
import type { TextRegex } from "./text_regex.ts";
import type { TextQuery, TextTerm } from "./text_syntax.ts";
import { certainWords, type TextLiteral } from "./text_words.ts";

/** A text of fewer letters than this is in many messages. */
const RARE_UNITS_MIN = 4;

export { parseTextQuery, type TextQuery, type TextTerm } from "./text_syntax.ts";

/**
 * Compiles a text query to a predicate that searches the columns' bytes and makes strings only of rows that bytes
 * cannot decide.
 *
 * @example
 * ```ts
 * import { RecordBatch, sealBatches } from "../record.ts";
 *
 * const batch = new RecordBatch();
 * batch.append(0, 0, "shop", 4, "Connection refused after 3 tries");
 * batch.append(0, 0, "shop", 2, "health: connection refused, as expected");
 * const columns = sealBatches([batch], 1, 0);
 * const predicate = compileTextQuery(parseTextQuery('"connection refused" tries -health*'));
 * console.assert(predicate.select(columns, Uint32Array.of(0, 1)).join() === "0");
 * ```
 */
export function compileTextQuery(query: TextQuery): TextPredicate {
  const terms = [...query.terms].sort((a, b) => cost(a) - cost(b));
  const steps = terms.map((term) => ({ exclude: term.exclude, match: matcherOf(term) }));
  const tokens = new Set(terms.flatMap(requiredTokensOf));
  return {
    columns: [...new Set(terms.map(columnOf))],
    requiredTokens: [...tokens],
    isSlow: terms.some(({ test }) => test.kind === "regex" && isRarelyRuledOut(test)),
    source: { kind: "text", terms: query.terms.map(sourceOf) },
    select(columns, rows) {
      let left = rows;
      for (const { exclude, match } of steps) {
        if (left.length === 0) break;
        const matching = match(columns, left);
        left = exclude ? without(left, matching) : matching;
      }
      return left;
    },
  };
}

/** Whether a regular expression has to be run on many texts. */
function isRarelyRuledOut({ required }: TextRegex): boolean {
  return required === undefined || required.text.length < RARE_UNITS_MIN;
}

function sourceOf({ exclude, attribute, test }: TextTerm): TermSource {
  if (test.kind === "literal") return { exclude, attribute, test };
  const { kind, pattern, ignoreCase } = test;
  return { exclude, attribute, test: { kind, pattern, ignoreCase } };
}

type Matcher = (columns: SearchedColumns, rows: Uint32Array) => Uint32Array;

function columnOf({ attribute }: TextTerm): TextColumnName {
  return attribute === undefined ? "message" : `attr.${attribute}`;
}

/** The order of the terms: what is cheap and leaves few rows comes first, exclusions last. */
function cost({ test, attribute, exclude }: TextTerm): number {
  const kind = test.kind === "regex" ? 2 : 0;
  // Longer texts are rarer; one is the most that it may weigh.
  const length = test.kind === "regex" ? 0 : 1 / test.text.length;
  return kind + (attribute === undefined ? 0 : 1) + length + (exclude ? 10 : 0);
}

function matcherOf({ test, attribute }: TextTerm): Matcher {
  if (attribute !== undefined) {
    const matcher = new AttributeMatcher(attribute, test);
    return (columns, rows) => matcher.select(columns, rows);
  }
  if (test.kind === "regex") return regexMatcher(test);
  const matcher = new LiteralMatcher(test);
  return (columns, rows) => matcher.select(messagesOf(columns), rows);
}

function regexMatcher(regex: TextRegex): Matcher {
  const required = regex.required === undefined ? undefined : new LiteralMatcher(regex.required);
  return (columns, rows) => {
    const messages = messagesOf(columns);
    const helps = messages.ascii || regex.requiredEverywhere;
    const candidates = helps && required !== undefined ? required.select(messages, rows) : rows;
    const texts = new PickedTexts(messages, candidates);
    return candidates.filter((_, i) => regex.program.test(texts.at(i)));
  };
}

function messagesOf(columns: SearchedColumns): TextColumn {
  const messages = columns.texts.get("message");
  if (messages === undefined) throw new TypeError("Cannot select rows: no messages are loaded");
  return messages;
}

function requiredTokensOf({ test, attribute, exclude }: TextTerm): string[] {
  if (exclude) return [];
  const literal = test.kind === "literal" ? test : requiredOf(test);
  if (literal === undefined) return [];
  const words = certainWords(literal);
  if (attribute === undefined) return words;
  return words.map((word) => attributeWordToken(attribute, word));
}

/** What a regular expression requires of every text, ASCII or not. */
function requiredOf(regex: TextRegex): TextLiteral | undefined {
  return regex.requiredEverywhere ? regex.required : undefined;
}

/** The rows that are not among `excluded`; both ascend. */
function without(rows: Uint32Array, excluded: Uint32Array): Uint32Array {
  let next = 0;
  return rows.filter((row) => {
    if (row !== excluded[next]) return true;
    next++;
    return false;
  });
}
