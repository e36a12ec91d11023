/** @module The one small interface through which the engine sees the database. */

import type { Key, KeyRange } from "./keys.ts";

/** A stored value: bytes, with the stamp of the commit that wrote it. */
export interface Entry {
  readonly key: Key;
  readonly value: Uint8Array;
  readonly versionstamp: string;
}

/** One atomic commit: applied whole, or not at all. */
export interface Commit {
  /** Keys that must still have the stamp they were read with (`null`: be absent); at most 10. */
  readonly checks?: readonly { readonly key: Key; readonly versionstamp: string | null }[];
  readonly sets?: readonly (readonly [Key, Uint8Array])[];
  readonly deletes?: readonly Key[];
}

/** An ordered, transactional key-value store of bytes. */
export interface Database {
  get(key: Key): Promise<Entry | undefined>;
  getMany(keys: readonly Key[]): Promise<(Entry | undefined)[]>;
  /** Entries of a range in key order (or reversed), at most `limit`. Not a snapshot of a longer range read in pages. */
  list(range: KeyRange, options?: { limit?: number; reverse?: boolean }): Promise<Entry[]>;
  /**
   * The stamp of the commit, or `undefined` if a check did not hold (then nothing was applied).
   * A thrown error leaves the outcome open.
   */
  commit(commit: Commit): Promise<string | undefined>;
  close(): void;
}

/** Reads a whole range in pages: each page is consistent, the range as a whole is not. */
export async function* listAll(
  database: Database,
  range: KeyRange,
  page = 500,
): AsyncGenerator<Entry> {
  let { start } = range;
  while (true) {
    const entries = await database.list({ start, end: range.end }, { limit: page });
    yield* entries;
    if (entries.length < page) return;
    // The smallest key that follows: the last one with one more part, an empty byte string.
    start = [...entries[entries.length - 1]!.key, new Uint8Array()];
  }
}
