import assert from "node:assert/strict";
import { addTotals, decodeTotal, totalMutation, TotalsTable } from "./totals.ts";

const STREAM = { service: "__proto__", severity: 3 } as const;
const at = (ms: number, ns = 0) => ({ ms, ns });

Deno.test("addTotals() adds counts and keeps the later moment, whatever an empty one says", () => {
  const a = { count: 2, last: at(-5, 7) };
  const b = { count: 3, last: at(-5, 8) };
  assert.deepEqual(addTotals(a, b), { count: 5, last: at(-5, 8) });
  assert.deepEqual(addTotals(b, a), { count: 5, last: at(-5, 8) });
  assert.deepEqual(addTotals({ count: 0, last: at(99) }, a), a);
  assert.deepEqual(addTotals(a, { count: 0, last: at(99) }), a);
});

Deno.test("a stored total tells the versions before and after its publication", () => {
  const previous = { count: 2, last: at(10) };
  const total = { count: 5, last: at(20, 1) };
  const [key, value] = totalMutation(STREAM, 7, total, previous);
  const entry = { key, value, versionstamp: "1" };
  assert.deepEqual(decodeTotal(entry, 6), { ...STREAM, ...previous });
  assert.deepEqual(decodeTotal(entry, 7), { ...STREAM, ...total });
  assert.deepEqual(decodeTotal(entry, 8), { ...STREAM, ...total });
});

Deno.test("the total of a stream that had nothing can be stored", () => {
  const [key, value] = totalMutation(
    STREAM,
    1,
    { count: 1, last: at(5) },
    new TotalsTable().get(STREAM),
  );
  assert.equal(decodeTotal({ key, value, versionstamp: "1" }, 0).count, 0);
});

Deno.test("a table tells streams apart and forgets those without records", () => {
  const table = new TotalsTable();
  table.add(STREAM, { count: 1, last: at(5) });
  table.add({ service: "1x", severity: 2 }, { count: 2, last: at(6) });
  table.add({ service: "x", severity: 1 }, { count: 3, last: at(7) });
  assert.equal(table.size, 3);
  assert.deepEqual([...table].map(({ service, count }) => [service, count]), [
    ["__proto__", 1],
    ["1x", 2],
    ["x", 3],
  ]);
  table.set(STREAM, { count: 0, last: at(0) });
  assert.ok(!table.has(STREAM));
  assert.equal(table.get(STREAM).count, 0);
});
