/** @module A block of the id index made anew from the heads of the segments that have ids of it. */

import { isDamage } from "./damage.ts";
import type { Entry } from "../database.ts";
import { listCandidates } from "../catalog.ts";
import { decodeIdBlock, type IdBlock, widenBlock } from "../id_index.ts";
import { ID_BLOCK_BITS } from "../limits.ts";
import { makeSelection } from "../selection.ts";
import type { EngineState } from "../state.ts";

/** Whether a stored block can be read. */
export function isSoundBlock(entry: Entry | undefined): boolean {
  try {
    return entry !== undefined && decodeIdBlock(entry).firstMs !== undefined;
  } catch (error) {
    if (!isDamage(error)) throw error;
    return false;
  }
}

/** What segments have of a block's ids; `undefined` if they have none. */
export async function rebuildBlock(
  state: EngineState,
  block: number,
): Promise<IdBlock | undefined> {
  const firstId = block * 2 ** ID_BLOCK_BITS;
  const endId = firstId + 2 ** ID_BLOCK_BITS;
  const view = state.view();
  let span: IdBlock | undefined;
  for await (const { entries } of listCandidates(view, makeSelection({}, []), "asc")) {
    for (const entry of entries) {
      if (entry.lastId < firstId || entry.firstId >= endId) continue;
      try {
        const { ids, timestampMs, receivedMs, count } = (await view.reader.head(entry)).columns;
        for (let row = 0; row < count; row++) {
          if (ids[row]! < firstId || ids[row]! >= endId) continue;
          span = widenBlock(span, {
            firstMs: timestampMs[row]!,
            lastMs: timestampMs[row]!,
            firstReceivedMs: receivedMs[row]!,
            lastReceivedMs: receivedMs[row]!,
          });
        }
      } catch (error) {
        if (!isDamage(error)) throw error;
        // Its records cannot be read by any way; that the block may span them is enough to be told so.
        span = widenBlock(span, entry);
      }
    }
  }
  return span;
}
