import {
  compareInstants,
  formatInstant,
  type Instant,
  type RecordColumns,
  SEVERITIES,
  type Severity,
  type Stream,
} from "../record.ts";
import type { Snapshot } from "../storage/mod.ts";
import { badParameter, quote, singleValue } from "./_parameters.ts";
import { filtersStreamsOnly, type LogFilters } from "./filters.ts";
import { planScan, type ReadScope } from "./plan.ts";

/** The parameters that {@linkcode parseStatsOptions} reads. */
export const STATS_PARAMETERS: readonly string[] = ["by"];

/** What counts to give beside those of services and of severities. */
export interface StatsOptions {
  /** Also those of each severity of each service. */
  readonly byServiceAndSeverity: boolean;
}

/** Counts of the matches. The objects have no prototype: a service may be called `__proto__`. */
export interface StatsCounts {
  readonly logs_per_service: Readonly<Record<string, number>>;
  readonly logs_per_severity: Readonly<Record<string, number>>;
  /** For each service the timestamp of its newest record, RFC 3339. */
  readonly last_log_per_service: Readonly<Record<string, string>>;
  readonly counts?: readonly StreamCount[];
}

/** How many records a service has with a severity. */
export interface StreamCount {
  readonly service: string;
  readonly severity: Severity;
  readonly count: number;
}

/**
 * Reads `by`, which is `service,severity` or absent.
 * @throws {InvalidParameterError} for anything else
 */
export function parseStatsOptions(params: URLSearchParams): StatsOptions {
  const by = singleValue(params, "by");
  const both = by === "service,severity" || by === "severity,service";
  if (by !== undefined && !both) {
    throw badParameter("by", `${quote(by)} is not "service,severity"`);
  }
  return { byServiceAndSeverity: both };
}

/** Counts the matches; from memory where nothing but services and severities is filtered. */
export async function readStats(
  snapshot: Snapshot,
  filters: LogFilters,
  scope: ReadScope,
  options: StatsOptions = { byServiceAndSeverity: false },
): Promise<StatsCounts> {
  const spec = planScan(snapshot, filters, scope);
  const tally = new StreamTally();
  if (filtersStreamsOnly(filters)) {
    const services = spec.services && new Set(spec.services);
    const severities = spec.severities && new Set(spec.severities);
    for (const total of snapshot.streamTotals()) {
      if (services?.has(total.service) === false) continue;
      if (severities?.has(total.severity) === false) continue;
      tally.add(total, total.count, total.last);
    }
  } else {
    await snapshot.visit(spec, [], {
      whole(run) {
        tally.add(run, run.count, run.last);
        return true;
      },
      rows: (columns, rows) => tally.addRows(columns, rows),
    });
  }
  return tally.toCounts(options);
}

interface StreamSum {
  readonly stream: Stream;
  count: number;
  last: Instant;
}

/** Counts and newest timestamps by stream. */
class StreamTally {
  readonly #sums = new Map<string, StreamSum>();

  add(stream: Stream, count: number, last: Instant): void {
    const key = `${stream.severity}${stream.service}`;
    const sum = this.#sums.get(key);
    if (sum === undefined) {
      this.#sums.set(key, { stream, count, last });
      return;
    }
    sum.count += count;
    if (compareInstants(last, sum.last) > 0) sum.last = last;
  }

  addRows(columns: RecordColumns, rows: Uint32Array): void {
    const { streams, streamOf, timestampMs, timestampNs } = columns;
    const counts = new Float64Array(streams.length);
    const lastRows = new Uint32Array(streams.length);
    for (const row of rows) {
      const stream = streamOf[row]!;
      if (counts[stream]!++ === 0) {
        lastRows[stream] = row;
        continue;
      }
      const last = lastRows[stream]!;
      const later = timestampMs[row]! - timestampMs[last]! ||
        (timestampNs === undefined ? 0 : timestampNs[row]! - timestampNs[last]!);
      if (later > 0) lastRows[stream] = row;
    }
    for (const [i, stream] of streams.entries()) {
      if (counts[i] === 0) continue;
      const row = lastRows[i]!;
      this.add(stream, counts[i]!, { ms: timestampMs[row]!, ns: timestampNs?.[row] ?? 0 });
    }
  }

  toCounts({ byServiceAndSeverity }: StatsOptions): StatsCounts {
    const sums = [...this.#sums.values()].filter(({ count }) => count > 0).sort((a, b) =>
      compareTexts(a.stream.service, b.stream.service) || a.stream.severity - b.stream.severity
    );
    const perService: Record<string, number> = Object.create(null);
    const newest = new Map<string, Instant>();
    const bySeverity = new Float64Array(SEVERITIES.length);
    for (const { stream: { service, severity }, count, last } of sums) {
      perService[service] = (perService[service] ?? 0) + count;
      bySeverity[severity]! += count;
      const before = newest.get(service);
      if (before === undefined || compareInstants(last, before) > 0) newest.set(service, last);
    }
    const perSeverity: Record<string, number> = Object.create(null);
    for (const [code, name] of SEVERITIES.entries()) {
      if (bySeverity[code]! > 0) perSeverity[name] = bySeverity[code]!;
    }
    const lastPerService: Record<string, string> = Object.create(null);
    for (const [service, { ms, ns }] of newest) lastPerService[service] = formatInstant(ms, ns);
    const counts = sums.map(({ stream: { service, severity }, count }) => {
      return { service, severity: SEVERITIES[severity], count };
    });
    return {
      logs_per_service: perService,
      logs_per_severity: perSeverity,
      last_log_per_service: lastPerService,
      ...(byServiceAndSeverity ? { counts } : {}),
    };
  }
}

/** The order of texts by their UTF-16 units, the same wherever the server runs. */
function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
