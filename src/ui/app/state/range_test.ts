import assert from "node:assert/strict";
import fc from "fast-check";
import { boundsOf, durationMs, lastBefore, rangeLabel, stepFor, stepText } from "./range.ts";

Deno.test("durationMs() reads durations and nothing else", () => {
  assert.equal(durationMs("90s"), 90_000);
  assert.equal(durationMs("2 h"), 7_200_000);
  for (const text of ["", "5", "0m", "-1h", "1y", "1h30m"]) {
    assert.equal(durationMs(text), undefined);
  }
});

Deno.test("boundsOf() fixes a range at a moment", () => {
  const now = Date.parse("2025-04-01T12:00:00Z");
  assert.deepEqual(boundsOf({ kind: "last", duration: "1h" }, now), {
    start: "2025-04-01T11:00:00.000Z",
    end: "2025-04-01T12:00:00.000Z",
  });
  assert.deepEqual(boundsOf({ kind: "all" }, now), { start: undefined, end: undefined });
});

Deno.test("lastBefore() is a nanosecond earlier", () => {
  assert.equal(lastBefore(Date.parse("2025-04-01T12:00:00Z")), "2025-04-01T11:59:59.999999999Z");
});

Deno.test("stepFor() gives at most as many buckets as asked for, aligned or not", () => {
  fc.assert(fc.property(fc.nat(3e12), fc.integer({ min: 2, max: 2_000 }), (spanMs, bucketsMax) => {
    const step = stepFor(spanMs + 1, bucketsMax);
    assert.ok(Math.floor((spanMs + 1) / step) + 1 <= bucketsMax || step === 36_400 * 86_400_000);
    assert.equal(durationMs(stepText(step)), step);
  }));
});

Deno.test("rangeLabel() says what is looked at", () => {
  const show = (ms: number) => String(ms);
  assert.equal(rangeLabel({ kind: "last", duration: "15m" }, show), "Last 15 minutes");
  assert.equal(rangeLabel({ kind: "last", duration: "90m" }, show), "Last 90m");
  assert.equal(rangeLabel({ kind: "all" }, show), "All time");
});
