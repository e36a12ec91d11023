import type { ReadScope } from "../query/mod.ts";
import type { Snapshot } from "../storage/mod.ts";
import { aggregate, compareValues } from "./_aggregate.ts";
import { combine, type Value } from "./_binary.ts";
import type { AggregateExpr, Grouping, MetricExpr, RangeExpr, RangeOp, VectorOp } from "./ast.ts";
import { LogqlError } from "./errors.ts";
import { RANGES_MAX, TURN_POINTS_MAX } from "./limits.ts";
import { readRange } from "./run_range.ts";
import { checkSeries, constantSeries, type Grid, type Series, signature } from "./series.ts";

export type { Value };

/** What a metric query is evaluated on. */
export interface MetricOptions {
  readonly snapshot: Snapshot;
  readonly scope: ReadScope;
  readonly grid: Grid;
}

/**
 * Evaluates a metric query at every point of a grid.
 * @returns a number, or series sorted by their labels; of one point in the order that `sort` or `topk` wants
 * @throws {LogqlError} for a query that cannot be answered, or has too many series
 */
export async function evaluateMetric(expr: MetricExpr, options: MetricOptions): Promise<Value> {
  const ranges = countRanges(expr);
  if (ranges > RANGES_MAX) {
    throw new LogqlError(`The query has ${ranges} ranges; at most ${RANGES_MAX} are allowed`);
  }
  const value = await evaluate(expr, options);
  if (typeof value === "number") return value;
  checkSeries(value.length);
  return inOrder(expr, value, options.grid);
}

function countRanges(expr: MetricExpr): number {
  if (expr.kind === "range") return 1;
  if (expr.kind === "aggregate") return countRanges(expr.expr);
  return expr.kind === "binary" ? countRanges(expr.left) + countRanges(expr.right) : 0;
}

async function evaluate(expr: MetricExpr, options: MetricOptions): Promise<Value> {
  const { snapshot, scope, grid } = options;
  switch (expr.kind) {
    case "number":
      return expr.value;
    case "vector":
      return [constantSeries(expr.value, grid.count)];
    case "range":
      return await readRange(snapshot, expr, scope, grid);
    case "aggregate":
      return await evaluateAggregate(expr, options);
    case "binary": {
      const left = await evaluate(expr.left, options);
      const right = await evaluate(expr.right, options);
      await giveTurn(left, grid.count);
      return combine(expr, left, right, grid.count);
    }
  }
}

async function evaluateAggregate(expr: AggregateExpr, options: MetricOptions): Promise<Value> {
  const { snapshot, scope, grid } = options;
  const merged = mergedGrouping(expr);
  if (merged !== undefined) {
    return await readRange(snapshot, expr.expr as RangeExpr, scope, grid, merged);
  }
  const inner = await evaluate(expr.expr, options);
  if (typeof inner === "number") {
    throw new LogqlError(`parse error : ${expr.op} is for series, not for a number`);
  }
  await giveTurn(inner, grid.count);
  return aggregate(expr, inner, grid.count);
}

/** Lets other requests go on before many points are calculated with: an expression may have hundreds of operators. */
async function giveTurn(value: Value, count: number): Promise<void> {
  if (typeof value === "number" || value.length * count < TURN_POINTS_MAX) return;
  await new Promise((resolve) => setTimeout(resolve, 0));
}

/** Functions of a range of which one for all lines is what the function around it makes of those of each series. */
const MERGED: Readonly<Partial<Record<VectorOp, readonly RangeOp[]>>> = {
  sum: ["count_over_time", "rate", "bytes_over_time", "bytes_rate", "sum_over_time"],
  min: ["min_over_time"],
  max: ["max_over_time"],
};

/**
 * By what a range can be grouped while it is read, so that no series is made only to be put together with others: with
 * labels that every line has another value of there would be one for each line.
 */
function mergedGrouping({ op, expr, grouping }: AggregateExpr): Grouping | undefined {
  if (expr.kind !== "range" || expr.grouping !== undefined) return undefined;
  if (!MERGED[op]?.includes(expr.op)) return undefined;
  const { without, names } = grouping ?? { without: false, names: [] };
  // An unwrapped label is none of its series'.
  const unwrapped = expr.unwrap === undefined ? [] : [expr.unwrap.name];
  return without
    ? { without, names: [...names, ...unwrapped] }
    : { without, names: names.filter((name) => !unwrapped.includes(name)) };
}

function inOrder(expr: MetricExpr, series: readonly Series[], grid: Grid): Series[] {
  const keyed = series.map((one) => ({ one, key: signature(one.labels) }));
  keyed.sort((a, b) => a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
  const sorted = keyed.map(({ one }) => one);
  const sign = grid.count === 1 && expr.kind === "aggregate" ? SIGNS[expr.op] : undefined;
  if (sign === undefined) return sorted;
  return sorted.sort((a, b) => compareValues(a.values[0]!, b.values[0]!, sign));
}

const SIGNS: Readonly<Partial<Record<VectorOp, 1 | -1>>> = {
  topk: -1,
  sort_desc: -1,
  bottomk: 1,
  sort: 1,
};
