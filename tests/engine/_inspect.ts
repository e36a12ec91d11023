/** @module A look at every key of a database: nothing may be there that no reader can find, and nothing be missing. */

import assert from "node:assert/strict";
import { decodeDocument } from "../../src/codec/mod.ts";
import { type Database, listAll } from "../../src/storage/database.ts";
import { decodeIndexEntry, type IndexEntry } from "../../src/storage/index_entry.ts";
import { indexKeys, type Key, versionKey } from "../../src/storage/keys.ts";
import type { VersionState } from "../../src/storage/publication.ts";

const INDEXES = ["by_time", "by_service", "by_severity", "by_service_severity", "mixed", "span"];

/** What an idle database holds. */
export interface Inspection {
  /** The segments that readers see. */
  readonly segments: readonly IndexEntry[];
  /** The last journal position whose records are in them. */
  readonly covered: number;
  /** Journal keys whose records are in segments already. */
  readonly coveredJournalKeys: number;
  readonly tombstones: number;
}

/**
 * Checks a database on which nothing is under way and nobody reads.
 *
 * @throws {AssertionError} a segment is in part, dead, unreachable or not there; or intents or garbage are left
 */
export async function inspect(database: Database): Promise<Inspection> {
  const stored = await database.get(versionKey(0));
  const state = stored === undefined
    ? { version: 0, covered: 0, segments: 0, segmentBytes: 0 }
    : decodeDocument(stored.value) as VersionState;
  const { version, covered } = state;
  const values = new Set<number>();
  const filters = new Set<number>();
  const entries = new Map<number, IndexEntry>();
  const keys = new Set<string>();
  let tombstones = 0;
  let coveredJournalKeys = 0;
  for await (const { key, value } of listAll(database, { start: [0, ""], end: [1] })) {
    const kind = key[1] as string;
    if (kind === "segment") values.add(key[2] as number);
    else if (kind === "filter") filters.add(key[2] as number);
    else if (kind === "tombstone") tombstones++;
    else if (kind === "journal" && (key[3] as number) <= covered) coveredJournalKeys++;
    else if (INDEXES.includes(kind)) {
      const entry = decodeIndexEntry(value);
      entries.set(entry.id, entry);
      keys.add(JSON.stringify(key));
    }
    assert.ok(kind !== "intent" && kind !== "garbage", `left behind: ${JSON.stringify(key)}`);
  }
  for (const entry of entries.values()) {
    assert.equal(entry.dead, undefined, `segment ${entry.id} is dead and still there`);
    assert.ok(entry.born <= version, `segment ${entry.id} is of a version that was not published`);
    for (const key of indexKeys(entry)) {
      const text = JSON.stringify(key);
      assert.ok(keys.delete(text), `the index lacks ${text}`);
    }
  }
  assert.deepEqual([...keys], [], "index entries of segments that say otherwise");
  const ids = [...entries.keys()].sort((a, b) => a - b);
  assert.deepEqual([...values].sort((a, b) => a - b), ids, "segments and their index");
  for (const id of filters) assert.ok(entries.has(id), `a filter of segment ${id}, which is gone`);
  const bytes = [...entries.values()].reduce((sum, { storedBytes }) => sum + storedBytes, 0);
  const { segments, segmentBytes } = state;
  assert.deepEqual({ segments, segmentBytes }, { segments: entries.size, segmentBytes: bytes });
  return { segments: [...entries.values()], covered, coveredJournalKeys, tombstones };
}

/**
 * The keys of an idle database that nobody needs: parts of the journal, of streams and days without records, of remembered
 * answers that are over their time, of filters that no segment has.
 */
export async function leftovers(
  database: Database,
  { segments, covered }: Inspection,
): Promise<string[]> {
  const ids = new Set(segments.map(({ id }) => id));
  const groups = new Set<string>();
  const left: string[] = [];
  for await (const { key, value } of listAll(database, { start: [0, ""], end: [1] })) {
    if (isLeft(key, value)) left.push(JSON.stringify(key));
  }
  return left;

  function isLeft(key: Key, value: Uint8Array): boolean {
    switch (key[1]) {
      case "journal":
        // Parts of a batch that was refused wait for the one that gets its place.
        return key.length === 4 || (key[3] as number) <= covered;
      case "dirty":
      case "idempotency":
      case "idempotency_by_hour":
      case "idempotency_count":
        return true;
      case "stream":
        return (decodeDocument(value) as { total: { count: number } }).total.count === 0;
      case "filter_group": {
        groups.add(`${key[2]} ${key[3]}`);
        return !(decodeDocument(value) as { segments: number[] }).segments.some((id) =>
          ids.has(id)
        );
      }
      case "filter_page":
        return !groups.has(`${key[2]} ${key[3]}`);
      default:
        return false;
    }
  }
}
