import assert from "node:assert/strict";
import fc from "fast-check";
import { Heap } from "./heap.ts";

Deno.test("a heap gives its items in order, whatever order they came in", () => {
  fc.assert(fc.property(fc.array(fc.integer()), (items) => {
    const heap = new Heap<number>((a, b) => a < b);
    for (const item of items) heap.push(item);
    assert.equal(heap.size, items.length);
    const found: number[] = [];
    while (heap.size > 0) {
      const top = heap.peek()!;
      assert.equal(heap.pop(), top);
      found.push(top);
    }
    assert.deepEqual(found, items.toSorted((a, b) => a - b));
    assert.equal(heap.pop(), undefined);
    assert.equal(heap.peek(), undefined);
  }));
});

Deno.test("replaceTop() moves a top that has grown to its place", () => {
  fc.assert(fc.property(
    fc.array(fc.nat(50), { minLength: 1 }),
    fc.array(fc.nat(20), { maxLength: 60 }),
    (items, growths) => {
      const heap = new Heap<{ value: number }>((a, b) => a.value < b.value);
      const all = items.map((value) => ({ value }));
      for (const item of all) heap.push(item);
      for (const growth of growths) {
        heap.peek()!.value += growth;
        heap.replaceTop();
        assert.equal(heap.peek()!.value, Math.min(...all.map(({ value }) => value)));
      }
    },
  ));
});
