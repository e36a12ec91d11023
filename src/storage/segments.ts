/** @module Reading segments: heads and columns, decoded once and kept in a bounded cache. */

import {
  type ColumnEntry,
  CorruptDataError,
  decodeSegmentColumn,
  decodeSegmentHead,
  type SegmentHead,
  TemplatedTexts,
} from "../codec/mod.ts";
import type { RecordColumns, TextColumn, TextColumnName } from "../record.ts";
import { ByteCache } from "./byte_cache.ts";
import type { Database } from "./database.ts";
import { DigestCache } from "./digest_cache.ts";
import { FilterReader } from "./filters.ts";
import { checkHead, type IndexEntry } from "./index_entry.ts";
import { segmentColumnKey, segmentHeadKey } from "./keys.ts";
import { CACHE_BYTES_MAX } from "./limits.ts";
import { ReadWork } from "./read_work.ts";
import type { StoredColumn } from "./search_messages.ts";
import { unpackFirstValue } from "./segment_value.ts";
import type { Turns } from "./turns.ts";
import type { Digest, DigestVisitor } from "./types.ts";

/** What one row of a decoded head takes: id and timestamp; rarely nanoseconds, stream and time of receipt. */
const HEAD_ROW_BYTES = 8 + 8 + 2;

/** Reads the segments of a database. */
export class SegmentReader {
  readonly #database: Database;
  readonly work = new ReadWork();
  readonly turns: Turns;
  /** Apart, so that a wide query's columns do not push out the filters that keep others narrow. */
  readonly filters: FilterReader;
  readonly #heads = new ByteCache(CACHE_BYTES_MAX / 8 * 3);
  readonly #columns = new ByteCache(CACHE_BYTES_MAX / 8 * 3);
  readonly digests = new DigestCache();

  constructor(database: Database, turns: Turns) {
    this.#database = database;
    this.turns = turns;
    this.filters = new FilterReader(database, CACHE_BYTES_MAX / 4, this.work);
  }

  get cachedBytes(): number {
    return this.filters.cachedBytes + this.#heads.bytes + this.#columns.bytes + this.digests.bytes;
  }

  /** @throws {CorruptDataError} if it is missing, damaged or another segment's */
  head(entry: IndexEntry): Promise<SegmentHead> {
    this.work.sources++;
    return this.#heads.get(
      `${entry.id}`,
      async () => {
        const value = await this.#firstValue(entry.id);
        await this.turns.rest();
        this.work.heads++;
        const head = decodeSegmentHead(unpackFirstValue(value).head);
        checkHead(entry, head);
        return head;
      },
      (head) => head.columns.count * HEAD_ROW_BYTES + 1000,
    );
  }

  /**
   * The segment's columns with at least the named texts that it has. `attr.X` brings the rest of the attributes too,
   * where X may be; `attributes` brings all of them.
   */
  async columns(
    id: number,
    head: SegmentHead,
    names: readonly TextColumnName[] | "all",
  ): Promise<RecordColumns> {
    const entries = entriesOf(head, names);
    const texts = new Map<TextColumnName, TextColumn>();
    const columns = await Promise.all(entries.map((entry) => this.#column(id, head, entry)));
    entries.forEach((entry, i) => texts.set(entry.name as TextColumnName, columns[i]!));
    // A column of empty texts is not stored; of messages there always is one.
    if (!texts.has("message") && (names === "all" || names.includes("message"))) {
      texts.set("message", emptyTexts(head.columns.count));
    }
    return withTexts(head.columns, texts);
  }

  /** Whether the named texts are in the cache. */
  hasColumns(id: number, head: SegmentHead, names: readonly TextColumnName[]): boolean {
    return entriesOf(head, names).every(({ name }) =>
      this.#columns.peek(columnCacheKey(id, name)) !== undefined
    );
  }

  /** The named texts as they are stored, for a search elsewhere. */
  async storedColumns(
    id: number,
    head: SegmentHead,
    names: readonly TextColumnName[],
  ): Promise<StoredColumn[]> {
    return await Promise.all(
      entriesOf(head, names).map(async (entry) => {
        const parts = await this.#parts(id, entry);
        this.work.columns++;
        this.work.columnBytes += entry.rawBytes;
        return { entry, parts };
      }),
    );
  }

  /** What a visitor keeps of the segment. */
  digest<D extends Digest>(entry: IndexEntry, visitor: DigestVisitor<D>): Promise<D> {
    return this.digests.ofSegment(
      entry.id,
      visitor,
      async () => await this.columns(entry.id, await this.head(entry), visitor.columns),
    );
  }

  #column(id: number, head: SegmentHead, entry: ColumnEntry): Promise<TextColumn> {
    return this.#columns.get(
      columnCacheKey(id, entry.name),
      async () => {
        const parts = await this.#parts(id, entry);
        await this.turns.rest();
        this.work.columns++;
        this.work.columnBytes += entry.rawBytes;
        return decodeSegmentColumn(head, entry, parts);
      },
      bytesOfTexts,
    );
  }

  #parts(id: number, { name, parts }: ColumnEntry): Promise<Uint8Array[]> {
    const keys = Array.from({ length: parts }, (_, part) => segmentColumnKey(id, name, part));
    return this.#values(keys, id);
  }

  async #firstValue(id: number): Promise<Uint8Array> {
    const entry = await this.#database.get(segmentHeadKey(id));
    if (entry === undefined) throw missing(id);
    return entry.value;
  }

  async #values(keys: readonly ReturnType<typeof segmentHeadKey>[], id: number) {
    const entries = await this.#database.getMany(keys);
    return entries.map((entry) => {
      if (entry === undefined) throw missing(id);
      return entry.value;
    });
  }
}

function columnCacheKey(id: number, name: string): string {
  return `${id} ${name}`;
}

/** The columns of a segment that have the named texts. */
function entriesOf(
  { directory }: SegmentHead,
  names: readonly TextColumnName[] | "all",
): readonly ColumnEntry[] {
  if (names === "all") return directory;
  return directory.filter(({ name }) =>
    names.includes(name as TextColumnName) ||
    (name === "attributes" && names.some((wanted) => wanted.startsWith("attr."))) ||
    (name.startsWith("attr.") && names.includes("attributes"))
  );
}

/** The columns with other texts; the times of receipt are made only if somebody asks for them. */
function withTexts(
  columns: RecordColumns,
  texts: ReadonlyMap<TextColumnName, TextColumn>,
): RecordColumns {
  const { count, ids, timestampMs, timestampNs, streams, streamOf } = columns;
  return {
    count,
    ids,
    timestampMs,
    timestampNs,
    get receivedMs() {
      return columns.receivedMs;
    },
    streams,
    streamOf,
    texts,
  };
}

/** What a text column takes in memory. */
export function bytesOfTexts(column: TextColumn): number {
  if (column instanceof TemplatedTexts) return column.retainedBytes;
  return column.bytes.length + column.offsets.byteLength;
}

function missing(id: number): CorruptDataError {
  return new CorruptDataError(`Cannot read segment ${id}: a value of it is missing`);
}

function emptyTexts(count: number): TextColumn {
  return { bytes: new Uint8Array(), offsets: new Uint32Array(count + 1), ascii: true };
}
