import assert from "node:assert/strict";
import { aggregate } from "./_aggregate.ts";
import { combine, type Value } from "./_binary.ts";
import type { AggregateExpr, BinaryExpr } from "./ast.ts";
import { parseQuery } from "./parse.ts";
import { labelsText, type Series } from "./series.ts";

type Points = readonly (number | undefined)[];

function series(labels: Record<string, string>, ...points: Points): Series {
  return {
    labels: new Map(Object.entries(labels)),
    values: Float64Array.from(points, (value) => value ?? 0),
    present: Uint8Array.from(points, (value) => value === undefined ? 0 : 1),
  };
}

/** Series as their labels' text and their points. */
function shown(value: Value): unknown {
  if (typeof value === "number") return value;
  return Object.fromEntries(value.map(({ labels, values, present }) => [
    labelsText(labels),
    Array.from(values, (number, i) => present[i] ? number : undefined),
  ]));
}

const A = series({ app: "a", env: "x" }, 1, 4, undefined);
const B = series({ app: "b", env: "x" }, 3, undefined, undefined);
const C = series({ app: "c", env: "y" }, 5, 2, NaN);

function aggregated(head: string, members: readonly Series[] = [A, B, C]): unknown {
  const expr = parseQuery(head.replace("_", 'rate({a="b"}[1m])'));
  return shown(aggregate(expr as AggregateExpr, members, 3));
}

function combined(text: string, left: Value, right: Value): unknown {
  return shown(combine(parseQuery(text) as BinaryExpr, left, right, 3));
}

Deno.test("aggregations put the series of each point together", () => {
  assert.deepEqual(aggregated("sum by (env) (_)"), {
    '{env="x"}': [4, 4, undefined],
    '{env="y"}': [5, 2, NaN],
  });
  assert.deepEqual(aggregated("sum(_)"), { "{}": [9, 6, NaN] });
  assert.deepEqual(aggregated("count without (app) (_)"), {
    '{env="x"}': [2, 1, undefined],
    '{env="y"}': [1, 1, 1],
  });
  assert.deepEqual(aggregated("avg(_)"), { "{}": [3, 3, NaN] });
  assert.deepEqual(aggregated("max(_)"), { "{}": [5, 4, NaN] });
  assert.deepEqual(aggregated("min(_)"), { "{}": [1, 2, NaN] });
  assert.deepEqual(aggregated("stdvar(_)"), { "{}": [8 / 3, 1, NaN] });
  assert.deepEqual(aggregated("stddev by (env) (_)", [A, B]), {
    '{env="x"}': [1, 0, undefined],
  });
});

Deno.test("topk and bottomk choose at each point, NaN last", () => {
  assert.deepEqual(aggregated("topk(1, _)"), {
    '{app="a", env="x"}': [undefined, 4, undefined],
    '{app="c", env="y"}': [5, undefined, NaN],
  });
  assert.deepEqual(aggregated("bottomk(2, _)"), {
    '{app="a", env="x"}': [1, 4, undefined],
    '{app="b", env="x"}': [3, undefined, undefined],
    '{app="c", env="y"}': [undefined, 2, NaN],
  });
  assert.deepEqual(aggregated("topk by (env) (1, _)"), {
    '{app="a", env="x"}': [undefined, 4, undefined],
    '{app="b", env="x"}': [3, undefined, undefined],
    '{app="c", env="y"}': [5, 2, NaN],
  });
});

Deno.test("operators calculate with numbers on either side", () => {
  assert.equal(combined("1 - 2", 7, 5), 2);
  assert.equal(combined("1 > bool 2", 7, 5), 1);
  assert.equal(combined("1 / 2", 7, 0), NaN);
  assert.deepEqual(combined("vector(1) * 2", [A], 2), { '{app="a", env="x"}': [2, 8, undefined] });
  assert.deepEqual(combined("2 ^ vector(1)", 2, [A]), { '{app="a", env="x"}': [2, 16, undefined] });
  assert.deepEqual(combined("vector(1) % 2", [A], 3), { '{app="a", env="x"}': [1, 1, undefined] });
});

Deno.test("comparisons leave out, or say 1 or 0", () => {
  assert.deepEqual(combined("vector(1) > 2", [A, B], 2), {
    '{app="a", env="x"}': [undefined, 4, undefined],
    '{app="b", env="x"}': [3, undefined, undefined],
  });
  assert.deepEqual(combined("vector(1) > 9", [A, B], 9), {});
  assert.deepEqual(combined("vector(1) > bool 2", [A], 2), {
    '{app="a", env="x"}': [0, 1, undefined],
  });
  assert.deepEqual(combined("2 < vector(1)", 2, [A]), {
    '{app="a", env="x"}': [undefined, 4, undefined],
  });
});

Deno.test("series go together by their labels, or by some of them", () => {
  const other = series({ app: "a", env: "x" }, 10, 10, 10);
  assert.deepEqual(combined("vector(1) + vector(2)", [A, B], [other]), {
    '{app="a", env="x"}': [11, 14, undefined],
  });
  const total = series({ env: "x" }, 4, 4, 4);
  assert.deepEqual(combined("vector(1) / on (env) group_left vector(2)", [A, B, C], [total]), {
    '{app="a", env="x"}': [0.25, 1, undefined],
    '{app="b", env="x"}': [0.75, undefined, undefined],
  });
  const named = series({ env: "x", owner: "me" }, 1, 1, 1);
  assert.deepEqual(
    combined("vector(1) * on (env) group_right (owner) vector(2)", [named], [A]),
    { '{app="a", env="x", owner="me"}': [1, 4, undefined] },
  );
  assert.deepEqual(combined("vector(1) - ignoring (app) vector(2)", [A], [total]), {
    '{env="x"}': [-3, 0, undefined],
  });
});

Deno.test("series that several others would go with are refused", () => {
  const total = series({ env: "x" }, 4, 4, 4);
  const many = /multiple matches for labels: several series on the left side/;
  assert.throws(() => combined("vector(1) / on (env) vector(2)", [A, B], [total]), many);
  assert.throws(
    () => combined("vector(1) / on (env) group_left vector(2)", [A], [A, B]),
    /several series on the right side .*{app="b", env="x"}/,
  );
});

Deno.test("and, or and unless choose series by whether the other side has them", () => {
  const one = series({ app: "a", env: "x" }, 9, undefined, undefined);
  assert.deepEqual(combined("vector(1) and vector(2)", [A, B], [one]), {
    '{app="a", env="x"}': [1, undefined, undefined],
  });
  assert.deepEqual(combined("vector(1) unless vector(2)", [A, B], [one]), {
    '{app="a", env="x"}': [undefined, 4, undefined],
    '{app="b", env="x"}': [3, undefined, undefined],
  });
  assert.deepEqual(combined("vector(1) or vector(2)", [one], [A, B]), {
    '{app="a", env="x"}': [9, 4, undefined],
    '{app="b", env="x"}': [3, undefined, undefined],
  });
  assert.deepEqual(combined("vector(1) and on (env) vector(2)", [A, B, C], [one]), {
    '{app="a", env="x"}': [1, undefined, undefined],
    '{app="b", env="x"}': [3, undefined, undefined],
  });
  assert.throws(() => combined("vector(1) and 2", [A], 2), /and is for series, not for numbers/);
});
