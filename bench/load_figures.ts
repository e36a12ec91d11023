/** @module The loads that every server gets, and their figures as rows of the table. */

import type { LoadReport } from "./load.ts";
import type { LoadShape } from "./load_process.ts";
import type { Figures } from "./rows.ts";

const BATCH_RECORDS = 1000;
const SINGLE_CONNECTIONS = 32;

/** Records in requests of a thousand. */
export function batches(records: number, connections: number): LoadShape {
  return { records, batch: BATCH_RECORDS, connections };
}

/** One record a request. */
export function singly(records: number): LoadShape {
  return { records, batch: 1, connections: SINGLE_CONNECTIONS };
}

/** The rows that begin with `prefix`. */
export function loadFigures(prefix: string, report: LoadReport): Figures {
  const { records, seconds, p50Ms, p99Ms, maxMs, serverCpuSeconds } = report;
  return {
    [prefix]: records / seconds,
    [`${prefix}_p50`]: p50Ms,
    [`${prefix}_p99`]: p99Ms,
    [`${prefix}_max`]: maxMs,
    ...(serverCpuSeconds === undefined
      ? {}
      : { [`${prefix}_cpu`]: serverCpuSeconds * 1e6 / records }),
  };
}

/** The server's memory at a load's end. */
export function memoryFigures({ serverResidentBytes, serverPeakBytes }: LoadReport): Figures {
  if (serverResidentBytes === undefined || serverPeakBytes === undefined) return {};
  return { resident: serverResidentBytes / 2 ** 20, resident_peak: serverPeakBytes / 2 ** 20 };
}
