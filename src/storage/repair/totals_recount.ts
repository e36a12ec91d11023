/** @module Counting the stored totals anew, from the summaries of segments and, of shared ones, their heads. */

import type { RecordColumns } from "../../record.ts";
import { type EngineState, totalsOf } from "../state.ts";
import { TotalsTable } from "../totals.ts";
import type { Visitor, WholeRun } from "../types.ts";
import { visitSegments } from "../visit.ts";

/** Replaces all stored totals by what segments hold now; of segments that cannot be read, answers say so from then on. */
export function recountTotals(state: EngineState): Promise<void> {
  const { publisher, damage, log } = state.parts;
  return publisher.exclusively(async () => {
    const view = state.view();
    const counter = new TotalsCounter();
    const known = view.damage.length;
    await visitSegments(view, {}, [], counter);
    const streams = new TotalsTable();
    for (const { count, last, ...stream } of [...state.stored, ...counter.totals]) {
      streams.set(stream, { count, last });
    }
    const totals = [...streams].map(({ service, severity }) => {
      const stream = { service, severity };
      return { stream, total: counter.totals.get(stream), previous: state.stored.get(stream) };
    });
    await publisher.publish({ totals }, () => {
      for (const { stream, total } of totals) state.setStored(stream, total);
      for (const stream of [...state.live, ...counter.totals]) {
        state.live.set(stream, counter.totals.get(stream));
      }
      for (const { columns } of view.chunks) {
        for (const [stream, total] of totalsOf(columns, state.tombstones)) {
          state.live.add(stream, total);
        }
      }
    });
    const left = view.damage.slice(known);
    if (left.length === 0) damage.repairedAll("totals");
    else damage.leaveOut("totals", "all", `totals lack what is damaged: ${left.join("; ")}`);
    log("info", `The totals of ${totals.length} streams were counted anew`);
  });
}

/** Counts matches by stream, with their newest timestamps. */
class TotalsCounter implements Visitor {
  readonly totals = new TotalsTable();

  whole({ service, severity, count, last }: WholeRun): boolean {
    this.totals.add({ service, severity }, { count, last });
    return true;
  }

  rows(columns: RecordColumns, rows: Uint32Array): void {
    const { streams, streamOf, timestampMs, timestampNs } = columns;
    for (const row of rows) {
      const last = { ms: timestampMs[row]!, ns: timestampNs?.[row] ?? 0 };
      this.totals.add(streams[streamOf[row]!]!, { count: 1, last });
    }
  }
}
