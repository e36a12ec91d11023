import assert from "node:assert/strict";
import fc from "fast-check";
import { TIMESTAMP_MS_MAX, TIMESTAMP_MS_MIN } from "./limits.ts";
import {
  compareInstants,
  formatInstant,
  type Instant,
  instantFromUnixNanos,
  parseDuration,
  parseInstant,
} from "./time.ts";

const instants: fc.Arbitrary<Instant> = fc.record({
  ms: fc.oneof(
    fc.integer({ min: TIMESTAMP_MS_MIN, max: TIMESTAMP_MS_MAX }),
    fc.integer({ min: -5_000, max: 5_000 }),
    fc.constantFrom(TIMESTAMP_MS_MIN, TIMESTAMP_MS_MAX, 951_782_400_000, -2_203_891_200_000),
  ),
  ns: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 999_999 }), fc.constant(500_000)),
}, { noNullPrototype: true });

function nanosOf({ ms, ns }: Instant): bigint {
  return BigInt(ms) * 1_000_000n + BigInt(ns);
}

const offsets = fc.integer({ min: -1439, max: 1439 }).map((minutes) => {
  const size = Math.abs(minutes);
  const digits = (n: number) => String(n).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${digits(Math.floor(size / 60))}:${digits(size % 60)}`;
});

Deno.test("formatInstant() agrees with Temporal and parseInstant() reads it back", () => {
  fc.assert(
    fc.property(instants, (instant) => {
      const text = formatInstant(instant.ms, instant.ns);
      assert.equal(Temporal.Instant.from(text).epochNanoseconds, nanosOf(instant));
      assert.match(text, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.(\d{3}|\d{3}\d{0,5}[1-9])Z$/);
      assert.deepEqual(parseInstant(text), instant);
    }),
    { numRuns: 3000 },
  );
});

Deno.test("parseInstant() agrees with Temporal on every offset", () => {
  fc.assert(
    fc.property(instants, offsets, fc.constantFrom("T", "t", " "), (instant, offset, separator) => {
      const zoned = Temporal.Instant.fromEpochNanoseconds(nanosOf(instant)).toZonedDateTimeISO(
        offset,
      );
      const year = zoned.year;
      const text = zoned.toPlainDateTime().toString().replace("T", separator) + offset;
      if (year < 1 || year > 9999) {
        assert.equal(parseInstant(text), undefined);
      } else {
        assert.deepEqual(parseInstant(text), instant, text);
      }
    }),
    { numRuns: 3000 },
  );
});

Deno.test("parseInstant() accepts exactly the dates that exist", () => {
  const digits = (n: number, width: number) => String(n).padStart(width, "0");
  for (const year of [1, 4, 100, 400, 1900, 1970, 2000, 2023, 2024, 2100, 9999]) {
    for (let month = 0; month <= 13; month++) {
      for (let day = 0; day <= 32; day++) {
        const date = `${digits(year, 4)}-${digits(month, 2)}-${digits(day, 2)}`;
        let expected: number | undefined;
        try {
          expected = Temporal.Instant.from(`${date}T00:00:00Z`).epochMilliseconds;
        } catch (error) {
          assert.ok(error instanceof RangeError);
        }
        assert.equal(parseInstant(`${date}T00:00:00`)?.ms, expected, date);
      }
    }
  }
});

Deno.test("parseInstant() agrees with a regular expression and Temporal on changed texts", () => {
  const shape =
    /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))?$/;
  const change = fc.tuple(
    fc.nat(34),
    fc.constantFrom(..."0123456789-+:.TtZz ,/a\u0000٣é"),
    fc.constantFrom("replace", "insert", "delete", "cut"),
  );
  const texts = fc.constantFrom(
    "2024-02-29T23:59:59.123Z",
    "2024-02-29T23:59:59",
    "1999-12-31t00:00:00.123456789+23:59",
    "0001-01-01T00:00:00.0z",
    "9999-12-31 23:59:59.999999999-00:00",
  );
  fc.assert(
    fc.property(texts, fc.array(change, { maxLength: 3 }), (original, changes) => {
      let text: string = original;
      for (const [at, char, kind] of changes) {
        const rest = text.slice(kind === "insert" ? at : at + 1);
        if (kind === "cut") text = text.slice(0, at);
        else text = text.slice(0, at) + (kind === "delete" ? "" : char) + rest;
      }
      const match = shape.exec(text);
      let expected: bigint | undefined;
      if (match !== null && match[1] !== "0000" && match[6] !== "60") {
        try {
          const normal = text.replace(" ", "T") + (/[Zz]|[+-]\d\d:\d\d$/.test(text) ? "" : "Z");
          expected = Temporal.Instant.from(normal.toUpperCase()).epochNanoseconds;
        } catch (error) {
          assert.ok(error instanceof RangeError);
        }
      }
      if (expected !== undefined) {
        const ms = expected / 1_000_000n;
        if (ms < TIMESTAMP_MS_MIN || ms > TIMESTAMP_MS_MAX) expected = undefined;
      }
      const got = parseInstant(text);
      assert.equal(got === undefined ? undefined : nanosOf(got), expected, JSON.stringify(text));
    }),
    { numRuns: 5000 },
  );
});

Deno.test("parseInstant() rejects what the contract names", () => {
  for (
    const text of [
      "",
      "2024-02-30T00:00:00Z",
      "2023-02-29T00:00:00Z",
      "1900-02-29T00:00:00Z",
      "2024-06-30T23:59:60Z",
      "2024-01-01T24:00:00Z",
      "2024-01-01T00:60:00Z",
      "2024-01-01T00:00:00.1234567890Z",
      "2024-01-01T00:00:00.Z",
      "2024-01-01T00:00:00,5Z",
      "2024-01-01T00:00:00+24:00",
      "2024-01-01T00:00:00+01:60",
      "2024-01-01T00:00:00+0100",
      "2024-01-01T00:00Z",
      "2024-01-01",
      "0000-12-31T23:00:00-02:00",
      "0001-01-01T00:00:00+00:01",
      "9999-12-31T23:59:59-00:01",
      " 2024-01-01T00:00:00Z",
      "2024-01-01T00:00:00Z ",
      "+002024-01-01T00:00:00Z",
    ]
  ) assert.equal(parseInstant(text), undefined, text);
});

Deno.test("formatInstant() drops zeros only beyond three digits", () => {
  assert.equal(formatInstant(0, 0), "1970-01-01T00:00:00.000Z");
  assert.equal(formatInstant(-1, 0), "1969-12-31T23:59:59.999Z");
  assert.equal(formatInstant(100, 500_000), "1970-01-01T00:00:00.1005Z");
  assert.equal(formatInstant(0, 1), "1970-01-01T00:00:00.000000001Z");
});

Deno.test("compareInstants() orders as the nanoseconds do", () => {
  fc.assert(fc.property(instants, instants, (a, b) => {
    const difference = nanosOf(a) - nanosOf(b);
    assert.equal(
      Math.sign(compareInstants(a, b)),
      Number(difference > 0n) - Number(difference < 0n),
    );
  }));
});

Deno.test("instantFromUnixNanos() reads bigints and digits exactly", () => {
  fc.assert(fc.property(instants, (instant) => {
    assert.deepEqual(instantFromUnixNanos(nanosOf(instant)), instant);
    assert.deepEqual(instantFromUnixNanos(String(nanosOf(instant))), instant);
  }));
  assert.deepEqual(instantFromUnixNanos("0"), { ms: 0, ns: 0 });
  assert.deepEqual(instantFromUnixNanos("-1"), { ms: -1, ns: 999_999 });
});

Deno.test("instantFromUnixNanos() rejects other texts and other years", () => {
  for (
    const text of ["", "-", "1.5", "1e9", " 1", "0x10", "9".repeat(21), "253402300800000000000"]
  ) {
    assert.equal(instantFromUnixNanos(text), undefined, text);
  }
  assert.equal(instantFromUnixNanos(BigInt(TIMESTAMP_MS_MIN) * 1_000_000n - 1n), undefined);
});

Deno.test("parseDuration() reads a whole number and a unit, nothing else", () => {
  assert.equal(parseDuration("250ms"), 250);
  assert.equal(parseDuration("90s"), 90_000);
  assert.equal(parseDuration("5m"), 300_000);
  assert.equal(parseDuration("12h"), 43_200_000);
  assert.equal(parseDuration("30d"), 2_592_000_000);
  assert.equal(parseDuration("0s"), 0);
  for (const text of ["", "5", "m", "-5m", "1.5h", "5 m", "5M", "1h30m", "9999999999999999d"]) {
    assert.equal(parseDuration(text), undefined, text);
  }
});
