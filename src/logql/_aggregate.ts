/** @module Functions over the series of each point: `sum by (…)`, `topk` and the like. */

import type { AggregateExpr, VectorOp } from "./ast.ts";
import { emptySeries, groupLabels, type Series, signature } from "./series.ts";

/** Evaluates a function over series. */
export function aggregate(
  { op, param = 0, grouping = { without: false, names: [] } }: AggregateExpr,
  series: readonly Series[],
  count: number,
): Series[] {
  // They only say in which order an instant query answers; over a range there is none.
  if (op === "sort" || op === "sort_desc") return [...series];
  const groups = new Map<string, { labels: Map<string, string>; members: Series[] }>();
  for (const one of series) {
    const labels = groupLabels(one.labels, grouping);
    const key = signature(labels);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { labels, members: [one] });
    else group.members.push(one);
  }
  return [...groups.values()].flatMap(({ labels, members }) =>
    op === "topk" || op === "bottomk"
      ? selectTop(members, param, op === "topk" ? -1 : 1, count)
      : [reduce(op, labels, members, count)]
  );
}

type Reduction = Exclude<VectorOp, "topk" | "bottomk" | "sort" | "sort_desc">;

function reduce(
  op: Reduction,
  labels: Map<string, string>,
  members: readonly Series[],
  count: number,
): Series {
  const result = emptySeries(labels, count);
  const values: number[] = [];
  for (let point = 0; point < count; point++) {
    values.length = 0;
    for (const { values: all, present } of members) if (present[point]) values.push(all[point]!);
    if (values.length === 0) continue;
    result.values[point] = reduceValues(op, values);
    result.present[point] = 1;
  }
  return result;
}

function reduceValues(op: Reduction, values: readonly number[]): number {
  const sum = () => values.reduce((a, b) => a + b, 0);
  switch (op) {
    case "sum":
      return sum();
    case "avg":
      return sum() / values.length;
    case "count":
      return values.length;
    // NaN is the worst value of all: any other comes before it.
    case "min":
      return values.reduce((a, b) => b < a || Number.isNaN(a) ? b : a);
    case "max":
      return values.reduce((a, b) => b > a || Number.isNaN(a) ? b : a);
    case "stdvar":
      return variance(values);
    case "stddev":
      return Math.sqrt(variance(values));
  }
}

function variance(values: readonly number[]): number {
  let mean = 0;
  let spread = 0;
  values.forEach((value, i) => {
    const delta = value - mean;
    mean += delta / (i + 1);
    spread += delta * (value - mean);
  });
  return spread / values.length;
}

/** At each point only the `limit` series that come first. @param sign -1: the greatest come first */
function selectTop(
  members: readonly Series[],
  limit: number,
  sign: 1 | -1,
  count: number,
): Series[] {
  const results = members.map(({ labels }) => emptySeries(labels, count));
  for (let point = 0; point < count; point++) {
    const there = members.flatMap(({ values, present }, i) =>
      present[point] ? [{ i, value: values[point]! }] : []
    );
    there.sort((a, b) => compareValues(a.value, b.value, sign) || a.i - b.i);
    for (const { i, value } of there.slice(0, limit)) {
      results[i]!.values[point] = value;
      results[i]!.present[point] = 1;
    }
  }
  return results.filter(({ present }) => present.includes(1));
}

/** The order of numbers times `sign`, with NaN last. */
export function compareValues(a: number, b: number, sign: 1 | -1): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return sign * (a - b);
}
