import type { ReadScope } from "../query/mod.ts";
import type { Snapshot } from "../storage/mod.ts";
import type { Grouping, RangeExpr } from "./ast.ts";
import { LogqlError } from "./errors.ts";
import { type Instant, instantAfter } from "./instants.ts";
import { PANES_MAX, QUANTILE_SORTED_MAX, QUANTILE_VALUES_MAX } from "./limits.ts";
import { Panes } from "./panes.ts";
import { planLog, planScan } from "./plan.ts";
import { Regexes } from "./regexes.ts";
import type { Labels } from "./row_labels.ts";
import { type SampleSink, SampleVisitor } from "./samples.ts";
import { checkPoints, constantSeries, emptySeries, type Grid, type Series } from "./series.ts";
import {
  mergeValues,
  quantile,
  resultOf,
  SlidingWindow,
  type Values,
  valuesOf,
} from "./windows.ts";

/**
 * Evaluates a function of a range at every point of a grid, by one visit of the records.
 * @param grouping the labels that make series, where what follows would put the others together
 * @throws {LogqlError} for a bad query, for a line whose pipeline failed, and for more than may be counted apart
 */
export async function readRange(
  snapshot: Snapshot,
  expr: RangeExpr,
  scope: ReadScope,
  grid: Grid,
  grouping: Grouping | undefined = expr.grouping,
): Promise<Series[]> {
  const regexes = new Regexes();
  const plan = planLog(expr.log, regexes);
  const start = shifted(grid.start, -expr.offsetMs);
  const end = shifted(start, (grid.count - 1) * grid.stepMs);
  // The one window of an instant query need not be cut.
  const stepMs = grid.count === 1 ? expr.rangeMs : grid.stepMs;
  const panes = new Panes(start, stepMs, grid.count, expr.rangeMs);
  const isAbsent = expr.op === "absent_over_time";
  const sink = new PaneSink(expr);
  const labels = isAbsent ? { without: false, names: [] } : grouping;
  const visitor = new SampleVisitor(expr, plan, panes, labels, sink, regexes);
  // A window has its end, not its beginning.
  const range = { start: instantAfter(shifted(start, -expr.rangeMs)), end: instantAfter(end) };
  await snapshot.visit(planScan(snapshot, plan, scope, range), visitor.columns, visitor);
  const series = sink.series(panes);
  return isAbsent ? [absence(expr, series[0], grid.count)] : series;
}

function shifted({ ms, ns }: Instant, byMs: number): Instant {
  return { ms: ms + byMs, ns };
}

/** 1 where there is nothing, with the labels that the selector says there would be. */
function absence({ log }: RangeExpr, found: Series | undefined, count: number): Series {
  const labels = log.matchers.filter(({ op }) => op === "=").map(({ name, value }) =>
    [name, value] as const
  );
  const series = { ...constantSeries(1, count), labels: new Map(labels) };
  found?.present.forEach((present, i) => series.present[i] = 1 - present);
  return series;
}

/** What one pane of a series holds: a sum, values, or a list of them. */
type Pane = number | Values | number[];

/** Collects samples by series and pane. */
class PaneSink implements SampleSink {
  readonly #expr: RangeExpr;
  readonly #series = new Map<
    string,
    { readonly labels: Labels; readonly panes: Map<number, Pane> }
  >();
  #held = 0;
  #listed = 0;

  constructor(expr: RangeExpr) {
    this.#expr = expr;
  }

  add(
    key: string,
    labels: () => Labels,
    pane: number,
    value: number,
    ms: number,
    ns: number,
  ): void {
    let series = this.#series.get(key);
    if (series === undefined) {
      this.#series.set(key, series = { labels: labels(), panes: new Map() });
    }
    const before = series.panes.get(pane);
    if (before === undefined && ++this.#held > PANES_MAX) throw this.#tooMany();
    if (this.#expr.unwrap === undefined) {
      series.panes.set(pane, (before as number ?? 0) + value);
    } else if (this.#expr.op === "quantile_over_time") {
      if (++this.#listed > QUANTILE_VALUES_MAX) throw tooManyValues(QUANTILE_VALUES_MAX);
      if (before === undefined) series.panes.set(pane, [value]);
      else (before as number[]).push(value);
    } else {
      const values = valuesOf(value, ms, ns);
      series.panes.set(pane, before === undefined ? values : mergeValues(before as Values, values));
    }
  }

  /** The function's result for every window. */
  series(panes: Panes): Series[] {
    checkPoints(this.#series.size, panes.count);
    return [...this.#series.values()].map(({ labels, panes: held }) => {
      const series = emptySeries(labels, panes.count);
      this.#evaluate(held, panes, (point, value) => {
        series.values[point] = value;
        series.present[point] = 1;
      });
      return series;
    });
  }

  #evaluate(
    held: ReadonlyMap<number, Pane>,
    panes: Panes,
    found: (point: number, value: number) => void,
  ): void {
    const { op, unwrap, rangeMs, param = NaN } = this.#expr;
    const seconds = rangeMs / 1000;
    if (op === "quantile_over_time") {
      let sorted = 0;
      eachList(held as ReadonlyMap<number, number[]>, panes, (point, values) => {
        sorted += values.length;
        if (sorted > QUANTILE_SORTED_MAX) throw tooManyValues(QUANTILE_SORTED_MAX);
        found(point, quantile(values, param));
      });
    } else if (unwrap === undefined) {
      const isRate = op === "rate" || op === "bytes_rate";
      const add = (a: number, b: number) => a + b;
      eachWindow(held as ReadonlyMap<number, number>, panes, add, (point, sum) => {
        found(point, isRate ? sum / seconds : sum);
      });
    } else {
      eachWindow(held as ReadonlyMap<number, Values>, panes, mergeValues, (point, values) => {
        found(point, resultOf(op, values, seconds));
      });
    }
  }

  #tooMany(): LogqlError {
    return new LogqlError(
      `The query counts more than ${PANES_MAX} series and times apart, in ${this.#series.size} series: ` +
        "put lines together with sum by (…), take a longer step, or a shorter range",
    );
  }
}

function tooManyValues(max: number): LogqlError {
  return new LogqlError(
    `A quantile of more than ${max} values is not calculated: take a shorter range, a longer step, or ` +
      "fewer lines",
  );
}

/** Goes through the windows that hold something, with all of it put together. */
function eachWindow<T>(
  held: ReadonlyMap<number, T>,
  panes: Panes,
  merge: (a: T, b: T) => T,
  found: (point: number, sum: T) => void,
): void {
  const window = new SlidingWindow(merge);
  const order = [...held].sort(([a], [b]) => a - b);
  let next = 0;
  for (let point = 0; point < panes.count; point++) {
    const { first, last } = panes.window(point);
    for (; next < order.length && order[next]![0] <= last; next++) window.push(...order[next]!);
    window.dropBefore(first);
    const sum = window.sum();
    if (sum !== undefined) found(point, sum);
  }
}

/** Goes through the windows that hold values, with the list of them. */
function eachList(
  held: ReadonlyMap<number, readonly number[]>,
  panes: Panes,
  found: (point: number, values: readonly number[]) => void,
): void {
  const order = [...held].sort(([a], [b]) => a - b);
  let from = 0;
  for (let point = 0; point < panes.count; point++) {
    const { first, last } = panes.window(point);
    while (from < order.length && order[from]![0] < first) from++;
    const values: (readonly number[])[] = [];
    for (let i = from; i < order.length && order[i]![0] <= last; i++) values.push(order[i]![1]);
    if (values.length > 0) found(point, values.length === 1 ? values[0]! : values.flat());
  }
}
