import assert from "node:assert/strict";
import fc from "fast-check";
import {
  bucketCount,
  chooseInterval,
  commonDivisor,
  formatInterval,
  parseInterval,
} from "./histogram_interval.ts";

const MIN = -62_135_596_800_000;
const MAX = 253_402_300_799_999;
const instant = fc.oneof(
  fc.integer({ min: MIN, max: MAX }),
  fc.integer({ min: -1_000_000, max: 1_000_000_000 }),
);
/** Of every order of magnitude. */
const span = fc.tuple(fc.integer({ min: 0, max: 48 }), fc.double({ min: 1, max: 2, noNaN: true }))
  .map(([power, factor]) => Math.floor(2 ** power * factor));
const range = fc.tuple(instant, span).map(([first, span]) => [first, Math.min(first + span, MAX)]);

Deno.test("chooseInterval() gives 60 to 120 buckets of any range that is long enough", () => {
  fc.assert(
    fc.property(range, ([first, last]) => {
      const count = bucketCount(first!, last!, chooseInterval(first!, last!));
      assert.ok(count <= 120, `${count}`);
      assert.ok(count >= Math.min(60, last! - first! + 1), `${count}`);
    }),
    { numRuns: 5_000 },
  );
  assert.ok(bucketCount(MIN, MAX, chooseInterval(MIN, MAX)) >= 60);
});

Deno.test("commonDivisor() divides the interval of the range and of every wider one", () => {
  fc.assert(
    fc.property(range, instant, ([first, last], other) => {
      const divisor = commonDivisor(first!, last!);
      const wider = chooseInterval(Math.min(first!, other), Math.max(last!, other));
      assert.equal(chooseInterval(first!, last!) % divisor, 0);
      assert.equal(wider % divisor, 0);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("formatInterval() writes what parseInterval() reads back", () => {
  fc.assert(fc.property(fc.integer({ min: 1 }), (ms) => {
    assert.equal(parseInterval(new URLSearchParams({ interval: formatInterval(ms) })), ms);
  }));
  assert.deepEqual([300_000, 3_600_000, 86_400_000, 90_000, 1].map(formatInterval), [
    "5m",
    "1h",
    "1d",
    "90s",
    "1ms",
  ]);
});

Deno.test("parseInterval() says what an interval can be", () => {
  assert.equal(parseInterval(new URLSearchParams()), undefined);
  for (const text of ["0s", "5", "five", "-5m", "1.5h"]) {
    assert.throws(() => parseInterval(new URLSearchParams({ interval: text })), {
      message:
        `Cannot use parameter "interval": "${text}" is not a duration such as 30s, 5m, 1h or 1d`,
    });
  }
});
