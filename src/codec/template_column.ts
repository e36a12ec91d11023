/**
 * @module A column of texts as templates and values. Its stored bytes are four sections; before them, for each, the bytes of its
 * body and the bytes stored (varints). A section is a zstd frame of its body, or the body itself where both are equally many.
 *
 * | section | body |
 * | --- | --- |
 * | templates | flags, one byte (1: ASCII only); number of templates, varint; for each its length, varint; the templates end to end, with a byte of 0xff for each gap; for each gap the length that all its values have, varint, 0 if they differ |
 * | rows | for each the low byte of its template's index; then, where there are more than 256 templates, for each the high byte |
 * | lengths | for each gap whose values differ in length, the length of each value, varint |
 * | values | for each gap the values of its template's rows, in order, end to end |
 *
 * Sections compress better apart, and a search reads only the first and the last until something is found. Templates are in
 * order of frequency, so that most indexes are small.
 */

import { ByteWriter } from "./_byte_writer.ts";
import { compress } from "./_compress.ts";
import { TEMPLATE_GAP, type TemplatedRows } from "./_templated_rows.ts";

/** The flag of texts that are ASCII. */
export const TEMPLATES_ASCII = 1;

/**
 * Encodes texts that were taken apart.
 * @param count rows
 */
export function encodeTemplates(rows: TemplatedRows, count: number): Uint8Array {
  const order = byFrequency(rows);
  const gaps = layOutGaps(rows, order, count);
  const { lengths, values } = writeValues(rows, gaps, count);
  const bodies = [
    writeTemplates(rows, order, gaps),
    writeRows(rows, order, count),
    lengths,
    values,
  ].map((body) => ({ body, packed: compress(body) ?? body }));
  const stored = new ByteWriter(40 + bodies.reduce((sum, { packed }) => sum + packed.length, 0));
  for (const { body, packed } of bodies) {
    stored.varint(body.length);
    stored.varint(packed.length);
  }
  for (const { packed } of bodies) stored.raw(packed);
  return stored.written();
}

/** Old indexes of templates in their new order, and new ones in their old. */
interface TemplateOrder {
  readonly oldOf: readonly number[];
  readonly newOf: Uint16Array;
}

function byFrequency({ templates, rowCount }: TemplatedRows): TemplateOrder {
  const oldOf = templates.map((_, i) => i).sort((a, b) => rowCount[b]! - rowCount[a]! || a - b);
  const newOf = new Uint16Array(oldOf.length);
  oldOf.forEach((old, index) => newOf[old] = index);
  return { oldOf, newOf };
}

/** Where the values of each gap go. Gaps are in order of their templates, and in these of their places. */
interface GapLayout {
  /** For each template, by its old index, its first gap. */
  readonly firstGap: Uint32Array;
  /** For each gap the length of all its values, or 0. */
  readonly alike: Uint32Array;
  /** For each gap where its values begin among all; one more at the end. */
  readonly valuesAt: Uint32Array;
  /** For each gap where its lengths begin among all, nothing if they are alike; one more at the end. */
  readonly lengthsAt: Uint32Array;
}

function layOutGaps(rows: TemplatedRows, { oldOf }: TemplateOrder, count: number): GapLayout {
  const { templates, templateOf, rowSpans, spans } = rows;
  const firstGap = new Uint32Array(templates.length);
  let gapCount = 0;
  for (const template of oldOf) {
    firstGap[template] = gapCount;
    for (const byte of templates[template]!) if (byte === TEMPLATE_GAP) gapCount++;
  }
  const alike = new Uint32Array(gapCount);
  const differ = new Uint8Array(gapCount);
  const valuesAt = new Uint32Array(gapCount + 1);
  const lengthsAt = new Uint32Array(gapCount + 1);
  for (let row = 0; row < count; row++) {
    let gap = firstGap[templateOf[row]!]!;
    const end = 2 * rowSpans[row + 1]!;
    for (let span = 2 * rowSpans[row]!; span < end; span += 2) {
      const length = spans[span + 1]! - spans[span]!;
      if (alike[gap] === 0) alike[gap] = length;
      else if (alike[gap] !== length) differ[gap] = 1;
      gap++;
      valuesAt[gap]! += length;
      lengthsAt[gap]! += varintBytes(length);
    }
  }
  for (let gap = 0; gap < gapCount; gap++) {
    if (differ[gap] === 1) alike[gap] = 0;
    else lengthsAt[gap + 1] = 0;
    valuesAt[gap + 1]! += valuesAt[gap]!;
    lengthsAt[gap + 1]! += lengthsAt[gap]!;
  }
  return { firstGap, alike, valuesAt, lengthsAt };
}

function varintBytes(value: number): number {
  return value < 0x80 ? 1 : Math.ceil((32 - Math.clz32(value)) / 7);
}

/** Reads the values where they stand, row by row, and puts each behind those of its gap. */
function writeValues(
  { templateOf, rowSpans, spans, bytes }: TemplatedRows,
  { firstGap, alike, valuesAt, lengthsAt }: GapLayout,
  count: number,
): { lengths: Uint8Array; values: Uint8Array } {
  const values = new Uint8Array(valuesAt[alike.length]!);
  const lengths = new Uint8Array(lengthsAt[alike.length]!);
  const valueAt = valuesAt.slice();
  const lengthAt = lengthsAt.slice();
  for (let row = 0; row < count; row++) {
    let gap = firstGap[templateOf[row]!]!;
    const end = 2 * rowSpans[row + 1]!;
    for (let span = 2 * rowSpans[row]!; span < end; span += 2, gap++) {
      const spanEnd = spans[span + 1]!;
      let from = spans[span]!;
      if (alike[gap] === 0) {
        let rest = spanEnd - from;
        let at = lengthAt[gap]!;
        for (; rest >= 0x80; rest >>>= 7) lengths[at++] = (rest & 0x7f) | 0x80;
        lengths[at++] = rest;
        lengthAt[gap] = at;
      }
      let at = valueAt[gap]!;
      while (from < spanEnd) values[at++] = bytes[from++]!;
      valueAt[gap] = at;
    }
  }
  return { lengths, values };
}

function writeTemplates(
  { templates, ascii }: TemplatedRows,
  { oldOf }: TemplateOrder,
  { alike }: GapLayout,
): Uint8Array {
  const writer = new ByteWriter(16 * 1024);
  writer.u8(ascii ? TEMPLATES_ASCII : 0);
  writer.varint(templates.length);
  for (const template of oldOf) writer.varint(templates[template]!.length);
  for (const template of oldOf) writer.raw(templates[template]!);
  for (const length of alike) writer.varint(length);
  return writer.written();
}

function writeRows(
  { templates, templateOf }: TemplatedRows,
  { newOf }: TemplateOrder,
  count: number,
): Uint8Array {
  const wide = templates.length > 256;
  const body = new Uint8Array(wide ? 2 * count : count);
  for (let row = 0; row < count; row++) body[row] = newOf[templateOf[row]!]!;
  if (wide) {
    for (let row = 0; row < count; row++) body[count + row] = newOf[templateOf[row]!]! >>> 8;
  }
  return body;
}
