/** @module What the index says about a segment: enough for most queries not to open it. */

import {
  CorruptDataError,
  decodeDocument,
  encodeDocument,
  type SegmentHead,
  type SegmentSummary,
} from "../codec/mod.ts";
import type { SeverityCode, Stream } from "../record.ts";
import type { Entry } from "./database.ts";
import { type IndexedSpan, indexKeys, type Key, type SegmentKind } from "./keys.ts";

/** A published (or about to be published) segment. */
export interface IndexEntry extends IndexedSpan {
  /** The server that wrote it. */
  readonly node: number;
  /** How many compactions its records have been through. */
  readonly level: number;
  /** Visible from this version on … */
  readonly born: number;
  /** … until before this one. */
  readonly dead: number | undefined;
  readonly count: number;
  readonly firstNs: number;
  readonly lastNs: number;
  readonly firstReceivedMs: number;
  readonly lastReceivedMs: number;
  readonly firstId: number;
  readonly lastId: number;
  readonly storedBytes: number;
  readonly messageBytes: number;
  /** The checksum of its token filter; `undefined` of segments written before it was kept. */
  readonly filterChecksum: number | undefined;
}

/** The fields that an entry of any kind has; then come the stream and the filter's checksum. */
const FIELDS = 17;

/** The entry of a new segment. */
export function makeIndexEntry(
  summary: SegmentSummary,
  place: {
    readonly id: number;
    readonly kind: SegmentKind;
    readonly node: number;
    readonly level: number;
    readonly born: number;
  },
): IndexEntry {
  const { streams: _, ...figures } = summary;
  return {
    ...figures,
    ...place,
    dead: undefined,
    stream: place.kind === "single" ? summary.streams[0]! : undefined,
  };
}

/** An entry as a document: an array, since it is stored four times. */
export function encodeIndexEntry(entry: IndexEntry): Uint8Array {
  return encodeDocument([
    entry.kind,
    entry.id,
    entry.node,
    entry.level,
    entry.born,
    entry.dead ?? null,
    entry.count,
    entry.firstMs,
    entry.firstNs,
    entry.lastMs,
    entry.lastNs,
    entry.firstReceivedMs,
    entry.lastReceivedMs,
    entry.firstId,
    entry.lastId,
    entry.storedBytes,
    entry.messageBytes,
    ...(entry.stream === undefined ? [null, null] : [entry.stream.service, entry.stream.severity]),
    ...(entry.filterChecksum === undefined ? [] : [entry.filterChecksum]),
  ]);
}

/** @throws {CorruptDataError} if the bytes are no index entry */
export function decodeIndexEntry(value: Uint8Array): IndexEntry {
  const fields = decodeDocument(value);
  if (!Array.isArray(fields) || fields.length < FIELDS) {
    throw new CorruptDataError(
      `Cannot read an index entry: it is not an array of ${FIELDS} fields`,
    );
  }
  const [kind, id, node, level, born, dead, count, firstMs, firstNs, lastMs, lastNs] = fields;
  const stream: Stream | undefined = kind === "single"
    ? { service: fields[17] as string, severity: fields[18] as SeverityCode }
    : undefined;
  return {
    kind,
    id,
    node,
    level,
    born,
    dead: dead ?? undefined,
    count,
    firstMs,
    firstNs,
    lastMs,
    lastNs,
    firstReceivedMs: fields[11],
    lastReceivedMs: fields[12],
    firstId: fields[13],
    lastId: fields[14],
    storedBytes: fields[15],
    messageBytes: fields[16],
    stream,
    filterChecksum: fields[FIELDS + 2],
  };
}

/**
 * Reads an entry from the index, and makes sure that it is the one of its key: no checksum tells of values that have
 * changed places.
 *
 * @throws {CorruptDataError} the value is damaged, or another segment's
 */
export function readIndexEntry({ key, value }: Pick<Entry, "key" | "value">): IndexEntry {
  const entry = decodeIndexEntry(value);
  if (!indexKeys(entry).some((own) => sameKey(own, key))) {
    throw new CorruptDataError(
      `Cannot read an index entry: it says that it is of segment ${entry.id}, which belongs elsewhere`,
    );
  }
  return entry;
}

/** Whether readers at a version see the segment. */
export function isVisible({ born, dead }: IndexEntry, version: number): boolean {
  return born <= version && (dead === undefined || dead > version);
}

function sameKey(a: Key, b: Key): boolean {
  return a.length === b.length && a.every((part, i) => part === b[i]);
}

/**
 * Makes sure that a head is of the segment that an entry tells of.
 *
 * @throws {CorruptDataError} it is another segment's
 */
export function checkHead(entry: IndexEntry, { columns, runs }: SegmentHead): void {
  const { count, ids, timestampMs, timestampNs } = columns;
  const nanos = (row: number) => timestampNs?.[row] ?? 0;
  const begins = runs.some(({ start }) =>
    timestampMs[start] === entry.firstMs && nanos(start) === entry.firstNs
  );
  const ends = runs.some(({ end }) =>
    timestampMs[end - 1] === entry.lastMs && nanos(end - 1) === entry.lastNs
  );
  let firstId = Infinity;
  let lastId = -Infinity;
  for (let row = 0; row < count; row++) {
    firstId = Math.min(firstId, ids[row]!);
    lastId = Math.max(lastId, ids[row]!);
  }
  const { stream } = entry;
  const isOfStream = stream === undefined ||
    (runs.length === 1 && runs[0]!.service === stream.service &&
      runs[0]!.severity === stream.severity);
  const isOwn = count === entry.count && begins && ends && isOfStream &&
    firstId === entry.firstId && lastId === entry.lastId;
  if (!isOwn) {
    throw new CorruptDataError(
      `Cannot read segment ${entry.id}: its head is not the one that the index tells of`,
    );
  }
}

/** Every key of an entry with its value. */
export function indexMutations(entry: IndexEntry): [Key, Uint8Array][] {
  const value = encodeIndexEntry(entry);
  return indexKeys(entry).map((key) => [key, value]);
}

/** An entry within a document, which is JSON. */
export function packEntry(entry: IndexEntry): string {
  return encodeIndexEntry(entry).toBase64();
}

/** @throws {CorruptDataError} the text is not what {@linkcode packEntry} gave */
export function unpackEntry(text: string): IndexEntry {
  return decodeIndexEntry(Uint8Array.fromBase64(text));
}
