import type { Grouping } from "./ast.ts";
import { LogqlError } from "./errors.ts";
import type { Instant } from "./instants.ts";
import { POINTS_MAX, SERIES_MAX } from "./limits.ts";
import type { Labels } from "./row_labels.ts";

/** The points in time of a metric query. */
export interface Grid {
  readonly start: Instant;
  readonly stepMs: number;
  /** At least 1. */
  readonly count: number;
}

/** Numbers of one set of labels, one for each point of a grid that has one. */
export interface Series {
  readonly labels: Labels;
  readonly values: Float64Array;
  /** 1 where there is a number. */
  readonly present: Uint8Array;
}

/** A series without numbers. */
export function emptySeries(labels: Labels, count: number): Series {
  return { labels, values: new Float64Array(count), present: new Uint8Array(count) };
}

/** A series with the same number at every point. */
export function constantSeries(value: number, count: number): Series {
  return {
    labels: new Map(),
    values: new Float64Array(count).fill(value),
    present: new Uint8Array(count).fill(1),
  };
}

/** The same text for the same labels. */
export function signature(labels: Labels): string {
  return JSON.stringify([...labels]);
}

/** The labels that a grouping leaves, sorted by name. */
export function groupLabels(labels: Labels, { without, names }: Grouping): Map<string, string> {
  return new Map([...labels].filter(([name]) => names.includes(name) !== without));
}

/** Labels as Loki writes them in sentences: `{a="x", b="y"}`. */
export function labelsText(labels: Labels): string {
  return `{${[...labels].map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(", ")}}`;
}

/** @throws {LogqlError} an expression works with more points than it may */
export function checkPoints(series: number, count: number): void {
  if (series * count > POINTS_MAX) {
    throw new LogqlError(
      `The query works with ${series} series of ${count} points; together at most ${POINTS_MAX} are ` +
        "allowed: put lines together with sum by (…), or take a longer step",
    );
  }
}

/** @throws {LogqlError} an answer has more series than it may */
export function checkSeries(series: number): void {
  if (series > SERIES_MAX) {
    throw new LogqlError(
      `maximum number of series (${SERIES_MAX}) reached for a single query; consider reducing query ` +
        "cardinality by adding more specific stream selectors, reducing the time range, or aggregating " +
        "results with functions like sum(), count() or topk()",
    );
  }
}
