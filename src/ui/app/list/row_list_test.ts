import assert from "node:assert/strict";
import fc from "fast-check";
import { type Block, countOf, type ListRow, type PendingBlock } from "./block.ts";
import { RowList } from "./row_list.ts";

const HEIGHT = 20;

function rowsOf(keys: readonly number[]): ListRow[] {
  return keys.map((key) => ({ key, record: undefined, notice: "" }));
}

function loaded(from: number, to: number, reload?: PendingBlock): Block {
  const keys = Array.from({ length: to - from }, (_, i) => from + i);
  return { kind: "rows", rows: rowsOf(keys), reload };
}

function pending(count: number, open?: "above" | "below"): PendingBlock {
  const load = () => Promise.resolve([]);
  return { kind: "pending", count, firstMs: 0, lastMs: 0, ...(open && { open }), load };
}

Deno.test("rows have their place before they are loaded", () => {
  const list = new RowList([pending(1_000_000), loaded(1, 201)], HEIGHT);
  assert.equal(list.count, 1_000_200);
  assert.equal(list.height, 1_000_200 * HEIGHT);
  assert.equal(list.rowAt(5), undefined);
  assert.equal(list.rowAt(1_000_000)?.key, 1);
  assert.equal(list.indexAt(list.topOf(777_777) + 3), 777_777);
});

Deno.test("what is read does not move while rows before it become known", () => {
  fc.assert(fc.property(
    fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 6 }),
    fc.nat({ max: 199 }),
    (counts, row) => {
      const first = pending(100, "above");
      const list = new RowList([first, loaded(1_000, 1_200)], HEIGHT);
      list.holdAt(list.topOf(100 + row) + 7);
      let key = 1;
      list.replace(first, counts.map((count) => loaded(key, key += count)));
      const top = list.heldAt();
      assert.equal(list.rowAt(list.indexAt(top))?.key, 1_000 + row);
      assert.equal(top - list.topOf(list.indexAt(top)), 7);
    },
  ));
});

Deno.test("who looks at rows that are not there yet sees those next to what was there", () => {
  const older = pending(100, "above");
  const list = new RowList([older, loaded(1_000, 1_010)], HEIGHT);
  list.holdAt(list.topOf(95));
  list.replace(older, [pending(100, "above"), loaded(1, 201)]);
  assert.equal(list.rowAt(list.indexAt(list.heldAt()))?.key, 196);
});

Deno.test("measured heights move what is below, and positions agree with them", () => {
  fc.assert(fc.property(
    fc.uniqueArray(fc.nat({ max: 99 }), { maxLength: 20 }),
    fc.integer({ min: 1, max: 500 }),
    (tall, px) => {
      const list = new RowList([loaded(0, 50), loaded(50, 100)], HEIGHT);
      list.measured(new Map(tall.map((key) => [key, px])));
      let top = 0;
      for (let index = 0; index < 100; index++) {
        assert.equal(list.topOf(index), top);
        assert.equal(list.indexAt(top), index);
        top += tall.includes(index) ? px : HEIGHT;
      }
      assert.equal(list.height, top);
    },
  ));
});

Deno.test("what is held stays while a row above it is measured", () => {
  const list = new RowList([loaded(0, 100)], HEIGHT);
  list.holdAt(list.topOf(50) + 4);
  list.measured(new Map([[10, 300]]));
  assert.equal(list.heldAt(), list.topOf(50) + 4);
});

Deno.test("append() adds at the end, dropOldest() keeps memory bounded", () => {
  const list = new RowList([loaded(0, 10)], HEIGHT);
  for (let i = 0; i < 100; i++) {
    list.append(rowsOf(Array.from({ length: 25 }, (_, k) => 1_000 + i * 25 + k)), 100);
    list.dropOldest(500, () => pending(7, "above"));
    const inMemory = list.blocks.filter(({ kind }) => kind === "rows")
      .reduce((sum, block) => sum + countOf(block), 0);
    assert.ok(inMemory <= 500);
  }
  assert.equal(list.rowAt(list.count - 1)?.key, 3_499);
  assert.equal(list.blocks[0]?.kind, "pending");
});

Deno.test("forgetFarFrom() forgets what can be loaded again, and nothing near", () => {
  const blocks = Array.from({ length: 10 }, (_, i) => loaded(i * 100, (i + 1) * 100, pending(100)));
  const list = new RowList([...blocks, loaded(1_000, 1_100)], HEIGHT);
  list.forgetFarFrom(500, 150);
  const kinds = list.blocks.map(({ kind }) => kind === "rows" ? "r" : "p").join("");
  assert.equal(kinds, "ppprrrrpppr");
  assert.equal(list.count, 1_100);
});

Deno.test("pendingWithin() names what is to be loaded, and only that", () => {
  const [a, b] = [pending(10), pending(10)];
  const list = new RowList([a, loaded(0, 10), b], HEIGHT);
  assert.deepEqual(list.pendingWithin(0, 5), [a]);
  assert.deepEqual(list.pendingWithin(10, 20), []);
  assert.deepEqual(list.pendingWithin(5, 25), [a, b]);
});
