import assert from "node:assert/strict";
import fc from "fast-check";
import { parseInstant, SEVERITIES, type SeverityCode } from "../record.ts";
import { fakeFilters, fakeRecords, paramsOf } from "./_fake_records.ts";
import { type FakeRecord, FakeSnapshot } from "./_fake_snapshot.ts";
import { InvalidParameterError } from "./errors.ts";
import { parseLogFilters } from "./filters.ts";
import { bucketCount, chooseInterval, parseInterval } from "./histogram_interval.ts";
import { type Histogram, parseHistogramOptions, readHistogram } from "./run_histogram.ts";

const none = parseLogFilters(new URLSearchParams());

function log(id: number, ms: number, severity: SeverityCode = 2, service = "a"): FakeRecord {
  return { id, ms, service, severity, message: id % 2 === 0 ? "even" : "odd" };
}

/** Checks a histogram against the records that it counts. */
function verify(histogram: Histogram, matches: readonly FakeRecord[], by: "severity" | "service") {
  const intervalMs = parseInterval(new URLSearchParams({ interval: histogram.interval }))!;
  const starts = histogram.buckets.map(({ start }) => parseInstant(start)!.ms);
  for (const [i, start] of starts.entries()) {
    assert.ok(start % intervalMs === 0);
    if (i > 0) assert.equal(start, starts[i - 1]! + intervalMs);
  }
  const expected = histogram.buckets.map((_, i) => {
    const inside = matches.filter(({ ms }) => ms >= starts[i]! && ms < starts[i]! + intervalMs);
    const labels = inside.map((one) => by === "service" ? one.service : SEVERITIES[one.severity]);
    return new Map([...Map.groupBy(labels, String)].map(([label, list]) => [label, list.length]));
  });
  const actual = histogram.buckets.map(({ counts }) => new Map(Object.entries(counts)));
  assert.deepEqual(actual, expected);
  const counted = expected.reduce((sum, c) => sum + [...c.values()].reduce((a, b) => a + b, 0), 0);
  assert.equal(counted, matches.length, "every match is in a bucket");
}

Deno.test("readHistogram() counts what a naive count over an array counts", async () => {
  const property = fc.asyncProperty(
    fakeRecords(),
    fc.constantFrom(1, 60, 7_000, 3_600_000),
    fakeFilters,
    fc.constantFrom("severity" as const, "service" as const),
    fc.constantFrom(undefined, 1, 3, 1_000, 86_400_000),
    async (base, stretch, filter, by, interval) => {
      const first = base[0]?.ms ?? 0;
      const records = base.map((one) => ({ ...one, ms: first + (one.ms - first) * stretch }));
      const filters = parseLogFilters(paramsOf(filter));
      const matches = records.filter((one) => filter.matches(one));
      const intervalMs = interval && interval * stretch;
      const snapshot = new FakeSnapshot(records);
      try {
        verify(await readHistogram(snapshot, filters, {}, { intervalMs, by }), matches, by);
      } catch (error) {
        // A range that ends somewhere else than the data can be too long.
        const tooLong = error instanceof InvalidParameterError && intervalMs !== undefined;
        if (!tooLong || stretch < 60) throw error;
      }
    },
  );
  await fc.assert(property, { numRuns: 500 });
});

Deno.test("readHistogram() counts many rows of one stream, in the order of time or in none", async () => {
  const times = fc.array(fc.integer({ min: -5_000, max: 5_000 }), { minLength: 1, maxLength: 300 });
  await fc.assert(fc.asyncProperty(times, fc.boolean(), async (given, isSorted) => {
    const ordered = isSorted ? given.toSorted((a, b) => a - b) : given;
    const records = ordered.map((ms, i) => log(i + 1, ms));
    const snapshot = new FakeSnapshot(records, { chunkRows: 300 });
    const options = { by: "severity", intervalMs: 7 } as const;
    verify(await readHistogram(snapshot, none, {}, options), records, "severity");
  }));
});

Deno.test("readHistogram() chooses the same interval whether or not it could look ahead", async () => {
  const spans = fc.array(fc.integer({ min: 0, max: 40 }).map((power) => 2 ** power), {
    minLength: 1,
    maxLength: 20,
  });
  await fc.assert(fc.asyncProperty(spans, async (offsets) => {
    const records = offsets.map((offset, i) => log(i + 1, Math.round(offset)));
    const snapshot = new FakeSnapshot(records, { chunkRows: 2 });
    const first = Math.min(...records.map(({ ms }) => ms));
    const last = Math.max(...records.map(({ ms }) => ms));
    // A text query makes every match known only once its message was read.
    const searching = parseLogFilters(new URLSearchParams("q=-absent"));
    const searched = await readHistogram(snapshot, searching, {}, { by: "severity" });
    const counted = await readHistogram(snapshot, none, {}, { by: "severity" });
    assert.deepEqual(searched, counted);
    assert.equal(counted.buckets.length, bucketCount(first, last, chooseInterval(first, last)));
    verify(counted, records, "severity");
  }));
});

Deno.test("readHistogram() lists every bucket from start to end of an explicit range", async () => {
  const snapshot = new FakeSnapshot([log(1, 65_000)]);
  const query = "timestamp_start=1970-01-01T00:00:30Z&timestamp_end=1970-01-01T00:03:00Z";
  const filters = parseLogFilters(new URLSearchParams(query));
  const options = { intervalMs: 60_000, by: "severity" } as const;
  assert.equal(
    JSON.stringify(await readHistogram(snapshot, filters, {}, options)),
    '{"interval":"1m","buckets":[{"start":"1970-01-01T00:00:00.000Z","counts":{}},' +
      '{"start":"1970-01-01T00:01:00.000Z","counts":{"INFO":1}},' +
      '{"start":"1970-01-01T00:02:00.000Z","counts":{}},' +
      '{"start":"1970-01-01T00:03:00.000Z","counts":{}}]}',
  );
  const nothing = await readHistogram(new FakeSnapshot([]), filters, {}, { by: "severity" });
  assert.equal(nothing.buckets.length, 76);
  assert.ok(nothing.buckets.every(({ counts }) => Object.keys(counts).length === 0));
});

Deno.test("readHistogram() of nothing has no buckets", async () => {
  const options = { intervalMs: 300_000, by: "severity" } as const;
  const expected = { interval: "5m", buckets: [] };
  assert.deepEqual(await readHistogram(new FakeSnapshot([]), none, {}, options), expected);
  const backwards = "timestamp_start=1970-01-02T00:00:00Z&timestamp_end=1970-01-01T00:00:00Z";
  const filters = parseLogFilters(new URLSearchParams(backwards));
  assert.deepEqual(await readHistogram(new FakeSnapshot([]), filters, {}, options), expected);
});

Deno.test("readHistogram() names an interval that fits when there would be too many buckets", async () => {
  const snapshot = new FakeSnapshot([log(1, 0), log(2, 86_400_000)]);
  const read = (intervalMs: number, filters = none) =>
    readHistogram(snapshot, filters, {}, { intervalMs, by: "severity" });
  const message = 'Cannot use parameter "interval": "1s" makes 86401 buckets of the range; ' +
    'at most 2000 are allowed, as with "1m"';
  await assert.rejects(read(1_000), { name: "InvalidParameterError", message });
  assert.equal((await read(60_000)).buckets.length, 1441);
  const range = "timestamp_start=1970-01-01T00:00:00Z&timestamp_end=1970-01-02T00:00:00Z";
  await assert.rejects(read(1_000, parseLogFilters(new URLSearchParams(range))), { message });
});

Deno.test("readHistogram() takes runs within one bucket without reading their rows", async () => {
  const records = Array.from({ length: 100 }, (_, i) => log(i + 1, Math.floor(i / 10) * 60_000));
  const snapshot = new FakeSnapshot(records, { chunkRows: 10 });
  await readHistogram(snapshot, none, {}, { by: "service" });
  assert.equal(snapshot.rowsVisited, 0);
});

Deno.test("readHistogram() keeps to the scope", async () => {
  const snapshot = new FakeSnapshot([log(1, 0, 2, "a"), log(2, 0, 2, "__proto__")]);
  const scope = { services: ["__proto__"] };
  const { buckets } = await readHistogram(snapshot, none, scope, { by: "service" });
  assert.deepEqual(buckets.map(({ counts }) => Object.entries(counts)), [[["__proto__", 1]]]);
});

Deno.test("readHistogram() bounds the counts by service that it tells apart", async () => {
  const snapshot = new FakeSnapshot([]);
  const visitMany = (count: number) => {
    snapshot.visit = (_spec, _columns, visitor) => {
      for (let i = 0; i < count; i++) {
        const instant = { ms: Math.floor(i / 5_000), ns: 0 };
        const service = `s${i % 5_000}`;
        visitor.whole!({ service, severity: 2, count: 1, first: instant, last: instant });
      }
      return Promise.resolve();
    };
    return readHistogram(snapshot, none, {}, { intervalMs: 1, by: "service" });
  };
  assert.equal((await visitMany(500_000)).buckets.length, 100);
  await assert.rejects(visitMany(500_001), {
    name: "InvalidParameterError",
    message: /"by": its counts by service are more than 500000/,
  });
});

Deno.test("readHistogram() begins with the year 1 where a bucket would begin before it", async () => {
  const firstMs = -62_135_596_800_000;
  const snapshot = new FakeSnapshot([log(1, firstMs), log(2, 253_402_300_799_999)]);
  const { buckets } = await readHistogram(snapshot, none, {}, { by: "severity" });
  assert.equal(buckets[0]!.start, "0001-01-01T00:00:00.000Z");
  assert.deepEqual({ ...buckets[0]!.counts }, { INFO: 1 });
});

Deno.test("parseHistogramOptions() counts by severity unless told", () => {
  const parse = (query: string) => parseHistogramOptions(new URLSearchParams(query));
  assert.deepEqual(parse(""), { intervalMs: undefined, by: "severity" });
  assert.deepEqual(parse("interval=5m&by=service"), { intervalMs: 300_000, by: "service" });
  assert.throws(() => parse("by=message"), InvalidParameterError);
});
