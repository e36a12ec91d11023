import assert from "node:assert/strict";
import fc from "fast-check";
import {
  decodeSegmentColumn,
  decodeSegmentHead,
  encodeBatch,
  joinAttributes,
} from "../codec/mod.ts";
import { RecordBatch, sealBatches, type SeverityCode, textAt } from "../record.ts";
import { batchOf, NOON } from "./_test_store.ts";
import { type BuildOutput, buildSegments, type StoredSegment } from "./build.ts";
import { dayOf } from "./keys.ts";
import {
  DAY_MS,
  MIXED_STREAMS_MAX,
  OWN_DAY_DAYS_MAX,
  OWN_DAY_RECORDS_MIN,
  OWN_SEGMENT_RECORDS_MIN,
  SEGMENT_RECORDS_MAX,
  SEGMENT_TEXT_BYTES_MAX,
  VALUE_BYTES_MAX,
} from "./limits.ts";
import type { Tombstone } from "./tombstone.ts";

/** Builds from batches, numbered from 1 on. */
function build(
  batches: readonly RecordBatch[],
  tombstones: readonly Tombstone[] = [],
): BuildOutput {
  let firstId = 1;
  const payloads = batches.map((batch) => {
    const payload = encodeBatch(sealBatches([batch], firstId, NOON));
    firstId += batch.length;
    return payload;
  });
  return buildSegments({ batches: payloads, tombstones });
}

function storedOf({ segments }: BuildOutput): StoredSegment[] {
  return segments.map(({ encoded }) => ({
    head: encoded.head,
    columns: encoded.columns.map(({ parts }) => parts),
  }));
}

/** Every record of some segments as text, by id. */
function contentOf(segments: readonly StoredSegment[]): Map<number, string> {
  const content = new Map<number, string>();
  for (const { head: bytes, columns: parts } of segments) {
    const head = decodeSegmentHead(bytes);
    const texts = new Map(head.directory.map((entry, i) => [
      entry.name as "message",
      decodeSegmentColumn(head, entry, parts[i]!),
    ]));
    const columns = { ...head.columns, texts };
    for (let row = 0; row < columns.count; row++) {
      const { service, severity } = columns.streams[columns.streamOf[row]!]!;
      const messages = texts.get("message");
      const id = columns.ids[row]!;
      assert.ok(!content.has(id), `record ${id} is there twice`);
      content.set(
        id,
        [
          columns.timestampMs[row],
          columns.timestampNs?.[row] ?? 0,
          service,
          severity,
          messages === undefined ? "" : textAt(messages, row),
          joinAttributes(columns, row),
        ].join("|"),
      );
    }
  }
  return content;
}

function kindsOf({ segments }: BuildOutput): Record<string, number> {
  const kinds: Record<string, number> = {};
  for (const { kind } of segments) kinds[kind] = (kinds[kind] ?? 0) + 1;
  return kinds;
}

const instants = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: NOON - 1000, max: NOON + 1000 }) },
  { weight: 2, arbitrary: fc.integer({ min: NOON - 30 * DAY_MS, max: NOON }) },
  { weight: 1, arbitrary: fc.constantFrom(0, -1, -62_135_596_800_000, 253_402_300_799_999) },
);
const records = fc.array(
  fc.record({
    ms: instants,
    ns: fc.constantFrom(0, 0, 1, 999_999),
    service: fc.constantFrom("a", "__proto__", "ö"),
    severity: fc.integer({ min: 0, max: 5 }),
    message: fc.string({ unit: "grapheme", maxLength: 12 }),
    attributes: fc.constantFrom(undefined, '{"a":1}', '{"__proto__":"x"}'),
  }),
  { minLength: 1, maxLength: 200 },
);

Deno.test("segments hold every record once, as it was, and the totals count them", () => {
  fc.assert(
    fc.property(records, fc.integer({ min: 1, max: 5 }), (all, cut) => {
      const batches = Array.from({ length: cut }, () => new RecordBatch());
      const expected = new Map<number, string>();
      all.forEach(({ ms, ns, service, severity, message, attributes }, i) => {
        const batch = batches[Math.floor(i * cut / all.length)]!;
        batch.append(ms, ns, service, severity as SeverityCode, message, { attributes });
        expected.set(i + 1, [ms, ns, service, severity, message, attributes ?? ""].join("|"));
      });
      const built = build(batches.filter(({ length }) => length > 0));
      assert.deepEqual(contentOf(storedOf(built)), expected);
      assert.equal(built.totals.reduce((sum, { count }) => sum + count, 0), all.length);
      for (const { kind, encoded } of built.segments) {
        const { firstMs, lastMs, streams } = encoded.summary;
        if (kind !== "span") assert.equal(dayOf(firstMs), dayOf(lastMs), "one day");
        if (kind === "single") assert.equal(streams.length, 1);
      }
      // A compaction of them keeps them too.
      const again = buildSegments({ segments: storedOf(built), tombstones: [] });
      assert.deepEqual(contentOf(storedOf(again)), expected);
    }),
    { numRuns: 60 },
  );
});

Deno.test("a stream with enough records of a day gets segments of its own, of about the same size", () => {
  const many = batchOf(SEGMENT_RECORDS_MAX + 1);
  const few = batchOf(OWN_SEGMENT_RECORDS_MIN - 1, NOON, "few");
  const enough = batchOf(OWN_SEGMENT_RECORDS_MIN, NOON, "enough");
  const built = build([many, few, enough]);
  assert.deepEqual(kindsOf(built), { single: 3, mixed: 1 });
  const counts = built.segments.map(({ encoded }) => encoded.summary.count);
  const half = SEGMENT_RECORDS_MAX / 2;
  assert.deepEqual(counts.sort((a, b) => a - b), [
    OWN_SEGMENT_RECORDS_MIN - 1,
    OWN_SEGMENT_RECORDS_MIN,
    half,
    half + 1,
  ]);
});

Deno.test("records of many days, a few each, share segments that span days", () => {
  const batch = new RecordBatch();
  const days = OWN_DAY_DAYS_MAX + 5;
  for (let day = 0; day < days; day++) {
    for (let i = 0; i < 3; i++) batch.append(NOON - day * DAY_MS, i, `s${i}`, 2, `${day} ${i}`);
  }
  const built = build([batch]);
  assert.deepEqual(kindsOf(built), { span: 1 });
  assert.equal(built.segments[0]!.encoded.summary.firstMs, NOON - (days - 1) * DAY_MS);
  assert.equal(contentOf(storedOf(built)).size, 3 * days);
});

Deno.test("of many days those with enough records get mixed segments of their own", () => {
  const batch = new RecordBatch();
  for (let day = 0; day < OWN_DAY_DAYS_MAX + 1; day++) {
    batch.append(NOON - day * DAY_MS, 0, "sparse", 2, `day ${day}`);
  }
  for (let i = 1; i < OWN_DAY_RECORDS_MIN; i++) batch.append(NOON, i, "busy", 2, "x");
  assert.deepEqual(kindsOf(build([batch])), { mixed: 1, span: 1 });
});

Deno.test("few days get mixed segments each, however few their records", () => {
  const batch = new RecordBatch();
  for (let day = 0; day < OWN_DAY_DAYS_MAX; day++) {
    batch.append(NOON - day * DAY_MS, 0, "s", 2, "x");
  }
  assert.deepEqual(kindsOf(build([batch])), { mixed: OWN_DAY_DAYS_MAX });
});

Deno.test("a mixed segment has at most 256 streams", () => {
  const batch = new RecordBatch();
  for (let i = 0; i < 2 * MIXED_STREAMS_MAX + 1; i++) batch.append(NOON, i, `s${i}`, 2, "x");
  const built = build([batch]);
  const streams = built.segments.map(({ encoded }) => encoded.summary.streams.length);
  assert.deepEqual(streams, [MIXED_STREAMS_MAX, MIXED_STREAMS_MAX, 1]);
});

Deno.test("segments of the largest messages stay within twice their bytes", () => {
  const message = (i: number) => `${i} `.padEnd(65_536, "lorem ipsum ");
  const batch = new RecordBatch();
  // They come in a row among many small ones: an average would not show them.
  for (let i = 0; i < 10_000; i++) batch.append(NOON + i, 0, "auth", 2, "small");
  for (let i = 0; i < 200; i++) batch.append(NOON + 10_000 + i, 0, "auth", 2, message(i));
  for (let i = 0; i < 20; i++) batch.append(NOON + i, 0, "mixed", 2, message(i));
  const built = build([batch]);
  assert.equal(contentOf(storedOf(built)).size, 10_220);
  for (const { encoded } of built.segments) {
    const { messageBytes, count } = encoded.summary;
    assert.ok(
      messageBytes <= 2 * SEGMENT_TEXT_BYTES_MAX,
      `${messageBytes} bytes in ${count} records`,
    );
  }
  // No crumbs: the small ones are not torn apart because of the large ones.
  assert.ok(built.segments.length < 40, `${built.segments.length} segments`);
});

Deno.test("every value of a segment fits the database, whatever the records", () => {
  const batch = new RecordBatch();
  let state = 1;
  for (let i = 0; i < SEGMENT_RECORDS_MAX; i++) {
    // As far apart and as little alike as timestamps can be: the head is as large as it gets.
    state = Math.imul(state, 48_271) >>> 0;
    const ms = dayOf(NOON) * DAY_MS + state % DAY_MS;
    batch.append(ms, state % 1_000_000, "ö".repeat(100) + i % 255, 2, `${state}`);
  }
  const built = build([batch]);
  for (const { encoded } of built.segments) {
    const values = [
      encoded.head,
      ...encoded.filter,
      ...encoded.columns.flatMap((one) => one.parts),
    ];
    for (const value of values) assert.ok(value.length <= VALUE_BYTES_MAX, `${value.length} bytes`);
  }
  assert.equal(contentOf(storedOf(built)).size, SEGMENT_RECORDS_MAX);
});

Deno.test("what tombstones hide is left out, of segments and of totals", () => {
  const hiding: Tombstone = {
    version: 1,
    before: { ms: NOON + 5, ns: 0 },
    services: ["auth"],
    severities: undefined,
    horizonId: 15,
  };
  const built = build([batchOf(10), batchOf(10), batchOf(10, NOON, "payment")], [hiding]);
  const ids = [...contentOf(storedOf(built)).keys()].sort((a, b) => a - b);
  // Of ids 1 to 10 the later five; of 11 to 20 those from the horizon on, or later; all of the other service.
  assert.deepEqual(ids, [
    6,
    7,
    8,
    9,
    10,
    15,
    16,
    17,
    18,
    19,
    20,
    ...Array.from({ length: 10 }, (_, i) => 21 + i),
  ]);
  assert.deepEqual(built.totals.map(({ count }) => count), [11, 10]);
  const all: Tombstone = {
    ...hiding,
    before: { ms: NOON + DAY_MS, ns: 0 },
    services: undefined,
    horizonId: 99,
  };
  assert.deepEqual(build([batchOf(10)], [all]), { segments: [], totals: [] });
});

Deno.test("nothing comes of nothing", () => {
  assert.deepEqual(build([new RecordBatch()]), { segments: [], totals: [] });
  assert.deepEqual(buildSegments({ tombstones: [] }), { segments: [], totals: [] });
});
