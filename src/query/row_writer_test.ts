import assert from "node:assert/strict";
import fc from "fast-check";
import { formatInstant, type RowRef, SEVERITIES, type SeverityCode } from "../record.ts";
import { type FakeRecord, FakeSnapshot } from "./_fake_snapshot.ts";
import { RowWriter } from "./row_writer.ts";

const text = fc.string({ unit: "binary", maxLength: 60 }).map((s) => s.toWellFormed());
const awkward = fc.constantFrom(
  '"',
  "\\",
  "\n",
  "\r",
  ",",
  "\u0000",
  "\u001f",
  "\u007f",
  "\ufeffa",
);
const message = fc.oneof(text, awkward, fc.array(fc.oneof(text, awkward)).map((s) => s.join("")));
const id = fc.stringMatching(/^[0-9a-f]{1,32}$/);

const records: fc.Arbitrary<FakeRecord[]> = fc.array(
  fc.record({
    id: fc.maxSafeNat(),
    ms: fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }),
    ns: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 999_999 })),
    receivedMs: fc.integer({ min: 0, max: 4_102_444_800_000 }),
    service: fc.oneof(fc.constantFrom("a", '"b",', "__proto__"), text),
    severity: fc.integer({ min: 0, max: 5 }) as fc.Arbitrary<SeverityCode>,
    message,
    attributes: fc.dictionary(fc.constantFrom("x", "y", '"', "é"), fc.jsonValue({ maxDepth: 1 })),
    traceId: id,
    spanId: id,
    severityNumber: fc.integer({ min: 1, max: 24 }),
    severityText: text.filter((s) => s !== ""),
  }, { requiredKeys: ["id", "ms", "service", "severity", "message"] }),
  { maxLength: 12 },
);

async function rowsOf(
  list: readonly FakeRecord[],
  ownAttributes: string[] = [],
): Promise<RowRef[]> {
  // The scan sorts; its order is found again by the id below.
  const numbered = list.map((record, i) => ({ ...record, id: record.id - (record.id % 100) + i }));
  const snapshot = new FakeSnapshot(numbered, { chunkRows: 4, ownAttributes });
  return await snapshot.scan({ order: "asc" }).next(list.length);
}

function expected(record: FakeRecord): Record<string, unknown> {
  const { attributes, traceId, spanId, severityNumber, severityText } = record;
  return {
    timestamp: formatInstant(record.ms, record.ns ?? 0),
    service: record.service,
    severity: SEVERITIES[record.severity],
    message: record.message,
    received_at: formatInstant(record.receivedMs ?? record.ms, 0),
    ...(attributes && { attributes: JSON.parse(JSON.stringify(attributes)) }),
    ...(traceId !== undefined && { trace_id: traceId }),
    ...(spanId !== undefined && { span_id: spanId }),
    ...(severityNumber !== undefined && { severity_number: severityNumber }),
    ...(severityText !== undefined && { severity_text: severityText }),
  };
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function write(format: "json" | "ndjson" | "csv", rows: RowRef[]): string {
  const writer = new RowWriter(format);
  const parts: string[] = [];
  // In two pieces, so that what stands between them is seen.
  for (const piece of [rows.slice(0, 3), [], rows.slice(3)]) {
    writer.write(piece);
    const { byteLength } = writer;
    const bytes = writer.take();
    assert.equal(bytes.length, byteLength);
    parts.push(decoder.decode(bytes));
  }
  return parts.join("");
}

Deno.test("RowWriter writes JSON that says what the records say, wherever attributes are kept", async () => {
  const own = fc.subarray(["x", "y", '"']);
  await fc.assert(fc.asyncProperty(records, own, async (list, ownAttributes) => {
    const rows = await rowsOf(list, ownAttributes);
    const written: Record<string, unknown>[] = JSON.parse(`[${write("json", rows)}]`);
    assert.deepEqual(written.map(({ id }) => id), rows.map(({ columns, row }) => columns.ids[row]));
    const byId = written.toSorted((a, b) => Number(a.id) % 100 - Number(b.id) % 100);
    assert.deepEqual(byId.map(({ id: _, ...rest }) => rest), list.map(expected));
  }));
});

Deno.test("RowWriter writes NDJSON as the same objects, a line each", async () => {
  await fc.assert(fc.asyncProperty(records, async (list) => {
    const rows = await rowsOf(list);
    const lines = write("ndjson", rows).split("\n");
    assert.equal(lines.pop(), "");
    assert.equal(lines.join(","), write("json", rows));
  }));
});

Deno.test("RowWriter writes whole arrays, short ones and long ones, with the same objects", async () => {
  await fc.assert(fc.asyncProperty(records, fc.nat(300), async (list, count) => {
    const some = await rowsOf(list);
    const rows = some.length === 0 ? [] : Array.from({ length: count }, (_, i) => {
      return some[i % some.length]!;
    });
    const writer = new RowWriter("json");
    for (const part of [rows, []]) {
      writer.writeArray(part);
      assert.equal(decoder.decode(writer.written), `[${write("json", part)}]`);
      writer.take();
    }
  }));
});

Deno.test("RowWriter keeps the order of the fields", async () => {
  const [record] = fc.sample(records.filter((list) => list.length > 0), 1)[0]!;
  const rows = await rowsOf([{
    ...record!,
    attributes: { x: 1 },
    traceId: "t",
    spanId: "s",
    severityNumber: 10,
    severityText: "NOTICE",
  }]);
  assert.deepEqual(Object.keys(JSON.parse(write("json", rows))), [
    "id",
    "timestamp",
    "service",
    "severity",
    "message",
    "received_at",
    "attributes",
    "trace_id",
    "span_id",
    "severity_number",
    "severity_text",
  ]);
});

Deno.test("RowWriter writes CSV that RFC 4180 reads back", async () => {
  await fc.assert(fc.asyncProperty(records, async (list) => {
    const rows = await rowsOf(list, ["x"]);
    const [header, ...lines] = parseCsv(write("csv", rows));
    assert.deepEqual(
      header!.join(),
      "id,timestamp,service,severity,message,received_at,trace_id,span_id,attributes",
    );
    const objects: Record<string, unknown>[] = JSON.parse(`[${write("json", rows)}]`);
    assert.equal(lines.length, objects.length);
    for (const [i, line] of lines.entries()) {
      const object = objects[i]!;
      const attributes = line.pop()!;
      assert.deepEqual(line, [
        String(object.id),
        object.timestamp,
        object.service,
        object.severity,
        object.message,
        object.received_at,
        object.trace_id ?? "",
        object.span_id ?? "",
      ]);
      assert.deepEqual(attributes === "" ? undefined : JSON.parse(attributes), object.attributes);
    }
  }));
});

Deno.test("RowWriter writes the CSV header without rows too", () => {
  assert.match(write("csv", []), /^id,.*,attributes\r\n$/);
  assert.equal(write("json", []), "");
});

Deno.test("RowWriter grows for the longest messages, escaped through and through", async () => {
  const message = "\u0001".repeat(65_536);
  const rows = await rowsOf([{ id: 0, ms: 0, service: "a", severity: 2, message }]);
  assert.equal(JSON.parse(write("json", rows)).message, message);
});

/** A reader of RFC 4180, as its grammar says. */
function parseCsv(csv: string): string[][] {
  const lines: string[][] = [];
  let at = 0;
  while (at < csv.length) {
    const line: string[] = [];
    do {
      if (csv[at] === '"') {
        let field = "";
        for (at++; csv[at] !== '"' || csv[at + 1] === '"'; at++) {
          if (csv[at] === '"') at++;
          field += csv[at];
        }
        at++;
        line.push(field);
      } else {
        const end = /[,\r"]|$/g;
        end.lastIndex = at;
        const stop = end.exec(csv)!.index;
        line.push(csv.slice(at, stop));
        at = stop;
      }
    } while (csv[at++] === ",");
    assert.equal(csv.slice(at - 1, at + 1), "\r\n");
    at++;
    lines.push(line);
  }
  return lines;
}
