/** @module Rows of one source in the order of (timestamp, id), found one after the other: a page needs few of them. */

import type { RecordColumns } from "../record.ts";
import { Heap } from "./heap.ts";
import type { RowRange } from "./selection.ts";

/** A stretch of rows in order, walked from one end. */
interface Stretch {
  /** Indexes into the rows: the next one, and the last one. */
  at: number;
  readonly last: number;
}

/** Walks ascending row indexes in the order of time, or (`sign` -1) against it. */
export class RowOrder {
  readonly #rows: Uint32Array;
  readonly #sign: 1 | -1;
  readonly #stretches: Heap<Stretch>;

  /** @param runs the stretches of rows that are sorted already; absent: nothing is known of the order */
  constructor(
    columns: RecordColumns,
    rows: Uint32Array,
    runs: readonly RowRange[] | undefined,
    sign: 1 | -1,
  ) {
    const compare = comparison(columns);
    this.#rows = runs === undefined ? sorted(rows, compare) : rows;
    this.#sign = sign;
    this.#stretches = new Heap((a, b) => sign * compare(this.#rows[a.at]!, this.#rows[b.at]!) < 0);
    for (const [first, end] of runs?.map((run) => within(rows, run)) ?? [[0, rows.length]]) {
      if (first === end) continue;
      this.#stretches.push(sign > 0 ? { at: first, last: end - 1 } : { at: end - 1, last: first });
    }
  }

  /** The row that comes next; `undefined` at the end. */
  get row(): number | undefined {
    const next = this.#stretches.peek();
    return next && this.#rows[next.at];
  }

  /** Goes on to the row behind {@linkcode row}. */
  advance(): void {
    const next = this.#stretches.peek();
    if (next === undefined) return;
    if (next.at === next.last) {
      this.#stretches.pop();
      return;
    }
    next.at += this.#sign;
    this.#stretches.replaceTop();
  }
}

function comparison({ timestampMs, timestampNs, ids }: RecordColumns) {
  return (a: number, b: number) =>
    timestampMs[a]! - timestampMs[b]! ||
    (timestampNs === undefined ? 0 : timestampNs[a]! - timestampNs[b]!) || ids[a]! - ids[b]!;
}

/** Rows in order; they mostly are already. */
function sorted(rows: Uint32Array, compare: (a: number, b: number) => number): Uint32Array {
  for (let i = 1; i < rows.length; i++) {
    if (compare(rows[i - 1]!, rows[i]!) > 0) return rows.slice().sort(compare);
  }
  return rows;
}

/** Where in ascending rows those of a run begin and end. */
function within(rows: Uint32Array, { start, end }: RowRange): [first: number, end: number] {
  return [firstAtLeast(rows, start), firstAtLeast(rows, end)];
}

function firstAtLeast(rows: Uint32Array, least: number): number {
  let start = 0;
  let end = rows.length;
  while (start < end) {
    const middle = (start + end) >>> 1;
    if (rows[middle]! >= least) end = middle;
    else start = middle + 1;
  }
  return start;
}
