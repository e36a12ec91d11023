import { formatInstant, TIMESTAMP_MS_MIN } from "../record.ts";
import type { ScanSpec, Snapshot } from "../storage/mod.ts";
import { BucketCounter, type HistogramBy, type LabelCounts } from "./_bucket_counter.ts";
import { choiceValue } from "./_parameters.ts";
import type { LogFilters } from "./filters.ts";
import {
  bucketCount,
  chooseInterval,
  formatInterval,
  parseInterval,
  tooManyBuckets,
} from "./histogram_interval.ts";
import { HISTOGRAM_BUCKETS_MAX } from "./limits.ts";
import { planScan, type ReadScope } from "./plan.ts";

/** The parameters that {@linkcode parseHistogramOptions} reads. */
export const HISTOGRAM_PARAMETERS: readonly string[] = ["interval", "by"];

/** How to cut a histogram. */
export interface HistogramOptions {
  /** The buckets' length, 1 or more; absent: one that gives 60 to 120 of them. */
  readonly intervalMs?: number | undefined;
  readonly by: HistogramBy;
}

/** Counts over time. */
export interface Histogram {
  readonly interval: string;
  /**
   * Every bucket of the range, also those without records. The range is that of the timestamp filters; where one end is
   * open, it ends with the matches.
   */
  readonly buckets: readonly Bucket[];
}

/** The counts from `start` (inclusive, a multiple of the interval since the epoch) up to the next bucket's. */
export interface Bucket {
  readonly start: string;
  /** Without a prototype: a service may be called `__proto__`. What has no records is not in it. */
  readonly counts: Readonly<Record<string, number>>;
}

/**
 * Reads `interval` and `by`.
 * @throws {InvalidParameterError} for a bad value
 */
export function parseHistogramOptions(params: URLSearchParams): HistogramOptions {
  return {
    intervalMs: parseInterval(params),
    by: choiceValue(params, "by", ["severity", "service"]) ?? "severity",
  };
}

/** A range of time in milliseconds, both ends inclusive; an absent one is open. */
interface Range {
  readonly firstMs: number | undefined;
  readonly lastMs: number | undefined;
}

/** Shown as the interval of no buckets at all. */
const INTERVAL_OF_NOTHING_MS = 60_000;

/**
 * Counts the matches over time.
 * @throws {InvalidParameterError} if the interval makes too many buckets (it names one that fits), or too many services
 *   are told apart
 */
export async function readHistogram(
  snapshot: Snapshot,
  filters: LogFilters,
  scope: ReadScope,
  options: HistogramOptions,
): Promise<Histogram> {
  const spec = planScan(snapshot, filters, scope);
  let range: Range = { firstMs: filters.timestampStart?.ms, lastMs: filters.timestampEnd?.ms };
  if (options.intervalMs === undefined && spec.predicate === undefined) {
    // Reading no more than the index, and worth it: with the interval known most runs lie within one bucket.
    range = await closeRange(snapshot, spec, range);
  }
  let intervalMs = options.intervalMs;
  if (isClosed(range)) {
    if (range.lastMs < range.firstMs) return withoutBuckets(intervalMs);
    intervalMs ??= chooseInterval(range.firstMs, range.lastMs);
    checkBucketCount(range.firstMs, range.lastMs, intervalMs);
  }
  const counter = new BucketCounter(options.by, intervalMs);
  await snapshot.visit(spec, [], counter);
  const firstMs = range.firstMs ?? counter.firstMs;
  const lastMs = range.lastMs ?? counter.lastMs;
  if (!(lastMs >= firstMs && Number.isFinite(lastMs - firstMs))) return withoutBuckets(intervalMs);
  intervalMs ??= chooseInterval(firstMs, lastMs);
  checkBucketCount(firstMs, lastMs, intervalMs);
  const counts = counter.countsBy(intervalMs);
  return {
    interval: formatInterval(intervalMs),
    buckets: list(counts, firstMs, lastMs, intervalMs),
  };
}

function isClosed(range: Range): range is { firstMs: number; lastMs: number } {
  return range.firstMs !== undefined && range.lastMs !== undefined;
}

function withoutBuckets(intervalMs = INTERVAL_OF_NOTHING_MS): Histogram {
  return { interval: formatInterval(intervalMs), buckets: [] };
}

function checkBucketCount(firstMs: number, lastMs: number, intervalMs: number): void {
  if (bucketCount(firstMs, lastMs, intervalMs) > HISTOGRAM_BUCKETS_MAX) {
    throw tooManyBuckets(firstMs, lastMs, intervalMs);
  }
}

/** Puts the matches' first and last timestamp where a range is open; closed to nothing if nothing matches. */
async function closeRange(snapshot: Snapshot, spec: ScanSpec, range: Range): Promise<Range> {
  if (isClosed(range)) return range;
  let firstMs = Infinity;
  let lastMs = -Infinity;
  await snapshot.visit(spec, [], {
    whole({ first, last }) {
      firstMs = Math.min(firstMs, first.ms);
      lastMs = Math.max(lastMs, last.ms);
      return true;
    },
    rows({ timestampMs }, rows) {
      for (const row of rows) {
        firstMs = Math.min(firstMs, timestampMs[row]!);
        lastMs = Math.max(lastMs, timestampMs[row]!);
      }
    },
  });
  return { firstMs: range.firstMs ?? firstMs, lastMs: range.lastMs ?? lastMs };
}

function list(
  counts: ReadonlyMap<number, LabelCounts>,
  firstMs: number,
  lastMs: number,
  intervalMs: number,
): Bucket[] {
  const first = Math.floor(firstMs / intervalMs);
  return Array.from({ length: bucketCount(firstMs, lastMs, intervalMs) }, (_, i) => {
    const labels = counts.get(first + i) ?? [];
    const ordered: Record<string, number> = Object.create(null);
    for (const [label, count] of [...labels].sort(([a], [b]) => a < b ? -1 : 1)) {
      ordered[label] = count;
    }
    // Only the first bucket can begin before the year 1, which has no text.
    const startMs = Math.max((first + i) * intervalMs, TIMESTAMP_MS_MIN);
    return { start: formatInstant(startMs, 0), counts: ordered };
  });
}
