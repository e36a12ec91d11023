import assert from "node:assert/strict";
import { ServerSuite, type TestServer } from "../_server.ts";
import { flushed, type Parameters, record, withParameters } from "./_records.ts";

const server = new ServerSuite();
const registered: { name: string; run: (server: TestServer) => Promise<void> }[] = [];

/** Registers a test twice: of records in memory, and of the same records in segments. */
function test(name: string, run: (server: TestServer) => Promise<void>): void {
  registered.push({ name, run });
}

const LEVELS = ["TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "FATAL"];

interface Sent {
  readonly timestamp: string;
  readonly service: string;
  readonly severity: string;
  readonly message: string;
  readonly attributes: { readonly user: string; readonly code: number };
}

/** A day's records, one each 97 seconds, with a nanosecond in every third. */
const SENT: readonly Sent[] = Array.from({ length: 800 }, (_, n) => {
  const time = new Date(Date.UTC(2025, 2, 10) + n * 97_000).toISOString().slice(0, -5);
  return {
    timestamp: n % 3 === 0 ? `${time}.000000001Z` : `${time}.000Z`,
    service: ["auth", "pay", "__proto__"][n % 7 % 3]!,
    severity: LEVELS[n % 11 % 6]!,
    message: `event ${n}`,
    attributes: { user: `user ${n % 5}`, code: n % 3 * 100 },
  };
});

let posted = false;

async function filled(server: TestServer): Promise<void> {
  if (posted) return;
  posted = true;
  await server.post(SENT.map((sent) => record(sent.service, sent)));
}

/** Counts texts, in an object without a prototype. */
function countBy(records: readonly Sent[], valueOf: (record: Sent) => string) {
  const counts: Record<string, number> = Object.create(null);
  for (const record of records) counts[valueOf(record)] = (counts[valueOf(record)] ?? 0) + 1;
  return counts;
}

function expectedStats(records: readonly Sent[]) {
  const last: Record<string, string> = Object.create(null);
  for (const { service, timestamp } of records) {
    if (last[service] === undefined || timestamp > last[service]) last[service] = timestamp;
  }
  return {
    logs_per_service: countBy(records, ({ service }) => service),
    logs_per_severity: countBy(records, ({ severity }) => severity),
    last_log_per_service: last,
  };
}

/** JSON with every object's names in order: what `deepEqual` cannot do for an own `__proto__`. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner) => {
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    const sorted = Object.create(null);
    for (const name of Object.keys(inner).sort()) sorted[name] = inner[name];
    return sorted;
  });
}

async function sameStats(
  server: TestServer,
  parameters: Parameters,
  matches: (record: Sent) => boolean,
): Promise<void> {
  const found = await server.get(withParameters("/stats", parameters));
  assert.equal(canonical(found), canonical(expectedStats(SENT.filter(matches))));
}

test("GET /stats counts everything by service and by severity", async (server) => {
  await filled(server);
  await sameStats(server, {}, () => true);
});

test("unfiltered stats equal stats of a filter that lets everything through", async (server) => {
  await filled(server);
  const unfiltered = canonical(await server.get("/stats?by=service,severity"));
  const everything = [
    { timestamp_start: "0001-01-01T00:00:00Z" },
    { min_severity: "TRACE" },
    { severity: LEVELS },
    { q: "event" },
    { received_at_start: "2025-01-01T00:00:00Z" },
  ];
  for (const parameters of everything) {
    const path = withParameters("/stats", { by: "service,severity", ...parameters });
    assert.equal(canonical(await server.get(path)), unfiltered, path);
  }
});

test("filtered stats count what the filters match", async (server) => {
  await filled(server);
  await sameStats(server, { service: "pay" }, ({ service }) => service === "pay");
  await sameStats(
    server,
    { service: ["pay", "__proto__"], min_severity: "ERROR" },
    ({ service, severity }) => service !== "auth" && LEVELS.indexOf(severity) >= 4,
  );
  const start = "2025-03-10T06:00:00Z";
  const end = "2025-03-10T12:00:00Z";
  const within = ({ timestamp }: Sent) =>
    timestamp >= "2025-03-10T06:00:00.000Z" && timestamp <= "2025-03-10T12:00:00.000Z";
  await sameStats(server, { timestamp_start: start, timestamp_end: end }, within);
  await sameStats(
    server,
    { q: "/[05]$/", "attr.user": "user 0" },
    ({ attributes }) => attributes.user === "user 0",
  );
  await sameStats(server, { service: "nobody" }, () => false);
});

test("by=service,severity adds the count of each pair that there is", async (server) => {
  await filled(server);
  const { counts, ...rest } = await server.get("/stats?by=service,severity");
  assert.equal(canonical(rest), canonical(expectedStats(SENT)));
  const pairs = countBy(SENT, ({ service, severity }) => `${service} ${severity}`);
  const found = counts.map((
    one: Record<string, unknown>,
  ) => [`${one.service} ${one.severity}`, one.count]);
  assert.deepEqual(Object.fromEntries(found), { ...pairs });
  assert.equal(found.length, Object.keys(pairs).length);
});

test("a histogram has aligned, half-open buckets over the whole range of the matches", async (server) => {
  await filled(server);
  for (
    const [interval, ms] of [["5m", 300_000], ["1h", 3_600_000], ["90s", 90_000], [
      "1d",
      86_400_000,
    ]] as const
  ) {
    const found = await server.get(`/histogram?interval=${interval}`);
    assert.equal(found.interval, interval);
    const bucketOf = (timestamp: string) => Math.floor(Date.parse(timestamp) / ms) * ms;
    const first = bucketOf(SENT[0]!.timestamp);
    const last = bucketOf(SENT.at(-1)!.timestamp);
    const expected = Array.from({ length: (last - first) / ms + 1 }, (_, n) => {
      const start = first + n * ms;
      const inside = SENT.filter(({ timestamp }) => bucketOf(timestamp) === start);
      return {
        start: new Date(start).toISOString(),
        counts: countBy(inside, ({ severity }) => severity),
      };
    });
    assert.equal(canonical(found.buckets), canonical(expected), interval);
  }
});

test("a histogram by service counts services, of what the filters match", async (server) => {
  await filled(server);
  const path = withParameters("/histogram", { interval: "6h", by: "service", severity: "ERROR" });
  const { buckets } = await server.get(path);
  const sums: Record<string, number> = Object.create(null);
  for (const { counts } of buckets) {
    for (const name of Object.keys(counts)) sums[name] = (sums[name] ?? 0) + counts[name];
  }
  const errors = SENT.filter(({ severity }) => severity === "ERROR");
  assert.equal(canonical(sums), canonical(countBy(errors, ({ service }) => service)));
});

test("a histogram spans the range that the filters give", async (server) => {
  await filled(server);
  const { buckets } = await server.get(withParameters("/histogram", {
    interval: "1h",
    timestamp_start: "2025-03-10T00:30:00Z",
    timestamp_end: "2025-03-10T03:00:00Z",
  }));
  assert.deepEqual(buckets.map(({ start }: { start: string }) => start), [
    "2025-03-10T00:00:00.000Z",
    "2025-03-10T01:00:00.000Z",
    "2025-03-10T02:00:00.000Z",
    "2025-03-10T03:00:00.000Z",
  ]);
});

test("without an interval the server picks one that gives 60 to 120 buckets", async (server) => {
  await filled(server);
  const ranges = [{}, { service: "pay" }, { timestamp_end: "2025-03-10T05:00:00Z" }, {
    q: "event",
  }];
  for (const parameters of ranges) {
    const { buckets, interval } = await server.get(withParameters("/histogram", parameters));
    assert.ok(buckets.length >= 60 && buckets.length <= 120, `${interval}: ${buckets.length}`);
    const again = await server.get(withParameters("/histogram", { ...parameters, interval }));
    assert.equal(canonical(again.buckets), canonical(buckets));
  }
});

test("more than 2,000 buckets are a 400 that names an interval that fits", async (server) => {
  await filled(server);
  const { status, body } = await server.call("/histogram?interval=1s");
  assert.equal(status, 400);
  const fitting = /at most 2000 are allowed, as with "(\w+)"/.exec(body.error)![1];
  const { buckets } = await server.get(`/histogram?interval=${fitting}`);
  assert.ok(buckets.length <= 2_000);
});

test("a histogram of nothing has no buckets", async (server) => {
  assert.deepEqual((await server.get("/histogram?service=nobody")).buckets, []);
});

test("facets give the commonest values of a field with their counts", async (server) => {
  await filled(server);
  const fields: [string, (record: Sent) => string][] = [
    ["service", ({ service }) => service],
    ["severity", ({ severity }) => severity],
    ["attr.user", ({ attributes }) => attributes.user],
    ["attr.code", ({ attributes }) => String(attributes.code)],
  ];
  for (const [field, valueOf] of fields) {
    const counts = countBy(SENT, valueOf);
    const values = Object.keys(counts).map((value) => ({ value, count: counts[value]! }))
      .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
    const expected = { field, values, others: 0, truncated: false };
    assert.deepEqual(await server.get(withParameters("/facets", { field })), expected);
    const two = await server.get(withParameters("/facets", { field, limit: 2 }));
    const others = values.slice(2).reduce((sum, { count }) => sum + count, 0);
    assert.deepEqual(two, { field, values: values.slice(0, 2), others, truncated: false });
  }
});

test("facets look at what the filters match, and field=attr lists names", async (server) => {
  await filled(server);
  const pay = await server.get("/facets?field=service&service=pay");
  const count = SENT.filter(({ service }) => service === "pay").length;
  assert.deepEqual(pay.values, [{ value: "pay", count }]);
  const names = await server.get("/facets?field=attr&service=pay");
  assert.deepEqual(names, {
    field: "attr",
    values: [{ value: "code", count }, { value: "user", count }],
    others: 0,
    truncated: false,
  });
});

test("bad parameters of the counting routes are a 400", async (server) => {
  const bad = [
    "/stats?by=service",
    "/stats?limit=5",
    "/stats?severity=LOUD",
    "/histogram?interval=5",
    "/histogram?interval=0s",
    "/histogram?interval=-5m",
    "/histogram?by=message",
    "/histogram?limit=5",
    "/facets",
    "/facets?field=message",
    "/facets?field=attr.",
    "/facets?field=service&limit=0",
  ];
  for (const path of bad) {
    const { status, body } = await server.call(path);
    assert.equal(status, 400, path);
    assert.match(body.error, /"(by|limit|severity|interval|field)"/, path);
  }
});

for (const { name, run } of registered) server.test(name, run);
server.test("all that was in memory is written into segments", flushed);
for (const { name, run } of registered) server.test(`in segments: ${name}`, run);

server.test("past 10,000 distinct values facets count the rest together and say so", async (server) => {
  for (let start = 0; start < 12_000; start += 6_000) {
    const batch = Array.from(
      { length: 6_000 },
      (_, n) => record("distinct", { request: `r${start + n}` }),
    );
    await server.post(batch);
  }
  await server.post([record("distinct", { request: "r1" })]);
  const found = await server.get("/facets?field=attr.request&service=distinct&limit=5");
  assert.equal(found.truncated, true);
  assert.deepEqual(found.values[0], { value: "r1", count: 2 });
  const listed = found.values.reduce((sum: number, { count }: { count: number }) => sum + count, 0);
  assert.equal(listed + found.others, 12_001);
});
