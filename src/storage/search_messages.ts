/** @module What the search pool and its Workers say to each other. */

import type { ColumnEntry } from "../codec/mod.ts";

/** A text column as it is stored. */
export interface StoredColumn {
  readonly entry: ColumnEntry;
  readonly parts: readonly Uint8Array[];
}

/** A segment to search: what its rows have to match, and the columns that tell. */
export interface SearchRequest {
  /** Tells scans apart, so that a Worker makes each predicate once. */
  readonly scan: number;
  /** {@linkcode RowPredicate.source} */
  readonly source: unknown;
  /** Rows of the segment. */
  readonly count: number;
  /** Those to look at, ascending; absent: all. */
  readonly rows: Uint32Array | undefined;
  readonly columns: readonly StoredColumn[];
}

/**
 * What a Worker says: that it can be asked; then, for each message with requests, the rows that each has found, ascending.
 * `undefined`: it could not search that one.
 */
export type SearchReply = "ready" | readonly (Uint32Array | undefined)[];
