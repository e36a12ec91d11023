/** @module The report as a table to read and to publish: Markdown, in columns of even width. */

import { COMMIT_RECORDS } from "./kv_floor.ts";
import { type Figures, reaches, type Row, ROWS } from "./rows.ts";
import type { BenchReport } from "./run.ts";

const MISSING = "–";

/** The whole report as text, without a line break at its end. */
export function renderReport(report: BenchReport): string {
  const { sentinel, ceiling, kv } = report;
  const others: [name: string, figures: Figures][] = [
    ["parsing alone", ceiling],
    ["KV, a key a record", kv],
  ];
  const head = ["", "unit", "Log Sentinel", "aim", ...others.map(([name]) => name)];
  const lines = ROWS.map((row) => {
    const own = sentinel[row.key];
    const compared = others.map(([, figures]) => withRatio(own, figures[row.key]));
    return [row.label, row.unit, number(own), aim(row, own), ...compared];
  });
  return [
    describe(report),
    "",
    ...align([head, ...lines]),
    "",
    "In parentheses: Log Sentinel's figure divided by this one.",
    `Parsing alone: a server that only reads the body as JSON. KV: Deno KV, ${COMMIT_RECORDS} keys a ` +
    "commit for batches, 1 for single records, no index.",
    ...report.problems.map((problem) => `WRONG: ${problem}`),
  ].join("\n");
}

function describe({ machine, records, requestBytes }: BenchReport): string {
  const { sentinel, deno, system, processors, processor, memoryGib } = machine;
  return `Log Sentinel ${sentinel}, ${number(records)} records (${
    number(requestBytes / 1e6)
  } MB of ` +
    `requests), Deno ${deno}, ${system}, ${processors} × ${processor}, ${memoryGib ?? "?"} GiB`;
}

function aim(row: Row, value: number | undefined): string {
  const reached = reaches(row, value);
  if (reached === undefined) return "";
  const bound = row.atLeast === undefined ? `≤ ${number(row.atMost)}` : `≥ ${number(row.atLeast)}`;
  return `${bound} ${reached ? "reached" : "MISSED"}`;
}

function withRatio(own: number | undefined, other: number | undefined): string {
  if (other === undefined) return MISSING;
  if (own === undefined || other === 0) return number(other);
  return `${number(other)} (${(own / other).toFixed(2)})`;
}

/** Three digits or more, and no more than two behind the point. */
export function number(value: number | undefined): string {
  if (value === undefined) return MISSING;
  const maximumFractionDigits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString("en-US", { maximumFractionDigits });
}

/** Cells as a Markdown table; the first two columns to the left, figures to the right. */
export function align(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) =>
    Math.max(...rows.map((row) => row[column]!.length), 3)
  );
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const padded = rows.map((row) =>
    line(row.map((cell, column) => {
      return column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!);
    }))
  );
  const rule = line(widths.map((width, column) => {
    return column < 2 ? "-".repeat(width) : "-".repeat(width - 1) + ":";
  }));
  return [padded[0]!, rule, ...padded.slice(1)];
}
