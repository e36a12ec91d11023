import assert from "node:assert/strict";
import fc from "fast-check";
import { Panes } from "./panes.ts";
import {
  mergeValues,
  quantile,
  resultOf,
  SlidingWindow,
  type Values,
  valuesOf,
} from "./windows.ts";

const grid = fc.record({
  startMs: fc.integer({ min: -50, max: 50 }),
  startNs: fc.constantFrom(0, 1, 500_000),
  stepMs: fc.integer({ min: 1, max: 12 }),
  count: fc.integer({ min: 1, max: 8 }),
  rangeMs: fc.integer({ min: 1, max: 40 }),
});
const moment = fc.record({
  ms: fc.integer({ min: -120, max: 180 }),
  ns: fc.constantFrom(0, 1, 499_999, 500_000, 500_001, 999_999),
});

/** Whether a moment lies in the window of a point, in nanoseconds. */
function isInWindow(
  { ms, ns }: { ms: number; ns: number },
  { startMs, startNs, stepMs, rangeMs }: {
    startMs: number;
    startNs: number;
    stepMs: number;
    rangeMs: number;
  },
  point: number,
): boolean {
  const at = ms * 1e6 + ns;
  const end = (startMs + point * stepMs) * 1e6 + startNs;
  return at > end - rangeMs * 1e6 && at <= end;
}

Deno.test("the panes of a window hold exactly the moments that the window holds", () => {
  fc.assert(
    fc.property(grid, fc.array(moment, { minLength: 1, maxLength: 30 }), (options, moments) => {
      const { startMs, startNs, stepMs, count, rangeMs } = options;
      const panes = new Panes({ ms: startMs, ns: startNs }, stepMs, count, rangeMs);
      // One after another, because the pane found last is remembered.
      for (const at of moments) {
        const pane = panes.paneAt(at.ms, at.ns);
        for (let point = 0; point < count; point++) {
          const { first, last } = panes.window(point);
          const isIn = pane !== undefined && pane >= first && pane <= last;
          assert.equal(isIn, isInWindow(at, options, point), `${at.ms} ms ${at.ns} ns, ${point}`);
        }
      }
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("a sliding window sums what is in it", () => {
  const step = fc.record({ push: fc.boolean(), by: fc.integer({ min: 0, max: 5 }) });
  fc.assert(fc.property(fc.array(step), (steps) => {
    // Texts, so that the order of what is merged counts.
    const window = new SlidingWindow<string>((a, b) => a + b);
    let held: number[] = [];
    let next = 0;
    let from = 0;
    for (const { push, by } of steps) {
      if (push) {
        next += by + 1;
        held.push(next);
        window.push(next, `${next},`);
      } else {
        from += by;
        held = held.filter((pane) => pane >= from);
        window.dropBefore(from);
      }
      const expected = held.map((pane) => `${pane},`).join("");
      assert.equal(window.sum() ?? "", expected);
    }
  }));
});

const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), {
  minLength: 1,
  maxLength: 20,
});

Deno.test("values that are merged in any order are worth what they are worth together", () => {
  fc.assert(fc.property(values, fc.infiniteStream(fc.nat()), (numbers, random) => {
    const parts = numbers.map((value, i) => valuesOf(value, 0, i));
    while (parts.length > 1) {
      const [a] = parts.splice(random.next().value % parts.length, 1);
      const at = random.next().value % parts.length;
      parts[at] = mergeValues(a!, parts[at]!);
    }
    const [all] = parts as [Values];
    const sum = numbers.reduce((a, b) => a + b, 0);
    const mean = sum / numbers.length;
    const variance = numbers.reduce((a, b) => a + (b - mean) ** 2, 0) / numbers.length;
    const scale = Math.max(...numbers.map(Math.abs), 1);
    const near = (actual: number, expected: number, precision: number) =>
      assert.ok(Math.abs(actual - expected) <= precision, `${actual} is not ${expected}`);
    near(resultOf("sum_over_time", all, 60), sum, scale * 1e-9);
    near(resultOf("rate", all, 60), sum / 60, scale * 1e-9);
    near(resultOf("avg_over_time", all, 60), mean, scale * 1e-9);
    near(resultOf("stdvar_over_time", all, 60), variance, scale * scale * 1e-9);
    assert.equal(resultOf("min_over_time", all, 60), Math.min(...numbers));
    assert.equal(resultOf("max_over_time", all, 60), Math.max(...numbers));
    assert.equal(resultOf("first_over_time", all, 60), numbers[0]);
    assert.equal(resultOf("last_over_time", all, 60), numbers.at(-1));
  }));
});

Deno.test("quantile() lies between two values in proportion", () => {
  assert.equal(quantile([3, 1, 2], 0.5), 2);
  assert.equal(quantile([1, 2], 0.25), 1.25);
  assert.equal(quantile([10, -1, 4], 1), 10);
  assert.equal(quantile([10, -1, 4], 0), -1);
  assert.equal(quantile([1], 1.5), Infinity);
  assert.equal(quantile([1], -1), -Infinity);
  assert.ok(Number.isNaN(quantile([], 0.5)));
});
