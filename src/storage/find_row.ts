/** @module The search for one record in the segments, by its id. */

import type { RowRef } from "../record.ts";
import { listCandidates } from "./catalog.ts";
import type { IndexEntry } from "./index_entry.ts";
import { SegmentSearch } from "./segment_search.ts";
import type { Selection } from "./selection.ts";
import { noteDamage, type View } from "./view.ts";

/**
 * The only record that a selection of one id has in segments, every column loaded. Many segments may have been written
 * from the records around it: the densest come first, and the search ends with the one that has it.
 */
export async function findRow(view: View, selection: Selection): Promise<RowRef | undefined> {
  const candidates: IndexEntry[] = [];
  for await (const { entries } of listCandidates(view, selection, "asc")) {
    candidates.push(...entries);
  }
  const search = new SegmentSearch(view, selection, undefined);
  for (const entry of candidates.sort((a, b) => density(b) - density(a))) {
    const segment = await search.open(entry);
    if (segment === undefined) continue;
    try {
      const columns = await view.reader.columns(entry.id, segment.head, "all");
      view.reader.work.rowsGiven++;
      return { columns, row: segment.rows[0]! };
    } catch (error) {
      noteDamage(view, entry, error);
      return undefined;
    }
  }
  return undefined;
}

/** The share of the ids between its first and its last that a segment has. */
function density({ count, firstId, lastId }: IndexEntry): number {
  return count / (lastId - firstId + 1);
}
