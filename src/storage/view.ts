/** @module The store as one reader sees it: a version, the memtable at that moment, and what is hidden. */

import { CorruptDataError, type SegmentHead } from "../codec/mod.ts";
import type { RecordColumns } from "../record.ts";
import type { DamageRegister } from "./repair/damage.ts";
import type { Database } from "./database.ts";
import type { IndexEntry } from "./index_entry.ts";
import type { Key } from "./keys.ts";
import { SHOWN_ROWS_MAX, SLOW_ROWS_MAX } from "./limits.ts";
import type { ListingMemo } from "./listing_memo.ts";
import type { ChunkView } from "./memtable.ts";
import type { SearchPool } from "./search_pool.ts";
import type { SegmentReader } from "./segments.ts";
import { concatRows, selectFromChunk, type Selection } from "./selection.ts";
import type { Tombstone } from "./tombstone.ts";
import type { Asker, RowPredicate } from "./types.ts";

/** What every question to a snapshot is answered from. */
export interface View {
  readonly database: Database;
  readonly memo: ListingMemo;
  readonly reader: SegmentReader;
  readonly version: number;
  readonly chunks: readonly ChunkView[];
  readonly tombstones: readonly Tombstone[];
  /** Searches segments elsewhere; `undefined`: there is no such thing. */
  readonly pool: SearchPool | undefined;
  /** Once its signal is aborted, nobody wants an answer any more. */
  readonly asker: Asker | undefined;
  /** What had to be left out, as sentences; added to by readers. */
  readonly damage: string[];
  /** Where readers note what they find damaged. */
  readonly register: DamageRegister;
  /** Notes that a listing had to leave out an entry. */
  readonly onDamage: (key: Key, error: Error) => void;
  /** Notes that a block of the id index is damaged. */
  readonly onIdDamage: (key: Key, error: Error) => void;
}

/** Sentences of damage that a reader keeps: enough to say what is wrong. */
const DAMAGE_MAX = 100;

/** Matching rows of a segment or chunk, ascending, with the columns that decided it. */
export interface Matches {
  readonly columns: RecordColumns;
  readonly rows: Uint32Array;
}

/** A segment whose head has been read. */
export interface OpenSegment extends Matches {
  readonly entry: IndexEntry;
  readonly head: SegmentHead;
}

/**
 * Whether it can be told, without reading a filter of its own, that a segment has no match: most have none of a rare word.
 * No promise where what is in memory can tell.
 */
export function isExcluded(
  view: View,
  entry: IndexEntry,
  predicate: RowPredicate | undefined,
): boolean | Promise<boolean> {
  const tokens = predicate?.requiredTokens;
  if (tokens === undefined || tokens.length === 0) return false;
  const may = view.reader.filters.recall(entry, tokens);
  return may === undefined ? foretellExcluded(view, entry, tokens) : !may;
}

async function foretellExcluded(
  view: View,
  entry: IndexEntry,
  tokens: readonly string[],
): Promise<boolean> {
  try {
    return await view.reader.filters.foretell(entry, tokens) === false;
  } catch (error) {
    noteFilter(view, entry, error);
    return false;
  }
}

/** Whether a segment may contain all of some tokens: what its filter says or, if that is damaged, yes. */
export async function mayContain(
  view: View,
  entry: IndexEntry,
  tokens: readonly string[],
): Promise<boolean> {
  try {
    return await view.reader.filters.mayContain(entry, tokens);
  } catch (error) {
    noteFilter(view, entry, error);
    return true;
  }
}

/** Answers lack nothing for it: the segment is searched without. */
function noteFilter({ register }: View, { id }: IndexEntry, error: unknown): void {
  if (!(error instanceof CorruptDataError)) throw error;
  register.note(
    "filters",
    `${id}`,
    `segment ${id} is searched without its filter: ${error.message}`,
  );
}

/** The matching rows of a memtable chunk. */
export async function openChunk(
  view: View,
  chunk: ChunkView,
  selection: Selection,
  predicate: RowPredicate | undefined,
): Promise<Matches | undefined> {
  const { reader: { work } } = view;
  await takeTurn(view);
  const { columns } = chunk;
  const within = selectFromChunk(chunk, selection);
  work.sources++;
  if (predicate !== undefined) work.rowsSearched += within.length;
  const rows = predicate === undefined || within.length === 0
    ? within
    : await selectInTurns(view, predicate, columns, within);
  work.rowsMatched += rows.length;
  return rows.length === 0 ? undefined : { columns, rows };
}

/**
 * To be awaited before each piece of work of some length.
 * @throws what the asker's signal was aborted with
 */
export function takeTurn({ reader: { turns }, asker }: View): Promise<void> | undefined {
  return turns.rest()?.then(() => asker?.signal.throwIfAborted());
}

/** The rows that a predicate takes, found so many at a time that others have their turns. */
export async function selectInTurns(
  view: View,
  predicate: RowPredicate,
  columns: RecordColumns,
  rows: Uint32Array,
): Promise<Uint32Array> {
  const most = predicate.isSlow ? SLOW_ROWS_MAX : SHOWN_ROWS_MAX;
  const found: Uint32Array[] = [];
  for (let at = 0; at < rows.length; at += most) {
    await takeTurn(view);
    found.push(predicate.select(columns, rows.subarray(at, at + most)));
  }
  return concatRows(found);
}

/** Notes that a segment had to be left out; anything but damage is thrown on. */
export function noteDamage(view: View, entry: IndexEntry, error: unknown): void {
  if (!(error instanceof CorruptDataError)) throw error;
  const from = new Date(entry.firstMs).toISOString();
  const to = new Date(entry.lastMs).toISOString();
  const what =
    `${entry.count} records from ${from} to ${to} (segment ${entry.id}): ${error.message}`;
  view.register.note("segments", `${entry.id}`, what);
  addDamage(view, what);
}

/** Notes that a listing had to leave out an entry: of which segment, is known from its key alone. */
export function noteIndexDamage(view: View, key: Key, error: Error): void {
  const to = new Date(key.at(-2) as number).toISOString();
  const what = `records up to ${to} (segment ${key.at(-1)}): ${error.message}`;
  view.register.note("index_entries", JSON.stringify(key), what);
  addDamage(view, what);
}

function addDamage({ damage }: View, what: string): void {
  if (damage.length < DAMAGE_MAX && !damage.includes(what)) damage.push(what);
}
