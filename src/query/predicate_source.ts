/** @module Predicates as plain values, of which a Worker makes the same ones. */

import type { RowPredicate, SearchedColumns } from "../storage/mod.ts";
import type { AttributeFilter } from "./filters.ts";
import { attributeIsNoneOf, attributeIsOneOf, traceIdIsOneOf } from "./predicates.ts";
import { compileTextQuery } from "./text_query.ts";
import { compileTextRegex } from "./text_regex.ts";
import type { TextTerm } from "./text_syntax.ts";
import type { TextLiteral } from "./text_words.ts";

/** A predicate of `query/` as a plain value. */
export type PredicateSource =
  | { readonly kind: "all"; readonly of: readonly PredicateSource[] }
  | { readonly kind: "trace_id"; readonly traceIds: readonly string[] }
  | { readonly kind: "attribute" | "not_attribute"; readonly filter: AttributeFilter }
  | { readonly kind: "text"; readonly terms: readonly TermSource[] };

/** A term of a text query, its regular expression not compiled. */
export interface TermSource extends Pick<TextTerm, "exclude" | "attribute"> {
  readonly test: TextLiteral | {
    readonly kind: "regex";
    readonly pattern: string;
    readonly ignoreCase: boolean;
  };
}

/** A predicate that looks at nothing but texts. */
export interface TextPredicate extends RowPredicate {
  readonly source: PredicateSource;
  select(columns: SearchedColumns, rows: Uint32Array): Uint32Array;
}

/** The rows among `rows` (ascending) that match, in the same order; texts that are not there are empty. */
export type TextSearch = (columns: SearchedColumns, rows: Uint32Array) => Uint32Array;

/** Makes what the predicate of this source does. */
export function searchFrom(source: PredicateSource): TextSearch {
  if (source.kind === "all") {
    const searches = source.of.map(searchFrom);
    return (columns, rows) =>
      searches.reduce((left, search) => left.length === 0 ? left : search(columns, left), rows);
  }
  const predicate = predicateFrom(source);
  return (columns, rows) => predicate.select(columns, rows);
}

function predicateFrom(source: Exclude<PredicateSource, { kind: "all" }>): TextPredicate {
  switch (source.kind) {
    case "trace_id":
      return traceIdIsOneOf(source.traceIds);
    case "attribute":
      return attributeIsOneOf(source.filter);
    case "not_attribute":
      return attributeIsNoneOf(source.filter);
    case "text":
      return compileTextQuery({ terms: source.terms.map(termFrom) });
  }
}

function termFrom({ exclude, attribute, test }: TermSource): TextTerm {
  if (test.kind === "literal") return { exclude, attribute, test };
  const regex = compileTextRegex(test.pattern, test.ignoreCase);
  if (typeof regex === "string") throw new TypeError(`Cannot compile a term again: ${regex}`);
  return { exclude, attribute, test: regex };
}
