/**
 * @module Flush: a generation of the memtable becomes segments, and its journal is no longer needed. While one is being
 * published, the Worker already builds the next, if there is enough for one: publishing takes a third of the time.
 */

import type { BuildOutput } from "./build.ts";
import type { Database } from "./database.ts";
import { dayOf, idBlockKey, journalBefore, journalKey, journalPartKey, type Key } from "./keys.ts";
import { decodeIdBlock, type IdBlock, idBlockOf, widenBlock } from "./id_index.ts";
import { isSoundBlock, rebuildBlock } from "./repair/id_block_repair.ts";
import { BACKGROUND_MUTATIONS_MAX, ID_BLOCK_BITS } from "./limits.ts";
import type { Generation } from "./memtable.ts";
import type { EngineState } from "./state.ts";
import type { Tombstone } from "./tombstone.ts";
import { addTotals } from "./totals.ts";

/** What is being built of a generation, and what was hidden when that began. */
export interface Building {
  readonly generation: Generation;
  readonly tombstones: readonly Tombstone[];
  readonly output: Promise<BuildOutput>;
}

/** Flushes what was committed so far; false if there was nothing. */
export function flush(state: EngineState): Promise<boolean> {
  const { publisher, counters } = state.parts;
  return publisher.exclusively(async () => {
    const generation = state.seal();
    if (generation === undefined) return false;
    await counters.flushes.measure(() => flushGeneration(state, generation));
    counters.flushedRecords += generation.records;
    return true;
  });
}

async function flushGeneration(state: EngineState, generation: Generation): Promise<void> {
  const { publisher, database, planner, reader, node } = state.parts;
  const { segments, totals } = await built(state, generation);
  buildAhead(state);
  const changed = totals.map(({ stream, count, lastMs, lastNs }) => {
    const previous = state.stored.get(stream);
    const added = { count, last: { ms: lastMs, ns: lastNs } };
    return { stream, previous, total: addTotals(previous, added) };
  });
  const days = new Set(segments.map(({ encoded }) => dayOf(encoded.summary.lastMs)));
  const dirtyDays = [...days].filter((day) => !state.dirtyDays.has(day));
  await publisher.publish({
    segments: segments.map((segment) => ({ ...segment, level: 0 })),
    totals: changed,
    idBlocks: await widenedBlocks(state, generation),
    covered: generation.lastSeq!,
    dirtyDays,
  }, ({ entries }) => {
    for (const { stream, total } of changed) state.setStored(stream, total);
    for (const day of days) state.dirtyDays.set(day, state.parts.now());
    for (const entry of entries) planner.add(entry);
    state.expectGrouping(entries);
    reader.filters.adopt(entries, segments.map(({ encoded }) => encoded.filter));
    state.drop(generation);
  });
  try {
    await removeJournal(database, node, generation);
  } catch (error) {
    state.journalLeft = true;
    throw error;
  }
}

/** The segments of a generation; what was built of it ahead, unless a deletion has come between. */
function built(state: EngineState, generation: Generation): Promise<BuildOutput> {
  const ahead = state.ahead;
  state.ahead = undefined;
  return ahead?.generation === generation && ahead.tombstones === state.tombstones
    ? ahead.output
    : build(state, generation);
}

function buildAhead(state: EngineState): void {
  const generation = state.sealNext();
  if (generation === undefined) return;
  const output = build(state, generation);
  output.catch(() => {/* whoever flushes the generation gets it, or builds it anew */});
  state.ahead = { generation, tombstones: state.tombstones, output };
}

function build(state: EngineState, generation: Generation): Promise<BuildOutput> {
  return state.parts.builder.build({
    batches: generation.journal.map(({ payload }) => payload),
    tombstones: state.tombstones,
  });
}

/** The id blocks of a generation, with what earlier flushes said of them. */
async function widenedBlocks(
  state: EngineState,
  generation: Generation,
): Promise<Map<number, IdBlock>> {
  const { database } = state.parts;
  let firstId = Infinity;
  const blocks = new Map<number, IdBlock>();
  for (const { columns, firstMs, lastMs } of generation.views()) {
    const { count, ids, receivedMs } = columns;
    if (count === 0) continue;
    firstId = Math.min(firstId, ids[0]!);
    // Ids and times of receipt ascend. A chunk that lies in two blocks widens each a little more than it must.
    const span = {
      firstMs,
      lastMs,
      firstReceivedMs: receivedMs[0]!,
      lastReceivedMs: receivedMs[count - 1]!,
    };
    const last = idBlockOf(ids[count - 1]!);
    for (let block = idBlockOf(ids[0]!); block <= last; block++) {
      blocks.set(block, widenBlock(blocks.get(block), span));
    }
  }
  for (const [block, span] of blocks) {
    const stored = await database.get(idBlockKey(block));
    const known = isSoundBlock(stored)
      ? decodeIdBlock(stored!)
      // A block that this generation begins is not there yet; any other should be.
      : stored === undefined && firstId <= Math.max(1, block * 2 ** ID_BLOCK_BITS)
      ? undefined
      : await rebuildBlock(state, block);
    blocks.set(block, widenBlock(known, span));
  }
  return blocks;
}

/** Nothing reads it any more: a start begins after what is covered. */
async function removeJournal(
  database: Database,
  node: number,
  generation: Generation,
): Promise<void> {
  const keys: Key[] = [];
  for (const { seq, parts } of generation.journal) {
    keys.push(journalKey(node, seq));
    for (let part = 0; part < parts; part++) keys.push(journalPartKey(node, seq, part));
  }
  for (let i = 0; i < keys.length; i += BACKGROUND_MUTATIONS_MAX) {
    await database.commit({ deletes: keys.slice(i, i + BACKGROUND_MUTATIONS_MAX) });
  }
}

/** Removes journal entries that segments cover already: what is left where a flush could not clean up after itself. */
export async function removeCoveredJournal(state: EngineState): Promise<void> {
  const { database, node, publisher } = state.parts;
  const range = journalBefore(node, publisher.state.covered + 1);
  while (true) {
    const entries = await database.list(range, { limit: BACKGROUND_MUTATIONS_MAX });
    if (entries.length === 0) break;
    await database.commit({ deletes: entries.map(({ key }) => key) });
  }
  state.journalLeft = false;
}
