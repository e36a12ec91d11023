/** @module Every key of the database. The first part is the tenant, 0 for now. */

import type { Stream } from "../record.ts";
import { DAY_MS, NARROW_MS } from "./limits.ts";

/** A key as Deno KV takes it; parts sort Uint8Array < string < number. */
export type Key = readonly (string | number | Uint8Array)[];

/** A half-open range of keys. */
export interface KeyRange {
  readonly start: Key;
  readonly end: Key;
}

const TENANT = 0;

export const metaKey: Key = [TENANT, "meta"];
export const versionKey = (node: number): Key => [TENANT, "version", node];
/** The next free id, journal position and last time of receipt: rewritten by every commit. */
export const nextKey = (node: number): Key => [TENANT, "next", node];
/** The fence: every commit checks that it is unchanged since this process took it. */
export const nodeKey = (node: number): Key => [TENANT, "node", node];

export const intentKey = (node: number, version: number, part: number): Key => [
  TENANT,
  "intent",
  node,
  version,
  part,
];
export const intentRange = (node: number): KeyRange => prefixRange([TENANT, "intent", node]);
export const garbageKey = (node: number, version: number, part: number): Key => [
  TENANT,
  "garbage",
  node,
  version,
  part,
];
export const garbageRange = (node: number): KeyRange => prefixRange([TENANT, "garbage", node]);

export const journalKey = (node: number, seq: number): Key => [TENANT, "journal", node, seq];
export const journalPartKey = (node: number, seq: number, part: number): Key => [
  TENANT,
  "journal",
  node,
  seq,
  part,
];
/** Everything of the journal from `seq` on. */
export const journalRange = (node: number, seq: number): KeyRange => ({
  start: [TENANT, "journal", node, seq],
  end: [TENANT, "journal", node + 1],
});
/** Everything of the journal before `seq`. */
export const journalBefore = (node: number, seq: number): KeyRange => ({
  start: [TENANT, "journal", node],
  end: [TENANT, "journal", node, seq],
});

export const segmentHeadKey = (id: number): Key => [TENANT, "segment", id, "head"];
export const segmentColumnKey = (id: number, column: string, part: number): Key => [
  TENANT,
  "segment",
  id,
  "column",
  column,
  part,
];
export const segmentRange = (id: number): KeyRange => prefixRange([TENANT, "segment", id]);
/** Everything of a segment and of those after it. */
export const segmentsFrom = (id: number): KeyRange => ({
  start: [TENANT, "segment", id],
  end: [TENANT, "segment", Infinity],
});
export const filterKey = (id: number, part: number): Key => [TENANT, "filter", id, part];
export const filterRange = (id: number): KeyRange => prefixRange([TENANT, "filter", id]);

/** Which segments have their filters in which pages. */
export const filterGroupKey = (day: number, group: number): Key => [
  TENANT,
  "filter_group",
  day,
  group,
];
export const filterGroupRange = (day: number): KeyRange =>
  prefixRange([TENANT, "filter_group", day]);
export const filterPageKey = (day: number, group: number, page: number): Key => [
  TENANT,
  "filter_page",
  day,
  group,
  page,
];

/** What an index entry's keys are made of. */
export interface IndexedSpan {
  readonly id: number;
  readonly kind: SegmentKind;
  readonly stream: Stream | undefined;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** One stream of one day; several streams of one day; several streams of several days. */
export type SegmentKind = "single" | "mixed" | "span";

/** The UTC day of a moment, counted from 1970-01-01. */
export function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS);
}

/** The prefixes of the index entries, up to and without the day. */
export const byTimePrefix: Key = [TENANT, "by_time"];
export const byServicePrefix = (service: string): Key => [TENANT, "by_service", service];
export const bySeverityPrefix = (severity: number): Key => [TENANT, "by_severity", severity];
export const byStreamPrefix = (stream: Stream): Key => [
  TENANT,
  "by_service_severity",
  stream.service,
  stream.severity,
];
export const mixedPrefix: Key = [TENANT, "mixed"];
export const spanPrefix: Key = [TENANT, "span"];

/** The second part of every key of an index. */
export const INDEX_NAMES = [
  "by_time",
  "by_service",
  "by_severity",
  "by_service_severity",
  "mixed",
  "span",
] as const;

/** All index entries, index by index. */
export const INDEX_RANGES: readonly KeyRange[] = INDEX_NAMES.map((index) =>
  prefixRange([TENANT, index])
);

/** The indexes that list a segment: four secondary ones if it has one stream, else the one of its kind. */
export function indexPrefixes({ kind, stream }: IndexedSpan): Key[] {
  if (kind === "span") return [spanPrefix];
  if (kind === "mixed") return [mixedPrefix];
  return [
    byTimePrefix,
    byServicePrefix(stream!.service),
    bySeverityPrefix(stream!.severity),
    byStreamPrefix(stream!),
  ];
}

/** All index keys of a segment. */
export function indexKeys(span: IndexedSpan): Key[] {
  const { id, kind, firstMs, lastMs } = span;
  const wide = lastMs - firstMs > NARROW_MS ? 1 : 0;
  const place = {
    span: [],
    mixed: [dayOf(lastMs)],
    single: [dayOf(lastMs), wide],
  }[kind];
  return indexPrefixes(span).map((prefix) => [...prefix, ...place, lastMs, id]);
}

export const streamKey = (stream: Stream): Key => [
  TENANT,
  "stream",
  stream.service,
  stream.severity,
];
export const streamRange: KeyRange = prefixRange([TENANT, "stream"]);
export const idBlockKey = (block: number): Key => [TENANT, "ids", block];
export const idBlockRange: KeyRange = prefixRange([TENANT, "ids"]);
export const tombstoneKey = (version: number): Key => [TENANT, "tombstone", version];
export const tombstoneRange: KeyRange = prefixRange([TENANT, "tombstone"]);
/** The same once more: without it deleted records would appear again. */
export const tombstoneCopyKey = (version: number): Key => [TENANT, "tombstone_copy", version];
export const tombstoneCopyRange: KeyRange = prefixRange([TENANT, "tombstone_copy"]);
/** What is known to be lost of the journal, so that later starts tell of it too. */
export const lostKey = (node: number, seq: number): Key => [TENANT, "lost", node, seq];
export const lostRange = (node: number): KeyRange => prefixRange([TENANT, "lost", node]);
/** Days whose segments compaction should look at after a restart. */
export const dirtyDayKey = (day: number): Key => [TENANT, "dirty", day];
export const dirtyDayRange: KeyRange = prefixRange([TENANT, "dirty"]);

export const tokenKey = (hash: Uint8Array): Key => [TENANT, "token", hash];
export const tokenRange: KeyRange = prefixRange([TENANT, "token"]);
/** Random bytes that the server keeps for itself. */
export const secretKey = (name: string): Key => [TENANT, "secret", name];
export const idempotencyKey = (key: Uint8Array): Key => [TENANT, "idempotency", key];
export const idempotencyHourKey = (hour: number, key: Uint8Array): Key => [
  TENANT,
  "idempotency_by_hour",
  hour,
  key,
];
export const idempotencyHourRange = (hour: number): KeyRange =>
  prefixRange([TENANT, "idempotency_by_hour", hour]);
/** Everything of an hour and of those after it. */
export const idempotencyHoursFrom = (hour: number): KeyRange => ({
  start: [TENANT, "idempotency_by_hour", hour],
  end: [TENANT, "idempotency_by_hour", Infinity],
});
export const idempotencyCountKey = (hour: number): Key => [TENANT, "idempotency_count", hour];
export const idempotencyCountRange: KeyRange = prefixRange([TENANT, "idempotency_count"]);

/** Every key that begins with `prefix` and has more parts. `true` sorts after every part that we use. */
export function prefixRange(prefix: Key): KeyRange {
  return { start: [...prefix, new Uint8Array()], end: [...prefix, true as unknown as number] };
}
