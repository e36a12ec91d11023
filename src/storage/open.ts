/** @module Opening a store: format, fence, version, totals, then the journal. Never the segments. */

import { CorruptDataError, decodeBatch, decodeDocument, encodeDocument } from "../codec/mod.ts";
import { type Database, listAll } from "./database.ts";
import { OpenError } from "./errors.ts";
import type { Journal, NextState } from "./journal.ts";
import { decodeNextState } from "./journal.ts";
import { metaKey, nextKey, streamRange, tombstoneRange } from "./keys.ts";
import { FORMAT_VERSION } from "./limits.ts";
import type { VersionState } from "./publication.ts";
import type { EngineState } from "./state.ts";
import { decodeTombstone, type Tombstone } from "./tombstone.ts";
import { decodeTotal } from "./totals.ts";

/**
 * Makes sure that this version can read the store; a new one, and one of an older format, is marked with this format.
 *
 * @throws {OpenError} the format is newer, or not a store of this program
 */
export async function checkFormat(database: Database): Promise<void> {
  const meta = await database.get(metaKey);
  if (meta === undefined) {
    await database.commit({
      checks: [{ key: metaKey, versionstamp: null }],
      sets: [[metaKey, encodeDocument({ format: FORMAT_VERSION })]],
    });
    return;
  }
  const { format } = decodeDocument(meta.value) as { format: number };
  if (format > FORMAT_VERSION) {
    throw new OpenError(
      `Cannot open the data: it has format ${format}, this version reads formats up to ${FORMAT_VERSION}; ` +
        "use the version of sentinel that wrote it, or a newer one",
    );
  }
  // Before anything is written that an older version would take for damage.
  if (format < FORMAT_VERSION) {
    await database.commit({
      checks: [{ key: metaKey, versionstamp: meta.versionstamp }],
      sets: [[metaKey, encodeDocument({ format: FORMAT_VERSION })]],
    });
  }
}

/** Loads what the version describes, then replays the journal beyond it. */
export async function loadState(
  state: EngineState,
  journal: Journal,
  { version, covered }: VersionState,
): Promise<NextState> {
  const { database, node } = state.parts;
  const tombstones: Tombstone[] = [];
  for await (const { value } of listAll(database, tombstoneRange)) {
    tombstones.push(decodeTombstone(value));
  }
  state.tombstones = tombstones;
  for await (const entry of listAll(database, streamRange)) {
    try {
      const { count, last, ...stream } = decodeTotal(entry, version);
      state.setStored(stream, { count, last });
      state.live.set(stream, { count, last });
    } catch (error) {
      note(state, `the totals of ${JSON.stringify(entry.key.slice(2))}`, error);
    }
  }
  const replayed = await replay(state, journal, covered + 1);
  const stored = await database.get(nextKey(node));
  const next = stored === undefined
    ? { id: 1, seq: covered + 1, receivedMs: 0 }
    : decodeNextState(stored.value);
  // The stored state is authoritative; what was replayed can only confirm it.
  return {
    id: Math.max(next.id, replayed.id),
    seq: Math.max(next.seq, replayed.seq, covered + 1),
    receivedMs: Math.max(next.receivedMs, replayed.receivedMs),
  };
}

async function replay(state: EngineState, journal: Journal, from: number): Promise<NextState> {
  const next = { id: 1, seq: from, receivedMs: 0 };
  for await (const entry of journal.replay(from)) {
    next.seq = entry.seq + 1;
    if ("damage" in entry) {
      note(state, "records", new CorruptDataError(entry.damage));
      continue;
    }
    try {
      const columns = decodeBatch(entry.payload);
      state.append(columns, entry);
      if (columns.count > 0) {
        next.id = columns.ids[columns.count - 1]! + 1;
        next.receivedMs = columns.receivedMs[columns.count - 1]!;
      }
    } catch (error) {
      note(state, `records of journal entry ${entry.seq}`, error);
    }
  }
  return next;
}

/** Keeps a sentence about what could not be read; a start never fails because of one bad value. */
function note(state: EngineState, what: string, error: unknown): void {
  if (!(error instanceof CorruptDataError)) throw error;
  state.damage.push(`${what}: ${error.message}`);
  state.parts.log("error", `Damage found at the start: ${what}: ${error.message}`);
}
