import { textAt } from "../record.ts";
import { columnOf, type DistinctTexts, TextTable } from "./_text_table.ts";
import { FACET_VALUES_COUNTED_MAX } from "./limits.ts";

/** A value and how many records have it. */
export interface FacetValue {
  /** A string itself, anything else as JSON. */
  readonly value: string;
  readonly count: number;
}

/** The commonest values, and what is not among them. */
export interface CommonestValues {
  /** By descending count, then by value. */
  readonly values: readonly FacetValue[];
  /** Records whose value is not listed. */
  readonly others: number;
  /** Values were too many or too long to be told apart: some of `others` may be commoner than what is listed. */
  readonly truncated: boolean;
}

/** Counts values, as bytes, up to a number of distinct ones, and all others together. */
export class ValueTally {
  readonly #table = new TextTable();
  readonly #counts = new Float64Array(FACET_VALUES_COUNTED_MAX);
  #total = 0;
  #untold = 0;

  /** Counts one of some distinct texts. */
  add({ bytes, offsets, hashes }: DistinctTexts, index: number, count: number): void {
    const number = this.#table.number(
      bytes,
      offsets[index]!,
      offsets[index + 1]!,
      hashes[index]!,
      FACET_VALUES_COUNTED_MAX,
    );
    this.#count(number, count);
  }

  /** Counts a value. */
  addText(text: string, count: number): void {
    this.#count(this.#table.numberOf(text, FACET_VALUES_COUNTED_MAX), count);
  }

  /** Counts records whose value is not to be told. */
  addUntold(count: number): void {
    this.#total += count;
    this.#untold += count;
  }

  #count(number: number, count: number): void {
    if (number < 0) return this.addUntold(count);
    this.#total += count;
    this.#counts[number]! += count;
  }

  /** At most `limit` values. */
  commonest(limit: number): CommonestValues {
    const counts = this.#counts.subarray(0, this.#table.size);
    // Those that cannot be among them need no string, and no place in the order.
    const least = counts.length > limit ? counts.slice().sort()[counts.length - limit]! : 0;
    const texts = columnOf(this.#table);
    const values: FacetValue[] = [];
    for (const [index, count] of counts.entries()) {
      if (count >= least) values.push({ value: textAt(texts, index), count });
    }
    values.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
    values.length = Math.min(values.length, limit);
    const listed = values.reduce((sum, { count }) => sum + count, 0);
    return { values, others: this.#total - listed, truncated: this.#untold > 0 };
  }
}
