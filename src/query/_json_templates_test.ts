import assert from "node:assert/strict";
import fc from "fast-check";
import {
  ChosenTexts,
  decodeSegmentColumn,
  decodeSegmentHead,
  encodeSegment,
  TemplatedTexts,
} from "../codec/mod.ts";
import { RecordBatch, sealBatches } from "../record.ts";
import { ByteSink } from "./_byte_sink.ts";
import { JsonTexts } from "./_json_templates.ts";

/** The messages as a segment gives them back. */
function stored(messages: readonly string[]): TemplatedTexts {
  const batch = new RecordBatch();
  for (const message of messages) batch.append(0, 0, "shop", 2, message);
  const segment = encodeSegment(sealBatches([batch], 1, 0));
  const head = decodeSegmentHead(segment.head);
  const entry = head.directory.find(({ name }) => name === "message")!;
  const column = decodeSegmentColumn(head, entry, segment.columns[0]!.parts);
  assert(column instanceof TemplatedTexts);
  return column;
}

function written(texts: ChosenTexts, capacity: number): unknown[] {
  const json = new JsonTexts(texts);
  return Array.from(texts.rows, (_, row) => {
    const sink = new ByteSink(capacity);
    sink.byte(0x22);
    json.write(sink, row);
    sink.byte(0x22);
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(sink.written));
  });
}

const anyShape = fc.array(
  fc.constantFrom("order ", '"', "\\", "\n", "\0", "é", "\u{1f600}", "#", "x=#", " ", "\x7f"),
  { maxLength: 8 },
).map((pieces) => pieces.join(""));

Deno.test("JsonTexts writes what JSON.parse gives back, for any rows in any order", () => {
  const anyShapes = fc.array(anyShape, { minLength: 1, maxLength: 4 });
  fc.assert(fc.property(anyShapes, fc.array(fc.nat(399)), (shapes, rows) => {
    const messages = Array.from(
      { length: 400 },
      (_, i) => `${shapes[i % shapes.length]} n${i}`.replaceAll("#", () => `v${i % 7}`),
    );
    const texts = new ChosenTexts(stored(messages), Uint32Array.from(rows));
    assert.deepEqual(written(texts, 8), rows.map((row) => messages[row]));
  }));
});

Deno.test("JsonTexts escapes values too, although the codec makes none that need it", () => {
  const section = (bytes: number[]) => ({ body: Uint8Array.from(bytes), rawBytes: bytes.length });
  const column = new TemplatedTexts(1, "test", {
    // ASCII; one template of three bytes, whose gap's values are all four bytes long.
    templates: section([1, 1, 3, 0x3c, 0xff, 0x3e, 4]),
    rows: section([0]),
    lengths: section([]),
    values: section([0x61, 0x22, 0x01, 0x62]),
  } as never);
  assert.deepEqual(written(new ChosenTexts(column, Uint32Array.of(0)), 8), ['<a"\x01b>']);
});

Deno.test("ChosenTexts is a column of the rows it was given", () => {
  const column = stored(Array.from({ length: 400 }, (_, i) => `order ${i} of ${i % 3}`));
  const { ascii, offsets, bytes } = new ChosenTexts(column, Uint32Array.of(17, 399, 17));
  const text = new TextDecoder().decode(bytes);
  assert.equal(text, "order 17 of 2order 399 of 0order 17 of 2");
  assert.deepEqual([...offsets], [0, 13, 27, 40]);
  assert(ascii);
});
