import assert from "node:assert/strict";
import fc from "fast-check";
import {
  RecordBatch,
  type RecordColumns,
  sealBatches,
  type SeverityCode,
  textAt,
} from "../record.ts";
import { NOON } from "./_test_store.ts";
import { CHUNK_RECORDS_MAX, SEGMENT_TEXT_BYTES_MAX } from "./limits.ts";
import { type ChunkView, Generation } from "./memtable.ts";

const journal = (seq: number) => ({ seq, parts: 0, payload: new Uint8Array(100) });

/** Every field of every record of some chunks. */
function contentOf(views: readonly ChunkView[]): string[] {
  return views.flatMap(({ columns }) => rowsOf(columns));
}

function rowsOf(columns: RecordColumns): string[] {
  return Array.from({ length: columns.count }, (_, row) => {
    const { service, severity } = columns.streams[columns.streamOf[row]!]!;
    const texts = [...columns.texts].map(([name, text]) => [name, textAt(text, row)])
      .filter(([, text]) => text !== "").sort();
    return JSON.stringify([
      columns.ids[row],
      columns.timestampMs[row],
      columns.timestampNs?.[row] ?? 0,
      columns.receivedMs[row],
      service,
      severity,
      texts,
    ]);
  });
}

const records = fc.array(
  fc.record({
    ms: fc.integer({ min: -5, max: 5 }),
    ns: fc.constantFrom(0, 0, 0, 7),
    service: fc.constantFrom("a", "__proto__"),
    severity: fc.constantFrom<SeverityCode>(0, 3),
    message: fc.string({ unit: "grapheme", maxLength: 8 }),
    trace: fc.option(fc.constant("ab"), { nil: undefined }),
    repeat: fc.constantFrom(1, 1, 1, 400, 1300),
  }),
  { maxLength: 8 },
);

Deno.test("views hold what was appended when they were made, for ever", () => {
  fc.assert(
    fc.property(fc.array(records, { maxLength: 8 }), (batches) => {
      const generation = new Generation();
      const expected: string[] = [];
      const seen: { views: ChunkView[]; content: string[] }[] = [];
      let id = 1;
      batches.forEach((all, i) => {
        const batch = new RecordBatch();
        for (const { ms, ns, service, severity, message, trace, repeat } of all) {
          for (let n = 0; n < repeat; n++) {
            batch.append(ms, ns, service, severity, message, { trace_id: trace });
          }
        }
        const columns = sealBatches([batch], id, NOON + i);
        id += batch.length;
        generation.append(columns, journal(i), NOON);
        expected.push(...rowsOf(columns));
        seen.push({ views: generation.views(), content: [...expected] });
      });
      for (const { views, content } of seen) {
        assert.deepEqual(contentOf(views), content);
        for (const { columns, firstMs, lastMs } of views) {
          const times = columns.timestampMs;
          assert.equal(firstMs, times.reduce((a, b) => Math.min(a, b), Infinity));
          assert.equal(lastMs, times.reduce((a, b) => Math.max(a, b), -Infinity));
          for (let row = 1; row < columns.count; row++) {
            assert.ok(columns.ids[row]! > columns.ids[row - 1]!, "ids grow within a chunk");
          }
        }
      }
      assert.equal(generation.records, expected.length);
      assert.deepEqual(generation.journal.map(({ seq }) => seq), batches.map((_, i) => i));
    }),
    { numRuns: 40 },
  );
});

function append(generation: Generation, count: number, message: string, seq: number): void {
  const batch = new RecordBatch();
  for (let i = 0; i < count; i++) batch.append(NOON, 0, "a", 2, message);
  generation.append(sealBatches([batch], seq * 10_000, NOON), journal(seq), NOON);
}

Deno.test("small batches share chunks of at most a segment's worth", () => {
  const generation = new Generation();
  for (let seq = 0; seq < 100; seq++) append(generation, 100, "x", seq);
  const counts = generation.views().map(({ columns }) => columns.count);
  assert.ok(counts.every((count) => count <= CHUNK_RECORDS_MAX));
  assert.equal(
    counts.length,
    Math.ceil(10_000 / (CHUNK_RECORDS_MAX - CHUNK_RECORDS_MAX % 100)),
  );
  const heavy = new Generation();
  for (let seq = 0; seq < 40; seq++) append(heavy, 2, "x".repeat(50_000), seq);
  for (const { columns } of heavy.views()) {
    assert.ok(columns.texts.get("message")!.bytes.length <= SEGMENT_TEXT_BYTES_MAX);
  }
  assert.equal(heavy.views().length, 4);
});

Deno.test("a generation counts the memory that it holds and the disk that its journal takes", () => {
  const generation = new Generation();
  assert.equal(generation.bytes, 0);
  assert.equal(generation.bornMs, undefined);
  assert.equal(generation.lastSeq, undefined);
  append(generation, 10, "x".repeat(1000), 3);
  assert.ok(generation.bytes >= 10_000 + 100, `${generation.bytes}`);
  assert.ok(generation.journalDiskBytes >= 100);
  assert.equal(generation.bornMs, NOON);
  assert.equal(generation.lastSeq, 3);
});

Deno.test("release() gives all memory back, but not that of columns that somebody has kept", () => {
  for (const kept of [false, true]) {
    const generation = new Generation();
    const columns = [3, 1000].map((count) => {
      const batch = new RecordBatch();
      for (let i = 0; i < count; i++) batch.append(i, 0, "a", 2, `message ${i}`);
      return sealBatches([batch], 1, 0);
    });
    const refs = [journal(1), journal(2)];
    columns.forEach((one, i) => generation.append(one, refs[i]!, NOON));
    const views = generation.views();
    generation.kept = kept;
    generation.release();
    assert.deepEqual(refs.map(({ payload }) => payload.length), [0, 0]);
    assert.deepEqual(views.map((view) => view.columns.ids.length), kept ? [3, 1000] : [0, 0]);
    const bytes = views.map((view) => view.columns.texts.get("message")!.bytes.length);
    assert.equal(bytes.every((length) => length > 0), kept);
  }
});
