import { getHistogram } from "../api/counts.ts";
import { SEVERITIES, type Severity } from "../api/record.ts";
import { type Bounds, durationMs, stepFor, stepText } from "./range.ts";

/** Counts of one stretch of time. */
export interface SeverityBucket {
  readonly startMs: number;
  /** Exclusive. */
  readonly endMs: number;
  readonly count: number;
  readonly counts: Readonly<Partial<Record<Severity, number>>>;
}

/** Counts over time, with the empty stretches left out. */
export interface HistogramData {
  readonly stepMs: number;
  readonly buckets: readonly SeverityBucket[];
  readonly total: number;
  readonly totals: Readonly<Record<Severity, number>>;
  /** The range that was asked for, or what the records cover, in milliseconds. */
  readonly firstMs: number;
  readonly lastMs: number;
}

/** Bars at most: each then has some pixels on a laptop. */
const BARS_MAX = 120;

/** Counts what the parameters match. */
export async function loadHistogram(
  params: URLSearchParams,
  bounds: Bounds,
  signal: AbortSignal,
): Promise<HistogramData> {
  const startMs = Date.parse(bounds.start ?? "");
  const endMs = Date.parse(bounds.end ?? "");
  // With both ends known the step does not depend on what is found, and bars stand still while filters change.
  const step = Number.isNaN(startMs) || Number.isNaN(endMs)
    ? undefined
    : stepText(stepFor(Math.max(1, endMs - startMs), BARS_MAX));
  const { interval, buckets } = await getHistogram(params, "severity", step, signal);
  const stepMs = durationMs(interval) ?? 1;
  const filled = buckets.map((bucket) => severityBucket(bucket, stepMs));
  const totals = Object.fromEntries(SEVERITIES.map((severity) => [
    severity,
    filled.reduce((sum, { counts }) => sum + (counts[severity] ?? 0), 0),
  ])) as Record<Severity, number>;
  return {
    stepMs,
    buckets: filled,
    total: filled.reduce((sum, { count }) => sum + count, 0),
    totals,
    firstMs: Number.isNaN(startMs) ? filled[0]?.startMs ?? 0 : startMs,
    lastMs: Number.isNaN(endMs) ? filled.at(-1)?.endMs ?? 1 : endMs,
  };
}

function severityBucket(
  { start, counts }: { start: string; counts: Readonly<Record<string, number>> },
  stepMs: number,
): SeverityBucket {
  const startMs = Date.parse(start);
  const count = Object.values(counts).reduce((sum, n) => sum + n, 0);
  return { startMs, endMs: startMs + stepMs, count, counts };
}
