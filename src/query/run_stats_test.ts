import assert from "node:assert/strict";
import fc from "fast-check";
import { formatInstant, SEVERITIES } from "../record.ts";
import {
  compareRecords,
  FAKE_SERVICES,
  fakeFilters,
  fakeRecords,
  paramsOf,
} from "./_fake_records.ts";
import { FakeSnapshot } from "./_fake_snapshot.ts";
import { InvalidParameterError } from "./errors.ts";
import { parseLogFilters } from "./filters.ts";
import { parseStatsOptions, readStats } from "./run_stats.ts";

const none = parseLogFilters(new URLSearchParams());

Deno.test("readStats() counts what a naive count over an array counts", async () => {
  const property = fc.asyncProperty(
    fakeRecords(),
    fakeFilters,
    fc.option(fc.subarray([...FAKE_SERVICES]), { nil: undefined }),
    async (records, filter, services) => {
      const matches = records.filter((one) => filter.matches(one))
        .filter(({ service }) => services?.includes(service) ?? true).sort(compareRecords);
      const perService = Map.groupBy(matches, ({ service }) => service);
      const perSeverity = Map.groupBy(matches, ({ severity }) => SEVERITIES[severity]);
      const filters = parseLogFilters(paramsOf(filter));
      const options = { byServiceAndSeverity: true };
      const stats = await readStats(new FakeSnapshot(records), filters, { services }, options);
      assert.deepEqual(
        new Map(Object.entries(stats.logs_per_service)),
        new Map([...perService].map(([service, list]) => [service, list.length])),
      );
      assert.deepEqual(
        new Map(Object.entries(stats.logs_per_severity)),
        new Map([...perSeverity].map(([severity, list]) => [severity as string, list.length])),
      );
      assert.deepEqual(
        new Map(Object.entries(stats.last_log_per_service)),
        new Map([...perService].map(([service, list]) => {
          const { ms, ns } = list.at(-1)!;
          return [service, formatInstant(ms, ns!)];
        })),
      );
      const both = Map.groupBy(matches, ({ service, severity }) => `${service} ${severity}`);
      assert.deepEqual(
        new Set(stats.counts!.map((one) => JSON.stringify(one))),
        new Set(
          [...both.values()].map((list) => {
            const { service, severity } = list[0]!;
            return JSON.stringify({ service, severity: SEVERITIES[severity], count: list.length });
          }),
        ),
      );
    },
  );
  await fc.assert(property, { numRuns: 300 });
});

Deno.test("readStats() of everything asks for the totals only", async () => {
  const snapshot = new FakeSnapshot([
    { id: 1, ms: 0, service: "__proto__", severity: 4, message: "" },
    { id: 2, ms: 5, service: "a", severity: 2, message: "" },
  ]);
  snapshot.visit = () => assert.fail("visited");
  const stats = await readStats(snapshot, none, {});
  assert.equal(
    JSON.stringify(stats),
    '{"logs_per_service":{"__proto__":1,"a":1},"logs_per_severity":{"INFO":1,"ERROR":1},' +
      '"last_log_per_service":{"__proto__":"1970-01-01T00:00:00.000Z",' +
      '"a":"1970-01-01T00:00:00.005Z"}}',
  );
  const errors = parseLogFilters(new URLSearchParams("severity=ERROR"));
  const { logs_per_service } = await readStats(snapshot, errors, {});
  assert.deepEqual(Object.entries(logs_per_service), [["__proto__", 1]]);
});

Deno.test("parseStatsOptions() knows one thing to count by", () => {
  const parse = (query: string) => parseStatsOptions(new URLSearchParams(query));
  assert.deepEqual(parse(""), { byServiceAndSeverity: false });
  assert.deepEqual(parse("by=service,severity"), { byServiceAndSeverity: true });
  assert.throws(() => parse("by=service"), InvalidParameterError);
});
