/** @module The store as one reader sees it: a version, the memtable at that moment, and what is hidden. */

import { CorruptDataError, type SegmentHead } from "../codec/mod.ts";
import type { RecordColumns, TextColumnName } from "../record.ts";
import type { Database } from "./database.ts";
import type { IndexEntry } from "./index_entry.ts";
import type { ListingMemo } from "./listing_memo.ts";
import type { ChunkView } from "./memtable.ts";
import type { SegmentReader } from "./segments.ts";
import { selectFromChunk, selectFromRuns, type Selection } from "./selection.ts";
import type { Tombstone } from "./tombstone.ts";
import type { RowPredicate } from "./types.ts";

/** What every question to a snapshot is answered from. */
export interface View {
  readonly database: Database;
  readonly memo: ListingMemo;
  readonly reader: SegmentReader;
  readonly version: number;
  readonly chunks: readonly ChunkView[];
  readonly tombstones: readonly Tombstone[];
  /** What had to be left out, as sentences; added to by readers. */
  readonly damage: string[];
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
 * The matching rows of a segment: bounds first, then the token filter, then the texts that the predicate reads.
 * `undefined` if there are none, or if it is damaged (then the view's damage says so).
 */
export async function openSegment(
  view: View,
  entry: IndexEntry,
  selection: Selection,
  predicate: RowPredicate | undefined,
  names: readonly TextColumnName[] = [],
): Promise<OpenSegment | undefined> {
  try {
    const tokens = predicate?.requiredTokens ?? [];
    if (tokens.length > 0 && !await view.reader.filters.mayContain(entry, tokens)) return undefined;
    const head = await view.reader.head(entry.id);
    const { work } = view.reader;
    const rows = selectFromRuns(head.columns, head.runs, selection);
    if (rows.length === 0) return undefined;
    if (predicate === undefined) {
      work.rowsMatched += rows.length;
      const columns = names.length === 0
        ? head.columns
        : await view.reader.columns(entry.id, head, names);
      return { entry, head, columns, rows };
    }
    const wanted = [...predicate.columns, ...names];
    const columns = await view.reader.columns(entry.id, head, wanted);
    const matches = predicate.select(columns, rows);
    work.rowsSearched += rows.length;
    work.rowsMatched += matches.length;
    return matches.length === 0 ? undefined : { entry, head, columns, rows: matches };
  } catch (error) {
    noteDamage(view, entry, error);
    return undefined;
  }
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
    noteDamage(view, entry, error);
    return true;
  }
}

/** The matching rows of a memtable chunk. */
export function openChunk(
  { reader: { work } }: View,
  chunk: ChunkView,
  selection: Selection,
  predicate: RowPredicate | undefined,
): Matches | undefined {
  const { columns } = chunk;
  const rows = selectFromChunk(chunk, selection);
  const matches = predicate === undefined || rows.length === 0
    ? rows
    : predicate.select(columns, rows);
  work.sources++;
  if (predicate !== undefined) work.rowsSearched += rows.length;
  work.rowsMatched += matches.length;
  return matches.length === 0 ? undefined : { columns, rows: matches };
}

/** Notes that a segment had to be left out; anything but damage is thrown on. */
export function noteDamage(view: View, entry: IndexEntry, error: unknown): void {
  if (!(error instanceof CorruptDataError)) throw error;
  if (view.damage.length >= DAMAGE_MAX) return;
  const from = new Date(entry.firstMs).toISOString();
  const to = new Date(entry.lastMs).toISOString();
  view.damage.push(
    `${entry.count} records from ${from} to ${to} (segment ${entry.id}): ${error.message}`,
  );
}
