/** @module What the index says about a segment: enough for most queries not to open it. */

import {
  CorruptDataError,
  decodeDocument,
  encodeDocument,
  type SegmentSummary,
} from "../codec/mod.ts";
import type { SeverityCode, Stream } from "../record.ts";
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
}

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
    ...(entry.stream === undefined ? [] : [entry.stream.service, entry.stream.severity]),
  ]);
}

/** @throws {CorruptDataError} if the bytes are no index entry */
export function decodeIndexEntry(value: Uint8Array): IndexEntry {
  const fields = decodeDocument(value);
  if (!Array.isArray(fields) || fields.length < 17) {
    throw new CorruptDataError("Cannot read an index entry: it is not an array of 17 fields");
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
  };
}

/** Every key of an entry with its value. */
export function indexMutations(entry: IndexEntry): [Key, Uint8Array][] {
  const value = encodeIndexEntry(entry);
  return indexKeys(entry).map((key) => [key, value]);
}
