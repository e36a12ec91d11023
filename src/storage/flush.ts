/** @module Flush: a generation of the memtable becomes segments, and its journal is no longer needed. */

import { decodeDocument } from "../codec/mod.ts";
import type { Database } from "./database.ts";
import { dayOf, idBlockKey, journalKey, journalPartKey, type Key } from "./keys.ts";
import { type IdBlock, idBlockOf, widenBlock } from "./id_index.ts";
import { BACKGROUND_MUTATIONS_MAX } from "./limits.ts";
import type { Generation } from "./memtable.ts";
import type { EngineState } from "./state.ts";
import { addTotals } from "./totals.ts";

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
  const { publisher, database, builder, planner, node } = state.parts;
  const { segments, totals } = await builder.build({
    batches: generation.journal.map(({ payload }) => payload),
    tombstones: state.tombstones,
  });
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
    idBlocks: await widenedBlocks(database, generation),
    covered: generation.lastSeq!,
    dirtyDays,
  }, ({ entries }) => {
    for (const { stream, total } of changed) state.stored.set(stream, total);
    for (const day of days) state.dirtyDays.set(day, state.parts.now());
    for (const entry of entries) planner.add(entry);
    state.expectGrouping(entries);
    state.drop(generation);
  });
  await removeJournal(database, node, generation);
}

/** The id blocks of a generation, with what earlier flushes said of them. */
async function widenedBlocks(
  database: Database,
  generation: Generation,
): Promise<Map<number, IdBlock>> {
  const blocks = new Map<number, IdBlock>();
  for (const { columns, firstMs, lastMs } of generation.views()) {
    const { count, ids, receivedMs } = columns;
    if (count === 0) continue;
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
    if (stored !== undefined) {
      blocks.set(block, widenBlock(decodeDocument(stored.value) as IdBlock, span));
    }
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
