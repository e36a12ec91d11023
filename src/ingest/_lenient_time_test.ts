import assert from "node:assert/strict";
import fc from "fast-check";
import { formatInstant } from "../record.ts";
import { timeFromValue } from "./_lenient_time.ts";

function read(value: unknown): string | undefined {
  const out = { ms: 0, ns: 0 };
  return timeFromValue(value, out) ? formatInstant(out.ms, out.ns) : undefined;
}

Deno.test("timeFromValue() tells the unit of a number since the epoch by its size", () => {
  const cases: [unknown, string][] = [
    [1743508800, "2025-04-01T12:00:00.000Z"],
    [1743508800.123456, "2025-04-01T12:00:00.123456Z"],
    [1743508800123, "2025-04-01T12:00:00.123Z"],
    [1743508800123.5, "2025-04-01T12:00:00.1235Z"],
    [1743508800123456, "2025-04-01T12:00:00.123456Z"],
    ["1743508800123456789", "2025-04-01T12:00:00.123456789Z"],
    ["1743508800", "2025-04-01T12:00:00.000Z"],
    ["1743508800.000000001", "2025-04-01T12:00:00.000000001Z"],
    ["1743508800.0000000019", "2025-04-01T12:00:00.000000001Z"],
    [100_000_000, "1973-03-03T09:46:40.000Z"],
    [99_999_999_999, "5138-11-16T09:46:39.000Z"],
    [100_000_000_000, "1973-03-03T09:46:40.000Z"],
  ];
  for (const [value, expected] of cases) assert.equal(read(value), expected, String(value));
});

Deno.test("timeFromValue() takes texts as loggers write times", () => {
  const cases: [string, string][] = [
    ["2025-04-01T12:00:00Z", "2025-04-01T12:00:00.000Z"],
    ["2025-04-01 12:00:00,123", "2025-04-01T12:00:00.123Z"],
    ["2025-04-01T14:00:00.5+0200", "2025-04-01T12:00:00.500Z"],
    ["2025-04-01T14:00:00.5+02", "2025-04-01T12:00:00.500Z"],
    ["2025-04-01 12:00:00 UTC", "2025-04-01T12:00:00.000Z"],
    ["2025-04-01 14:00:00.123456789 +0200 UTC", "2025-04-01T12:00:00.123456789Z"],
    ["2025-04-01T12:00:00.1234567891Z", "2025-04-01T12:00:00.123456789Z"],
    ["2025-04-01T12:00Z", "2025-04-01T12:00:00.000Z"],
    ["2025-04-01", "2025-04-01T00:00:00.000Z"],
  ];
  for (const [value, expected] of cases) assert.equal(read(value), expected, value);
});

Deno.test("timeFromValue() takes nothing for a time that may be something else", () => {
  const values = [
    0,
    12.5,
    -1743508800,
    99_999_999,
    1e20,
    NaN,
    Infinity,
    null,
    true,
    {},
    [],
    "",
    "12",
    "now",
    "2025-02-30T00:00:00Z",
    "12:00:00",
    "1e18",
    "99999999999999999999999",
    "2025-04-01T12:00:00 nonsense",
  ];
  for (const value of values) assert.equal(read(value), undefined, String(value));
});

Deno.test("timeFromValue() reads every number from 1973 on in some unit, within the years of a record", () => {
  fc.assert(fc.property(fc.double({ min: 1e8, max: 9.9e19, noNaN: true }), (value) => {
    assert.match(read(value)!, /^(?:19|[2-5])/);
  }));
});
