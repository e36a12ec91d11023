/** @module The background work of a store: flush, purge, compaction, retention, expiry, garbage. One step at a time. */

import type { ClockWatch } from "./clock_watch.ts";
import { compact, findCandidates } from "./compaction.ts";
import { beginPurge, type Purge, purge } from "./deletion.ts";
import type { DiskReserve } from "./disk/disk_reserve.ts";
import type { DiskWatch } from "./disk/disk_watch.ts";
import { elapsed } from "./elapsed.ts";
import type { FileSpace } from "./disk/file_space.ts";
import { groupFilters } from "./filter_grouping.ts";
import { flush, removeCoveredJournal } from "./flush.ts";
import type { IdempotencyTable } from "./idempotency.ts";
import { repairIndex } from "./repair/index_repair.ts";
import {
  FLUSH_AGE_MS,
  FLUSH_BYTES,
  FLUSH_IDLE_MS,
  FLUSH_IDLE_RECORDS,
  FLUSH_JOURNAL_BYTES,
  LOOKED_THROUGH_MAX,
} from "./limits.ts";
import { removeLeftOver } from "./retention/left_over.ts";
import type { Retention } from "./retention/retention.ts";
import type { SizeRetention } from "./retention/size_retention.ts";
import type { EngineState } from "./state.ts";
import type { Tombstone } from "./tombstone.ts";

/** How often time alone is a reason to look: for the age of the memtable, retention, expired keys, garbage. */
const TICK_MS = 1000;

/** Flushes in a row that may put off compaction, while records come in faster than they are flushed. */
const POSTPONED_MAX = 3;

/** One in so many steps puts filters together before it compacts: twice as often as there are enough of them. */
const GROUPING_TURN = 4;

/** A day that nothing was flushed to for so long, and that compaction is done with, is not looked at again. */
const DIRTY_DAY_MS = 60 * 60 * 1000;
const CLEAN_DAYS_MAX = 500;

/** Between two steps of giving space back: with a step of a few milliseconds, most of the thread's time is left. */
const SPACE_PAUSE_MS = 10;

/** Between two tries to make the reserve on a disk that has had no room for it. */
const RESERVE_RETRY_MS = 60_000;

/** After a failed step (a full disk, say): from, and at most. */
const BACK_OFF_MS = 500;
const BACK_OFF_MS_MAX = 5_000;

/** What the loop needs beside the state. */
export interface MaintenanceOptions {
  readonly idempotency: IdempotencyTable;
  readonly retention: Retention;
  /** Absent: nothing goes for want of room. */
  readonly sizeRetention?: SizeRetention | undefined;
  /** Absent where the database is no file. */
  readonly space?: FileSpace | undefined;
  readonly reserve?: DiskReserve | undefined;
  readonly watch?: DiskWatch | undefined;
  readonly clock: ClockWatch;
  readonly horizonId: () => number;
  /** Resolves after so long, or when `wake` is called. */
  readonly sleep: (ms: number) => Promise<void>;
}

/** Runs the background work. */
export class Maintenance {
  readonly #state: EngineState;
  readonly #options: MaintenanceOptions;
  /** Tombstones that a damaged segment keeps from being dropped: not tried again before the next start. */
  readonly #stuck = new Set<Tombstone>();
  /** The tombstone whose space is being reclaimed. */
  #purge: Purge | undefined;
  #isRetaining = false;
  #reserveTriedMs = -Infinity;
  /** The next record's id when it was last seen to change, and when that was. */
  #seenId = -1;
  #seenMs = -Infinity;
  #postponed = 0;
  #turn = 0;
  /** Whether compaction knows of what earlier processes have left. */
  #searched = false;
  /** Whether the index has been looked through since the start. */
  #looked = false;
  #stopped = false;
  #loop: Promise<void> | undefined;
  /** The last failure, while it lasts. */
  failure: string | undefined;

  constructor(state: EngineState, options: MaintenanceOptions) {
    this.#state = state;
    this.#options = options;
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** Ends after the step under way; the caller wakes the loop. */
  async stop(wake: () => void): Promise<void> {
    this.#stopped = true;
    wake();
    await this.#loop;
  }

  /** Whether the memtable should be flushed now. */
  get flushDue(): boolean {
    const { active, parts } = this.#state;
    const { records, bytes, journalDiskBytes, bornMs, touchedMs } = active;
    if (bornMs === undefined || touchedMs === undefined) return false;
    const now = parts.now();
    return records >= parts.flushRecords || bytes >= FLUSH_BYTES ||
      journalDiskBytes >= FLUSH_JOURNAL_BYTES || elapsed(bornMs, now) >= FLUSH_AGE_MS ||
      (records >= FLUSH_IDLE_RECORDS && elapsed(touchedMs, now) >= FLUSH_IDLE_MS);
  }

  /**
   * A flush if one is due, then at most one step of everything else, so that none keeps the others waiting however much
   * comes in; false if there was nothing to do.
   */
  async step(): Promise<boolean> {
    const state = this.#state;
    await this.#options.watch?.look();
    this.#options.clock.look();
    await this.#makeReserve();
    // Before the flush: on a full disk a flush fails, and retention makes room.
    const retained = await this.#retain();
    if (!this.#looked && this.#mustLook) await this.#look();
    const flushed = this.flushDue || state.hasSealed ? await flush(state) : false;
    if (!this.#searched) await findCandidates(state);
    this.#searched = true;
    const reclaimed = retained || this.#postpones() ? false : await this.#reclaim();
    await state.parts.publisher.garbage.collect(state.oldestRead);
    if (state.journalLeft) await removeCoveredJournal(state);
    await this.#options.idempotency.expire();
    return flushed || retained || reclaimed || await this.#cleanDays() ||
      await removeLeftOver(this.#state) || await this.#giveBack() || await this.#restoreReserve();
  }

  /** Makes the data file smaller, if there is nothing else to do; between steps requests have their turn. */
  async #giveBack(): Promise<boolean> {
    const { space } = this.#options;
    if (space === undefined || !space.giveBack(this.#mayGiveBack)) return false;
    await new Promise((resolve) => setTimeout(resolve, SPACE_PAUSE_MS));
    return true;
  }

  /** Whether space is wanted more than time: no record comes in, or none is taken because the disk is full. */
  get #mayGiveBack(): boolean {
    return this.#options.reserve?.isReleased || this.#isIdle();
  }

  /** Makes the reserve at the start, and again and again where the disk has had no room for it. */
  async #makeReserve(): Promise<void> {
    const { reserve } = this.#options;
    if (reserve === undefined || reserve.isHeld || reserve.isReleased) return;
    const now = this.#state.parts.now();
    if (elapsed(this.#reserveTriedMs, now) < RESERVE_RETRY_MS) return;
    this.#reserveTriedMs = now;
    await reserve.hold();
  }

  /**
   * Whether the index is to be looked through: before anything deleted is reclaimed, since a segment that is in no index would
   * be passed over; where damage was seen; and at the start where it costs little.
   */
  get #mustLook(): boolean {
    const { damage, publisher } = this.#state.parts;
    return (publisher.state.segments ?? 0) <= LOOKED_THROUGH_MAX ||
      this.#reclaimable !== undefined || damage.count("index_entries") > 0;
  }

  async #look(): Promise<void> {
    await repairIndex(this.#state);
    this.#looked = true;
  }

  /** Makes what was given up anew when everything that can be deleted is: then records are taken again. */
  async #restoreReserve(): Promise<boolean> {
    const { reserve } = this.#options;
    if (reserve === undefined || !reserve.isReleased) return false;
    await reserve.hold();
    return reserve.isHeld;
  }

  /** Whether what failed would have made room. */
  get #isDeleting(): boolean {
    return this.#isRetaining || this.#reclaimable !== undefined;
  }

  /** Whether the next flush should come before compaction: the journal is what grows fastest, but not for ever. */
  #postpones(): boolean {
    const postpones = (this.flushDue || this.#state.hasSealed) && this.#postponed < POSTPONED_MAX;
    this.#postponed = postpones ? this.#postponed + 1 : 0;
    return postpones;
  }

  /** Whether no record has come in for a while. */
  #isIdle(): boolean {
    const id = this.#options.horizonId();
    const now = this.#state.parts.now();
    if (id !== this.#seenId) {
      this.#seenId = id;
      this.#seenMs = now;
    }
    return elapsed(this.#seenMs, now) >= FLUSH_IDLE_MS;
  }

  /** Forgets, when there is nothing else to do, which days compaction has to look at after a start. */
  async #cleanDays(): Promise<boolean> {
    const { parts, dirtyDays } = this.#state;
    const now = parts.now();
    const cleanDays = [...dirtyDays]
      .filter(([, touchedMs]) => elapsed(touchedMs, now) > DIRTY_DAY_MS)
      .map(([day]) => day).slice(0, CLEAN_DAYS_MAX);
    if (cleanDays.length === 0) return false;
    const { publisher } = parts;
    await publisher.exclusively(() =>
      publisher.publish({ cleanDays }, () => {
        for (const day of cleanDays) dirtyDays.delete(day);
      })
    );
    return true;
  }

  /** A step of what makes the store smaller or quicker to read; each kind comes at its turn however much another has to do. */
  async #reclaim(): Promise<boolean> {
    const tombstone = this.#reclaimable;
    if (tombstone === undefined) {
      // What is merged takes more room before it takes less.
      if (this.#options.reserve?.isReleased) return false;
      const groupFirst = this.#turn++ % GROUPING_TURN === 0;
      if (groupFirst && await groupFilters(this.#state)) return true;
      return await compact(this.#state) || (!groupFirst && await groupFilters(this.#state));
    }
    const begun = this.#purge?.tombstone === tombstone ? this.#purge : beginPurge(tombstone);
    this.#purge = await purge(this.#state, begun);
    if (this.#purge.isDone && this.#purge.isStuck) this.#stuck.add(tombstone);
    return true;
  }

  /** The next tombstone whose space can be reclaimed. */
  get #reclaimable(): Tombstone | undefined {
    return this.#state.tombstones.find((one) => !this.#stuck.has(one));
  }

  /** A step of deleting what is over its time, or what there is no room for. */
  async #retain(): Promise<boolean> {
    const { retention, sizeRetention } = this.#options;
    const reclaiming = this.#reclaimable !== undefined;
    this.#isRetaining = true;
    const worked = await retention.step(reclaiming) ||
      (await sizeRetention?.step(reclaiming) ?? false);
    this.#isRetaining = false;
    return worked;
  }

  async #run(): Promise<void> {
    let backOffMs = BACK_OFF_MS;
    while (!this.#stopped) {
      try {
        const worked = await this.step();
        this.failure = undefined;
        backOffMs = BACK_OFF_MS;
        if (!worked && !this.#stopped) await this.#options.sleep(TICK_MS);
      } catch (error) {
        if (this.#stopped) return;
        this.failure = error instanceof Error ? error.message : String(error);
        this.#state.parts.log("error", `Background work failed: ${this.failure}`);
        if (this.#isDeleting && await this.#options.reserve?.release(error)) continue;
        await this.#options.sleep(backOffMs);
        backOffMs = Math.min(backOffMs * 2, BACK_OFF_MS_MAX);
      }
    }
  }
}
