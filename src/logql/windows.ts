/** @module What a window is worth, put together from its panes. */

import type { RangeOp } from "./ast.ts";

/** The values of some records: enough to say what they are worth together, and with those of others. */
export interface Values {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** The sum of squared distances from the mean. */
  readonly spread: number;
  /** Of the earliest, and when that was. */
  readonly first: number;
  readonly firstMs: number;
  readonly firstNs: number;
  readonly last: number;
  readonly lastMs: number;
  readonly lastNs: number;
}

/** The values of one record. */
export function valuesOf(value: number, ms: number, ns: number): Values {
  return {
    count: 1,
    sum: value,
    min: value,
    max: value,
    mean: value,
    spread: 0,
    first: value,
    firstMs: ms,
    firstNs: ns,
    last: value,
    lastMs: ms,
    lastNs: ns,
  };
}

/** The values of both. Variances as Chan, Golub and LeVeque put them together (1979). */
export function mergeValues(a: Values, b: Values): Values {
  const count = a.count + b.count;
  const delta = b.mean - a.mean;
  const aFirst = a.firstMs < b.firstMs || (a.firstMs === b.firstMs && a.firstNs <= b.firstNs);
  const bLast = b.lastMs > a.lastMs || (b.lastMs === a.lastMs && b.lastNs >= a.lastNs);
  const [early, late] = [aFirst ? a : b, bLast ? b : a];
  return {
    count,
    sum: a.sum + b.sum,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    mean: a.mean + (delta * b.count) / count,
    spread: a.spread + b.spread + (delta * delta * a.count * b.count) / count,
    first: early.first,
    firstMs: early.firstMs,
    firstNs: early.firstNs,
    last: late.last,
    lastMs: late.lastMs,
    lastNs: late.lastNs,
  };
}

/** What values are worth to a function. @param seconds the window's length */
export function resultOf(op: RangeOp, values: Values, seconds: number): number {
  switch (op) {
    case "rate":
      return values.sum / seconds;
    case "sum_over_time":
      return values.sum;
    case "avg_over_time":
      return values.mean;
    case "min_over_time":
      return values.min;
    case "max_over_time":
      return values.max;
    case "first_over_time":
      return values.first;
    case "last_over_time":
      return values.last;
    case "stdvar_over_time":
      return values.spread / values.count;
    case "stddev_over_time":
      return Math.sqrt(values.spread / values.count);
    default:
      throw new TypeError(`${op} is no function of values`);
  }
}

/** The quantile of some values, between two of them in proportion, as Prometheus has it. */
export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0 || Number.isNaN(q)) return NaN;
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  const sorted = Float64Array.from(values).sort();
  const rank = q * (sorted.length - 1);
  const lower = Math.floor(rank);
  const upper = Math.min(lower + 1, sorted.length - 1);
  const weight = rank - lower;
  return sorted[lower]! * (1 - weight) + sorted[upper]! * weight;
}

/**
 * What lies in a window that only moves forward, put together with one `merge` for each pane that comes and one for each
 * that goes: a queue of two stacks, the one that goes with sums up to its bottom.
 */
export class SlidingWindow<T> {
  readonly #merge: (a: T, b: T) => T;
  /** Panes to go, the next last, each with the sum of itself and all before it in this stack. */
  readonly #front: { readonly pane: number; readonly sum: T }[] = [];
  #back: { readonly pane: number; readonly value: T }[] = [];
  #backSum: T | undefined;

  constructor(merge: (a: T, b: T) => T) {
    this.#merge = merge;
  }

  /** Adds a pane, later than all before. */
  push(pane: number, value: T): void {
    this.#back.push({ pane, value });
    this.#backSum = this.#backSum === undefined ? value : this.#merge(this.#backSum, value);
  }

  /** Takes the panes before one away. */
  dropBefore(pane: number): void {
    for (;;) {
      if (this.#front.length === 0) this.#turn();
      const next = this.#front.at(-1);
      if (next === undefined || next.pane >= pane) return;
      this.#front.pop();
    }
  }

  /** All that is in it; `undefined` for nothing. */
  sum(): T | undefined {
    const front = this.#front.at(-1)?.sum;
    if (front === undefined) return this.#backSum;
    return this.#backSum === undefined ? front : this.#merge(front, this.#backSum);
  }

  #turn(): void {
    for (const { pane, value } of this.#back.reverse()) {
      const before = this.#front.at(-1);
      this.#front.push({
        pane,
        sum: before === undefined ? value : this.#merge(value, before.sum),
      });
    }
    this.#back = [];
    this.#backSum = undefined;
  }
}
