/** @module Fills a store without HTTP: records go from the generator straight into the engine, journal and syncs included. */

import { RecordBatch, SEVERITIES, type SeverityCode } from "../src/record.ts";
import { type EngineStore, openStore } from "../src/storage/mod.ts";
import { processFigures } from "./process_figures.ts";
import { BATCH_RECORDS, timelineBatch } from "./scale_timeline.ts";

/** What was seen after some more records: how fast they went in, and what the process took. */
export interface GrowthPoint {
  /** Stored by then. */
  readonly records: number;
  readonly perSecond: number;
  /** Processor time of everything, the generator's included. */
  readonly cpuMicrosPerRecord?: number | undefined;
  readonly residentBytes?: number | undefined;
  readonly peakBytes?: number | undefined;
}

/** How to fill a store. */
export interface BuildOptions {
  /** The data file. */
  readonly path: string;
  /** Records that it has, and that it is to have: multiples of {@linkcode BATCH_RECORDS}. */
  readonly from: number;
  readonly to: number;
  /** The store is settled when its background work stood still for so long. */
  readonly stillMs: number;
  readonly onPoint: (point: GrowthPoint) => void | Promise<void>;
}

/** Batches under way at once, as eight clients would have. */
const IN_FLIGHT = 8;

/** A point of the growth every so many records, or more often in a small store. */
const POINT_RECORDS = 1_000_000;
const POINTS_MIN = 4;

/** Background work that has not come to rest after this is stuck. */
const SETTLE_MS_MAX = 10 * 60_000;
const SETTLE_POLL_MS = 200;

/** What stands still in a settled store. */
const SETTLED_FIGURES = ["version", "records_in_segments", "segments_to_remove", "queue_bytes"];

const CODES = new Map<string, SeverityCode>(
  SEVERITIES.map((name, code) => [name, code as SeverityCode]),
);

/**
 * Stores the timeline's records from `from` up to `to`, waits until the store is settled and closes it.
 *
 * @returns the seconds that settling took
 * @throws {Error} the store refuses records, or does not settle
 */
export async function fillStore(options: BuildOptions): Promise<number> {
  const failures: string[] = [];
  const log = (level: string, message: string) => {
    if (level === "error") failures.push(message);
  };
  const store = await openStore({ path: options.path, log });
  try {
    await append(store, options);
    const seconds = await settleStore(store, options.stillMs);
    if (failures.length > 0) throw new Error(`The store had an error: ${failures[0]}`);
    return seconds;
  } finally {
    await store.close();
  }
}

async function append(store: EngineStore, { from, to, onPoint }: BuildOptions): Promise<void> {
  const step = Math.max(BATCH_RECORDS, Math.min(POINT_RECORDS, (to - from) / POINTS_MIN));
  let next = from / BATCH_RECORDS;
  for (let start = from; start < to;) {
    const end = Math.min(to, start + Math.ceil(step / BATCH_RECORDS) * BATCH_RECORDS);
    const cpuBefore = await processFigures(Deno.pid);
    const begun = performance.now();
    const send = async () => {
      while (next < end / BATCH_RECORDS) await store.append(toBatch(next++));
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, send));
    const seconds = (performance.now() - begun) / 1000;
    const after = await processFigures(Deno.pid);
    await onPoint({
      records: end,
      perSecond: (end - start) / seconds,
      cpuMicrosPerRecord: after && cpuBefore &&
        (after.cpuSeconds - cpuBefore.cpuSeconds) * 1e6 / (end - start),
      residentBytes: after?.residentBytes,
      peakBytes: after?.peakBytes,
    });
    start = end;
  }
}

function toBatch(number: number): RecordBatch {
  const batch = new RecordBatch();
  for (const { timestampMs, service, severity, message } of timelineBatch(number)) {
    batch.append(timestampMs, 0, service, CODES.get(severity)!, message);
  }
  return batch;
}

async function settleStore(store: EngineStore, stillMs: number): Promise<number> {
  const begun = performance.now();
  let since = begun;
  for (let last = "";;) {
    const figures = store.figures();
    const now = performance.now();
    const text = SETTLED_FIGURES.map((name) => figures[name]).join(" ");
    if (text !== last) since = now;
    last = text;
    if (now - since >= stillMs) return (since - begun) / 1000;
    if (now - begun > SETTLE_MS_MAX) throw new Error("The store does not settle");
    await new Promise((resolve) => setTimeout(resolve, SETTLE_POLL_MS));
  }
}
