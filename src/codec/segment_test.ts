import assert from "node:assert/strict";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { packTexts, type RecordColumns, type TextColumn, type TextColumnName } from "../record.ts";
import { envelopeChecksum } from "./_envelope.ts";
import { assertDamageIsNoticed, assertForgeriesAreSurvived, survives } from "./_test_damage.ts";
import { anyRow, columnsOf, numbered, type Row, rowsOf, sorted } from "./_test_rows.ts";
import { CorruptDataError } from "./errors.ts";
import { HEAD_BYTES_MAX, PART_BYTES_MAX } from "./limits.ts";
import { decodeSegmentColumn, encodeSegment } from "./segment.ts";
import { decodeSegmentHead } from "./segment_head.ts";
import { openTokenFilter } from "./token_filter.ts";
import { joinParts } from "./parts.ts";
import type { EncodedSegment } from "./types.ts";

/** Everything of a segment read back. */
function decodeAll(segment: EncodedSegment): RecordColumns {
  const head = decodeSegmentHead(segment.head);
  const texts = new Map<TextColumnName, TextColumn>();
  for (const entry of head.directory) {
    const { parts } = segment.columns.find(({ name }) => name === entry.name)!;
    const { bytes, offsets, ascii } = decodeSegmentColumn(head, entry, parts);
    texts.set(entry.name as TextColumnName, { bytes, offsets, ascii });
  }
  assert.equal(head.filterParts, segment.filter.length);
  return { ...head.columns, texts };
}

/** Attributes as sorted members, as their order is not kept. */
function comparable(rows: readonly Row[]): unknown[] {
  return rows.map((row) => {
    const attributes = row.texts["attributes"];
    if (attributes === undefined) return row;
    const members = Object.entries(JSON.parse(attributes)).sort(([a], [b]) => a < b ? -1 : 1);
    return { ...row, texts: { ...row.texts, attributes: members } };
  });
}

const line: Row = {
  id: 7,
  ms: 1.7e12,
  ns: 1500,
  received: 1.7e12 + 5,
  service: "auth",
  severity: 2,
  texts: { message: "user logged in", attributes: '{"a":1,"b":"x"}', severity_text: "notice" },
};

function lines(count: number, change: (i: number) => Partial<Row> = () => ({})): RecordColumns {
  const rows = Array.from(
    { length: count },
    (_, i) => ({ ...line, id: i + 1, ms: line.ms + i, ...change(i) }),
  );
  return columnsOf(rows);
}

Deno.test("a segment gives back the rows that were encoded, in their order", () => {
  const ids = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 2 ** 53 - 1000 }));
  fc.assert(fc.property(fc.array(anyRow, { minLength: 1, maxLength: 60 }), ids, (rows, firstId) => {
    const expected = sorted(numbered(rows, firstId));
    const decoded = decodeAll(encodeSegment(columnsOf(expected)));
    assert.deepEqual(comparable(rowsOf(decoded)), comparable(expected));
  }));
});

Deno.test("a segment gives back rows whose ids and times of receipt follow no order", () => {
  const row = fc.record({
    id: fc.maxSafeNat(),
    ms: fc.integer({ min: -5, max: 5 }),
    received: fc.integer({ min: -3, max: 3 }),
  });
  const rows = fc.uniqueArray(row, { minLength: 1, maxLength: 50, selector: ({ id }) => id });
  fc.assert(fc.property(rows, (rows) => {
    const expected = sorted(rows.map((row) => ({ ...line, ...row })));
    const decoded = decodeAll(encodeSegment(columnsOf(expected)));
    assert.deepEqual(comparable(rowsOf(decoded)), comparable(expected));
  }));
});

Deno.test("a segment encoded again from what was decoded gives the same rows", () => {
  fc.assert(fc.property(fc.array(anyRow, { minLength: 1, maxLength: 40 }), (rows) => {
    const expected = sorted(numbered(rows, 1));
    const once = decodeAll(encodeSegment(columnsOf(expected)));
    const twice = decodeAll(encodeSegment(once));
    assert.deepEqual(comparable(rowsOf(twice)), comparable(expected));
  }));
});

Deno.test("a segment's runs and summary say what is in it", () => {
  const rows = sorted([
    { ...line, id: 9, ms: -5, ns: 3 },
    { ...line, id: 4, ms: 100, received: 50 },
    { ...line, id: 6, ms: -5, ns: 2, service: "zeta", texts: {} },
    { ...line, id: 5, ms: 100, ns: 1501, service: "zeta", received: 60, texts: {} },
  ]);
  const segment = encodeSegment(columnsOf(rows));
  const { runs, columns } = decodeSegmentHead(segment.head);
  assert.deepEqual(runs, [
    { service: "auth", severity: 2, start: 0, end: 2 },
    { service: "zeta", severity: 2, start: 2, end: 4 },
  ]);
  assert.equal(columns.texts.size, 0);
  const stored = [
    segment.head,
    ...segment.columns.flatMap(({ parts }) => parts),
    ...segment.filter,
  ];
  assert.deepEqual(segment.summary, {
    streams: [{ service: "auth", severity: 2 }, { service: "zeta", severity: 2 }],
    count: 4,
    firstMs: -5,
    firstNs: 2,
    lastMs: 100,
    lastNs: 1501,
    firstReceivedMs: 50,
    lastReceivedMs: 1.7e12 + 5,
    firstId: 4,
    lastId: 9,
    storedBytes: joinParts(stored).length,
    messageBytes: 2 * "user logged in".length,
    filterChecksum: envelopeChecksum(joinParts(segment.filter)),
  });
});

Deno.test("a segment stores no column without a text, and gives attributes columns of their own", () => {
  const segment = encodeSegment(columnsOf([{ ...line, texts: { span_id: "" } }]));
  assert.deepEqual(segment.columns, []);
  const names = encodeSegment(lines(3)).columns.map(({ name }) => name);
  assert.deepEqual(names, ["message", "severity_text", "attr.a", "attr.b"]);
});

Deno.test("a segment's columns know whether they are ASCII", () => {
  const columns = lines(2, (i) => ({ texts: { message: i === 0 ? "ü" : "u", trace_id: "ab" } }));
  const { texts } = decodeAll(encodeSegment(columns));
  assert.equal(texts.get("message")!.ascii, false);
  assert.equal(texts.get("trace_id")!.ascii, true);
});

Deno.test("a segment has a token filter over its texts", () => {
  const { filter } = encodeSegment(lines(3));
  const { mayContain } = openTokenFilter(joinParts(filter));
  assert(mayContain("logged") && mayContain("b=x") && !mayContain("absent"));
});

Deno.test("a column larger than a value is cut into parts and put together again", () => {
  let state = 1;
  const noise = () => (state = Math.imul(state, 1103515245) + 12345 >>> 0).toString(36);
  const columns = lines(4096, () => ({
    texts: { message: Array.from({ length: 12 }, noise).join(" ") },
  }));
  const segment = encodeSegment(columns);
  const { parts } = segment.columns[0]!;
  assert(parts.length > 2, `${parts.length} parts`);
  for (const part of parts) {
    assert(part.length <= PART_BYTES_MAX && part.buffer.byteLength === part.length);
  }
  assert.deepEqual(decodeAll(segment).texts.get("message"), columns.texts.get("message"));
  const head = decodeSegmentHead(segment.head);
  const decode = (parts: readonly Uint8Array[]) =>
    decodeSegmentColumn(head, head.directory[0]!, parts);
  assert.throws(() => decode(parts.slice(1)), CorruptDataError);
  assert.throws(() => decode(parts.toReversed()), CorruptDataError);
  assert.throws(() => decode([joinParts(parts)]), CorruptDataError);
});

Deno.test("a column of few distinct texts takes a byte a row at most", () => {
  const columns = lines(
    4096,
    (i) => ({ texts: { message: `state ${i % 7}${"x".repeat(i % 3)}` } }),
  );
  const segment = encodeSegment(columns);
  assert(segment.columns[0]!.parts[0]!.length < 4096);
  assert.deepEqual(decodeAll(segment).texts.get("message"), columns.texts.get("message"));
});

Deno.test("times of receipt that follow the ids take almost nothing", () => {
  const one = encodeSegment(lines(4096)).head.length;
  const many =
    encodeSegment(lines(4096, (i) => ({ received: line.received + (i >> 4) * 3 }))).head.length;
  assert(many < one + 600, `${one} and ${many} bytes`);
});

Deno.test("encodeSegment() asks for a split when the head would not fit one value", () => {
  let state = 1;
  const random = () => (state = Math.imul(state, 1103515245) + 12345 >>> 0) >>> 2;
  const rows = Array.from({ length: 12_000 }, (_, i) => ({
    ...line,
    id: i + 1,
    ms: random() * 1000,
    ns: random() % 1_000_000,
  }));
  assert.throws(() => encodeSegment(columnsOf(sorted(rows))), /split/);
  const part = encodeSegment(columnsOf(sorted(rows.slice(0, 4096))));
  assert(part.head.length <= HEAD_BYTES_MAX);
});

Deno.test("encodeSegment() takes 65,536 rows and refuses none or more", () => {
  const count = 65_536;
  const base = columnsOf([line]);
  const rows = (count: number): RecordColumns => ({
    ...base,
    count,
    ids: Float64Array.from({ length: count }, (_, i) => i),
    timestampMs: new Float64Array(count),
    timestampNs: undefined,
    receivedMs: new Float64Array(count),
    streamOf: new Uint16Array(count),
    texts: new Map([["message", packTexts(["end"], count)]]),
  });
  assert.deepEqual(decodeAll(encodeSegment(rows(count))), rows(count));
  for (const bad of [0, count + 1]) assert.throws(() => encodeSegment(rows(bad)), RangeError);
});

Deno.test("encodeSegment() refuses rows that are not sorted or grouped", () => {
  const ok = [line, { ...line, id: 8 }, { ...line, id: 1, service: "b" }];
  encodeSegment(columnsOf(ok));
  const bad: Row[][] = [
    [line, line],
    [{ ...line, id: 8 }, line],
    [{ ...line, ns: 2000 }, { ...line, id: 8 }],
    [{ ...line, ms: line.ms + 1 }, { ...line, id: 8 }],
    [line, { ...line, service: "b" }, { ...line, id: 8 }],
  ];
  for (const rows of bad) assert.throws(() => encodeSegment(columnsOf(rows)), RangeError);
});

Deno.test("decodeSegmentHead() notices every damaged byte and survives forged ones", () => {
  const mixed = sorted([line, { ...line, id: 8, ms: 0 }, {
    ...line,
    id: 2,
    service: "b",
    received: 1,
  }]);
  assertDamageIsNoticed(encodeSegment(columnsOf(mixed)).head, decodeSegmentHead);
  assertForgeriesAreSurvived(encodeSegment(columnsOf(mixed)).head, decodeSegmentHead);
  const large = lines(150, (i) => ({ ns: i * 1000, received: line.received + ((i * 7) % 5) }));
  const packed = encodeSegment(large).head;
  assert.equal(packed[6], 1, "the larger one is compressed");
  assertDamageIsNoticed(packed, decodeSegmentHead);
  assertForgeriesAreSurvived(packed, decodeSegmentHead);
});

Deno.test("decodeSegmentColumn() notices every damaged byte and survives forged ones", () => {
  const texts = (i: number) => ({
    message: `user ${i * 7919} logged in`,
    severity_text: `${i % 3}`,
  });
  for (const count of [3, 40]) {
    const segment = encodeSegment(lines(count, (i) => ({ texts: texts(i) })));
    const head = decodeSegmentHead(segment.head);
    head.directory.forEach((entry, i) => {
      const bytes = joinParts(segment.columns[i]!.parts);
      const decode = (bytes: Uint8Array) => decodeSegmentColumn(head, entry, [bytes]);
      assertDamageIsNoticed(bytes, decode);
      for (let at = 0; at < bytes.length; at++) {
        const changed = bytes.slice();
        changed[at]! ^= 0x41;
        const forged = { ...entry, checksum: crc32(changed) };
        survives(() => decodeSegmentColumn(head, forged, [changed]));
        survives(() => decodeSegmentColumn(head, { ...forged, rawBytes: 2 ** 40 }, [changed]));
      }
    });
  }
});

Deno.test("decodeSegmentHead() survives random bytes", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
    assert.throws(() => decodeSegmentHead(bytes), CorruptDataError);
  }));
});

Deno.test("decodeSegmentColumn() refuses an encoding that it does not know, by its number", () => {
  const segment = encodeSegment(lines(2));
  const head = decodeSegmentHead(segment.head);
  const entry = { ...head.directory[0]!, encoding: 9 };
  assert.throws(
    () => decodeSegmentColumn(head, entry, segment.columns[0]!.parts),
    /CorruptDataError.*encoding 9 is not known/,
  );
});
