import type { ReadScope } from "../query/mod.ts";
import type { RowRef } from "../record.ts";
import type { Snapshot, StreamTotal } from "../storage/mod.ts";
import type { Matcher } from "./ast.ts";
import { LEVELS } from "./levels.ts";
import { SAMPLED_ROWS_MAX, SAMPLED_STREAMS_MAX } from "./limits.ts";
import { type LogPlan, planScan, planSelector, type TimeRange, wantsStream } from "./plan.ts";
import { Regexes } from "./regexes.ts";

/** A selector, compiled, and where it is asked about. */
export interface Selection {
  readonly snapshot: Snapshot;
  readonly scope: ReadScope;
  readonly range: TimeRange;
  readonly plan: LogPlan;
}

/** Compiles a selector for listings; no matchers select everything. @throws {LogqlError} for a bad regular expression */
export function select(
  snapshot: Snapshot,
  matchers: readonly Matcher[],
  scope: ReadScope,
  range: TimeRange,
): Selection {
  return { snapshot, scope, range, plan: planSelector(matchers, new Regexes()) };
}

/**
 * The streams (a service and a severity) that a selection may have records of, those with the most records first: a stream
 * that ended before the range is not among them, one that began after it may be.
 */
export function streamsOf({ snapshot, scope, range, plan }: Selection): StreamTotal[] {
  const { services, severities } = planScan(snapshot, plan, scope, range);
  return snapshot.streamTotals()
    .filter(({ service, severity, count, last }) =>
      count > 0 && last.ms >= range.start.ms &&
      (services?.includes(service) ?? true) && (severities?.includes(severity) ?? true) &&
      wantsStream(plan, { service, level: LEVELS[severity] })
    )
    .sort((a, b) => b.count - a.count);
}

/**
 * Some records of a selection: the newest of each of its largest streams. What it costs does not grow with the store.
 * @returns for each stream at most `rowsMax`, newest first
 */
export async function sampleRows(
  selection: Selection,
  rowsMax: number = SAMPLED_ROWS_MAX,
): Promise<RowRef[][]> {
  const { snapshot, scope, range, plan } = selection;
  const spec = planScan(snapshot, plan, scope, range);
  const samples: RowRef[][] = [];
  for (const { service, severity } of streamsOf(selection).slice(0, SAMPLED_STREAMS_MAX)) {
    const stream = { ...spec, services: [service], severities: [severity], order: "desc" } as const;
    const rows = await snapshot.scan(stream).next(rowsMax);
    if (rows.length > 0) samples.push(rows);
  }
  return samples;
}
