/** @module Chooses what to compact, from summaries in memory. */

import type { IndexEntry } from "./index_entry.ts";
import { dayOf } from "./keys.ts";
import {
  COMPACTION_CANDIDATES_MAX,
  COMPACTION_FAN_IN,
  COMPACTION_INPUTS_MAX,
  COMPACTION_RECORDS_MAX,
  COMPACTION_TEXT_BYTES_MAX,
  SEGMENT_RECORDS_MAX,
  SEGMENT_TEXT_BYTES_MAX,
} from "./limits.ts";

/** Levels past this one are left alone: eight to the sixth segments of one day and stream are never reached. */
const LEVEL_MAX = 6;

/** Full segments of one stream, day and level that are remembered to find overlaps among. */
const FULL_REMEMBERED_MAX = 64;

/** Segments that may be merged with each other: of one day, kind, stream and level. */
class Group {
  readonly entries = new Map<number, IndexEntry>();

  constructor(readonly day: number) {}

  /** The inputs of a step worth doing, or `undefined`. */
  choose(): IndexEntry[] | undefined {
    if (this.entries.size < COMPACTION_FAN_IN) return undefined;
    const all = [...this.entries.values()];
    const small = all.filter((entry) => entry.kind !== "single" || isSmall(entry));
    if (small.length >= COMPACTION_FAN_IN) return withinLimits(small);
    const overlapping = deepestOverlap(all);
    if (overlapping.length >= COMPACTION_FAN_IN) return withinLimits(overlapping);
    return undefined;
  }
}

/** Whether a segment has room for as much again: such ones are merged. */
export function isSmall(entry: IndexEntry): boolean {
  return entry.count < SEGMENT_RECORDS_MAX / 2 && entry.messageBytes < SEGMENT_TEXT_BYTES_MAX / 2;
}

/** The oldest inputs that one step can take; at least two. */
function withinLimits(entries: readonly IndexEntry[]): IndexEntry[] | undefined {
  const sorted = entries.toSorted((a, b) => a.firstMs - b.firstMs);
  const chosen: IndexEntry[] = [];
  let records = 0;
  let bytes = 0;
  for (const entry of sorted) {
    records += entry.count;
    bytes += entry.messageBytes;
    const full = chosen.length === COMPACTION_INPUTS_MAX || records > COMPACTION_RECORDS_MAX ||
      bytes > COMPACTION_TEXT_BYTES_MAX;
    if (full) break;
    chosen.push(entry);
  }
  return chosen.length >= 2 ? chosen : undefined;
}

/** The largest set of segments that all contain one moment. */
function deepestOverlap(entries: readonly IndexEntry[]): IndexEntry[] {
  let deepest: IndexEntry[] = [];
  for (const { firstMs } of entries) {
    const at = entries.filter((other) => other.firstMs <= firstMs && other.lastMs > firstMs);
    if (at.length > deepest.length) deepest = at;
  }
  return deepest;
}

/** Remembers candidates, up to a limit, and says what to do next. */
export class CompactionPlanner {
  readonly #groups = new Map<string, Group>();
  /** Groups that have grown since they were last looked at. */
  readonly #grown = new Set<string>();
  #size = 0;

  get candidates(): number {
    return this.#size;
  }

  add(entry: IndexEntry): void {
    if (entry.level > LEVEL_MAX) return;
    const key = groupKey(entry);
    let group = this.#groups.get(key);
    if (group === undefined) {
      this.#groups.set(key, group = new Group(dayOf(entry.lastMs)));
    }
    if (!group.entries.has(entry.id)) this.#size++;
    group.entries.set(entry.id, entry);
    this.#grown.add(key);
    if (entry.kind === "single" && group.entries.size > FULL_REMEMBERED_MAX) {
      this.#forget(key, group, group.entries.keys().next().value!);
    }
    if (this.#size > COMPACTION_CANDIDATES_MAX) this.#forgetOldest();
  }

  remove(entry: IndexEntry): void {
    const key = groupKey(entry);
    const group = this.#groups.get(key);
    if (group?.entries.has(entry.id)) this.#forget(key, group, entry.id);
  }

  /** Segments of one group to merge into fewer or better ordered ones; `undefined` if nothing is worth it. */
  next(): IndexEntry[] | undefined {
    for (const key of this.#grown) {
      const chosen = this.#groups.get(key)?.choose();
      if (chosen !== undefined) return chosen;
      this.#grown.delete(key);
    }
    return undefined;
  }

  /** Whether nothing of a day is worth a step. */
  isSettled(day: number): boolean {
    for (const key of this.#grown) {
      const group = this.#groups.get(key);
      if (group?.day === day && group.choose() !== undefined) return false;
    }
    return true;
  }

  #forgetOldest(): void {
    const [key, group] = this.#groups.entries().next().value!;
    this.#forget(key, group, group.entries.keys().next().value!);
  }

  #forget(key: string, group: Group, id: number): void {
    group.entries.delete(id);
    this.#size--;
    if (group.entries.size === 0) this.#groups.delete(key);
  }
}

function groupKey({ kind, stream, lastMs, level }: IndexEntry): string {
  const day = kind === "span" ? 0 : dayOf(lastMs);
  return `${level} ${kind} ${day} ${
    stream === undefined ? "" : `${stream.severity}${stream.service}`
  }`;
}
