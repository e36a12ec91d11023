/** @module For tests: records as plain rows, arbitrary ones, and their columns. */

import fc from "fast-check";
import {
  packTexts,
  type RecordColumns,
  type SeverityCode,
  type TextColumnName,
} from "../record.ts";
import { joinAttributes } from "./attributes.ts";

/** One record as plain values; `texts` has only what is not empty. */
export interface Row {
  readonly id: number;
  readonly ms: number;
  readonly ns: number;
  readonly received: number;
  readonly service: string;
  readonly severity: SeverityCode;
  readonly texts: Readonly<Record<string, string>>;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Columns of the rows, in their order. */
export function columnsOf(rows: readonly Row[]): RecordColumns {
  const keys = [...new Set(rows.map((row) => `${row.severity}${row.service}`))];
  const names = [...new Set(["message", ...rows.flatMap((row) => Object.keys(row.texts))])];
  return {
    count: rows.length,
    ids: Float64Array.from(rows, (row) => row.id),
    timestampMs: Float64Array.from(rows, (row) => row.ms),
    timestampNs: rows.some((row) => row.ns !== 0)
      ? Uint32Array.from(rows, (row) => row.ns)
      : undefined,
    receivedMs: Float64Array.from(rows, (row) => row.received),
    streams: keys.map((key) => ({
      service: key.slice(1),
      severity: Number(key[0]) as SeverityCode,
    })),
    streamOf: Uint16Array.from(rows, (row) => keys.indexOf(`${row.severity}${row.service}`)),
    texts: new Map(
      names.map((name) => [
        name as TextColumnName,
        packTexts(rows.map((row) => row.texts[name]), rows.length),
      ]),
    ),
  };
}

/** The rows of some columns, attributes joined, `attributes` given as members of equal text. */
export function rowsOf(columns: RecordColumns): Row[] {
  return Array.from({ length: columns.count }, (_, i) => {
    const stream = columns.streams[columns.streamOf[i]!]!;
    const texts: Record<string, string> = {};
    for (const [name, { bytes, offsets }] of columns.texts) {
      const text = decoder.decode(bytes.subarray(offsets[i], offsets[i + 1]));
      if (text !== "" && name !== "attributes" && !name.startsWith("attr.")) texts[name] = text;
    }
    const attributes = joinAttributes(columns, i);
    if (attributes !== "") texts["attributes"] = attributes;
    return {
      id: columns.ids[i]!,
      ms: columns.timestampMs[i]!,
      ns: columns.timestampNs?.[i] ?? 0,
      received: columns.receivedMs[i]!,
      service: stream.service,
      severity: stream.severity,
      texts,
    };
  });
}

/** Any text: all planes of Unicode, NULs, byte order marks; often plain words. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(
    "",
    "\0",
    "\ufeffmarked",
    "user logged in",
    "GET /x 200",
    "İstanbul ΣΑΣ",
    "日本語 ログ",
  ),
  fc.lorem({ maxCount: 12 }),
);

/** A JSON object as text, as senders write them: few names in many records, values of every kind. */
export const anyAttributes: fc.Arbitrary<string> = fc.dictionary(
  fc.oneof(
    fc.constantFrom("a", "b", "user.id", "__proto__", "", "größe", 'quote"d', "constructor"),
    fc.string({ unit: "binary", maxLength: 6 }),
  ),
  fc.oneof(
    fc.constantFrom("GET", "", "two words", 1e21, -0.5, null, true),
    fc.jsonValue({ maxDepth: 2 }),
  ),
  { maxKeys: 6 },
).map((object) => JSON.stringify(object));

const YEAR_1 = -62_135_596_800_000;
const YEAR_9999 = 253_402_300_799_999;

/** Any record but for its id. */
export const anyRow: fc.Arbitrary<Row> = fc.record({
  id: fc.constant(0),
  ms: fc.oneof(
    fc.integer({ min: 1.7e12, max: 1.7e12 + 50 }),
    fc.constantFrom(YEAR_1, YEAR_9999, -1, 0),
  ),
  ns: fc.oneof(fc.constant(0), fc.constantFrom(1, 1000, 999_000, 999_999), fc.nat(999_999)),
  received: fc.integer({ min: 1.7e12, max: 1.7e12 + 3 }),
  service: fc.constantFrom("auth", "payment", "dienst-ü", "\u{1f600}"),
  severity: fc.constantFrom<SeverityCode>(0, 2, 4, 5),
  texts: fc.record(
    {
      message: anyText,
      attributes: anyAttributes,
      trace_id: fc.constantFrom(
        "4BF92F3577B34DA6A3CE929D0E0E4736",
        "ünusual id",
        "0af7651916cd43dd",
      ),
      severity_text: fc.constantFrom("warn", "NOTICE"),
    },
    { requiredKeys: ["message"] },
  ).map((texts) =>
    Object.fromEntries(
      Object.entries(texts).filter(([, text]) => text !== undefined && text !== ""),
    )
  ),
});

/** Rows as a batch has them: ids one after the other. */
export function numbered(rows: readonly Row[], firstId: number): Row[] {
  return rows.map((row, i) => ({ ...row, id: firstId + i }));
}

/** Rows as a segment has them: by stream, then by (timestamp, id). */
export function sorted(rows: readonly Row[]): Row[] {
  const key = (row: Row) => `${row.service}\n${row.severity}`;
  return rows.toSorted((a, b) =>
    key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a.ms - b.ms || a.ns - b.ns || a.id - b.id
  );
}
