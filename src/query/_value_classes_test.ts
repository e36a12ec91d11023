import assert from "node:assert/strict";
import fc from "fast-check";
import {
  packTexts,
  RecordBatch,
  type RecordColumns,
  sealBatches,
  textAt,
  type TextColumn,
  type TextColumnName,
} from "../record.ts";
import { columnOf } from "./_text_table.ts";
import { ABSENT, FIRST_VALUE, TOO_LONG, valueClasses } from "./_value_classes.ts";
import { FACET_VALUE_UNITS_MAX } from "./limits.ts";

/** Columns of rows whose attributes stand in a column of their own (first) or among the others (second). */
function columnsOf(rows: readonly (readonly [own: unknown, others: unknown])[]): RecordColumns {
  const json = (value: unknown) => value === undefined ? undefined : JSON.stringify(value);
  const batch = new RecordBatch();
  for (const [row] of rows.entries()) batch.append(row, 0, "a", 2, "");
  const texts = new Map<TextColumnName, TextColumn>([
    ["attr.x", packTexts(rows.map(([own]) => json(own)), rows.length)],
    ["attributes", packTexts(rows.map(([, others]) => json(others)), rows.length)],
  ]);
  return { ...sealBatches([batch], 1, 0), texts };
}

function labels(columns: RecordColumns): (string | number)[] {
  const { classOf, values, counts } = valueClasses(columns, "x");
  const column = columnOf(values);
  const found = Array.from(
    classOf,
    (index) => index < FIRST_VALUE ? index : textAt(column, index - FIRST_VALUE),
  );
  assert.equal(counts.reduce((sum, count) => sum + count, 0), columns.count);
  return found;
}

const value = fc.oneof(
  fc.constantFrom("", "5", 5, true, null, 'say "hi"', "back\\slash", "é🙂", { a: [1] }, undefined),
  fc.string({ unit: "binary", maxLength: 4 }),
  fc.constantFrom("é".repeat(600), "x".repeat(FACET_VALUE_UNITS_MAX), "x".repeat(1_025)),
);

function labelOf(value: unknown): string | number {
  if (value === undefined) return ABSENT;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > FACET_VALUE_UNITS_MAX ? TOO_LONG : text;
}

Deno.test("valueClasses() finds what JSON.parse() of each row finds", () => {
  fc.assert(fc.property(fc.array(fc.tuple(value, value)), (pairs) => {
    // A row has the attribute in one place only.
    const rows = pairs.map(([own, other], i) =>
      i % 2 === 0
        ? [own, { y: "x" }] as const
        : [undefined, other === undefined ? { y: { x: 1 } } : { y: 1, x: other }] as const
    );
    const wanted = pairs.map(([own, other], i) => labelOf(i % 2 === 0 ? own : other));
    assert.deepEqual(labels(columnsOf(rows)), wanted);
  }));
});

Deno.test("valueClasses() takes as few bytes a row as the number of values allows", () => {
  const rows = (distinct: number) =>
    Array.from({ length: 1_000 }, (_, i) => [i % distinct, undefined] as const);
  assert.equal(valueClasses(columnsOf(rows(254)), "x").classOf.BYTES_PER_ELEMENT, 1);
  assert.equal(valueClasses(columnsOf(rows(255)), "x").classOf.BYTES_PER_ELEMENT, 2);
});
