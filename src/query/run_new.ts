import type { RowRef } from "../record.ts";
import type { Snapshot } from "../storage/mod.ts";
import type { LogFilters } from "./filters.ts";
import { CHUNK_ROWS } from "./limits.ts";
import { planScan, type ReadScope } from "./plan.ts";

/** Ids looked at in one step at most: those of an hour's records at some 300 a second. */
const ID_SPAN_MAX = 1_048_576;

/** Some new matches. */
export interface NewRows {
  /** By ascending id; empty if no record up to `throughId` matches. */
  readonly rows: RowRef[];
  /** Every match with an id up to this one was given: what to resume after. */
  readonly throughId: number;
}

/**
 * Reads the matches with an id above `afterId` in ascending order of ids, in chunks of at most `CHUNK_ROWS`: what a
 * live tail shows, and what it resumes with.
 */
export async function* readNew(
  snapshot: Snapshot,
  filters: LogFilters,
  scope: ReadScope,
  afterId: number,
): AsyncGenerator<NewRows> {
  const plan = planScan(snapshot, filters, scope);
  let last = afterId;
  // So many ids cannot have more matches than a chunk holds; where matches are rare the spans grow.
  let span = CHUNK_ROWS;
  while (last + 1 < snapshot.nextId) {
    const idTo = Math.min(last + span, snapshot.nextId - 1);
    const scan = snapshot.scan({ ...plan, idFrom: last + 1, idTo, order: "asc" });
    const rows = await scan.next(CHUNK_ROWS + 1);
    if (rows.length > CHUNK_ROWS) {
      span = CHUNK_ROWS;
      continue;
    }
    rows.sort((a, b) => idOf(a) - idOf(b));
    last = idTo;
    yield { rows, throughId: last };
    if (rows.length < CHUNK_ROWS / 4) span = Math.min(span * 2, ID_SPAN_MAX);
  }
}

function idOf({ columns, row }: RowRef): number {
  return columns.ids[row]!;
}
