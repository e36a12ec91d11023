import assert from "node:assert/strict";
import fc from "fast-check";
import { type OptionalColumnName, RecordBatch } from "./batch.ts";
import { packTexts, sealBatches, textAt, utf8Length } from "./columns.ts";
import type { SeverityCode } from "./severity.ts";

const text = fc.string({ unit: "binary", maxLength: 12 }).filter((value) => value.isWellFormed());
const optionalText = fc.option(text, { nil: undefined });

Deno.test("packTexts() and textAt() give every text back, byte order marks included", () => {
  const texts = fc.array(fc.oneof(optionalText, fc.constant("\ufeffx"), fc.constant("plain")));
  fc.assert(fc.property(texts, fc.nat(3), (values, more) => {
    const count = values.length + more;
    const column = packTexts(values, count);
    assert.equal(column.offsets.length, count + 1);
    assert.equal(column.offsets[count], column.bytes.length);
    assert.equal(column.ascii, column.bytes.every((byte) => byte < 0x80));
    for (let i = 0; i < count; i++) assert.equal(textAt(column, i), values[i] ?? "");
  }));
});

Deno.test("utf8Length() counts as TextEncoder does", () => {
  fc.assert(fc.property(text, (value) => {
    assert.equal(utf8Length(value), new TextEncoder().encode(value).length);
  }));
});

interface Row {
  ms: number;
  ns: number;
  service: string;
  severity: SeverityCode;
  message: string;
  optional: { [name in OptionalColumnName]?: string | undefined };
}

const row: fc.Arbitrary<Row> = fc.record({
  ms: fc.integer({ min: -1e12, max: 1e12 }),
  ns: fc.constantFrom(0, 0, 999_999),
  service: fc.constantFrom("a", "b", "1a"),
  severity: fc.constantFrom<SeverityCode[]>(0, 1, 5),
  message: text,
  optional: fc.record({ attributes: optionalText, trace_id: optionalText }),
}, { noNullPrototype: true });

Deno.test("sealBatches() numbers the records of all batches and keeps every field", () => {
  const batches = fc.array(fc.array(row, { maxLength: 6 }), { maxLength: 4 });
  fc.assert(fc.property(batches, (groups) => {
    const sealed = sealBatches(
      groups.map((rows) => {
        const batch = new RecordBatch();
        for (const { ms, ns, service, severity, message, optional } of rows) {
          batch.append(ms, ns, service, severity, message, optional);
        }
        return batch;
      }),
      41,
      1234,
    );
    const rows = groups.flat();
    assert.equal(sealed.count, rows.length);
    rows.forEach((expected, i) => {
      assert.equal(sealed.ids[i], 41 + i);
      assert.equal(sealed.receivedMs[i], 1234);
      assert.equal(sealed.timestampMs[i], expected.ms);
      assert.equal(sealed.timestampNs?.[i] ?? 0, expected.ns);
      const { service, severity } = expected;
      assert.deepEqual(sealed.streams[sealed.streamOf[i]!], { service, severity });
      assert.equal(textAt(sealed.texts.get("message")!, i), expected.message);
      for (const name of ["attributes", "trace_id"] as const) {
        const column = sealed.texts.get(name);
        const found = column === undefined ? "" : textAt(column, i);
        assert.equal(found, expected.optional[name] ?? "");
      }
    });
    const keys = sealed.streams.map(({ service, severity }) => `${severity}/${service}`);
    assert.equal(new Set(keys).size, keys.length);
  }));
});

Deno.test("sealBatches() refuses more streams than a row can name", () => {
  const batch = new RecordBatch();
  for (let i = 0; i <= 65_536; i++) batch.append(0, 0, `service-${i}`, 2, "");
  assert.throws(() => sealBatches([batch], 1, 0), RangeError);
});
