/**
 * @module What one node holds in memory: the memtable, the totals, the tombstones and who is reading. Everything here
 * changes in synchronous steps, so that a reader that captures it in one step sees one version.
 */

import type { RecordColumns, Stream } from "../record.ts";
import type { Builder } from "./builder.ts";
import type { CompactionPlanner } from "./compaction_planner.ts";
import type { DamageRegister } from "./repair/damage.ts";
import type { FencedDatabase } from "./fence.ts";
import type { Building } from "./flush.ts";
import type { IndexEntry } from "./index_entry.ts";
import { dayOf } from "./keys.ts";
import { FLUSH_BYTES } from "./limits.ts";
import type { ListingMemo } from "./listing_memo.ts";
import { Generation, type JournalRef } from "./memtable.ts";
import type { Publisher } from "./publication.ts";
import type { SearchPool } from "./search_pool.ts";
import type { SegmentReader } from "./segments.ts";
import type { Asker } from "./types.ts";
import type { WorkCounters } from "./work_counters.ts";
import { concerns, hides, type Tombstone } from "./tombstone.ts";
import { type Total, TotalsTable } from "./totals.ts";
import { noteIndexDamage, type View } from "./view.ts";

/** How much an event of the server's own log matters. */
export type LogLevel = "info" | "warning" | "error";

/** What an event tells beside its message; few, and short. */
export type LogFields = Readonly<Record<string, string | number | boolean>>;

/** Takes one event of the server's own log. */
export type Log = (level: LogLevel, message: string, fields?: LogFields) => void;

/** The parts that flush, deletion and compaction work with. */
export interface EngineParts {
  readonly node: number;
  readonly database: FencedDatabase;
  readonly publisher: Publisher;
  readonly memo: ListingMemo;
  readonly reader: SegmentReader;
  readonly builder: Builder;
  readonly pool: SearchPool | undefined;
  readonly planner: CompactionPlanner;
  readonly counters: WorkCounters;
  /** A generation with this many records is flushed. */
  readonly flushRecords: number;
  readonly damage: DamageRegister;
  readonly now: () => number;
  readonly log: Log;
}

/** Of the records with an id below `horizonId`, none that readers of `version` see has a timestamp before `ms`. */
export interface DeletedBefore {
  readonly ms: number;
  readonly horizonId: number;
  readonly version: number;
  /** Blocks of the id index below this one have been looked at. */
  readonly fromBlock: number;
}

/** A node's memory. */
export class EngineState {
  readonly parts: EngineParts;
  /** Totals of what segments hold, as stored at the current version. */
  readonly stored = new TotalsTable();
  /** Totals of everything that is visible. */
  readonly live = new TotalsTable();
  tombstones: readonly Tombstone[] = [];
  /** Whether entries of the journal may be there that segments cover: removing them failed. */
  journalLeft = false;
  /** Days to which something was flushed, with when that was (or when they were found at the start). */
  readonly dirtyDays = new Map<number, number>();
  /** Days with segments whose filters may not be in pages yet, and how many have come since they were looked at. */
  readonly filterDays = new Map<number, number>();
  /** Streams that are stored with a total of none, by {@linkcode TotalsTable.key}. */
  readonly emptied = new Map<string, Stream>();
  deletedBefore: DeletedBefore | undefined;
  /** The segments of the generation after the one that is being flushed. */
  ahead: Building | undefined;
  /** Generations being flushed, oldest first, and the one that takes new records. */
  #sealed: readonly Generation[] = [];
  #active = new Generation();
  readonly #readers = new Map<number, number>();

  constructor(parts: EngineParts) {
    this.parts = parts;
  }

  get version(): number {
    return this.parts.publisher.state.version;
  }

  get active(): Generation {
    return this.#active;
  }

  get memtableBytes(): number {
    return this.#generations().reduce((sum, generation) => sum + generation.bytes, 0);
  }

  get memtableRecords(): number {
    return this.#generations().reduce((sum, generation) => sum + generation.records, 0);
  }

  get journalDiskBytes(): number {
    return this.#generations().reduce((sum, generation) => sum + generation.journalDiskBytes, 0);
  }

  /** The least id that is not in segments; `undefined` if all are. */
  get oldestUnflushedId(): number | undefined {
    for (const generation of this.#generations()) {
      for (const { columns } of generation.views()) if (columns.count > 0) return columns.ids[0];
    }
    return undefined;
  }

  /** Whether an unflushed record has an id below this one. */
  holdsIdsBelow(id: number): boolean {
    return (this.oldestUnflushedId ?? Infinity) < id;
  }

  /** Makes committed records visible. */
  append(columns: RecordColumns, journal: JournalRef): void {
    if (this.#active.full) this.#end();
    this.#active.append(columns, journal, this.parts.now());
    for (const [stream, total] of totalsOf(columns, this.tombstones)) this.live.add(stream, total);
  }

  /** Sets the stored total of a stream. */
  setStored(stream: Stream, total: Total): void {
    this.stored.set(stream, total);
    const key = TotalsTable.key(stream);
    if (total.count === 0) this.emptied.set(key, stream);
    else this.emptied.delete(key);
  }

  /** Notes that everything before a moment was deleted, among records below an id. */
  noteDeleted(ms: number, horizonId: number): void {
    if (this.deletedBefore !== undefined && this.deletedBefore.ms > ms) return;
    this.deletedBefore = { ms, horizonId, version: this.version, fromBlock: 0 };
  }

  /** Notes that segments with filters of their own were published. */
  expectGrouping(entries: readonly IndexEntry[]): void {
    for (const { lastMs } of entries) {
      const day = dayOf(lastMs);
      this.filterDays.set(day, (this.filterDays.get(day) ?? 0) + 1);
    }
  }

  /** The generation to flush next, which nothing is added to; `undefined` if there is nothing to flush. */
  seal(): Generation | undefined {
    if (this.#sealed.length === 0 && this.#active.journal.length > 0) this.#end();
    return this.#sealed[0];
  }

  /** The generation after that one, if it has enough for a flush of its own. */
  sealNext(): Generation | undefined {
    const { records, bytes } = this.#active;
    const isEnough = records >= this.parts.flushRecords || bytes >= FLUSH_BYTES;
    if (this.#sealed.length === 1 && isEnough) this.#end();
    return this.#sealed[1];
  }

  #end(): void {
    this.#sealed = [...this.#sealed, this.#active];
    this.#active = new Generation();
  }

  /** Whether a generation is being flushed, or waits because its flush failed. */
  get hasSealed(): boolean {
    return this.#sealed.length > 0;
  }

  /** Forgets a generation whose records are in segments now. */
  drop(generation: Generation): void {
    this.#sealed = this.#sealed.filter((one) => one !== generation);
    if (this.#readers.size === 0) generation.release();
  }

  /** The store at this moment. */
  view(asker?: Asker): View {
    const { database, memo, reader, pool } = this.parts;
    reader.turns.begin();
    const view: View = {
      database,
      memo,
      reader,
      version: this.version,
      chunks: this.#generations().flatMap((generation) => generation.views()),
      tombstones: this.tombstones,
      pool,
      asker,
      damage: [...this.parts.damage.leftOut],
      register: this.parts.damage,
      onDamage: (key, error) => noteIndexDamage(view, key, error),
      onIdDamage: (key, error) => view.register.note("id_blocks", `${key[2]}`, error.message),
    };
    return view;
  }

  /** Keeps what `version` sees from being removed, until the returned function is called. */
  hold(version: number): () => void {
    this.#readers.set(version, (this.#readers.get(version) ?? 0) + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const left = this.#readers.get(version)! - 1;
      if (left === 0) this.#readers.delete(version);
      else this.#readers.set(version, left);
    };
  }

  /** The oldest version that somebody reads. */
  get oldestRead(): number {
    return Math.min(this.version, ...this.#readers.keys());
  }

  #generations(): Generation[] {
    return [...this.#sealed, this.#active];
  }
}

/** What each stream of some columns adds to the totals, without what is hidden. */
export function totalsOf(
  columns: RecordColumns,
  tombstones: readonly Tombstone[],
): [Stream, Total][] {
  const { streams, streamOf, timestampMs, timestampNs, ids } = columns;
  const counts = new Uint32Array(streams.length);
  const lastMs = new Float64Array(streams.length).fill(-Infinity);
  const lastNs = new Uint32Array(streams.length);
  const hiding = streams.map((stream) => tombstones.filter((one) => concerns(one, stream)));
  const anyHiding = hiding.some((ofStream) => ofStream.length > 0);
  for (let row = 0; row < columns.count; row++) {
    const stream = streamOf[row]!;
    const ms = timestampMs[row]!;
    const ns = timestampNs === undefined ? 0 : timestampNs[row]!;
    if (anyHiding && hiding[stream]!.some((one) => hides(one, ms, ns, ids[row]!))) continue;
    counts[stream]!++;
    if (ms > lastMs[stream]! || (ms === lastMs[stream] && ns > lastNs[stream]!)) {
      lastMs[stream] = ms;
      lastNs[stream] = ns;
    }
  }
  const totals: [Stream, Total][] = [];
  streams.forEach((stream, i) => {
    if (counts[i] === 0) return;
    totals.push([stream, { count: counts[i]!, last: { ms: lastMs[i]!, ns: lastNs[i]! } }]);
  });
  return totals;
}
