import { signal } from "@preact/signals";
import { serverNow } from "../api/client.ts";
import { getHistogram, getStats, type Histogram, type Stats } from "../api/counts.ts";
import { getFigures } from "../api/metrics.ts";
import { filterParams } from "../state/filters.ts";
import { boundsOf, durationMs, stepFor, stepText } from "../state/range.ts";
import type { View } from "../state/view.ts";
import { isQuiet } from "./quiet.ts";

/** What one service did in the range. */
export interface ServiceLine {
  readonly service: string;
  readonly count: number;
  readonly errors: number;
  /** Counts over the range, one each step. */
  readonly counts: readonly number[];
  readonly lastSeenMs: number;
  /** Silent for longer than ever before in the range. */
  readonly quiet: boolean;
}

/** All services and the server's own figures. */
export interface OverviewData {
  readonly services: readonly ServiceLine[];
  readonly figures: ReadonlyMap<string, number>;
  readonly asOfMs: number;
}

/** What the overview shows. */
export const overview = signal<OverviewData | undefined>(undefined);
/** Why it shows nothing. */
export const overviewError = signal<unknown>(undefined);

/** Points of a service's small line. */
const POINTS_MAX = 60;

/** Counts every service in the range of a view. */
export async function loadOverview(view: View, abort: AbortSignal): Promise<void> {
  const nowMs = serverNow();
  const bounds = boundsOf(view.range, nowMs);
  const params = filterParams(view.filters);
  if (bounds.start !== undefined) params.set("timestamp_start", bounds.start);
  if (bounds.end !== undefined) params.set("timestamp_end", bounds.end);
  const spanMs = Date.parse(bounds.end ?? "") - Date.parse(bounds.start ?? "");
  const step = Number.isNaN(spanMs)
    ? undefined
    : stepText(stepFor(Math.max(1, spanMs), POINTS_MAX));
  const [histogram, stats, everything, figures] = await Promise.all([
    getHistogram(params, "service", step, abort),
    getStats(params, abort),
    getStats(new URLSearchParams(), abort),
    getFigures(abort),
  ]);
  const range = { startMs: Date.parse(bounds.start ?? ""), endMs: Date.parse(bounds.end ?? "") };
  const services = servicesOf(histogram, stats, everything, range, nowMs);
  overview.value = { services, figures, asOfMs: nowMs };
}

function servicesOf(
  histogram: Histogram,
  stats: Stats,
  everything: Stats,
  range: { startMs: number; endMs: number },
  nowMs: number,
): ServiceLine[] {
  const stepMs = durationMs(histogram.interval) ?? 1;
  const firstBucket = Date.parse(histogram.buckets[0]?.start ?? "");
  const first = Math.floor((Number.isNaN(range.startMs) ? firstBucket : range.startMs) / stepMs);
  const end = Number.isNaN(range.endMs) ? nowMs : range.endMs;
  const points = Math.min(2_000, Math.max(1, Math.floor(end / stepMs) - first + 1)) || 1;
  const lines = new Map<string, number[]>();
  for (const { start, counts } of histogram.buckets) {
    const at = Math.floor(Date.parse(start) / stepMs) - first;
    for (const [service, count] of Object.entries(counts)) {
      const line = lines.get(service) ?? new Array<number>(points).fill(0);
      if (at >= 0 && at < points) line[at] = count;
      lines.set(service, line);
    }
  }
  const names = Object.keys(everything.logs_per_service);
  return names.map((service) => {
    const counts = lines.get(service) ?? new Array<number>(points).fill(0);
    const lastSeenMs = Date.parse(everything.last_log_per_service[service] ?? "");
    return {
      service,
      count: stats.logs_per_service[service] ?? 0,
      errors: errorsOf(stats, service),
      counts,
      lastSeenMs,
      quiet: isQuiet(counts, stepMs, nowMs - lastSeenMs),
    };
  }).sort((a, b) => Number(b.quiet) - Number(a.quiet) || b.count - a.count);
}

function errorsOf(stats: Stats, service: string): number {
  return stats.counts
    .filter((each) => each.service === service && /^(ERROR|FATAL)$/.test(each.severity))
    .reduce((sum, { count }) => sum + count, 0);
}
