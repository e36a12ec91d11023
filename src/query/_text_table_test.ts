import assert from "node:assert/strict";
import fc from "fast-check";
import { textAt } from "../record.ts";
import { columnOf, TextTable } from "./_text_table.ts";

const texts = fc.array(
  fc.oneof(fc.constantFrom("", "a", "b", "ab", "é"), fc.string({ unit: "binary", maxLength: 3 })),
  { maxLength: 400 },
);

Deno.test("a TextTable numbers texts in the order of their first appearance", () => {
  fc.assert(fc.property(texts, (all) => {
    const table = new TextTable();
    const distinct = [...new Set(all)];
    assert.deepEqual(
      all.map((text) => table.numberOf(text)),
      all.map((text) => distinct.indexOf(text)),
    );
    const packed = table.packed();
    const column = columnOf(packed);
    assert.deepEqual(Array.from({ length: packed.size }, (_, i) => textAt(column, i)), distinct);
    assert.equal(packed.bytes.length, packed.offsets.at(-1));
  }));
});

Deno.test("a TextTable of a bounded size knows what it has and takes nothing new", () => {
  const table = new TextTable();
  const numbers = ["a", "b", "c", "a", "b", "c"].map((text) => table.numberOf(text, 2));
  assert.deepEqual(numbers, [0, 1, -1, 0, 1, -1]);
});
