/**
 * @module Retention by age: what is over its time is deleted, as a request would delete it, at UTC midnight, a bounded number
 * of segments at once.
 */

import { listCandidates } from "../catalog.ts";
import { ClockTrial } from "./clock_trial.ts";
import { hideBefore } from "../deletion.ts";
import { dayOf } from "../keys.ts";
import { DAY_MS, RETENTION_SEGMENTS_MAX, RETENTION_TOMBSTONES_MAX } from "../limits.ts";
import type { RetentionGroup, RetentionPolicy } from "./retention_policy.ts";
import { severityName } from "../../record.ts";
import { makeSelection } from "../selection.ts";
import type { EngineState } from "../state.ts";

/** A deletion that is due. */
interface Due extends RetentionGroup {
  readonly beforeMs: number;
  /** What is older has been deleted already. */
  doneMs: number;
}

/** What retention needs beside the state. */
export interface RetentionOptions {
  readonly policy: RetentionPolicy;
  /** The next record's id. */
  readonly nextId: () => number;
  /** When the last record was received before this start; 0: never. Milliseconds since the Unix epoch. */
  readonly lastReceivedMs: number;
}

/** Deletes what the rules say: kept for at least its time, gone within a day more. */
export class Retention {
  readonly #state: EngineState;
  readonly #options: RetentionOptions;
  readonly #clock: ClockTrial;
  /** By how long things are kept: up to when those were deleted, or are about to be. */
  readonly #plannedMs = new Map<number, number>();
  #due: Due[] = [];
  /** What is older, of the records below an id, has been deleted when nothing is due any more. */
  #goal: { readonly ms: number; readonly horizonId: number } | undefined;
  /** Whether as many deletions as may be wait to be reclaimed. */
  #isFull = false;

  constructor(state: EngineState, options: RetentionOptions) {
    this.#state = state;
    this.#options = options;
    this.#clock = new ClockTrial(options.lastReceivedMs, state.parts.log);
  }

  /**
   * Hides what is due, as much as one step may; false if nothing is, or if earlier deletions have to be reclaimed first.
   * @param reclaiming whether a deletion's space is still being reclaimed
   */
  async step(reclaiming: boolean): Promise<boolean> {
    this.#plan();
    const due = this.#due[0];
    if (due === undefined) {
      if (this.#goal !== undefined) this.#state.noteDeleted(this.#goal.ms, this.#goal.horizonId);
      this.#goal = undefined;
      return false;
    }
    // A segment that several deletions concern is rewritten once when they are reclaimed together.
    if (this.#state.tombstones.length >= RETENTION_TOMBSTONES_MAX) this.#isFull = reclaiming;
    this.#isFull &&= reclaiming;
    if (this.#isFull || (reclaiming && due.doneMs > -Infinity)) return false;
    await this.#delete(due);
    return true;
  }

  /** Notes what has become due since it was last looked at. */
  #plan(): void {
    const { policy } = this.#options;
    if (policy.times.length === 0) return;
    const nowMs = this.#state.parts.now();
    if (!this.#clock.believes(nowMs)) return;
    const passed = new Map<number, number>();
    for (const keepMs of policy.times) {
      const beforeMs = dayOf(nowMs - keepMs) * DAY_MS;
      const plannedMs = this.#plannedMs.get(keepMs) ?? -Infinity;
      if (beforeMs > plannedMs) passed.set(keepMs, beforeMs);
      // Less, if the clock was put back: then it is due again when that moment comes again.
      this.#plannedMs.set(keepMs, beforeMs);
    }
    if (passed.size === 0) return;
    this.#due = this.#due.filter(({ keepMs }) => !passed.has(keepMs));
    const { live } = this.#state;
    const longest = Math.max(0, ...[...live].map((stream) => policy.keepMs(stream)));
    const ms = dayOf(nowMs - longest) * DAY_MS;
    this.#goal = longest === Infinity ? undefined : { ms, horizonId: this.#options.nextId() };
    for (const group of policy.groups(live)) {
      const beforeMs = passed.get(group.keepMs);
      if (beforeMs !== undefined) this.#due.push({ ...group, beforeMs, doneMs: -Infinity });
    }
  }

  async #delete(due: Due): Promise<void> {
    const { counters, log } = this.#state.parts;
    const beforeMs = await this.#endOfStep(due);
    const { services, severities } = due;
    const before = { ms: beforeMs, ns: 0 };
    const count = await hideBefore(
      this.#state,
      { before, services, severities },
      this.#options.nextId,
    );
    if (beforeMs < due.beforeMs) due.doneMs = beforeMs;
    else this.#due = this.#due.filter((one) => one !== due);
    if (count === 0) return;
    counters.agedRecords += count;
    log(
      "info",
      `Retention deleted ${count} records${nameOf(due)} before ${new Date(beforeMs).toISOString()}`,
    );
  }

  /** Up to when to delete now: all that is due, or what a bounded number of segments has of it, by whole days. */
  async #endOfStep({ services, severities, beforeMs, doneMs }: Due): Promise<number> {
    const { database, memo } = this.#state.parts;
    const bounds = {
      from: { ms: doneMs, ns: 0 },
      to: { ms: beforeMs - 1, ns: 999_999 },
      services,
      severities,
    };
    // What cannot be listed is not counted.
    const onDamage = () => {};
    const catalog = { database, memo, version: this.#state.version, onDamage };
    let segments = 0;
    let lastMs = -Infinity;
    for await (const { entries } of listCandidates(catalog, makeSelection(bounds, []), "asc")) {
      segments += entries.length;
      for (const entry of entries) lastMs = Math.max(lastMs, entry.lastMs);
      if (segments >= RETENTION_SEGMENTS_MAX) {
        return Math.min((dayOf(lastMs) + 1) * DAY_MS, beforeMs);
      }
    }
    return beforeMs;
  }
}

/** What a deletion concerns, for the log: not every name of many. */
function nameOf({ services, severities }: RetentionGroup): string {
  const parts = [
    severities?.map(severityName).join(", "),
    services === undefined || services.length <= 3
      ? services?.join(", ")
      : `${services.length} services`,
  ];
  const named = parts.filter((part) => part !== undefined);
  return named.length === 0 ? "" : ` of ${named.join(" of ")}`;
}
