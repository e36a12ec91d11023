/** @module Rows by the names of their attributes, kept so that counting some of them reads no attributes. */

import { type RecordColumns, textAt, type TextColumn } from "../record.ts";
import type { Digest } from "../storage/mod.ts";
import { narrowClasses, type RowClasses } from "./_row_classes.ts";
import { type DistinctTexts, TextTable } from "./_text_table.ts";
import { FACET_VALUE_UNITS_MAX } from "./limits.ts";

/** The names of the attributes of all rows of some columns. */
export interface NameClasses extends RowClasses, Digest {
  readonly names: DistinctTexts;
  /** For each class the numbers of its names; -1: one too long to be listed. */
  readonly namesOf: readonly (readonly number[])[];
}

/** What a class takes beside its numbers, and a number, in bytes. */
const CLASS_BYTES = 64;
const NUMBER_BYTES = 8;

/** Finds the names of every row's attributes. */
export function nameClasses({ count, texts }: RecordColumns): NameClasses {
  const shapes = new Shapes(count);
  for (const [name, column] of texts) {
    if (!name.startsWith("attr.")) continue;
    const own = [name.slice("attr.".length)];
    shapes.refine((row) => isEmpty(column, row) ? undefined : name, () => own);
  }
  const others = texts.get("attributes");
  if (others !== undefined) {
    shapes.refine(
      (row) => isEmpty(others, row) ? undefined : JSON.stringify(namesIn(others, row)),
      (row) => namesIn(others, row),
    );
  }
  const table = new TextTable();
  const namesOf = shapes.names.map((names) => names.map((name) => numberOf(table, name)));
  const names = table.packed();
  const classes = narrowClasses(shapes.classOf, namesOf.length);
  const numbers = namesOf.reduce((sum, { length }) => sum + length, 0);
  const bytes = classes.bytes + names.bytes.length + 2 * names.offsets.byteLength +
    CLASS_BYTES * namesOf.length + NUMBER_BYTES * numbers;
  return { ...classes, names, namesOf, bytes };
}

function numberOf(table: TextTable, name: string): number {
  return name.length > FACET_VALUE_UNITS_MAX ? -1 : table.numberOf(name);
}

function namesIn(column: TextColumn, row: number): string[] {
  return Object.keys(JSON.parse(textAt(column, row)));
}

function isEmpty({ offsets }: TextColumn, row: number): boolean {
  return offsets[row + 1] === offsets[row];
}

/** Classes of rows with the same names, cut into smaller ones as more is known of the rows. */
class Shapes {
  readonly classOf: Uint32Array<ArrayBuffer>;
  names: (readonly string[])[] = [[]];

  constructor(count: number) {
    this.classOf = new Uint32Array(count);
  }

  /**
   * Tells rows apart by something more.
   * @param keyOf what is known of a row; `undefined`: it has nothing more
   * @param namesOf the names that come with a key that is not `undefined`, by one of its rows
   */
  refine(keyOf: (row: number) => string | undefined, namesOf: (row: number) => string[]): void {
    const before = this.names;
    const parts: (Map<string | undefined, number> | undefined)[] = new Array(before.length);
    this.names = [];
    for (let row = 0; row < this.classOf.length; row++) {
      const old = this.classOf[row]!;
      const key = keyOf(row);
      const own = parts[old] ??= new Map();
      let index = own.get(key);
      if (index === undefined) {
        own.set(key, index = this.names.length);
        this.names.push(key === undefined ? before[old]! : [...before[old]!, ...namesOf(row)]);
      }
      this.classOf[row] = index;
    }
  }
}
