import assert from "node:assert/strict";
import fc from "fast-check";
import { type Cursor, decodeCursor, digestFilters, encodeCursor } from "./cursor.ts";
import { InvalidParameterError } from "./errors.ts";
import { parseLogFilters } from "./filters.ts";

const cursors: fc.Arbitrary<Cursor> = fc.record({
  order: fc.constantFrom("asc", "desc"),
  digest: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  position: fc.record({
    ms: fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }),
    ns: fc.integer({ min: 0, max: 999_999 }),
    id: fc.maxSafeNat(),
  }, { noNullPrototype: true }),
  horizon: fc.maxSafeNat(),
}, { noNullPrototype: true });

Deno.test("decodeCursor() gives what encodeCursor() was given", () => {
  fc.assert(fc.property(cursors, (cursor) => {
    assert.deepEqual(decodeCursor(encodeCursor(cursor)), cursor);
  }));
});

Deno.test("encodeCursor() needs no escaping in a URL", () => {
  fc.assert(fc.property(cursors, (cursor) => {
    assert.match(encodeCursor(cursor), /^[A-Za-z0-9_-]+$/);
  }));
});

Deno.test("decodeCursor() rejects any other text as a parameter", () => {
  const text = fc.oneof(fc.string(), fc.base64String(), fc.stringMatching(/^[A-Za-z0-9_-]{56}$/));
  fc.assert(fc.property(text, (text) => {
    assert.throws(() => decodeCursor(text), InvalidParameterError);
  }));
});

Deno.test("decodeCursor() notices every changed character", () => {
  const text = encodeCursor({
    order: "desc",
    digest: 1n,
    position: { ms: 1, ns: 2, id: 3 },
    horizon: 4,
  });
  for (let i = 0; i < text.length; i++) {
    const other = text[i] === "A" ? "B" : "A";
    const changed = text.slice(0, i) + other + text.slice(i + 1);
    assert.throws(() => decodeCursor(changed), InvalidParameterError, `at ${i}`);
  }
});

Deno.test("digestFilters() tells filters apart, but not by the order they were given in", () => {
  const digest = (query: string) => digestFilters(parseLogFilters(new URLSearchParams(query)));
  assert.equal(
    digest("service=a&service=b&attr.x=1&attr.y=2"),
    digest("attr.y=2&service=b&attr.x=1&service=a"),
  );
  const different = [
    "",
    "service=a",
    "service=b",
    "not_service=a",
    "severity=info",
    "not_severity=info",
    "min_severity=info",
    "q=a",
    "trace_id=a",
    "attr.a=a",
    "not_attr.a=a",
    "timestamp_start=2025-04-01T12:00:00Z",
    "timestamp_start=2025-04-01T12:00:00.000000001Z",
    "timestamp_end=2025-04-01T12:00:00Z",
    "received_at_start=2025-04-01T12:00:00Z",
    "received_at_end=2025-04-01T12:00:00Z",
  ];
  assert.equal(new Set(different.map(digest)).size, different.length);
});
