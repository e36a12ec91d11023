/** @module Rows by the value of an attribute, kept so that counting some of them compares no texts. */

import { type RecordColumns, textAt, type TextColumn } from "../record.ts";
import type { Digest } from "../storage/mod.ts";
import { type DistinctTexts, hashText, TextTable } from "./_text_table.ts";
import { AttributeReader, attributeText } from "./attribute_values.ts";
import { FACET_VALUE_UNITS_MAX } from "./limits.ts";
import { narrowClasses, type RowClasses } from "./_row_classes.ts";

/** The class of rows without the attribute. */
export const ABSENT = 0;
/** The class of rows whose value is too long to be listed. */
export const TOO_LONG = 1;
/** The class of the first listed value; value `i` has this plus `i`. */
export const FIRST_VALUE = 2;

/** The values of an attribute in all rows of some columns. */
export interface ValueClasses extends RowClasses, Digest {
  readonly values: DistinctTexts;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Finds the value of an attribute in every row. */
export function valueClasses(columns: RecordColumns, name: string): ValueClasses {
  const { count, texts } = columns;
  const table = new TextTable();
  const classOf = new Uint32Array(count);
  const own = texts.get(`attr.${name}`);
  if (own !== undefined) putOwn(own, table, classOf);
  const others = texts.get("attributes");
  if (others !== undefined) {
    const reader = new AttributeReader(columns, name);
    for (let row = 0; row < count; row++) {
      if (classOf[row] !== ABSENT || others.offsets[row + 1] === others.offsets[row]) continue;
      const text = reader.text(row);
      if (text !== undefined) classOf[row] = classOfText(table, text);
    }
  }
  const values = table.packed();
  const classes = narrowClasses(classOf, FIRST_VALUE + values.size);
  const bytes = classes.bytes + values.bytes.length + 2 * values.offsets.byteLength;
  return { ...classes, values, bytes };
}

/** Puts rows with a column of the attribute's own into classes; most values are told apart as they stand there. */
function putOwn(column: TextColumn, table: TextTable, classOf: Uint32Array): void {
  const { bytes, offsets } = column;
  for (let row = 0; row < classOf.length; row++) {
    let start = offsets[row]!;
    let end = offsets[row + 1]!;
    if (start === end) continue;
    const isString = bytes[start] === QUOTE;
    if (end - start > FACET_VALUE_UNITS_MAX || (isString && hasEscape(bytes, start, end))) {
      classOf[row] = classOfText(table, attributeText(textAt(column, row)));
      continue;
    }
    if (isString) {
      start++;
      end--;
    }
    classOf[row] = FIRST_VALUE + table.number(bytes, start, end, hashText(bytes, start, end));
  }
}

function hasEscape(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] === BACKSLASH) return true;
  return false;
}

function classOfText(table: TextTable, text: string): number {
  return text.length > FACET_VALUE_UNITS_MAX ? TOO_LONG : FIRST_VALUE + table.numberOf(text);
}
