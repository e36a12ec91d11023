import assert from "node:assert/strict";
import fc from "fast-check";
import { z } from "zod";
import { RecordBatch } from "./batch.ts";
import { appendRecord, type RecordProblem } from "./check.ts";
import { recordInputSchema, recordSchema } from "./schema.ts";

const GOOD = {
  timestamp: "2025-04-01T12:00:00.000Z",
  service: "auth-service",
  severity: "INFO",
  message: "hello",
};

/** Texts near every limit, in all widths of UTF-8, some ill-formed. */
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.tuple(
    fc.constantFrom("x", "é", "€", "😀", "\ud800", "\u0001"),
    fc.constantFrom(0, 1, 127, 128, 129, 256, 257, 16_384, 21_845, 21_846, 32_768, 65_536, 65_537),
  ).map(([unit, count]) => unit.repeat(count)),
);
/** zod drops a key named `__proto__`; `check_test.ts` has its tests. */
const name = fc.oneof(fc.string({ unit: "binary", maxLength: 4 }), fc.constantFrom("a", "a_1"))
  .filter((key) => key !== "__proto__");
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 10, depthIdentifier: "json", withCrossShrink: true },
    text,
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 3, depthIdentifier: "json" }),
    fc.dictionary(name, tie("value"), {
      maxKeys: 3,
      noNullPrototype: true,
      depthIdentifier: "json",
    }),
  ),
})).value;
const nested = fc.nat(10).map((levels) => {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
});
const manyNames = fc.integer({ min: 250, max: 258 }).map((count) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`n${i}`, i]))
);
const attributes = fc.oneof(
  fc.dictionary(name, fc.oneof(json, nested), { maxKeys: 4, noNullPrototype: true }),
  manyNames,
  json,
);
const timestamp = fc.oneof(
  fc.constantFrom("2025-04-01T12:00:00", "2025-02-29T00:00:00Z", "1969-12-31t23:59:59.9999999z"),
  fc.date({ noInvalidDate: true, min: new Date("0001-01-01"), max: new Date("9999-12-31") })
    .map((date) => date.toISOString()),
  json,
);
const level = fc.oneof(
  fc.constantFrom("warn", "Critical", "TRACE2", "18", "0", "25", "loud", "notice", "ERROR"),
  fc.integer({ min: -1, max: 26 }),
  fc.constantFrom(1.5, null, true),
);

const fieldValues: Record<string, fc.Arbitrary<unknown>> = {
  timestamp,
  service: text,
  severity: level,
  message: text,
  trace_id: fc.oneof(text, json),
  span_id: fc.oneof(text, json),
  severity_text: fc.oneof(text, level),
  severity_number: level,
  attributes,
  id: json,
  received_at: json,
  a: fc.oneof(json, nested),
  a_1: json,
};
const fields = fc.oneof(
  ...Object.entries(fieldValues).map(([field, value]) => fc.tuple(fc.constant(field), value)),
  fc.tuple(name, json),
);

/** A good record with some fields replaced, added or removed. */
const records = fc.tuple(
  fc.array(fields, { maxLength: 4 }),
  fc.subarray(Object.keys(GOOD), { maxLength: 1 }),
  fc.boolean(),
).map(([changes, removed, remove]) => {
  const record: Record<string, unknown> = { ...GOOD };
  for (const [field, value] of changes) record[field] = value;
  if (remove) { for (const field of removed) delete record[field]; }
  return record;
});

/** The attributes that a record should end up with, by the contract's words. */
function expectedAttributes(record: Record<string, unknown>): Record<string, unknown> {
  const own = (record.attributes ?? {}) as Record<string, unknown>;
  const merged = new Map(Object.entries(own));
  const extra = Object.entries(record).filter(([key]) =>
    !Object.hasOwn(recordInputSchema.shape, key)
  );
  const taken = [...merged.keys(), ...extra.map(([key]) => key)];
  for (const [key, value] of extra) {
    let free = key;
    if (Object.hasOwn(own, key)) {
      for (let i = 1; taken.includes(free); i++) free = `${key}_${i}`;
    }
    taken.push(free);
    merged.set(free, value);
  }
  return Object.fromEntries(merged);
}

function attributesFit(value: Record<string, unknown>): boolean {
  const levels = (inner: unknown): number =>
    typeof inner === "object" && inner !== null
      ? 1 + Math.max(0, ...Object.values(inner).map(levels))
      : 0;
  const sound = (inner: unknown): boolean => {
    if (typeof inner === "string") return inner.isWellFormed();
    if (typeof inner === "number") return Number.isFinite(inner);
    if (typeof inner !== "object" || inner === null) return true;
    return Object.entries(inner).every(([key, item]) => key.isWellFormed() && sound(item));
  };
  return levels(value) <= 8 && Object.keys(value).length <= 256 && sound(value) &&
    new TextEncoder().encode(JSON.stringify(value)).length <= 65_536;
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

Deno.test("appendRecord() accepts exactly what recordInputSchema accepts, with the same values", () => {
  let accepted = 0;
  fc.assert(
    fc.property(records, (record) => {
      const batch = new RecordBatch();
      const problems: RecordProblem[] = [];
      const taken = appendRecord(batch, record, problems, 0);
      const parsed = recordInputSchema.safeParse(record);
      assert.equal(taken, parsed.success, parsed.success ? problems[0]?.message : "");
      if (isObject(record.attributes ?? {}) && !attributesFit(expectedAttributes(record))) {
        assert.equal(taken, false);
      }
      if (!parsed.success) return;
      accepted++;
      assert.ok(attributesFit(expectedAttributes(record)));
      const data = parsed.data;
      assert.equal(batch.messages[0], data.message);
      assert.equal(batch.streams[0]!.service, data.service);
      assert.equal(batch.timestampMs[0], timestampMs(data.timestamp));
      assert.equal(batch.optional.get("trace_id")?.[0] ?? "", data.trace_id ?? "");
      assert.equal(batch.optional.get("span_id")?.[0] ?? "", data.span_id ?? "");
      const kept = JSON.parse(batch.optional.get("attributes")?.[0] ?? "{}");
      assert.deepEqual(kept, JSON.parse(JSON.stringify(expectedAttributes(record))));
    }),
    { numRuns: 4000 },
  );
  assert.ok(accepted > 500, `only ${accepted} records were good`);
});

function timestampMs(written: string): number {
  const zoned = /z$/i.test(written) ? written : `${written}Z`;
  return Temporal.Instant.from(zoned).epochMilliseconds;
}

Deno.test("recordInputSchema becomes a JSON schema that names the limits", () => {
  const schema = z.toJSONSchema(recordInputSchema, { io: "input" });
  assert.deepEqual(schema.required, ["timestamp", "service", "severity", "message"]);
  assert.match(JSON.stringify(schema), /65536 bytes/);
  assert.equal(JSON.stringify(schema).includes('"format":"date-time"'), true);
});

Deno.test("recordSchema takes a record as answers give it and becomes a JSON schema", () => {
  const record = {
    ...GOOD,
    id: 42,
    received_at: "2025-04-01T12:00:01.123Z",
    attributes: { user: 5 },
    severity_text: "notice",
    severity_number: 10,
  };
  assert.deepEqual(recordSchema.parse(record), record);
  assert.equal(recordSchema.safeParse({ ...record, severity: "warn" }).success, false);
  assert.equal(recordSchema.safeParse({ ...record, id: 0 }).success, false);
  assert.equal(z.toJSONSchema(recordSchema).title, "Record");
});
