/** @module Operators between numbers and series, as PromQL has them. */

import type { BinaryExpr, BinaryOp, Matching } from "./ast.ts";
import { compare } from "./conditions.ts";
import { LogqlError } from "./errors.ts";
import type { Labels } from "./row_labels.ts";
import { emptySeries, groupLabels, labelsText, type Series, signature } from "./series.ts";

/** What a metric expression is worth: a number, or series. */
export type Value = number | readonly Series[];

const COMPARISONS: readonly BinaryOp[] = ["==", "!=", ">", ">=", "<", "<="];

/** Evaluates an operator between two values. @throws {LogqlError} if series of both sides do not go together */
export function combine(expr: BinaryExpr, left: Value, right: Value, count: number): Value {
  const { op } = expr;
  if (op === "and" || op === "or" || op === "unless") {
    return combineSets(expr, asSeries(op, left), asSeries(op, right), count);
  }
  if (typeof left === "number" && typeof right === "number") {
    // Between two numbers there is nothing that a comparison could leave out.
    return calculate(op, left, right) ?? 0;
  }
  if (typeof left === "number") {
    return (right as readonly Series[]).map((one) =>
      mapPoints(one, expr, (value) => calculate(op, left, value))
    ).filter(hasPoints);
  }
  if (typeof right === "number") {
    return left.map((one) => mapPoints(one, expr, (value) => calculate(op, value, right)))
      .filter(hasPoints);
  }
  return combineSeries(expr, left, right, count);
}

/** A result; of a comparison 1, or `undefined` where it does not hold. */
function calculate(op: BinaryOp, left: number, right: number): number | undefined {
  switch (op) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      // As Loki has it, where PromQL has infinity.
      return right === 0 ? NaN : left / right;
    case "%":
      return left % right;
    case "^":
      return left ** right;
    default:
      return compare(left, op, right) ? 1 : undefined;
  }
}

function mapPoints(
  one: Series,
  { op, bool }: BinaryExpr,
  change: (value: number) => number | undefined,
): Series {
  const keepsValue = COMPARISONS.includes(op) && !bool;
  const result = emptySeries(one.labels, one.values.length);
  one.values.forEach((value, point) => {
    if (!one.present[point]) return;
    const changed = change(value);
    if (changed === undefined && !bool) return;
    result.values[point] = keepsValue ? value : changed ?? 0;
    result.present[point] = 1;
  });
  return result;
}

function hasPoints({ present }: Series): boolean {
  return present.includes(1);
}

function asSeries(op: BinaryOp, value: Value): readonly Series[] {
  if (typeof value !== "number") return value;
  throw new LogqlError(`parse error : ${op} is for series, not for numbers`);
}

/** The labels by which series go together. */
function matchingKey(labels: Labels, matching: Matching | undefined): string {
  return signature(
    matching === undefined
      ? labels
      : groupLabels(labels, { without: !matching.on, names: matching.names }),
  );
}

function combineSets(
  { op, matching }: BinaryExpr,
  left: readonly Series[],
  right: readonly Series[],
  count: number,
): Series[] {
  const there = (all: readonly Series[]) => {
    const points = new Map<string, Uint8Array>();
    for (const { labels, present } of all) {
      const key = matchingKey(labels, matching);
      const sum = points.get(key) ?? new Uint8Array(count);
      present.forEach((is, point) => sum[point]! |= is);
      points.set(key, sum);
    }
    return points;
  };
  const keep = (all: readonly Series[], points: Map<string, Uint8Array>, wanted: boolean) =>
    all.map((one): Series => {
      const others = points.get(matchingKey(one.labels, matching));
      const present = one.present.map((is, point) =>
        is && ((others?.[point] ?? 0) === 1) === wanted ? 1 : 0
      );
      return { ...one, present };
    }).filter(hasPoints);
  if (op === "and") return keep(left, there(right), true);
  if (op === "unless") return keep(left, there(right), false);
  return mergeEqual([...left, ...keep(right, there(left), false)]);
}

/** Series of the same labels, at different points, as one. */
function mergeEqual(all: readonly Series[]): Series[] {
  const merged = new Map<string, Series>();
  for (const one of all) {
    const key = signature(one.labels);
    const before = merged.get(key);
    if (before === undefined) {
      merged.set(key, { ...one, values: one.values.slice(), present: one.present.slice() });
      continue;
    }
    one.present.forEach((is, point) => {
      if (!is) return;
      before.values[point] = one.values[point]!;
      before.present[point] = 1;
    });
  }
  return [...merged.values()];
}

function combineSeries(
  expr: BinaryExpr,
  left: readonly Series[],
  right: readonly Series[],
  count: number,
): Series[] {
  const { op, matching, bool } = expr;
  const manyRight = matching?.many === "right";
  const [many, ones] = manyRight ? [right, left] : [left, right];
  const byKey = new Map<string, Series>();
  for (const one of ones) {
    const key = matchingKey(one.labels, matching);
    if (byKey.has(key)) throw ambiguous(one, manyRight ? "left" : "right");
    byKey.set(key, one);
  }
  const taken = new Set<string>();
  return many.flatMap((each) => {
    const key = matchingKey(each.labels, matching);
    const other = byKey.get(key);
    if (other === undefined) return [];
    if (matching?.many === undefined && taken.has(key)) throw ambiguous(each, "left");
    taken.add(key);
    const [a, b] = manyRight ? [other, each] : [each, other];
    const result = emptySeries(resultLabels(expr, each, other), count);
    for (let point = 0; point < count; point++) {
      if (!a.present[point] || !b.present[point]) continue;
      const value = calculate(op, a.values[point]!, b.values[point]!);
      if (value === undefined && !bool) continue;
      result.values[point] = COMPARISONS.includes(op) && !bool ? a.values[point]! : value ?? 0;
      result.present[point] = 1;
    }
    return hasPoints(result) ? [result] : [];
  });
}

function resultLabels({ op, matching, bool }: BinaryExpr, many: Series, one: Series): Labels {
  // What a comparison lets through stays what it was.
  if (matching === undefined || (COMPARISONS.includes(op) && !bool)) return many.labels;
  if (matching.many === undefined) {
    return groupLabels(many.labels, { without: !matching.on, names: matching.names });
  }
  const labels = new Map(many.labels);
  for (const name of matching.include) {
    const value = one.labels.get(name);
    if (value === undefined) labels.delete(name);
    else labels.set(name, value);
  }
  return new Map([...labels].sort(([a], [b]) => a < b ? -1 : 1));
}

function ambiguous({ labels }: Series, side: string): LogqlError {
  return new LogqlError(
    `multiple matches for labels: several series on the ${side} side go with ${
      labelsText(labels)
    }; ` +
      "use on (…) or ignoring (…), or group_left or group_right where that is meant",
  );
}
