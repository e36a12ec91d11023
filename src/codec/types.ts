/** @module The shapes between the codec and the storage engine. */

import type { RecordColumns, Stream, TextColumn } from "../record.ts";
import type { TokenHash } from "./token.ts";

/** The rows of one stream within a segment: `start` to `end`, half-open, sorted by (timestamp, id). */
export interface SegmentRun extends Stream {
  readonly start: number;
  readonly end: number;
}

/** One text column of a segment as its head lists it. */
export interface ColumnEntry {
  readonly name: string;
  readonly encoding: number;
  /** The stored bytes are cut into this many parts, each at most 62,000 bytes. */
  readonly parts: number;
  readonly storedBytes: number;
  readonly rawBytes: number;
  /** CRC-32 of the stored bytes, parts joined. */
  readonly checksum: number;
}

/** A segment ready to be stored: every part fits one database value. */
export interface EncodedSegment {
  /** One value; at most 62,000 bytes. */
  readonly head: Uint8Array;
  readonly columns: readonly { readonly name: string; readonly parts: readonly Uint8Array[] }[];
  /** The token filter in parts. */
  readonly filter: readonly Uint8Array[];
  readonly summary: SegmentSummary;
}

/** What an index entry says about a segment, so that most queries need not open it. */
export interface SegmentSummary {
  /** One entry for a segment of one stream; more for a mixed one (then only their number matters to the index). */
  readonly streams: readonly Stream[];
  readonly count: number;
  readonly firstMs: number;
  readonly firstNs: number;
  readonly lastMs: number;
  readonly lastNs: number;
  readonly firstReceivedMs: number;
  readonly lastReceivedMs: number;
  readonly firstId: number;
  readonly lastId: number;
  /** Bytes of head, columns and filter as stored. */
  readonly storedBytes: number;
  /** UTF-8 bytes of the messages. */
  readonly messageBytes: number;
  /** The checksum in the token filter's envelope: binds the filter to its segment. */
  readonly filterChecksum: number;
}

/** A decoded head: everything but the texts. */
export interface SegmentHead {
  /** `texts` is empty; rows are grouped by run, each run sorted by (timestamp, id). */
  readonly columns: RecordColumns;
  readonly runs: readonly SegmentRun[];
  readonly directory: readonly ColumnEntry[];
  /** The number of parts of the token filter. */
  readonly filterParts: number;
}

/** Answers whether a segment may contain a token; never wrong when it says no. */
export interface TokenFilter {
  /** @param token the token itself, or its hash, for whoever asks many filters */
  mayContain(token: string | TokenHash): boolean;
}

export type { TextColumn };
