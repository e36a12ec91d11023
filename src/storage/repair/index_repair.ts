/**
 * @module The look through the index, in the background, after a start or before anything deleted is reclaimed: an entry that is damaged or missing is made anew from
 * another index that has it or, where none has, from the segment itself. So are blocks of the id index.
 *
 * Only what removes segments could come between, and that is done by the same loop.
 */

import { isDamage } from "./damage.ts";
import { listAll } from "../database.ts";
import { isSoundBlock, rebuildBlock } from "./id_block_repair.ts";
import { encodeIdBlock, idBlockOf } from "../id_index.ts";
import { type IndexEntry, indexMutations, isVisible, readIndexEntry } from "../index_entry.ts";
import {
  idBlockKey,
  INDEX_RANGES,
  indexKeys,
  type Key,
  type SegmentKind,
  segmentsFrom,
} from "../keys.ts";
import { restoreEntry } from "./restored_entry.ts";
import { versionOfSegment } from "../segment_id.ts";
import type { EngineState } from "../state.ts";

/** About 10 KiB of memory and 0.5 ms each, for a while: a store of 200 million records. Larger ones have `sentinel check`. */
const SEGMENTS_MAX = 50_000;

/** What the indexes hold. */
interface Found {
  readonly entries: Map<number, IndexEntry>;
  /** Keys of sound entries, as text. */
  readonly keys: Set<string>;
  readonly damaged: Key[];
}

/** Looks through the index once and repairs it. */
export async function repairIndex(state: EngineState): Promise<void> {
  const { publisher, database, damage, log } = state.parts;
  const { version, segments } = publisher.state;
  if (version === 0) return;
  if ((segments ?? 0) > SEGMENTS_MAX) {
    return log("info", "The index is too large to be looked through; sentinel check does it");
  }
  const found = await readIndexes(state, version);
  await restoreLost(state, found, version);
  const visible = [...found.entries.values()].filter((entry) => isVisible(entry, version));
  const lacking = visible.flatMap((entry) =>
    indexMutations(entry).filter(([key]) => !found.keys.has(nameOf(key)))
  );
  for (const mutation of lacking) await database.commit({ sets: [mutation] });
  if (lacking.length > 0) log("info", `Repaired ${lacking.length} entries of the index`);
  state.parts.memo.published({
    version: publisher.state.version,
    born: visibleOf(lacking, found),
    retired: [],
  });
  for (const key of found.damaged) settle(state, key, found);
  publisher.garbage.add(
    [...found.entries.values()].filter(({ dead }) => (dead ?? Infinity) <= version),
  );
  if (segments !== undefined && visible.length < segments) {
    damage.leaveOut(
      "index_entries",
      "lost",
      `${segments - visible.length} of ${segments} segments are in no index and cannot be read`,
    );
  }
  await repairBlocks(state, visible);
}

function nameOf(key: Key): string {
  return JSON.stringify(key);
}

function visibleOf(
  lacking: readonly (readonly [Key, Uint8Array])[],
  { entries }: Found,
): IndexEntry[] {
  return [...new Set(lacking.map(([key]) => key.at(-1) as number))].map((id) => entries.get(id)!);
}

async function readIndexes({ parts: { database } }: EngineState, version: number): Promise<Found> {
  const found: Found = { entries: new Map(), keys: new Set(), damaged: [] };
  for (const range of INDEX_RANGES) {
    for await (const stored of listAll(database, range)) {
      try {
        const entry = readIndexEntry(stored);
        if (entry.born > version) continue;
        found.entries.set(entry.id, entry);
        found.keys.add(nameOf(stored.key));
      } catch (error) {
        if (!isDamage(error)) throw error;
        found.damaged.push(stored.key);
      }
    }
  }
  return found;
}

/** Finds segments that no sound entry tells of: at damaged keys and, if the count says that there are more, among all values. */
async function restoreLost(state: EngineState, found: Found, version: number): Promise<void> {
  const { publisher, database } = state.parts;
  const restore = async (id: number, kind?: SegmentKind) => {
    if (
      found.entries.has(id) || versionOfSegment(id) > version || publisher.garbage.isLeaving(id)
    ) return;
    const entry = await restoreEntry(database, id, kind);
    if (entry !== undefined) found.entries.set(id, entry);
  };
  for (const key of found.damaged) {
    const kind = key[1] === "mixed" || key[1] === "span" ? key[1] : "single";
    await restore(key.at(-1) as number, kind);
  }
  const visible = () => [...found.entries.values()].filter((one) => isVisible(one, version)).length;
  if (visible() >= (publisher.state.segments ?? 0)) return;
  let from = 0;
  while (true) {
    const [next] = await database.list(segmentsFrom(from), { limit: 1 });
    if (next === undefined) return;
    const id = next.key[2] as number;
    await restore(id);
    from = id + 1;
  }
}

/** A damaged key that belongs to a sound entry was written anew; any other stands for nothing that can be read. */
function settle({ parts: { damage } }: EngineState, key: Key, { entries }: Found): void {
  const entry = entries.get(key.at(-1) as number);
  const isRepaired = entry !== undefined &&
    indexKeys(entry).some((own) => nameOf(own) === nameOf(key));
  if (isRepaired) damage.repaired("index_entries", nameOf(key));
}

/** Makes blocks of the id index anew that are damaged or missing. */
async function repairBlocks(state: EngineState, visible: readonly IndexEntry[]): Promise<void> {
  const { database, damage, log } = state.parts;
  const blocks = new Set<number>();
  for (const { firstId, lastId } of visible) {
    for (let block = idBlockOf(firstId); block <= idBlockOf(lastId); block++) blocks.add(block);
  }
  for (const block of blocks) {
    if (isSoundBlock(await database.get(idBlockKey(block)))) continue;
    const span = await rebuildBlock(state, block);
    if (span === undefined) continue;
    await database.commit({ sets: [[idBlockKey(block), encodeIdBlock(block, span)]] });
    damage.repaired("id_blocks", `${block}`);
    log("info", `Repaired block ${block} of the id index`);
  }
}
