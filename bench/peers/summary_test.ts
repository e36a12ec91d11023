import { equal } from "node:assert/strict";
import { medianOf, ratioOf } from "./summary.ts";

Deno.test("medianOf() leaves out rounds without the figure", () => {
  equal(medianOf([{ a: 3 }, {}, { a: 1 }, { a: 2 }], "a"), 2);
  equal(medianOf([{ a: 3 }], "b"), undefined);
});

Deno.test("ratioOf() compares figures of the same round", () => {
  // In the second round the machine was ten times slower, for both.
  const own = [{ rate: 200 }, { rate: 20 }, { rate: 210 }];
  const other = [{ rate: 100 }, { rate: 10 }, { rate: 100 }];
  equal(ratioOf(own, "rate", other), 2);
  equal(ratioOf([{ a: 1 }, { a: 9 }], "a", [{}, { a: 3 }]), 3);
  equal(ratioOf([{ a: 1 }], "a", [{ a: 0 }]), undefined);
});
