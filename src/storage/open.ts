/** @module Opening a store: format, fence, version, totals, then the journal. Never the segments. */

import { CorruptDataError, decodeBatch, decodeDocument, encodeDocument } from "../codec/mod.ts";
import { isDamage } from "./repair/damage.ts";
import { type Database, type Entry, listAll } from "./database.ts";
import { OpenError } from "./errors.ts";
import type { Journal, NextState } from "./journal.ts";
import { decodeNextState } from "./journal.ts";
import {
  journalRange,
  type KeyRange,
  metaKey,
  nextKey,
  streamRange,
  tombstoneCopyKey,
  tombstoneCopyRange,
  tombstoneKey,
  tombstoneRange,
} from "./keys.ts";
import { FORMAT_VERSION } from "./limits.ts";
import { noteLost, readLost } from "./repair/lost_records.ts";
import type { VersionState } from "./publication.ts";
import { hasPublished, readAllEntries, recoverNext } from "./repair/recovery.ts";
import type { EngineState } from "./state.ts";
import { decodeTombstone, encodeTombstone, type Tombstone } from "./tombstone.ts";
import { decodeTotal } from "./totals.ts";
import { recountTotals } from "./repair/totals_recount.ts";

/**
 * Makes sure that this version can read the store; a new one, and one of an older format, is marked with this format.
 *
 * @throws {OpenError} the format is newer, not to be told, or not a store of this program
 */
export async function checkFormat(database: Database, node: number): Promise<void> {
  const meta = await database.get(metaKey);
  if (meta === undefined) {
    if (await holdsRecords(database, node)) throw new OpenError(noFormat("is missing"));
    await database.commit({
      checks: [{ key: metaKey, versionstamp: null }],
      sets: [[metaKey, encodeDocument({ format: FORMAT_VERSION })]],
    });
    return;
  }
  const format = readFormat(meta);
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

function readFormat({ value }: Entry): number {
  try {
    const { format } = decodeDocument(value) as { format?: unknown };
    if (typeof format === "number") return format;
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  throw new OpenError(noFormat("is damaged"));
}

/** A guess could have newer data read, and written, by the rules of older. */
function noFormat(what: string): string {
  return `Cannot open the data: the mark of its format ${what}, so that it cannot be told how to read the rest; ` +
    "sentinel check --repair writes the mark anew if the rest is sound";
}

async function holdsRecords(database: Database, node: number): Promise<boolean> {
  const inJournal = await database.list(journalRange(node, 0), { limit: 1 });
  return inJournal.length > 0 || await hasPublished(database);
}

/** Loads what the version describes, then replays the journal beyond it. */
export async function loadState(
  state: EngineState,
  journal: Journal,
  version: VersionState,
): Promise<NextState> {
  const { database, node, damage } = state.parts;
  state.tombstones = await loadTombstones(state);
  const areTotalsSound = await loadTotals(state, version);
  for (const { seq, what } of await readLost(database, node)) {
    damage.leaveOut("journal_entries", `${seq}`, what);
  }
  const replay = new Replay(state);
  await replay.run(journal, version.covered + 1);
  const next = await loadNext(state, version, replay);
  if (!areTotalsSound) await recountTotals(state);
  return next;
}

/** Deletions, each from one of its two values; the other is made anew if need be. */
async function loadTombstones(state: EngineState): Promise<Tombstone[]> {
  const { database, damage } = state.parts;
  const found = new Map<number, { tombstone?: Tombstone; sound: number }>();
  const read = async (range: KeyRange) => {
    for await (const entry of listAll(database, range)) {
      const version = entry.key[2] as number;
      const known = found.get(version) ?? { sound: 0 };
      found.set(version, known);
      try {
        known.tombstone = decodeTombstone(entry);
        known.sound++;
      } catch (error) {
        if (!isDamage(error)) throw error;
        damage.note("others", `deletion ${version}`, `what deletion ${version} hides`);
      }
    }
  };
  await read(tombstoneRange);
  await read(tombstoneCopyRange);
  const tombstones: Tombstone[] = [];
  for (const [version, { tombstone, sound }] of found) {
    if (tombstone === undefined) {
      throw new OpenError(
        `Cannot open the data: what deletion ${version} hides is damaged, and records that were deleted would ` +
          "appear again; restore a backup",
      );
    }
    tombstones.push(tombstone);
    if (sound === 2) continue;
    const value = encodeTombstone(tombstone);
    await database.commit({
      sets: [[tombstoneKey(version), value], [tombstoneCopyKey(version), value]],
    });
    damage.repaired("others", `deletion ${version}`);
  }
  return tombstones;
}

/** False if some totals are damaged or missing: then all are to be counted anew. */
async function loadTotals(state: EngineState, stored: VersionState): Promise<boolean> {
  const { database, damage, publisher } = state.parts;
  let isSound = true;
  let records = 0;
  for await (const entry of listAll(database, streamRange)) {
    try {
      const { count, last, ...stream } = decodeTotal(entry, stored.version);
      state.setStored(stream, { count, last });
      state.live.set(stream, { count, last });
      records += count;
    } catch (error) {
      if (!isDamage(error)) throw error;
      const name = JSON.stringify(entry.key.slice(2));
      damage.note("totals", name, `the totals of ${name}: ${error.message}`);
      isSound = false;
    }
  }
  publisher.countRecords(records);
  return isSound && (stored.records === undefined || stored.records === records);
}

async function loadNext(
  state: EngineState,
  { version, covered }: VersionState,
  replay: Replay,
): Promise<NextState> {
  const { database, node, damage } = state.parts;
  const stored = await database.get(nextKey(node));
  let next: NextState | undefined;
  try {
    next = stored && decodeNextState(stored.value);
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  const { replayed } = replay;
  if (next === undefined) {
    if (stored === undefined && version === 0 && replay.isEmpty && !await hasPublished(database)) {
      return { id: 1, seq: covered + 1, receivedMs: 0 };
    }
    damage.note("others", "next", "the next free id; it was told from what is stored");
    damage.repaired("others", "next");
    next = await recoverNext(database, replayed);
  }
  await replay.end(next);
  // The stored state is authoritative; what was replayed can only confirm it.
  return {
    id: Math.max(next.id, replayed.id),
    seq: Math.max(next.seq, replayed.seq, covered + 1),
    receivedMs: Math.max(next.receivedMs, replayed.receivedMs),
  };
}

/** The journal read back. What is lost of it is told when the ids on both sides are known. */
class Replay {
  readonly #state: EngineState;
  #lost: { seq: number; why: string }[] = [];
  #next: NextState = { id: 1, seq: 1, receivedMs: 0 };
  isEmpty = true;

  constructor(state: EngineState) {
    this.#state = state;
  }

  /** What comes after the last record that was read. */
  get replayed(): NextState {
    return this.#next;
  }

  async run(journal: Journal, from: number): Promise<void> {
    this.#next = { ...this.#next, seq: from };
    for await (const entry of journal.replay(from)) {
      this.isEmpty = false;
      const { seq } = entry;
      this.#miss(seq);
      this.#next = { ...this.#next, seq: seq + 1 };
      try {
        if ("damage" in entry) throw new CorruptDataError(entry.damage);
        const columns = decodeBatch(entry.payload);
        if (columns.count === 0) {
          this.#state.append(columns, entry);
          continue;
        }
        const first = columns.ids[0]!;
        if (first < this.#next.id) throw new CorruptDataError("it is not the one of its place");
        await this.#tell(first);
        this.#state.append(columns, entry);
        const last = columns.count - 1;
        const id = columns.ids[last]! + 1;
        this.#next = { id, seq: seq + 1, receivedMs: columns.receivedMs[last]! };
      } catch (error) {
        if (!isDamage(error)) throw error;
        this.#lost.push({ seq, why: error.message.replace(/^journal entry \d+: /, "") });
      }
    }
  }

  /** Compares the end of the journal with what is stored of what comes next. */
  async end(next: NextState): Promise<void> {
    this.#miss(next.seq);
    await this.#tell(next.id);
  }

  /** Notes entries between the last one and this. */
  #miss(seq: number): void {
    const count = seq - this.#next.seq;
    if (count <= 0) return;
    const why = count === 1 ? "it is missing" : `it and the ${count - 1} that follow are missing`;
    this.#lost.push({ seq: this.#next.seq, why });
  }

  /** The first id after what was read or, if that is nothing, after what is in segments. */
  async #firstLost(): Promise<number> {
    if (this.#next.id > 1) return this.#next.id;
    let last = 0;
    for (const { lastId } of (await readAllEntries(this.#state.parts.database)).values()) {
      last = Math.max(last, lastId);
    }
    return last + 1;
  }

  async #tell(endId: number): Promise<void> {
    const { database, node, damage, now } = this.#state.parts;
    if (this.#lost.length === 0) return;
    const id = await this.#firstLost();
    const ids = endId > id ? ` (ids ${id} to ${endId - 1})` : "";
    for (const { seq, why } of this.#lost) {
      const what = `records of journal entry ${seq}${ids}: ${why}`;
      damage.leaveOut("journal_entries", `${seq}`, what);
      await noteLost(database, node, { seq, foundMs: now(), what });
    }
    this.#lost = [];
  }
}
