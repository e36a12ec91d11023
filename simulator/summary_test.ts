import assert from "node:assert/strict";
import type { CanaryFinding } from "./canary.ts";
import { count, newCounters } from "./counters.ts";
import type { ServiceState } from "./crew.ts";
import { exitCodeOf, type RunResult, summaryJson, summaryText } from "./summary.ts";

function state(sent: number, accepted: number, failure?: string): ServiceState {
  const counters = newCounters();
  count(counters, "sent", sent);
  count(counters, "accepted", accepted);
  count(counters, "unconfirmed", sent - accepted);
  const state = { service: "auth-service", counters, ended: true };
  return failure === undefined ? state : { ...state, failure };
}

function result(services: ServiceState[], canary?: CanaryFinding[]): RunResult {
  const run = { run: "r", seed: 1, elapsedMs: 10_000, services };
  return canary === undefined ? run : { ...run, canary };
}

const fine: CanaryFinding = {
  service: "auth-service",
  read: 3,
  missing: 0,
  duplicates: 0,
  outOfOrder: 0,
  unexpected: 0,
};

Deno.test("summaryText() says what was sent, how fast, and what became of it", () => {
  assert.equal(
    summaryText(result([state(12_345, 12_345)])),
    "Sent 12,345 records from 1 service in 10.0 s (1,235/s): 12,345 accepted, 0 refused, 0 retries\n",
  );
  assert.equal(
    summaryText(result([state(20, 0, "gave up: connection refused")])),
    "auth-service gave up: connection refused\n" +
      "Sent 20 records from 1 service in 10.0 s (2/s): 0 accepted, 0 refused, 0 retries, 20 unconfirmed\n",
  );
});

Deno.test("exitCodeOf() is 1 for a failed service, for nothing stored, and for each problem of a canary", () => {
  assert.equal(exitCodeOf(result([state(5, 5)], [fine])), 0);
  assert.equal(exitCodeOf(result([state(0, 0)])), 0);
  assert.equal(exitCodeOf(result([state(5, 5, "gave up")])), 1);
  assert.equal(exitCodeOf(result([state(5, 0)])), 1);
  for (
    const problem of [
      { missing: 1 },
      { duplicates: 1 },
      { outOfOrder: 1 },
      { unexpected: 1 },
      { incomplete: "segment 7" },
    ]
  ) {
    assert.equal(exitCodeOf(result([state(5, 5)], [{ ...fine, ...problem }])), 1);
  }
});

Deno.test("summaryJson() is one line with the same figures", () => {
  const text = summaryJson(result([state(30, 30)], [{ ...fine, outOfOrder: 2 }]));
  assert.equal(text.indexOf("\n"), text.length - 1);
  const { sent, accepted, per_second, canary, ok } = JSON.parse(text);
  assert.deepEqual({ sent, accepted, per_second, ok }, {
    sent: 30,
    accepted: 30,
    per_second: 3,
    ok: false,
  });
  assert.equal(canary[0].out_of_order, 2);
});
