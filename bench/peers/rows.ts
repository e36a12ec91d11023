/** @module The lines of the comparison. */

import { ROWS } from "../rows.ts";

/** A line: what is measured, and whether more of it is better. */
export interface PeerRow {
  readonly key: string;
  readonly label: string;
  readonly unit: string;
  readonly better: "more" | "less";
}

/** The queries that every server is asked, in the words of the other table. */
export const QUERY_ROWS: readonly PeerRow[] = [
  "count",
  "last100",
  "newest100",
  "hour",
  "word",
  "none",
  "substring",
  "substring_any_case",
  "histogram",
].map((key) => {
  const { label, unit } = ROWS.find((row) => row.key === key)!;
  return { key, label, unit, better: "less" };
});

/** Every line of the first table, in its order. */
export const PEER_ROWS: readonly PeerRow[] = [
  rate("batch_1", "ingest, batches of 1,000, 1 connection"),
  processor("batch_1"),
  rate("batch_8", "ingest, batches of 1,000, 8 connections"),
  processor("batch_8"),
  rate("single", "ingest, single records, 32 connections"),
  less("single_p50", "- answered, p50", "ms"),
  less("single_p99", "- answered, p99", "ms"),
  processor("single"),
  { key: "killed_kept", label: "kept after kill -9", unit: "%", better: "more" },
  less("disk", "disk, settled, logs included", "bytes/record"),
  less("resident", "memory after batches, 1 connection", "MiB"),
  less("resident_peak", "- its peak", "MiB"),
  ...QUERY_ROWS,
];

function rate(key: string, label: string): PeerRow {
  return { key, label, unit: "records/s", better: "more" };
}

function less(key: string, label: string, unit: string): PeerRow {
  return { key, label, unit, better: "less" };
}

function processor(load: string): PeerRow {
  return less(`${load}_cpu`, "- server's processor time", "µs/record");
}
