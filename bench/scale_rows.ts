/** @module The lines of the scale benchmark's table, and how much each may grow. */

/** One line: a figure at every size. */
export interface ScaleRow {
  readonly key: string;
  readonly label: string;
  readonly unit: string;
  /** From the first size to the last, the figure may become so many times what it was: at least, or at most. */
  readonly growthAtLeast?: number;
  readonly growthAtMost?: number;
  /** What it must not be above at the last size. */
  readonly atMost?: number;
}

/** Every line, in the order of the table. */
export const SCALE_ROWS: readonly ScaleRow[] = [
  {
    key: "ingest",
    label: "ingest, batches of 1,000, 1 connection",
    unit: "records/s",
    growthAtLeast: 0.9,
  },
  { key: "ingest_p99", label: "- answered, p99", unit: "ms" },
  { key: "ingest_cpu", label: "- server's processor time", unit: "µs/record" },
  { key: "ready", label: "start until it listens", unit: "ms", atMost: 1000 },
  { key: "first_answer", label: "- then until its first answer", unit: "ms" },
  { key: "killed_ready", label: "kill -9 under load, start until it listens", unit: "ms" },
  { key: "stats", label: "stats: unfiltered", unit: "ms", growthAtMost: 1.5 },
  { key: "newest100", label: "newest 100 of all", unit: "ms", growthAtMost: 1.5 },
  { key: "newest100_stream", label: "newest 100 of one stream", unit: "ms", growthAtMost: 1.5 },
  { key: "hour", label: "one hour of one stream", unit: "ms", growthAtMost: 1.5 },
  {
    key: "histogram",
    label: "histogram, four hours of the first day",
    unit: "ms",
    growthAtMost: 1.5,
  },
  { key: "histogram_newest", label: "histogram, the newest four hours", unit: "ms" },
  { key: "by_id", label: "one record by its id", unit: "ms" },
  { key: "word_range", label: "a rare word, four hours", unit: "ms" },
  { key: "word", label: "a rare word, newest 100 of all", unit: "ms" },
  { key: "none", label: "a phrase that occurs nowhere, all", unit: "ms" },
  { key: "histogram_all", label: "histogram, all", unit: "ms" },
  { key: "resident_started", label: "memory after the start", unit: "MiB" },
  { key: "resident_queried", label: "- after the queries", unit: "MiB" },
  { key: "resident", label: "- after the loads", unit: "MiB", atMost: 400 },
  { key: "resident_peak", label: "- its peak", unit: "MiB" },
  { key: "disk", label: "disk, settled and closed", unit: "bytes/record" },
];

/** Whether a row's aim is reached, from the first size to the last; `undefined` where there is no aim or no figure. */
export function reachesAim(
  { growthAtLeast, growthAtMost, atMost }: ScaleRow,
  first: number | undefined,
  last: number | undefined,
): boolean | undefined {
  if (first === undefined || last === undefined) return undefined;
  if (growthAtLeast !== undefined) return last >= growthAtLeast * first;
  if (growthAtMost !== undefined) return last <= growthAtMost * first;
  return atMost === undefined ? undefined : last <= atMost;
}
