import { equal, ok } from "node:assert/strict";
import { median, quantile } from "./quantile.ts";

Deno.test("quantile() gives the value below which a share lies", () => {
  const values = Array.from({ length: 1000 }, (_, index) => index);
  equal(quantile(values, 0.5), 500);
  equal(quantile(values, 0.99), 990);
  equal(quantile(values, 1), 999);
  ok(Number.isNaN(quantile([], 0.5)));
});

Deno.test("median() gives the middle of values in any order", () => {
  equal(median([7, 1, 100, 2, 3]), 3);
});
