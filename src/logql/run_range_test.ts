import assert from "node:assert/strict";
import type { Snapshot, WholeRun } from "../storage/mod.ts";
import { parseQuery } from "./parse.ts";
import { evaluateMetric } from "./run_metric.ts";

const HOUR_MS = 3_600_000;
const END = { ms: Date.UTC(2026, 0, 1, 12), ns: 0 };

/** A store of which all is told by summaries: one for each minute, with 60 records of 10 bytes. */
function summaries(taken: WholeRun[]): Snapshot {
  const runs = Array.from({ length: 60 }, (_, minute): WholeRun => {
    const first = { ms: END.ms - HOUR_MS + minute * 60_000 + 1, ns: 0 };
    const last = { ms: first.ms + 59_000, ns: 0 };
    return { service: "shop", severity: 2, count: 60, first, last, messageBytes: 600 };
  });
  return {
    streamTotals: () => [{ service: "shop", severity: 2, count: 3_600, last: END }],
    visit(_spec: unknown, _columns: unknown, visitor: { whole?(run: WholeRun): boolean }) {
      for (const run of runs) if (visitor.whole?.(run)) taken.push(run);
      return Promise.resolve();
    },
  } as unknown as Snapshot;
}

async function evaluate(query: string, grid: { stepMs: number; count: number }) {
  const taken: WholeRun[] = [];
  const expr = parseQuery(query);
  assert.ok(expr.kind !== "log");
  const start = { ...END, ms: END.ms - (grid.count - 1) * grid.stepMs };
  const value = await evaluateMetric(expr, {
    snapshot: summaries(taken),
    scope: {},
    grid: { start, ...grid },
  });
  assert.ok(typeof value !== "number");
  return { taken: taken.length, values: value.map(({ values }) => [...values]) };
}

Deno.test("an instant query of a long range reads nothing that a summary tells", async () => {
  const grid = { stepMs: 1, count: 1 };
  const counted = await evaluate('sum by (level) (count_over_time({service="shop"}[1h]))', grid);
  assert.deepEqual(counted, { taken: 60, values: [[3_600]] });
  const rate = await evaluate('sum(bytes_rate({service=~".+"} | drop __error__ [1h]))', grid);
  assert.deepEqual(rate, { taken: 60, values: [[10]] });
});

Deno.test("a range query takes the summaries of records that lie in one piece of time", async () => {
  const query = 'sum by (service_name) (count_over_time({level="info"}[10m]))';
  const minutes = await evaluate(query, { stepMs: 60_000, count: 51 });
  assert.deepEqual(minutes, { taken: 60, values: [Array(51).fill(600)] });
  // Here every summary lies in two.
  assert.equal((await evaluate(query, { stepMs: 10_000, count: 50 })).taken, 0);
});

Deno.test("a filter, a parser or a label that records alone know makes it read them", async () => {
  for (
    const query of [
      'sum by (env) (count_over_time({service="shop"}[1h]))',
      'sum by (level) (count_over_time({service="shop"} | json [1h]))',
      'sum(count_over_time({service="shop"} | json | a="b" [1h]))',
      'count_over_time({service="shop"}[1h])',
      'sum(bytes_over_time({service="shop"} | line_format "x" [1h]))',
    ]
  ) assert.equal((await evaluate(query, { stepMs: 1, count: 1 })).taken, 0, query);
  // What a parser finds is of no use to a sum of everything.
  const sum = await evaluate('sum(count_over_time({service="shop"} | json [1h]))', {
    stepMs: 1,
    count: 1,
  });
  assert.equal(sum.taken, 60);
});
