/** @module The lines of the table, and what this release has to reach in them. */

/** One line: a figure, its unit, and where there is one its aim. */
export interface Row {
  readonly key: string;
  readonly label: string;
  readonly unit: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** The figures of one server, by the keys of rows; what it has none of is absent. */
export type Figures = Readonly<Record<string, number>>;

/** Every line, in the order of the table. */
export const ROWS: readonly Row[] = [
  {
    key: "batch_1",
    label: "ingest, batches of 1,000, 1 connection",
    unit: "records/s",
    atLeast: 150_000,
  },
  ...answerRows("batch_1"),
  { key: "batch_8", label: "ingest, batches of 1,000, 8 connections", unit: "records/s" },
  ...answerRows("batch_8"),
  {
    key: "single",
    label: "ingest, single records, 32 connections",
    unit: "records/s",
    atLeast: 6000,
  },
  ...answerRows("single"),
  { key: "resident", label: "memory after batches, 1 connection", unit: "MiB" },
  { key: "resident_peak", label: "- its peak", unit: "MiB" },
  { key: "disk", label: "disk, settled", unit: "bytes/record", atMost: 40 },
  { key: "disk_peak", label: "- its peak until then", unit: "bytes/record" },
  { key: "disk_stopped", label: "- after SIGTERM", unit: "bytes/record" },
  { key: "settling", label: "until background work stands still", unit: "s" },
  { key: "count", label: "count: by service and severity", unit: "ms" },
  { key: "stats", label: "stats: unfiltered", unit: "ms", atMost: 5 },
  { key: "last100", label: "last100: newest 100 of one stream", unit: "ms" },
  { key: "newest100", label: "newest100: newest 100 of all", unit: "ms", atMost: 10 },
  { key: "hour", label: "hour: one hour of one stream", unit: "ms" },
  { key: "word", label: "word: in 1 record of 50,000", unit: "ms" },
  { key: "none", label: "none: a phrase that never occurs", unit: "ms" },
  { key: "substring", label: "substring: in 1 record of 50,000", unit: "ms" },
  { key: "substring_any_case", label: "- typed in another case", unit: "ms" },
  { key: "histogram", label: "histogram: 24 h by severity", unit: "ms" },
  { key: "facets", label: "facets: services", unit: "ms" },
  { key: "stop", label: "SIGTERM until the end", unit: "ms" },
  { key: "restart_ready", label: "- start until it listens", unit: "ms", atMost: 1000 },
  { key: "restart_answer", label: "- then until its first answer", unit: "ms" },
  { key: "killed_ready", label: "kill -9, start until it listens", unit: "ms", atMost: 1000 },
  { key: "killed_answer", label: "- then until its first answer", unit: "ms" },
  { key: "killed_lost", label: "- acknowledged records lost", unit: "records", atMost: 0 },
];

function answerRows(prefix: string): Row[] {
  return [
    { key: `${prefix}_p50`, label: "- answered, p50", unit: "ms" },
    { key: `${prefix}_p99`, label: "- answered, p99", unit: "ms" },
    { key: `${prefix}_max`, label: "- answered, slowest", unit: "ms" },
    { key: `${prefix}_cpu`, label: "- server's processor time", unit: "µs/record" },
  ];
}

/** Whether a figure reaches its row's aim; `undefined` where there is no aim or no figure. */
export function reaches(row: Row, value: number | undefined): boolean | undefined {
  if (value === undefined) return undefined;
  if (row.atLeast !== undefined) return value >= row.atLeast;
  if (row.atMost !== undefined) return value <= row.atMost;
  return undefined;
}
