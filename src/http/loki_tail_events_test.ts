import assert from "node:assert/strict";
import fc from "fast-check";
import { RowWriter } from "../query/mod.ts";
import { RecordBatch, sealBatches, type SeverityCode, textAt } from "../record.ts";
import { readTailEvents } from "./loki_tail_events.ts";
import { encodeEvents, firstEvent, idEvent, joinEvents, missedEvent } from "./tail_events.ts";

const text = fc.string({ unit: "grapheme", maxLength: 20 });
const record = fc.record({
  ms: fc.integer({ min: -1e12, max: 2e12 }),
  ns: fc.integer({ min: 0, max: 999_999 }),
  service: text.filter((one) => one !== ""),
  severity: fc.integer({ min: 0, max: 5 }),
  message: text,
  attributes: fc.option(fc.dictionary(text, fc.oneof(text, fc.integer(), fc.boolean()))),
  trace_id: fc.option(text.filter((one) => one !== "")),
});

Deno.test("readTailEvents() reads back what a tail's events say", () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 5 }), fc.nat(), (records, n) => {
      const batch = new RecordBatch();
      for (const one of records) {
        batch.append(one.ms, one.ns, one.service, one.severity as SeverityCode, one.message, {
          attributes: one.attributes === null ? undefined : JSON.stringify(one.attributes),
          trace_id: one.trace_id ?? undefined,
        });
      }
      const columns = sealBatches([batch], 1, 1_750_000_000_123);
      const rows = records.map((_, row) => ({ columns, row }));
      const events = encodeEvents(new RowWriter("ndjson"), rows);
      const bytes = joinEvents([firstEvent(1, 2), ...events, idEvent(7), missedEvent(n, 8)]);
      const news = readTailEvents(bytes);
      assert.equal(news.missed, n);
      assert.equal(news.receivedMs, 1_750_000_000_123);
      const read = news.columns!;
      assert.equal(read.count, records.length);
      for (const [row, one] of records.entries()) {
        assert.equal(read.timestampMs[row], one.ms);
        assert.equal(read.timestampNs?.[row] ?? 0, one.ns);
        const { service, severity } = read.streams[read.streamOf[row]!]!;
        assert.deepEqual([service, severity], [one.service, one.severity]);
        assert.equal(textAt(read.texts.get("message")!, row), one.message);
        const attributes = read.texts.get("attributes");
        const json = attributes === undefined ? "" : textAt(attributes, row);
        assert.deepEqual(
          JSON.parse(json || "{}"),
          JSON.parse(JSON.stringify(one.attributes ?? {})),
        );
      }
    }),
  );
});

Deno.test("readTailEvents() finds nothing in events that only move the position", () => {
  const news = readTailEvents(joinEvents([firstEvent(1, 2), idEvent(7)]));
  assert.deepEqual(news, { columns: undefined, missed: 0, receivedMs: -Infinity });
});
