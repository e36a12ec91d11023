/**
 * @module What a start does when one of the values that it begins with is damaged or missing: the same can be told from marks
 * elsewhere, at the price of reading the whole index.
 */

import { decodeBatch } from "../../codec/mod.ts";
import { isDamage } from "./damage.ts";
import { type Database, type Entry, listAll } from "../database.ts";
import { decodeIdBlock } from "../id_index.ts";
import { type IndexEntry, isVisible, readIndexEntry } from "../index_entry.ts";
import type { Journal, NextState } from "../journal.ts";
import {
  garbageRange,
  idBlockRange,
  INDEX_RANGES,
  intentRange,
  type KeyRange,
  streamRange,
  tombstoneRange,
} from "../keys.ts";
import { ID_BLOCK_BITS } from "../limits.ts";
import type { VersionState } from "../publication.ts";
import { decodeTotal, totalVersion } from "../totals.ts";

/** Every segment that some index tells of; damaged entries are passed over. */
export async function readAllEntries(database: Database): Promise<Map<number, IndexEntry>> {
  const entries = new Map<number, IndexEntry>();
  for (const range of INDEX_RANGES) {
    for await (const entry of sound(database, range, readIndexEntry)) entries.set(entry.id, entry);
  }
  return entries;
}

async function* sound<T>(
  database: Database,
  range: KeyRange,
  read: (entry: Entry) => T,
): AsyncGenerator<T> {
  for await (const entry of listAll(database, range)) {
    try {
      yield read(entry);
    } catch (error) {
      if (!isDamage(error)) throw error;
    }
  }
}

/** Whether anything was ever published: then a version was stored. */
export async function hasPublished(database: Database): Promise<boolean> {
  for (const range of [...INDEX_RANGES, streamRange, tombstoneRange, idBlockRange]) {
    if ((await database.list(range, { limit: 1 })).length > 0) return true;
  }
  return false;
}

/**
 * The version that was visible, and what goes with it: the one before that which a publication was writing or, if none was,
 * the last of which there is a mark.
 */
export async function recoverVersion(
  database: Database,
  node: number,
  journal: Journal,
): Promise<VersionState> {
  const entries = [...(await readAllEntries(database)).values()];
  let version = await intendedVersion(database, node);
  if (version === undefined) {
    version = 0;
    for (const { born, dead = 0 } of entries) version = Math.max(version, born, dead);
    for await (const of of sound(database, streamRange, totalVersion)) {
      version = Math.max(version, of);
    }
    const lastPart = ({ key }: Entry) => key[key.length - 1] as number;
    for await (const of of sound(database, tombstoneRange, lastPart)) {
      version = Math.max(version, of);
    }
    for await (const { key } of listAll(database, garbageRange(node))) {
      version = Math.max(version, key[3] as number);
    }
  } else version--;
  const visible = entries.filter((entry) => isVisible(entry, version));
  let records = 0;
  for await (const { count } of sound(database, streamRange, (one) => decodeTotal(one, version))) {
    records += count;
  }
  return {
    version,
    covered: await coveredBy(entries.filter(({ born }) => born <= version), journal),
    segments: visible.length,
    segmentBytes: visible.reduce((sum, { storedBytes }) => sum + storedBytes, 0),
    records,
  };
}

async function intendedVersion(database: Database, node: number): Promise<number | undefined> {
  const [intent] = await database.list(intentRange(node), { limit: 1 });
  return intent?.key[3] as number | undefined;
}

/** The last journal position whose records are in segments: those of a flush are all that were accepted before its last. */
async function coveredBy(entries: readonly IndexEntry[], journal: Journal): Promise<number> {
  const lastId = entries.reduce((last, entry) => Math.max(last, entry.lastId), 0);
  let first: number | undefined;
  let covered: number | undefined;
  for await (const entry of journal.replay(0)) {
    first ??= entry.seq;
    if ("damage" in entry) continue;
    try {
      const { count, ids } = decodeBatch(entry.payload);
      if (count > 0 && ids[count - 1]! > lastId) break;
      covered = entry.seq;
    } catch (error) {
      if (!isDamage(error)) throw error;
    }
  }
  return covered ?? (first ?? 1) - 1;
}

/**
 * The next free id and time of receipt, when what was stored of them is lost: past every id that was ever given out, since
 * a block of ids has an entry as long as the store exists.
 */
export async function recoverNext(
  database: Database,
  replayed: NextState,
): Promise<NextState> {
  const { seq } = replayed;
  let { id, receivedMs } = replayed;
  for (const { lastId, lastReceivedMs } of (await readAllEntries(database)).values()) {
    id = Math.max(id, lastId + 1);
    receivedMs = Math.max(receivedMs, lastReceivedMs);
  }
  const [newest] = await database.list(idBlockRange, { limit: 1, reverse: true });
  if (newest !== undefined) id = Math.max(id, ((newest.key[2] as number) + 1) * 2 ** ID_BLOCK_BITS);
  for await (const { lastReceivedMs } of sound(database, idBlockRange, decodeIdBlock)) {
    receivedMs = Math.max(receivedMs, lastReceivedMs);
  }
  return { id, seq, receivedMs };
}
