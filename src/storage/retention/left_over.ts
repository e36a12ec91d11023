/** @module Small keys that outlive the records that they were made for: totals of streams without records, blocks of the id index. */

import { isSoundBlock } from "../repair/id_block_repair.ts";
import { decodeIdBlock, lastIdOf } from "../id_index.ts";
import { idBlockKey, idBlockRange, type Key, streamKey } from "../keys.ts";
import { BACKGROUND_MUTATIONS_MAX } from "../limits.ts";
import type { EngineState } from "../state.ts";

/** Removes some of these keys, if nobody needs them any more; false if there are none. */
export async function removeLeftOver(state: EngineState): Promise<boolean> {
  return await removeEmptyStreams(state) || await removeIdBlocks(state);
}

/** The totals of streams that have no records in segments; a flush of such a stream makes them anew. */
function removeEmptyStreams(state: EngineState): Promise<boolean> {
  const { publisher, database } = state.parts;
  return publisher.exclusively(async () => {
    const streams = [...state.emptied].slice(0, BACKGROUND_MUTATIONS_MAX);
    if (streams.length === 0) return false;
    const empty = streams.filter(([, stream]) => !state.stored.has(stream));
    await database.commit({ deletes: empty.map(([, stream]) => streamKey(stream)) });
    for (const [name] of streams) state.emptied.delete(name);
    return true;
  });
}

/** Blocks whose records have all been deleted, once no reader sees these any more. */
function removeIdBlocks(state: EngineState): Promise<boolean> {
  const { publisher, database } = state.parts;
  const { deletedBefore } = state;
  if (deletedBefore === undefined || state.oldestRead < deletedBefore.version) {
    return Promise.resolve(false);
  }
  return publisher.exclusively(async () => {
    const { ms, horizonId, fromBlock } = deletedBefore;
    const range = { start: idBlockKey(fromBlock), end: idBlockRange.end };
    const blocks = await database.list(range, { limit: BACKGROUND_MUTATIONS_MAX });
    const dead: Key[] = [];
    for (const block of blocks) {
      const isOver = lastIdOf(block.key[2] as number) < horizonId;
      if (isOver && isSoundBlock(block) && decodeIdBlock(block).lastMs < ms) dead.push(block.key);
    }
    if (dead.length > 0) await database.commit({ deletes: dead });
    // A page without any is the end of the old ones, but for blocks that a clock far ahead has widened.
    state.deletedBefore = dead.length === 0
      ? undefined
      : { ...deletedBefore, fromBlock: (blocks.at(-1)!.key[2] as number) + 1 };
    return dead.length > 0;
  });
}
