import assert from "node:assert/strict";
import fc from "fast-check";
import { buildTokenFilter, openTokenFilter } from "../codec/mod.ts";
import { fakeFilters, fakeRecords, paramsOf } from "./_fake_records.ts";
import { FakeSnapshot } from "./_fake_snapshot.ts";
import { parseLogFilters } from "./filters.ts";
import { planScan } from "./plan.ts";

function plan(query: string, services?: string[]) {
  const record = { id: 1, ms: 0, severity: 2, message: "" } as const;
  const snapshot = new FakeSnapshot(["a", "b", "c"].map((service) => ({ ...record, service })));
  return planScan(snapshot, parseLogFilters(new URLSearchParams(query)), { services });
}

Deno.test("planScan() limits nothing without filters", () => {
  assert.deepEqual(Object.values(plan("")).filter((bound) => bound !== undefined), []);
});

Deno.test("planScan() never goes beyond the scope", () => {
  assert.deepEqual(plan("", ["a"]).services, ["a"]);
  assert.deepEqual(plan("service=a&service=b", ["b", "c"]).services, ["b"]);
  assert.deepEqual(plan("service=a", ["b"]).services, []);
  assert.deepEqual(plan("not_service=b", ["b", "c"]).services, ["c"]);
  assert.deepEqual(plan("", []).services, []);
});

Deno.test("planScan() names the services that are left when some are excluded", () => {
  assert.deepEqual(plan("not_service=b").services, ["a", "c"]);
  assert.deepEqual(plan("service=a&not_service=a").services, []);
});

Deno.test("planScan() intersects what severities are asked for", () => {
  assert.deepEqual(plan("severity=info&severity=error&min_severity=warn").severities, [4]);
  assert.deepEqual(plan("not_severity=fatal&min_severity=error").severities, [4]);
  assert.equal(plan("min_severity=trace").severities, undefined);
  assert.deepEqual(plan("severity=info&min_severity=warn").severities, []);
});

Deno.test("planScan() requires tokens of what has one value only", () => {
  assert.deepEqual(plan("trace_id=T1&attr.user=Bob").predicate!.requiredTokens, [
    "trace_id=t1",
    "user=bob",
  ]);
  assert.deepEqual(plan("trace_id=a&trace_id=b&attr.x=1&attr.x=2").predicate!.requiredTokens, []);
  assert.deepEqual(plan("not_attr.user=bob").predicate!.requiredTokens, []);
});

Deno.test("planScan() requires no token that the token filter of a match lacks", async () => {
  const property = fc.asyncProperty(
    fakeRecords(10),
    fakeFilters,
    fc.subarray(["user", "__proto__"]),
    async (records, filter, ownAttributes) => {
      const filters = parseLogFilters(paramsOf(filter));
      for (const record of records.filter((one) => filter.matches(one))) {
        const snapshot = new FakeSnapshot([record], { ownAttributes });
        const [row] = await snapshot.scan({ order: "asc" }).next(1);
        const tokens = openTokenFilter(buildTokenFilter(row!.columns));
        for (const token of planScan(snapshot, filters, {}).predicate?.requiredTokens ?? []) {
          assert.ok(tokens.mayContain(token), token);
        }
      }
    },
  );
  await fc.assert(property, { numRuns: 200 });
});
