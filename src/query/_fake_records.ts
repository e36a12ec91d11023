/** @module Random records and filters for property tests, from so few values that filters match some and not all. */

import fc from "fast-check";
import { formatInstant, SEVERITIES, type SeverityCode } from "../record.ts";
import type { FakeRecord } from "./_fake_snapshot.ts";

/** The services of {@linkcode fakeRecords}; some are names that plain objects have already. */
export const FAKE_SERVICES: readonly string[] = ["auth", "pay", "__proto__", "constructor"];

const START_MS = Date.UTC(2025, 3, 1);
const WORDS = ["timeout", "login", "failed"];
const ATTRIBUTE_VALUES: readonly unknown[] = ["bob", 'say "hi"', 5, "5", true, null, { a: 1 }];

const times = fc.record({
  ms: fc.integer({ min: START_MS - 3, max: START_MS + 6 }),
  ns: fc.constantFrom(0, 0, 1, 999_999),
});

/** Records with ids from 1 on, in the order of their ids; many share a timestamp. */
export function fakeRecords(maxLength = 30): fc.Arbitrary<FakeRecord[]> {
  const record = fc.record({
    time: times,
    receivedMs: fc.integer({ min: START_MS, max: START_MS + 5 }),
    service: fc.constantFrom(...FAKE_SERVICES),
    severity: fc.integer({ min: 0, max: 5 }) as fc.Arbitrary<SeverityCode>,
    message: fc.subarray(WORDS).map((words) => words.join(" ")),
    attributes: fc.option(
      fc.dictionary(
        fc.constantFrom("user", "code", "__proto__"),
        fc.constantFrom(...ATTRIBUTE_VALUES),
      ),
      { nil: undefined },
    ),
    traceId: fc.option(fc.constantFrom("t1", "t2", "T1"), { nil: undefined }),
  });
  return fc.array(record, { maxLength }).map((list) =>
    list.map(({ time, attributes, traceId, ...rest }, i) => ({
      id: i + 1,
      ...time,
      ...rest,
      ...(attributes && { attributes }),
      ...(traceId && { traceId }),
    }))
  );
}

/** A filter as a request gives it, and what it means. */
export interface FakeFilter {
  readonly params: readonly (readonly [string, string])[];
  matches(record: FakeRecord): boolean;
}

function attributeIs(record: FakeRecord, name: string, wanted: string): boolean {
  if (record.attributes === undefined || !Object.hasOwn(record.attributes, name)) return false;
  const value = record.attributes[name];
  return value === wanted || (typeof value !== "string" && JSON.stringify(value) === wanted);
}

function nanos({ ms, ns }: { ms: number; ns?: number }): bigint {
  return BigInt(ms) * 1_000_000n + BigInt(ns ?? 0);
}

const someServices = fc.subarray([...FAKE_SERVICES, "nobody"], { minLength: 1 });
const someSeverities = fc.subarray([...SEVERITIES.keys()] as SeverityCode[], { minLength: 1 });
const attributeFilter = fc.record({
  name: fc.constantFrom("user", "code", "__proto__", "absent"),
  values: fc.subarray(["bob", 'say "hi"', "5", "true", "null", '{"a":1}'], { minLength: 1 }),
});

const oneFilter: fc.Arbitrary<FakeFilter> = fc.oneof(
  someServices.map((services): FakeFilter => ({
    params: services.map((service) => ["service", service]),
    matches: ({ service }) => services.includes(service),
  })),
  someServices.map((services): FakeFilter => ({
    params: services.map((service) => ["not_service", service]),
    matches: ({ service }) => !services.includes(service),
  })),
  someSeverities.map((codes): FakeFilter => ({
    params: codes.map((code) => ["severity", SEVERITIES[code]]),
    matches: ({ severity }) => codes.includes(severity),
  })),
  someSeverities.map((codes): FakeFilter => ({
    params: codes.map((code) => ["not_severity", SEVERITIES[code].toLowerCase()]),
    matches: ({ severity }) => !codes.includes(severity),
  })),
  fc.constantFrom(...SEVERITIES.keys()).map((code): FakeFilter => ({
    params: [["min_severity", SEVERITIES[code]!]],
    matches: ({ severity }) => severity >= code,
  })),
  times.map((time): FakeFilter => ({
    params: [["timestamp_start", formatInstant(time.ms, time.ns)]],
    matches: (record) => nanos(record) >= nanos(time),
  })),
  times.map((time): FakeFilter => ({
    params: [["timestamp_end", formatInstant(time.ms, time.ns)]],
    matches: (record) => nanos(record) <= nanos(time),
  })),
  times.map((time): FakeFilter => ({
    params: [["received_at_start", formatInstant(time.ms, time.ns)]],
    matches: ({ receivedMs }) => nanos({ ms: receivedMs! }) >= nanos(time),
  })),
  times.map((time): FakeFilter => ({
    params: [["received_at_end", formatInstant(time.ms, time.ns)]],
    matches: ({ receivedMs }) => nanos({ ms: receivedMs! }) <= nanos(time),
  })),
  fc.subarray(["t1", "t2", "t3"], { minLength: 1 }).map((ids): FakeFilter => ({
    params: ids.map((id) => ["trace_id", id]),
    matches: ({ traceId }) => traceId !== undefined && ids.includes(traceId),
  })),
  attributeFilter.map(({ name, values }): FakeFilter => ({
    params: values.map((value) => [`attr.${name}`, value]),
    matches: (record) => values.some((value) => attributeIs(record, name, value)),
  })),
  attributeFilter.map(({ name, values }): FakeFilter => ({
    params: values.map((value) => [`not_attr.${name}`, value]),
    matches: (record) => !values.some((value) => attributeIs(record, name, value)),
  })),
  fc.constantFrom(...WORDS).map((word): FakeFilter => ({
    params: [["q", word]],
    matches: ({ message }) => message.split(" ").includes(word),
  })),
);

/** A conjunction of a few filters, of each parameter at most one. */
export const fakeFilters: fc.Arbitrary<FakeFilter> = fc.uniqueArray(oneFilter, {
  maxLength: 3,
  selector: ({ params }) => params[0]![0],
}).map((filters) => ({
  params: filters.flatMap(({ params }) => params),
  matches: (record) => filters.every((filter) => filter.matches(record)),
}));

/** Parameters as a request has them. */
export function paramsOf(filter: FakeFilter): URLSearchParams {
  return new URLSearchParams(filter.params.map(([name, value]) => [name, value]));
}

/** The records' order: negative, zero or positive as `a` is before, at or after `b`. */
export function compareRecords(a: FakeRecord, b: FakeRecord): number {
  return nanos(a) < nanos(b) ? -1 : nanos(a) > nanos(b) ? 1 : a.id - b.id;
}
