import { attributeToken, traceToken } from "../codec/mod.ts";
import type { TextColumn } from "../record.ts";
import type { RowPredicate, SearchedColumns } from "../storage/mod.ts";
import { AttributeReader } from "./attribute_values.ts";
import type { AttributeFilter } from "./filters.ts";
import type { PredicateSource, TextPredicate } from "./predicate_source.ts";

/** Matches records that every one of some predicates matches; `undefined` for none. */
export function allOf(predicates: readonly RowPredicate[]): RowPredicate | undefined {
  if (predicates.length < 2) return predicates[0];
  return {
    isSlow: predicates.some(({ isSlow }) => isSlow),
    source: sourceOfAll(predicates),
    columns: [...new Set(predicates.flatMap(({ columns }) => columns))],
    requiredTokens: [...new Set(predicates.flatMap(({ requiredTokens }) => requiredTokens))],
    select(columns, rows) {
      let left = rows;
      for (const predicate of predicates) {
        if (left.length === 0) break;
        left = predicate.select(columns, left);
      }
      return left;
    },
  };
}

function sourceOfAll(predicates: readonly RowPredicate[]): PredicateSource | undefined {
  const of = predicates.map(({ source }) => source as PredicateSource | undefined)
    .filter((source) => source !== undefined);
  return of.length < predicates.length ? undefined : { kind: "all", of };
}

/** Matches records whose trace id is one of some, exactly. */
export function traceIdIsOneOf(traceIds: readonly string[]): TextPredicate {
  const encoder = new TextEncoder();
  const wanted = traceIds.map((traceId) => encoder.encode(traceId));
  return {
    columns: ["trace_id"],
    requiredTokens: traceIds.length === 1 ? [traceToken(traceIds[0]!)] : [],
    source: { kind: "trace_id", traceIds },
    select(columns, rows) {
      const column = columns.texts.get("trace_id");
      if (column === undefined) return rows.subarray(0, 0);
      return rows.filter((row) => wanted.some((bytes) => textIs(column, row, bytes)));
    },
  };
}

function textIs(column: TextColumn, row: number, wanted: Uint8Array): boolean {
  const start = column.offsets[row]!;
  if (column.offsets[row + 1]! - start !== wanted.length) return false;
  for (let i = 0; i < wanted.length; i++) if (column.bytes[start + i] !== wanted[i]) return false;
  return true;
}

/** Matches records that have the attribute with one of the filter's values. */
export function attributeIsOneOf(filter: AttributeFilter): TextPredicate {
  const { name, values } = filter;
  return {
    columns: [`attr.${name}`],
    requiredTokens: values.length === 1 ? [attributeToken(name, values[0]!)] : [],
    source: { kind: "attribute", filter },
    select: (columns, rows) => rows.filter(attributeTest(columns, filter)),
  };
}

/** Matches records that lack the attribute or have it with another value than the filter's. */
export function attributeIsNoneOf(filter: AttributeFilter): TextPredicate {
  return {
    columns: [`attr.${filter.name}`],
    requiredTokens: [],
    source: { kind: "not_attribute", filter },
    select(columns, rows) {
      const isOne = attributeTest(columns, filter);
      return rows.filter((row) => !isOne(row));
    },
  };
}

function attributeTest(
  columns: SearchedColumns,
  filter: AttributeFilter,
): (row: number) => boolean {
  const reader = new AttributeReader(columns, filter.name, filter.values);
  const wanted = new Set(filter.values);
  return (row) => {
    const text = reader.text(row);
    return text !== undefined && wanted.has(text);
  };
}
