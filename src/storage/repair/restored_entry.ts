/** @module An index entry made anew from its segment, when no index has it any more. */

import {
  decodeSegmentColumn,
  decodeSegmentHead,
  envelopeChecksum,
  joinParts,
  type SegmentHead,
} from "../../codec/mod.ts";
import { isDamage } from "./damage.ts";
import type { Database } from "../database.ts";
import type { IndexEntry } from "../index_entry.ts";
import { dayOf, filterRange, segmentColumnKey, segmentHeadKey, type SegmentKind } from "../keys.ts";
import { nodeOfSegment, versionOfSegment } from "../segment_id.ts";
import { unpackFirstValue } from "../segment_value.ts";

/**
 * The entry of a segment as its own values tell; `undefined` if they are damaged too. Its level is lost: 0.
 *
 * @param known in which index it was, if that is known: a shared segment may have come down to one stream
 */
export async function restoreEntry(
  database: Database,
  id: number,
  known?: SegmentKind,
): Promise<IndexEntry | undefined> {
  try {
    const first = await database.get(segmentHeadKey(id));
    if (first === undefined) return undefined;
    const { head: bytes } = unpackFirstValue(first.value);
    const head = decodeSegmentHead(bytes);
    const filter = joinParts((await database.list(filterRange(id))).map(({ value }) => value));
    const columnBytes = head.directory.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
    const extent = extentOf(head);
    const kind = known ?? kindOf(head, extent);
    const [run] = head.runs;
    return {
      id,
      kind,
      node: nodeOfSegment(id),
      level: 0,
      born: versionOfSegment(id),
      dead: undefined,
      count: head.columns.count,
      ...extent,
      storedBytes: bytes.length + columnBytes + filter.length,
      messageBytes: await messageBytes(database, id, head),
      filterChecksum: filter.length === 0 ? undefined : envelopeChecksum(filter),
      stream: kind === "single" ? { service: run!.service, severity: run!.severity } : undefined,
    };
  } catch (error) {
    if (!isDamage(error)) throw error;
    return undefined;
  }
}

function extentOf({ columns, runs }: SegmentHead) {
  const { ids, receivedMs, timestampMs, timestampNs } = columns;
  const moment = (row: number) => ({ ms: timestampMs[row]!, ns: timestampNs?.[row] ?? 0 });
  const order = (a: { ms: number; ns: number }, b: { ms: number; ns: number }) =>
    a.ms - b.ms || a.ns - b.ns;
  const first = runs.map(({ start }) => moment(start)).sort(order)[0]!;
  const last = runs.map(({ end }) => moment(end - 1)).sort(order).at(-1)!;
  const [firstId, lastId] = boundsOf(ids);
  const [firstReceivedMs, lastReceivedMs] = boundsOf(receivedMs);
  return {
    firstMs: first.ms,
    firstNs: first.ns,
    lastMs: last.ms,
    lastNs: last.ns,
    firstReceivedMs,
    lastReceivedMs,
    firstId,
    lastId,
  };
}

function boundsOf(values: Float64Array): [least: number, most: number] {
  let least = Infinity;
  let most = -Infinity;
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return [least, most];
}

function kindOf({ runs }: SegmentHead, extent: { firstMs: number; lastMs: number }): SegmentKind {
  if (dayOf(extent.firstMs) !== dayOf(extent.lastMs)) return "span";
  return runs.length === 1 ? "single" : "mixed";
}

async function messageBytes(database: Database, id: number, head: SegmentHead): Promise<number> {
  const entry = head.directory.find(({ name }) => name === "message");
  if (entry === undefined) return 0;
  const keys = Array.from({ length: entry.parts }, (_, i) => segmentColumnKey(id, "message", i));
  const parts = (await database.getMany(keys)).flatMap((part) => part?.value ?? []);
  const { offsets } = decodeSegmentColumn(head, entry, parts);
  return offsets[head.columns.count]! - offsets[0]!;
}
