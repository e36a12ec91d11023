import assert from "node:assert/strict";
import { isQuiet } from "./quiet.ts";

const MINUTE = 60_000;

Deno.test("a service that logged all the time and stopped is quiet", () => {
  assert.equal(isQuiet([5, 5, 5, 5, 5, 0, 0, 0], MINUTE, 3 * MINUTE), true);
});

Deno.test("a service that was always this slow is not", () => {
  assert.equal(isQuiet([1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0], MINUTE, 4 * MINUTE), false);
  assert.equal(isQuiet([1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0], MINUTE, 9 * MINUTE), true);
});

Deno.test("a service that was heard but once or twice has no habit to break", () => {
  assert.equal(isQuiet([1, 0, 1, 0, 0, 0, 0], MINUTE, 600 * MINUTE), false);
  assert.equal(isQuiet([], MINUTE, 600 * MINUTE), false);
});

Deno.test("a pause of seconds is nothing", () => {
  assert.equal(isQuiet([9, 9, 9, 9], 1_000, 30_000), false);
});
