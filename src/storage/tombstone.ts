/** @module Exact deletion: what a tombstone hides is unreadable from its publication on. */

import { CorruptDataError, decodeDocument, encodeDocument } from "../codec/mod.ts";
import type { Stream } from "../record.ts";
import type { Entry } from "./database.ts";
import type { DeleteSpec, Instant } from "./types.ts";

/** Hides every record of the matching streams before a moment, among those with an id below the horizon. */
export interface Tombstone {
  /** The publication that made it. */
  readonly version: number;
  readonly before: Instant;
  readonly services: readonly string[] | undefined;
  readonly severities: readonly number[] | undefined;
  /** Records accepted later are not hidden, whatever their timestamps. */
  readonly horizonId: number;
}

/** The tombstone of a deletion. */
export function makeTombstone(spec: DeleteSpec, version: number, horizonId: number): Tombstone {
  const { before, services, severities } = spec;
  return { version, before, services, severities, horizonId };
}

export function encodeTombstone(tombstone: Tombstone): Uint8Array {
  return encodeDocument(tombstone);
}

/** @throws {CorruptDataError} it is damaged, or another deletion's */
export function decodeTombstone({ key, value }: Pick<Entry, "key" | "value">): Tombstone {
  const { version, before, services, severities, horizonId } = decodeDocument(value) as Tombstone;
  if (version !== key[2]) {
    throw new CorruptDataError(`Cannot read deletion ${key[2]}: it is deletion ${version}`);
  }
  return { version, before, services, severities, horizonId };
}

/** Whether records of this stream may be hidden. */
export function concerns(tombstone: Tombstone, stream: Stream): boolean {
  const { services, severities } = tombstone;
  return (services === undefined || services.includes(stream.service)) &&
    (severities === undefined || severities.includes(stream.severity));
}

/** Whether a record of a stream that it concerns is hidden. */
export function hides(tombstone: Tombstone, ms: number, ns: number, id: number): boolean {
  const { before, horizonId } = tombstone;
  return id < horizonId && (ms < before.ms || (ms === before.ms && ns < before.ns));
}

/** What a set of records spans. */
export interface Extent {
  readonly firstMs: number;
  readonly firstNs: number;
  readonly lastMs: number;
  readonly lastNs: number;
  readonly firstId: number;
  readonly lastId: number;
}

/** Whether it may hide something of records of a stream that it concerns. */
export function touches(tombstone: Tombstone, extent: Extent): boolean {
  return hides(tombstone, extent.firstMs, extent.firstNs, extent.firstId);
}

/** Whether it hides all of such records. */
export function covers(tombstone: Tombstone, extent: Extent): boolean {
  return hides(tombstone, extent.lastMs, extent.lastNs, extent.lastId);
}
