/** @module What the engine offers to queries, HTTP and commands: batches in, matching columns out. */

import type { RecordBatch, RecordColumns, RowRef, Stream, TextColumnName } from "../record.ts";
import type { Durations } from "./durations.ts";
import type { RetentionPolicy } from "./retention/retention_policy.ts";
import type { CommitListener } from "./subscription.ts";

/** A moment: milliseconds since the Unix epoch, floored, and nanoseconds (0 to 999,999) within it. */
export interface Instant {
  readonly ms: number;
  readonly ns: number;
}

/** A place in the total order of records: by timestamp, then by id. */
export interface Position extends Instant {
  readonly id: number;
}

/** Decides which of some rows match, column by column; made by `query/`, run by the engine. Pure and reusable. */
export interface RowPredicate {
  /** The text columns that `select` reads. For `attr.X` the engine also loads `attributes`. */
  readonly columns: readonly TextColumnName[];
  /**
   * Words (lower case) and `name=value` terms that every match contains, as `codec/` hashes them: a segment whose token
   * filter lacks one of them is skipped unread. Empty: the filter cannot help.
   */
  readonly requiredTokens: readonly string[];
  /** Whether a row may take it a µs or more: then it is shown fewer rows at a time. */
  readonly isSlow?: boolean | undefined;
  /**
   * A plain value of which a Worker makes the same predicate, which looks at nothing but texts; absent: it can only run on
   * this thread. Whoever opens the store says how.
   */
  readonly source?: unknown;
  /** The rows among `rows` (ascending indexes) that match, in the same order. */
  select(columns: RecordColumns, rows: Uint32Array): Uint32Array;
}

/** The part of columns that a predicate with a source looks at. */
export type SearchedColumns = Pick<RecordColumns, "count" | "texts">;

/** What a scan looks at. Every bound is inclusive; an absent one does not limit. */
export interface ScanSpec {
  readonly from?: Instant | undefined;
  readonly to?: Instant | undefined;
  readonly idFrom?: number | undefined;
  readonly idTo?: number | undefined;
  readonly receivedFromMs?: number | undefined;
  readonly receivedToMs?: number | undefined;
  /** Only these services; absent: all. Empty: none. */
  readonly services?: readonly string[] | undefined;
  /** Only these severities, as codes; absent: all. Empty: none. */
  readonly severities?: readonly number[] | undefined;
  readonly predicate?: RowPredicate | undefined;
}

/** A scan in the order of (timestamp, id). */
export interface OrderedScanSpec extends ScanSpec {
  readonly order: "asc" | "desc";
  /** Only what comes after this position in the scan's order, exclusive. */
  readonly after?: Position | undefined;
}

/** An ordered scan under way. Holds a bounded amount of decoded data however many records match. */
export interface RecordScan {
  /** The next matches, at most `limit`, with every text column loaded; fewer only at the end, none after it. */
  next(limit: number): Promise<RowRef[]>;
}

/** All records of one stream within one segment or memtable chunk, when every one of them matches. */
export interface WholeRun extends Stream {
  readonly count: number;
  readonly first: Instant;
  readonly last: Instant;
  /** The bytes of their messages together, where a summary says. */
  readonly messageBytes?: number;
}

/** Receives every match once, in no particular order. */
export interface Visitor {
  /** Offers a run whose every record matches, before its columns are read; true: it is dealt with, do not read it. */
  whole?(run: WholeRun): boolean;
  /**
   * Matching rows; `columns.texts` holds at least what the visit asked for. Asking for `attr.X` brings `attributes`, for
   * records that have it there; asking for `attributes` brings every `attr.X` of the segment.
   */
  rows(columns: RecordColumns, rows: Uint32Array): void;
}

/** What is kept in memory of all rows of a segment or memtable chunk, so that they need not be read again. */
export interface Digest {
  /** About how much memory it takes. */
  readonly bytes: number;
}

/** Receives every match once, in no particular order, as rows of digests. */
export interface DigestVisitor<D extends Digest> {
  /** Names what `make` makes: of the same columns always the same. */
  readonly key: string;
  /** The text columns that `make` reads; what they bring is as for a {@linkcode Visitor}. */
  readonly columns: readonly TextColumnName[];
  make(columns: RecordColumns): D;
  /** @param rows the rows that match, ascending; absent: all that the digest is of */
  rows(digest: D, rows?: Uint32Array): void;
}

/** Running totals of one stream. */
export interface StreamTotal extends Stream {
  readonly count: number;
  readonly last: Instant;
}

/** The store at one moment. Every question put to it sees exactly the same records. Must be released. */
export interface Snapshot {
  /** Every visible record has an id below this one. */
  readonly nextId: number;
  /** What had to be left out of answers because it is damaged, as sentences; grows while reading. */
  readonly damage: readonly string[];
  /** Totals of every stream that has records, from memory. */
  streamTotals(): StreamTotal[];
  scan(spec: OrderedScanSpec): RecordScan;
  visit(spec: ScanSpec, columns: readonly TextColumnName[], visitor: Visitor): Promise<void>;
  visitDigests<D extends Digest>(spec: ScanSpec, visitor: DigestVisitor<D>): Promise<void>;
  /** The record with this id, every column loaded. */
  get(id: number): Promise<RowRef | undefined>;
  release(): void;
}

/** What `Idempotency-Key` needs: both as 32-byte digests. */
export interface IdempotencyKey {
  /** SHA-256 over the token and the key. */
  readonly key: Uint8Array;
  /** SHA-256 of the body. */
  readonly body: Uint8Array;
}

/** The answer to an append, once durable. Ids are `firstId` to `firstId + count - 1`. */
export interface Appended {
  readonly firstId: number;
  readonly count: number;
}

/** Exact deletion: what has a timestamp before `before` and matches the filters, among all that is stored now. */
export interface DeleteSpec {
  readonly before: Instant;
  readonly services?: readonly string[] | undefined;
  readonly severities?: readonly number[] | undefined;
  /** Only records with a lower id: those that a snapshot saw, if it is that one's `nextId`. */
  readonly idBefore?: number | undefined;
  /** If more match, nothing is deleted. */
  readonly countMax?: number | undefined;
}

/** Small opaque values that `auth/` keeps in the database, by the hash of a token (32 bytes). */
export interface TokenTable {
  /** A damaged value is `undefined`. */
  list(): Promise<{ hash: Uint8Array; value: unknown }[]>;
  put(hash: Uint8Array, value: unknown): Promise<void>;
  delete(hash: Uint8Array): Promise<void>;
}

/** What the data takes of its disk, and what that has left, in bytes. */
export interface DiskFigures {
  /** The database with its write-ahead log. */
  readonly dataBytes: number;
  /** `undefined` if the server may not ask. */
  readonly freeBytes: number | undefined;
}

/** Why the store does not take records now, or `undefined` if it does. */
export type NotReady = string | undefined;

/** Who waits for an answer, such as a request: of its signal, which makes the server watch a connection, only long reads ask. */
export interface Asker {
  readonly signal: AbortSignal;
}

/** The engine's public face. */
export interface Store {
  readonly tokens: TokenTable;
  /** Why it is not ready to store, as a sentence; `undefined` when it is. */
  readonly notReady: NotReady;
  /** What somebody should see to although records are taken, as sentences. */
  readonly warnings: readonly string[];
  /**
   * Stores a batch, all or nothing, and answers when it is durable.
   * @throws {OverloadedError} nothing was stored: queue, disk, stream or idempotency limit, shutting down
   * @throws {IdempotencyConflictError} the key was used with another body
   * @throws {OutcomeUnknownError} the store closed before it could tell whether the batch is stored
   */
  append(batch: RecordBatch, idempotency?: IdempotencyKey): Promise<Appended>;
  /**
   * Refuses early what `append` would refuse.
   * @param bytes of records, about, as they were sent
   * @throws {OverloadedError} the queue has no room for so many
   */
  checkRoom(bytes: number): void;
  /**
   * The store now; synchronous, cheap.
   * @param asker once its signal is aborted, reading throws the reason at its next turn
   */
  snapshot(asker?: Asker): Snapshot;
  /** Tells a listener of every commit from now on, by ascending ids; the function that it gives ends that. */
  subscribe(listener: CommitListener): () => void;
  /** 32 random bytes of this name that the server keeps for itself: the same ones whenever they are asked for. */
  secret(name: string): Promise<Uint8Array>;
  /**
   * Deletes and answers with the exact count, once durable; unreadable from then on.
   * @throws {TooManyMatchesError} more than `countMax` match; nothing was deleted
   * @throws {OverloadedError} nothing was deleted
   */
  delete(spec: DeleteSpec): Promise<number>;
  /** How long records are kept. */
  readonly retention: RetentionPolicy;
  /** The oldest go when more than this is stored; `undefined`: however much it is. */
  readonly retentionBytes: number | undefined;
  /** Figures of this moment for operators: records, streams, journal and memtable bytes, segments, version. */
  figures(): Readonly<Record<string, number>>;
  /** Counts for operators that only grow, from the start of the server on: commits, records flushed, rows searched. */
  counters(): Readonly<Record<string, number>>;
  /** How long kinds of work took, from the start of the server on: `commit`, `flush`, `compaction`. */
  durations(): Readonly<Record<string, Durations>>;
  /** The disk that the data is on; `undefined` if it is not in a file of this machine. */
  disk(): Promise<DiskFigures | undefined>;
  /** Tells commands on this machine where the server that holds the data file listens. */
  announce(url: string): void;
  /** Stores what waits, lets running work end and closes the database. Idempotent. */
  close(): Promise<void>;
}
