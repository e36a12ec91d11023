/** @module The store: the engine's parts put together behind one face. */

import { Alarm, type Timer } from "./alarm.ts";
import { type Builder, WorkerBuilder } from "./builder.ts";
import { ClockWatch } from "./clock_watch.ts";
import { Committer } from "./committer.ts";
import { CompactionPlanner } from "./compaction_planner.ts";
import { DamageRegister } from "./repair/damage.ts";
import type { Database } from "./database.ts";
import { measureDataFiles } from "./disk/data_files.ts";
import { hideBefore } from "./deletion.ts";
import { openDenoKv } from "./disk/deno_kv.ts";
import type { Durations } from "./durations.ts";
import { DiskReserve } from "./disk/disk_reserve.ts";
import { DiskWatch } from "./disk/disk_watch.ts";
import { DatabaseError, OverloadedError } from "./errors.ts";
import { FencedDatabase, FenceLostError } from "./fence.ts";
import { countersOf, figuresOf } from "./figures.ts";
import { FileSpace } from "./disk/file_space.ts";
import { flush, removeCoveredJournal } from "./flush.ts";
import { IdempotencyTable } from "./idempotency.ts";
import { Journal } from "./journal.ts";
import { FLUSH_RECORDS, MEMTABLE_BYTES_MAX, STREAMS_MAX, TOMBSTONES_MAX } from "./limits.ts";
import { ListingMemo } from "./listing_memo.ts";
import { DataLock } from "./disk/lock.ts";
import { Maintenance } from "./maintenance.ts";
import { checkFormat, loadState } from "./open.ts";
import { Publisher } from "./publication.ts";
import { recoverVersion } from "./repair/recovery.ts";
import type { ReadWork } from "./read_work.ts";
import { SearchPool, type SearchWorker } from "./search_pool.ts";
import { loadSecret } from "./secret.ts";
import { Retention } from "./retention/retention.ts";
import { RetentionPolicy, type RetentionRule } from "./retention/retention_policy.ts";
import { SegmentReader } from "./segments.ts";
import { SizeRetention } from "./retention/size_retention.ts";
import { StoreSnapshot } from "./snapshot.ts";
import { EngineState, type Log } from "./state.ts";
import { StoredTokens } from "./stored_tokens.ts";
import { type CommitListener, Subscriptions } from "./subscription.ts";
import { TotalsTable } from "./totals.ts";
import { Turns } from "./turns.ts";
import { WorkCounters } from "./work_counters.ts";
import type { RecordBatch } from "../record.ts";
import type {
  Appended,
  Asker,
  DeleteSpec,
  DiskFigures,
  IdempotencyKey,
  NotReady,
  Snapshot,
  Store,
  TokenTable,
} from "./types.ts";

/** How to open a store in a file. */
export interface OpenStoreOptions {
  /** The data file; its folder must exist. */
  readonly path: string;
  /** Records older than this are deleted, day by day; absent: never. Milliseconds. */
  readonly retentionMs?: number | undefined;
  /** Exceptions from that. */
  readonly retentionRules?: readonly RetentionRule[] | undefined;
  /** The oldest records are deleted when more is stored, as `segment_bytes` and `journal_disk_bytes` count it. */
  readonly retentionBytes?: number | undefined;
  readonly log?: Log | undefined;
  /** Starts a Worker that searches segments; absent: all are searched on this thread. */
  readonly startSearchWorker?: (() => SearchWorker) | undefined;
}

/** How to open a store on any database: what tests vary. */
export interface EngineOptions {
  readonly database: Database;
  /** The data file, if it is one, to tell its size. */
  readonly path?: string;
  /** Closed with the store. */
  readonly space?: FileSpace;
  /** Made by the background work. */
  readonly reserve?: DiskReserve;
  /** Released when the store is closed. */
  readonly lock?: DataLock;
  readonly builder?: Builder;
  /** Closed with the store. */
  readonly pool?: SearchPool | undefined;
  /** As for {@linkcode openStore}. */
  readonly retentionMs?: number | undefined;
  readonly retentionRules?: readonly RetentionRule[] | undefined;
  readonly retentionBytes?: number | undefined;
  readonly log?: Log | undefined;
  /** Milliseconds since the Unix epoch. */
  readonly now?: () => number;
  /** Resolves after so many milliseconds. */
  readonly wait?: (ms: number) => Promise<void>;
  /** When readers let others come first; absent: by the clock of the thread. */
  readonly turns?: Turns;
  /** What sleep is made of; absent: the event loop's. */
  readonly timer?: Timer;
  /** False: nothing happens in the background; the test calls `flush` and `maintain`. */
  readonly background?: boolean;
  /** A generation with this many records is flushed. */
  readonly flushRecords?: number;
}

/** This process is the only server of its database: node 0. */
const NODE = 0;

/**
 * Opens (or makes) a store in a file and takes the file's lock.
 *
 * @throws {OpenError} another process uses the file, or its format is newer
 */
export async function openStore(options: OpenStoreOptions): Promise<EngineStore> {
  const lock = DataLock.acquire(options.path);
  try {
    FileSpace.prepare(options.path);
    const database = await openDenoKv(options.path);
    const space = new FileSpace(options.path);
    try {
      const { startSearchWorker: startWorker, log = () => {} } = options;
      const pool = startWorker && new SearchPool({ startWorker, log });
      const reserve = new DiskReserve(options.path, log);
      return await EngineStore.open({ ...options, database, lock, space, pool, reserve });
    } catch (error) {
      space.close();
      database.close();
      throw error;
    }
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** The engine on one database. */
export class EngineStore implements Store {
  readonly tokens: TokenTable;
  readonly #state: EngineState;
  readonly #journal: Journal;
  readonly #committer: Committer;
  readonly #idempotency: IdempotencyTable;
  readonly #maintenance: Maintenance;
  readonly #alarm: Alarm;
  readonly #naps: Alarm;
  readonly #wait: (ms: number) => Promise<void>;
  readonly #lock: DataLock | undefined;
  readonly #space: FileSpace | undefined;
  readonly #dataFile: string | undefined;
  readonly retention: RetentionPolicy;
  readonly retentionBytes: number | undefined;
  readonly #sizeRetention: SizeRetention | undefined;
  readonly #watch: DiskWatch | undefined;
  readonly #reserve: DiskReserve | undefined;
  readonly #clock: ClockWatch;
  readonly #subscriptions = new Subscriptions((error) => this.#failed(error));
  /** Streams of batches that wait to be committed, with the number of such batches. */
  readonly #arriving = new Map<string, number>();
  #fatal: string | undefined;
  #closed: Promise<void> | undefined;

  private constructor(parts: {
    state: EngineState;
    journal: Journal;
    committer: Committer;
    idempotency: IdempotencyTable;
    maintenance: Maintenance;
    policy: RetentionPolicy;
    sizeRetention: SizeRetention | undefined;
    watch: DiskWatch | undefined;
    clock: ClockWatch;
    alarm: Alarm;
    naps: Alarm;
    wait: (ms: number) => Promise<void>;
    options: EngineOptions;
  }) {
    this.#state = parts.state;
    this.#journal = parts.journal;
    this.#committer = parts.committer;
    this.#idempotency = parts.idempotency;
    this.#maintenance = parts.maintenance;
    this.#alarm = parts.alarm;
    this.#naps = parts.naps;
    this.#wait = parts.wait;
    this.#lock = parts.options.lock;
    this.#space = parts.options.space;
    this.#dataFile = parts.options.path;
    this.retention = parts.policy;
    this.retentionBytes = parts.options.retentionBytes;
    this.#sizeRetention = parts.sizeRetention;
    this.#watch = parts.watch;
    this.#reserve = parts.options.reserve;
    this.#clock = parts.clock;
    this.tokens = new StoredTokens(parts.state.parts.database);
  }

  /** @throws {OpenError} the database has a newer format */
  static async open(options: EngineOptions): Promise<EngineStore> {
    const now = options.now ?? Date.now;
    const alarm = new Alarm(options.timer);
    const naps = new Alarm(options.timer);
    const wait = options.wait ?? ((ms) => naps.sleep(ms));
    await checkFormat(options.database, NODE);
    const database = await FencedDatabase.take(options.database, NODE, now());
    let store: EngineStore | undefined = undefined;
    const closing = () => store?.closing ?? false;
    const damage = new DamageRegister(options.log);
    const memo = new ListingMemo();
    const publisher = new Publisher(database, NODE, memo, wait, closing, damage);
    const journal = new Journal(database, NODE, wait);
    const version = await publisher.open(() => recoverVersion(database, NODE, journal));
    const state = new EngineState({
      node: NODE,
      database,
      publisher,
      memo,
      reader: new SegmentReader(database, options.turns ?? new Turns()),
      builder: options.builder ?? new WorkerBuilder(),
      pool: options.pool,
      planner: new CompactionPlanner(),
      counters: new WorkCounters(),
      flushRecords: options.flushRecords ?? FLUSH_RECORDS,
      damage,
      now,
      log: options.log ?? (() => {}),
    });
    const idempotency = new IdempotencyTable(database, now);
    await idempotency.open();
    const next = await loadState(state, journal, version);
    const committer = new Committer({
      journal,
      now,
      room: () => store!.#room(),
      remembering: (answers) => idempotency.mutations(answers),
      committed: (columns, ref, answers) => {
        state.append(columns, ref);
        idempotency.committed(answers);
        if (store!.#subscriptions.any) state.active.kept = true;
        store!.#subscriptions.tell(columns);
        const { flushDue, failure } = store!.#maintenance;
        // What fails is tried again in its own time.
        if (flushDue && failure === undefined) alarm.ring();
      },
      failed: (error) => store!.#failed(error),
    }, next);
    const nextId = () => committer.next.id;
    const { retentionMs, retentionRules, retentionBytes: bytesMax } = options;
    const policy = new RetentionPolicy(retentionMs, retentionRules);
    const sizeRetention = bytesMax === undefined
      ? undefined
      : new SizeRetention(state, { bytesMax, nextId });
    const { log } = state.parts;
    const watch = options.path === undefined ? undefined : new DiskWatch(options.path, now, log);
    const clock = new ClockWatch(now, () => committer.next.receivedMs, log);
    const maintenance = new Maintenance(state, {
      idempotency,
      retention: new Retention(state, { policy, nextId, lastReceivedMs: next.receivedMs }),
      sizeRetention,
      space: options.space,
      reserve: options.reserve,
      watch,
      clock,
      horizonId: nextId,
      sleep: (ms) => alarm.sleep(ms),
    });
    store = new EngineStore({
      state,
      journal,
      committer,
      idempotency,
      maintenance,
      policy,
      sizeRetention,
      watch,
      clock,
      alarm,
      naps,
      wait,
      options,
    });
    if (options.background ?? true) {
      await removeCoveredJournal(state);
      maintenance.start();
    }
    return store;
  }

  /** True from the first call of `close` on. */
  get closing(): boolean {
    return this.#closed !== undefined;
  }

  get notReady(): NotReady {
    const stopped = this.#stopped;
    if (stopped !== undefined) return stopped;
    if (this.#journal.inDoubt) return "the outcome of a commit is not known yet";
    if (this.#reserved !== undefined) return this.#reserved;
    const { failure } = this.#maintenance;
    if (failure === undefined || !this.#isFull) return undefined;
    return `records in memory cannot be written to the disk: ${failure}`;
  }

  /** Why what is left of the disk is not for records. */
  get #reserved(): NotReady {
    if (!this.#reserve?.isReleased) return undefined;
    return "the disk is full, and what is left of it is needed to delete records; delete more, or make room";
  }

  /** Why it takes nothing ever again. */
  get #stopped(): NotReady {
    return this.#fatal ?? (this.closing ? "the server is shutting down" : undefined);
  }

  /** Whether commits wait until records have been written from memory. */
  get #isFull(): boolean {
    return this.#state.memtableBytes > MEMTABLE_BYTES_MAX;
  }

  get warnings(): readonly string[] {
    const { damage } = this.#state.parts;
    const all = [this.#watch?.warning, this.#clock.warning, damage.summary];
    return all.filter((line) => line !== undefined);
  }

  async append(batch: RecordBatch, idempotency?: IdempotencyKey): Promise<Appended> {
    const refusal = this.#stopped ?? this.#reserved;
    if (refusal !== undefined) {
      const reason = this.closing ? "shutting_down" : "not_ready";
      throw new OverloadedError(`Cannot store: ${refusal}`, 503, 5, { reason });
    }
    if (idempotency !== undefined) {
      try {
        return await this.#idempotency.once(
          idempotency,
          (remember) => this.#reserving(batch, () => this.#committer.append(batch, remember)),
        );
      } catch (error) {
        throw asOverload("store", error);
      }
    }
    if (batch.length === 0) return { firstId: this.#committer.next.id, count: 0 };
    return await this.#reserving(batch, () => this.#committer.append(batch));
  }

  checkRoom(bytes: number): void {
    this.#committer.checkRoom(bytes);
  }

  snapshot(asker?: Asker): Snapshot {
    const view = this.#state.view(asker);
    const release = this.#state.hold(view.version);
    return new StoreSnapshot(view, this.#committer.next.id, [...this.#state.live], release);
  }

  subscribe(listener: CommitListener): () => void {
    return this.#subscriptions.add(listener);
  }

  secret(name: string): Promise<Uint8Array> {
    return loadSecret(this.#state.parts.database, name);
  }

  async delete(spec: DeleteSpec): Promise<number> {
    if (this.#state.tombstones.length >= TOMBSTONES_MAX) {
      throw new OverloadedError(
        `Cannot delete: the space of ${TOMBSTONES_MAX} deletions is still being reclaimed; try again`,
        503,
        5,
        { reason: "deletions" },
      );
    }
    if (this.#fatal !== undefined) {
      throw new OverloadedError(`Cannot delete: ${this.#fatal}`, 503, 1, { reason: "not_ready" });
    }
    if (this.closing) {
      throw new OverloadedError("Cannot delete: the server is shutting down", 503, 5, {
        reason: "shutting_down",
      });
    }
    try {
      const count = await this.#hide(spec);
      if (count > 0) this.#alarm.ring();
      return count;
    } catch (error) {
      this.#failed(error);
      throw asOverload("delete", error);
    }
  }

  /** On a full disk with what is kept for that. */
  async #hide(spec: DeleteSpec): Promise<number> {
    const nextId = () => this.#committer.next.id;
    try {
      return await hideBefore(this.#state, spec, nextId);
    } catch (error) {
      if (!await this.#reserve?.release(error)) throw error;
      return await hideBefore(this.#state, spec, nextId);
    }
  }

  figures(): Readonly<Record<string, number>> {
    return {
      ...figuresOf(this.#state),
      next_id: this.#committer.next.id,
      queue_bytes: this.#committer.queuedBytes,
      queue_batches: this.#committer.queuedBatches,
      retention_excess_bytes: this.#sizeRetention?.excessBytes ?? 0,
      clock_behind_seconds: this.#clock.behindMs / 1000,
      disk_low: this.#watch?.warning === undefined ? 0 : 1,
      background_failing: this.#maintenance.failure === undefined ? 0 : 1,
    };
  }

  counters(): Readonly<Record<string, number>> {
    return countersOf(this.#state, this.#journal);
  }

  durations(): Readonly<Record<string, Durations>> {
    const { flushes, compactions } = this.#state.parts.counters;
    return { commit: this.#journal.commits, flush: flushes, compaction: compactions };
  }

  async disk(): Promise<DiskFigures | undefined> {
    return this.#dataFile === undefined ? undefined : await measureDataFiles(this.#dataFile);
  }

  /** What reading has cost since the store was opened. */
  get readWork(): Readonly<ReadWork> {
    return this.#state.parts.reader.work;
  }

  /** Tells commands on this machine where the server that holds the data file listens. */
  announce(url: string): void {
    this.#lock?.describe({ pid: Deno.pid, url });
  }

  /** Flushes what was committed; false if there was nothing. */
  flush(): Promise<boolean> {
    return flush(this.#state);
  }

  /** One step of background work; false if there is nothing to do. */
  maintain(): Promise<boolean> {
    return this.#maintenance.step();
  }

  close(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  async #close(): Promise<void> {
    await this.#committer.close();
    this.#naps.silence();
    const { database, builder, pool, publisher } = this.#state.parts;
    builder.close();
    pool?.close();
    await this.#maintenance.stop(() => this.#alarm.silence());
    await publisher.exclusively(() => Promise.resolve());
    this.#space?.close();
    database.close();
    this.#lock?.release();
  }

  /**
   * Resolves when the memtable has room.
   * @throws {OverloadedError} it has none, and flushing it fails: on a full disk, say
   */
  async #room(): Promise<void> {
    while (this.#isFull && !this.closing) {
      const { failure } = this.#maintenance;
      if (failure !== undefined) {
        throw new OverloadedError(
          `Cannot store: records that wait in memory cannot be written to segments (${failure}); ` +
            "nothing was stored, try again",
          503,
          5,
          { reason: "database" },
        );
      }
      this.#alarm.ring();
      await this.#wait(20);
    }
  }

  /** Counts a batch's new streams against the limit while it waits. */
  async #reserving(batch: RecordBatch, store: () => Promise<Appended>): Promise<Appended> {
    const fresh = batch.streams.filter((stream) => !this.#state.live.has(stream));
    if (fresh.length === 0) return await store();
    const keys = fresh.map((stream) => TotalsTable.key(stream));
    const unseen = keys.filter((key) => !this.#arriving.has(key)).length;
    if (this.#state.live.size + this.#arriving.size + unseen > STREAMS_MAX) {
      throw new OverloadedError(
        `Cannot store: there are ${STREAMS_MAX} streams (pairs of service and severity) already, which is the limit; ` +
          "put what varies into attributes, not into the service's name",
        429,
        60,
        { reason: "streams" },
      );
    }
    for (const key of keys) this.#arriving.set(key, (this.#arriving.get(key) ?? 0) + 1);
    try {
      return await store();
    } finally {
      for (const key of keys) {
        const left = this.#arriving.get(key)! - 1;
        if (left === 0) this.#arriving.delete(key);
        else this.#arriving.set(key, left);
      }
    }
  }

  #failed(error: unknown): void {
    if (error instanceof FenceLostError) this.#fatal = error.message;
    const message = error instanceof Error ? error.message : String(error);
    this.#state.parts.log("error", message);
  }
}

/** What a refusal of the database means to a sender: nothing was done, and another try may succeed. */
function asOverload(action: string, error: unknown): unknown {
  if (!(error instanceof DatabaseError || error instanceof FenceLostError)) return error;
  return new OverloadedError(
    `Cannot ${action}: ${error.message}; nothing of the request was done, try again`,
    503,
    5,
    { cause: error, reason: "database" },
  );
}
