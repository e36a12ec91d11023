import assert from "node:assert/strict";
import { OverloadedError } from "../storage/mod.ts";
import { FailureLimiter } from "./failure_limiter.ts";

const LIMITS = { failuresMax: 2, windowMs: 1_000, addressesMax: 3 };

Deno.test("an address is refused after its failures until its window is over; others are not", () => {
  const limiter = new FailureLimiter(LIMITS);
  limiter.failed("a", 0);
  limiter.check("a", 1);
  limiter.failed("a", 500);
  limiter.check("b", 600);
  assert.throws(() => limiter.check("a", 600), (error: OverloadedError) => {
    assert.deepEqual([error.status, error.retryAfterSeconds], [429, 1]);
    return true;
  });
  assert.throws(() => limiter.check("a", 999), OverloadedError);
  limiter.check("a", 1_000);
  limiter.failed("a", 1_000);
  limiter.check("a", 1_000);
});

Deno.test("no more addresses are remembered than there may be: the oldest is forgotten", () => {
  const limiter = new FailureLimiter(LIMITS);
  for (const address of ["a", "a", "b", "b", "c", "c", "d", "d"]) limiter.failed(address, 0);
  limiter.check("a", 1);
  for (const address of ["b", "c", "d"]) {
    assert.throws(() => limiter.check(address, 1), OverloadedError);
  }
});
