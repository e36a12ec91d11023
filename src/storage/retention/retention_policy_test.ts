import { deepEqual, equal, ok } from "node:assert/strict";
import type { SeverityCode, Stream } from "../../record.ts";
import { DAY_MS, VALUE_BYTES_MAX } from "../limits.ts";
import { RetentionPolicy } from "./retention_policy.ts";
import { encodeTombstone, makeTombstone } from "../tombstone.ts";

const DEBUG = 1;
const INFO = 2;
const streams: Stream[] = ["auth", "billing", "chat"].flatMap((service) =>
  [DEBUG, INFO].map((severity) => ({ service, severity: severity as SeverityCode }))
);

Deno.test("the most specific rule holds: both, service, severity, everything", () => {
  const policy = new RetentionPolicy(30, [
    { severity: DEBUG, keepMs: 3 },
    { service: "auth", keepMs: 90 },
    { service: "billing", keepMs: 60 },
    { service: "billing", severity: DEBUG, keepMs: 1 },
  ]);
  deepEqual(streams.map((stream) => policy.keepMs(stream)), [90, 90, 1, 60, 3, 30]);
  deepEqual(policy.times, [30, 3, 90, 60, 1]);
});

Deno.test("without a rule for everything the rest is kept for ever", () => {
  const policy = new RetentionPolicy(undefined, [{ severity: DEBUG, keepMs: 3 }]);
  equal(policy.keepMs({ service: "auth", severity: INFO }), Infinity);
  deepEqual(policy.groups(streams), [{ keepMs: 3, severities: [DEBUG] }]);
});

Deno.test("groups() covers each stream exactly once, by its time, and names services only where rules do", () => {
  deepEqual(new RetentionPolicy(30).groups(streams), [{ keepMs: 30 }]);
  const policy = new RetentionPolicy(30, [
    { severity: DEBUG, keepMs: 3 },
    { service: "auth", keepMs: 90 },
    { service: "chat", severity: INFO, keepMs: Infinity },
  ]);
  const groups = policy.groups(streams);
  for (const stream of streams) {
    const times = groups.filter(({ services, severities }) =>
      (services ?? [stream.service]).includes(stream.service) &&
      (severities ?? [stream.severity]).includes(stream.severity)
    ).map(({ keepMs }) => keepMs);
    const keepMs = policy.keepMs(stream);
    deepEqual(times, keepMs === Infinity ? [] : [keepMs], JSON.stringify(stream));
  }
});

Deno.test("groups() of the longest names of ten thousand services fit stored deletions", () => {
  const policy = new RetentionPolicy(DAY_MS, [{ service: "auth", keepMs: 2 * DAY_MS }]);
  const many = Array.from({ length: 10_000 }, (_, i): Stream => ({
    service: `${i}`.padEnd(128, "\u{1F600}".repeat(64) + '"'.repeat(64) + "é".repeat(64)),
    severity: INFO,
  }));
  const groups = policy.groups(many);
  const named = groups.flatMap(({ services }) => services ?? []);
  equal(named.length, many.length);
  for (const { services, severities } of groups) {
    const spec = { before: { ms: -62_135_596_800_000, ns: 0 }, services, severities };
    ok(encodeTombstone(makeTombstone(spec, 2 ** 40, 2 ** 50)).length <= VALUE_BYTES_MAX);
  }
});
