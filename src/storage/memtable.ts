/** @module Committed records that are not in segments yet: generations of append-only chunks of columns. */

import type { RecordColumns, Stream, TextColumn, TextColumnName } from "../record.ts";
import {
  CHUNK_RECORDS_MAX,
  FLUSH_BYTES,
  GENERATION_RECORDS_MAX,
  SEGMENT_TEXT_BYTES_MAX,
} from "./limits.ts";

/** Batches of at least this many records become chunks of their own, without a copy. */
const OWN_CHUNK_RECORDS_MIN = 512;

/** What one row takes in the fixed columns: id, timestamp, nanoseconds, received, stream, two offsets. */
const ROW_BYTES = 8 + 8 + 4 + 8 + 2 + 8;

/** One journal entry that a generation covers. */
export interface JournalRef {
  readonly seq: number;
  /** Keys it takes beside its header. */
  readonly parts: number;
  /** The encoded batch, kept for the flush. */
  readonly payload: Uint8Array;
}

/** A chunk as a reader sees it: columns that never change, and what they span. */
export interface ChunkView {
  readonly columns: RecordColumns;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** The records committed between two flushes. */
export class Generation {
  readonly journal: JournalRef[] = [];
  /** Milliseconds since the epoch of the first append; `undefined` while empty. */
  bornMs: number | undefined;
  /** Milliseconds since the epoch of the last append; `undefined` while empty. */
  touchedMs: number | undefined;
  records = 0;
  /** Memory held: columns and journal payloads. */
  bytes = 0;
  /** Disk taken by the journal entries, estimated. */
  journalDiskBytes = 0;
  readonly #closed: ChunkView[] = [];
  #open: Chunk | undefined;
  /** Whether somebody beside the readers of `views()` may have kept columns that were appended. */
  kept = false;

  /** Whether it has enough for one flush, however many wait before it. */
  get full(): boolean {
    return this.records >= GENERATION_RECORDS_MAX || this.bytes >= FLUSH_BYTES;
  }

  /** Adds a committed batch; it is visible to the next `views()`. */
  append(columns: RecordColumns, journal: JournalRef, nowMs: number): void {
    this.bornMs ??= nowMs;
    this.touchedMs = nowMs;
    this.journal.push(journal);
    this.records += columns.count;
    let textBytes = 0;
    for (const text of columns.texts.values()) textBytes += text.bytes.length;
    this.bytes += columns.count * ROW_BYTES + textBytes + journal.payload.length;
    this.journalDiskBytes += diskBytes(journal.payload.length);
    if (columns.count >= OWN_CHUNK_RECORDS_MIN) {
      this.#closeOpen();
      this.#closed.push(viewOf(columns));
      return;
    }
    if (this.#open !== undefined && !this.#open.fits(columns, textBytes)) this.#closeOpen();
    this.#open ??= new Chunk();
    this.#open.append(columns);
  }

  /** The chunks now; what is appended later does not change them. */
  views(): ChunkView[] {
    return this.#open === undefined ? [...this.#closed] : [...this.#closed, this.#open.view()];
  }

  /**
   * Gives the memory of everything in it back now; V8 would let 64 MiB of such buffers gather before it looks for them.
   * Nobody may look at it, or at columns that it gave, any more.
   */
  release(): void {
    for (const { payload } of this.journal) free(payload);
    if (this.kept) return;
    for (const { columns } of this.views()) {
      const { ids, timestampMs, timestampNs, receivedMs, streamOf, texts } = columns;
      for (const array of [ids, timestampMs, timestampNs, receivedMs, streamOf]) free(array);
      for (const { bytes, offsets } of texts.values()) [bytes, offsets].forEach(free);
    }
  }

  get lastSeq(): number | undefined {
    return this.journal.at(-1)?.seq;
  }

  #closeOpen(): void {
    if (this.#open === undefined) return;
    this.#closed.push(this.#open.view());
    this.#open = undefined;
  }
}

function free(array: ArrayBufferView | undefined): void {
  // Columns that were read from the journal share a buffer.
  if (array?.buffer instanceof ArrayBuffer && !array.buffer.detached) array.buffer.transfer(0);
}

/** What a value of so many bytes takes in the file: whole pages from about a quarter of a page on. */
function diskBytes(valueBytes: number): number {
  return valueBytes < 950 ? valueBytes + 150 : Math.ceil(valueBytes / 4096) * 4096 + 4096;
}

function viewOf(columns: RecordColumns): ChunkView {
  let firstMs = Infinity;
  let lastMs = -Infinity;
  for (const ms of columns.timestampMs) {
    if (ms < firstMs) firstMs = ms;
    if (ms > lastMs) lastMs = ms;
  }
  return { columns, firstMs, lastMs };
}

/** Columns that grow by small batches, up to a segment's worth. */
class Chunk {
  #count = 0;
  #textBytes = 0;
  #firstMs = Infinity;
  #lastMs = -Infinity;
  #anyNanos = false;
  #view: ChunkView | undefined;
  readonly #ids = new Float64Array(CHUNK_RECORDS_MAX);
  readonly #timestampMs = new Float64Array(CHUNK_RECORDS_MAX);
  readonly #timestampNs = new Uint32Array(CHUNK_RECORDS_MAX);
  readonly #receivedMs = new Float64Array(CHUNK_RECORDS_MAX);
  readonly #streamOf = new Uint16Array(CHUNK_RECORDS_MAX);
  readonly #streams: Stream[] = [];
  readonly #streamIndex = new Map<string, number>();
  readonly #texts = new Map<TextColumnName, GrowingText>();

  fits(columns: RecordColumns, textBytes: number): boolean {
    return this.#count + columns.count <= CHUNK_RECORDS_MAX &&
      this.#textBytes + textBytes <= SEGMENT_TEXT_BYTES_MAX;
  }

  append(columns: RecordColumns): void {
    const start = this.#count;
    this.#view = undefined;
    this.#ids.set(columns.ids, start);
    this.#timestampMs.set(columns.timestampMs, start);
    this.#receivedMs.set(columns.receivedMs, start);
    if (columns.timestampNs !== undefined) {
      this.#timestampNs.set(columns.timestampNs, start);
      this.#anyNanos = true;
    }
    const mapped = columns.streams.map((stream) => this.#indexOf(stream));
    for (let i = 0; i < columns.count; i++) {
      this.#streamOf[start + i] = mapped[columns.streamOf[i]!]!;
      const ms = columns.timestampMs[i]!;
      if (ms < this.#firstMs) this.#firstMs = ms;
      if (ms > this.#lastMs) this.#lastMs = ms;
    }
    for (const name of columns.texts.keys()) {
      if (!this.#texts.has(name)) this.#texts.set(name, new GrowingText(start));
    }
    for (const [name, text] of this.#texts) {
      const added = columns.texts.get(name);
      if (added === undefined) text.appendEmpty(start, columns.count);
      else this.#textBytes += text.append(start, columns.count, added);
    }
    this.#count += columns.count;
  }

  view(): ChunkView {
    return this.#view ??= this.#makeView();
  }

  #makeView(): ChunkView {
    const count = this.#count;
    const texts = new Map<TextColumnName, TextColumn>();
    for (const [name, text] of this.#texts) texts.set(name, text.view(count));
    const columns: RecordColumns = {
      count,
      ids: this.#ids.subarray(0, count),
      timestampMs: this.#timestampMs.subarray(0, count),
      timestampNs: this.#anyNanos ? this.#timestampNs.subarray(0, count) : undefined,
      receivedMs: this.#receivedMs.subarray(0, count),
      streams: this.#streams.slice(),
      streamOf: this.#streamOf.subarray(0, count),
      texts,
    };
    return { columns, firstMs: this.#firstMs, lastMs: this.#lastMs };
  }

  #indexOf(stream: Stream): number {
    const key = `${stream.severity}${stream.service}`;
    let index = this.#streamIndex.get(key);
    if (index === undefined) {
      this.#streamIndex.set(key, index = this.#streams.length);
      this.#streams.push(stream);
    }
    return index;
  }
}

/** A text column that grows; views made earlier keep the bytes they saw. */
class GrowingText {
  #bytes = new Uint8Array(4096);
  #used = 0;
  #ascii = true;
  readonly #offsets = new Uint32Array(CHUNK_RECORDS_MAX + 1);

  /** @param rows the rows before the first text, all empty */
  constructor(rows: number) {
    this.appendEmpty(0, rows);
  }

  append(start: number, count: number, added: TextColumn): number {
    const base = added.offsets[0]!;
    const length = added.offsets[count]! - base;
    this.#reserve(length);
    this.#bytes.set(added.bytes.subarray(base, base + length), this.#used);
    for (let i = 1; i <= count; i++) {
      this.#offsets[start + i] = this.#used + added.offsets[i]! - base;
    }
    this.#used += length;
    this.#ascii &&= added.ascii;
    return length;
  }

  appendEmpty(start: number, count: number): void {
    this.#offsets.fill(this.#used, start + 1, start + count + 1);
  }

  view(count: number): TextColumn {
    return {
      bytes: this.#bytes.subarray(0, this.#used),
      offsets: this.#offsets.subarray(0, count + 1),
      ascii: this.#ascii,
    };
  }

  #reserve(length: number): void {
    if (this.#used + length <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#used + length));
    grown.set(this.#bytes.subarray(0, this.#used));
    this.#bytes = grown;
  }
}
