import type { ReadScope } from "../query/mod.ts";
import type { RowRef } from "../record.ts";
import type { Snapshot } from "../storage/mod.ts";
import type { LogExpr } from "./ast.ts";
import { type CategorizedLabels, Entry } from "./entry.ts";
import { LogqlError } from "./errors.ts";
import type { Instant } from "./instants.ts";
import { ENTRIES_BYTES_MAX } from "./limits.ts";
import { runSteps } from "./pipeline.ts";
import { type LogPlan, planLog, planScan, type TimeRange, wholePredicate } from "./plan.ts";
import { Regexes } from "./regexes.ts";

/** A line that a query found. */
export interface LogLine extends Instant {
  readonly line: string;
  readonly labels: CategorizedLabels;
}

/** Which lines of a range to read. */
export interface LogOptions extends TimeRange {
  readonly limit: number;
  /** Oldest first; else newest first. */
  readonly forward: boolean;
  /** After a line only one that is at least so far from it; 0: every line. */
  readonly intervalMs: number;
}

/** Records asked of the engine at once: at most 64 MiB of the longest messages. */
const CHUNK_ROWS = 1_000;

/**
 * Reads the lines that a query finds, in the order of their time.
 * @throws {LogqlError} for a bad query, or if the lines have more text than an answer may
 */
export async function readLines(
  snapshot: Snapshot,
  expr: LogExpr,
  scope: ReadScope,
  options: LogOptions,
): Promise<LogLine[]> {
  const plan = planLog(expr, new Regexes());
  const spec = planScan(snapshot, plan, scope, options, wholePredicate(plan));
  const scan = snapshot.scan({ ...spec, order: options.forward ? "asc" : "desc" });
  const lines: LogLine[] = [];
  const isDue = spacing(options);
  let bytes = 0;
  while (lines.length < options.limit) {
    const asked = options.intervalMs > 0
      ? CHUNK_ROWS
      : Math.min(options.limit - lines.length, CHUNK_ROWS);
    const rows = await scan.next(asked);
    for (const line of linesOf(plan, rows.filter(isDue).slice(0, options.limit - lines.length))) {
      lines.push(line);
      if ((bytes += sizeOf(line)) > ENTRIES_BYTES_MAX) throw tooLarge(lines.length);
    }
    if (rows.length < asked) break;
  }
  return lines;
}

/**
 * Makes lines of records that a plan's predicate lets through.
 * @param refs of columns with every text column loaded
 */
export function linesOf({ pipeline }: LogPlan, refs: readonly RowRef[]): LogLine[] {
  const lines: LogLine[] = [];
  let to = 0;
  for (let from = 0; from < refs.length; from = to) {
    const { columns } = refs[from]!;
    while (to < refs.length && refs[to]!.columns === columns) to++;
    const rows = Uint32Array.from(refs.slice(from, to), ({ row }) => row);
    const entry = new Entry(columns, rows);
    for (const [place, row] of rows.entries()) {
      entry.start(place);
      runSteps(pipeline.steps, entry);
      lines.push({
        ms: columns.timestampMs[row]!,
        ns: columns.timestampNs?.[row] ?? 0,
        line: entry.line,
        labels: entry.categorized(),
      });
    }
  }
  return lines;
}

function spacing({ intervalMs, forward }: LogOptions): (row: RowRef) => boolean {
  let last: Instant | undefined;
  return ({ columns, row }) => {
    if (intervalMs === 0) return true;
    const at = { ms: columns.timestampMs[row]!, ns: columns.timestampNs?.[row] ?? 0 };
    if (last !== undefined) {
      const [early, late] = forward ? [last, at] : [at, last];
      const ms = late.ms - early.ms;
      if (ms < intervalMs || (ms === intervalMs && late.ns < early.ns)) return false;
    }
    last = at;
    return true;
  };
}

/** About how many bytes a line and its labels take as text. */
function sizeOf({ line, labels }: LogLine): number {
  let size = line.length;
  for (const part of [labels.stream, labels.metadata, labels.parsed]) {
    for (const [name, value] of part) size += name.length + value.length;
  }
  return size;
}

function tooLarge(count: number): LogqlError {
  return new LogqlError(
    `The first ${count} lines have more than ${ENTRIES_BYTES_MAX} bytes of text: give a lower limit`,
  );
}
