import assert from "node:assert/strict";
import { InvalidParameterError, QuerySyntaxError } from "./errors.ts";
import { isUnfiltered, type LogFilters, parseLogFilters } from "./filters.ts";

function parse(query: string, others?: string[]): LogFilters {
  return parseLogFilters(new URLSearchParams(query), others);
}

function rejects(query: string, message: RegExp): void {
  assert.throws(() => parse(query), (error: Error) => {
    assert.ok(error instanceof InvalidParameterError, `${error}`);
    assert.match(error.message, message);
    return true;
  });
}

Deno.test("parseLogFilters() of no parameters lets everything through", () => {
  assert.equal(isUnfiltered(parse("")), true);
});

Deno.test("parseLogFilters() reads times to the nanosecond", () => {
  const filters = parse(
    "timestamp_start=2025-04-01T12:00:00.123456789Z&timestamp_end=2025-04-01T12:00:01",
  );
  assert.deepEqual(filters.timestampStart, {
    ms: Date.UTC(2025, 3, 1, 12, 0, 0, 123),
    ns: 456789,
  });
  assert.deepEqual(filters.timestampEnd, { ms: Date.UTC(2025, 3, 1, 12, 0, 1), ns: 0 });
  assert.equal(isUnfiltered(filters), false);
});

Deno.test("parseLogFilters() takes an offset whose + came as a space", () => {
  const filters = parse("timestamp_start=2025-04-01T12:00:00+02:00");
  assert.deepEqual(filters.timestampStart, { ms: Date.UTC(2025, 3, 1, 10), ns: 0 });
  const fraction = parse("timestamp_start=2025-04-01T12:00:00.5+02:00");
  assert.deepEqual(fraction.timestampStart, { ms: Date.UTC(2025, 3, 1, 10, 0, 0, 500), ns: 0 });
});

Deno.test("parseLogFilters() narrows times of receipt to whole milliseconds inside the range", () => {
  const filters = parse(
    "received_at_start=1970-01-01T00:00:01.0005Z&received_at_end=1970-01-01T00:00:02.0005Z",
  );
  assert.equal(filters.receivedStartMs, 1001);
  assert.equal(filters.receivedEndMs, 2000);
  assert.equal(parse("received_at_start=1970-01-01T00:00:01Z").receivedStartMs, 1000);
});

Deno.test("parseLogFilters() reads repeated services and severities, aliases too", () => {
  const filters = parse(
    "service=a&service=b,c&service=a&severity=warn&severity=ERROR&severity=Warning" +
      "&not_service=d&not_severity=info&min_severity=debug",
  );
  assert.deepEqual(filters.services, ["a", "b,c"]);
  assert.deepEqual(filters.severities, [3, 4]);
  assert.deepEqual(filters.notServices, ["d"]);
  assert.deepEqual(filters.notSeverities, [2]);
  assert.equal(filters.minSeverity, 1);
});

Deno.test("parseLogFilters() reads attributes by name, an empty value and any name included", () => {
  const filters = parse("attr.user=&attr.user=bob&attr.http.status=500&not_attr.__proto__=x");
  assert.deepEqual(filters.attributes, [
    { name: "user", values: ["", "bob"] },
    { name: "http.status", values: ["500"] },
  ]);
  assert.deepEqual(filters.notAttributes, [{ name: "__proto__", values: ["x"] }]);
});

Deno.test("parseLogFilters() names an unknown parameter and all that are known", () => {
  rejects("sevrity=ERROR", /^Cannot use parameter "sevrity": it is unknown; known are .*severity/);
  assert.throws(() => parse("by=x", ["limit"]), /known are .*attr\.NAME.*limit$/);
  rejects("attr.=1", /"attr\."/);
  rejects("constructor=1", /"constructor": it is unknown/);
  assert.doesNotThrow(() => parse("limit=5", ["limit"]));
});

Deno.test("parseLogFilters() rejects values that mean nothing", () => {
  rejects("service=", /"service": it is empty/);
  rejects("trace_id=", /"trace_id": it is empty/);
  rejects("timestamp_start=", /"timestamp_start": it is empty/);
  rejects("timestamp_start=yesterday", /"yesterday" is not an RFC 3339 time/);
  rejects("timestamp_end=2025-02-30T00:00:00Z", /"timestamp_end"/);
  rejects("severity=loud", /"severity": "loud" is none of TRACE, DEBUG/);
  rejects("min_severity=0.5", /"min_severity"/);
  rejects("q=a&q=b", /"q": it is given 2 times; it can be given once/);
  rejects(
    "timestamp_start=2025-04-01T12:00:00Z&timestamp_start=2025-04-01T12:00:00Z",
    /given 2 times/,
  );
});

Deno.test("parseLogFilters() bounds how many values there are and how long they are", () => {
  const many = (name: string) => Array.from({ length: 101 }, (_, i) => `${name}=${i}`).join("&");
  rejects(many("service"), /"service": it is given 101 times; at most 100/);
  rejects(many("attr.x"), /"attr\.x": it is given 101 times; at most 100/);
  const names = Array.from({ length: 101 }, (_, i) => `attr.${i}=1`).join("&");
  rejects(names, /"attr\.NAME": it is one of 101 attributes; at most 100/);
  rejects(`service=${"x".repeat(129)}`, /longer than the 128 characters/);
  rejects(`trace_id=${"x".repeat(1025)}`, /1025 characters; at most 1024/);
  rejects(`q=${"x".repeat(4097)}`, /4097 characters; at most 4096/);
  // Characters, not UTF-16 units.
  assert.doesNotThrow(() => parse(`service=${encodeURIComponent("😀".repeat(128))}`));
});

Deno.test("parseLogFilters() reports where a text query is wrong", () => {
  assert.throws(() => parse('q=a "b'), QuerySyntaxError);
});
