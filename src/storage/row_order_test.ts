import assert from "node:assert/strict";
import fc from "fast-check";
import type { RecordColumns } from "../record.ts";
import { RowOrder } from "./row_order.ts";

/** Columns of which only the order is of interest, in runs that are each sorted; ids are unique. */
function columnsOf(times: readonly (readonly number[])[]) {
  const rows = times.flatMap((run) =>
    run.map((at) => ({ ms: Math.floor(at / 10), ns: at % 10 })).sort((a, b) =>
      a.ms - b.ms || a.ns - b.ns
    )
  );
  const columns = {
    timestampMs: Float64Array.from(rows, ({ ms }) => ms),
    timestampNs: Uint32Array.from(rows, ({ ns }) => ns),
    ids: Float64Array.from(rows, (_, i) => i),
  } as unknown as RecordColumns;
  let start = 0;
  const runs = times.map(({ length }) => ({ start, end: start += length }));
  return { columns, runs, count: rows.length };
}

function walk(order: RowOrder): number[] {
  const rows: number[] = [];
  for (let row = order.row; row !== undefined; row = order.row) {
    rows.push(row);
    order.advance();
  }
  return rows;
}

Deno.test("RowOrder walks chosen rows as a sort of all of them would, with and without knowing runs", () => {
  const runs = fc.array(fc.array(fc.nat(99), { maxLength: 8 }), { maxLength: 5 });
  fc.assert(fc.property(runs, fc.nat(), (times, mask) => {
    const { columns, runs, count } = columnsOf(times);
    const rows = Uint32Array.from(Array(count).keys()).filter((row) =>
      (mask >> (row % 31) & 1) === 0
    );
    const { timestampMs, timestampNs, ids } = columns;
    const expected = [...rows].sort((a, b) =>
      timestampMs[a]! - timestampMs[b]! || timestampNs![a]! - timestampNs![b]! || ids[a]! - ids[b]!
    );
    assert.deepEqual(walk(new RowOrder(columns, rows, runs, 1)), expected);
    assert.deepEqual(walk(new RowOrder(columns, rows, undefined, 1)), expected);
    expected.reverse();
    assert.deepEqual(walk(new RowOrder(columns, rows, runs, -1)), expected);
    assert.deepEqual(walk(new RowOrder(columns, rows, undefined, -1)), expected);
  }));
});
