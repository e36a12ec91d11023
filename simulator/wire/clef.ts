import type { Severity } from "../severity.ts";
import type { SimulatedRecord } from "./record.ts";

/** Serilog's names. */
const LEVELS: Readonly<Record<Severity, string>> = {
  TRACE: "Verbose",
  DEBUG: "Debug",
  INFO: "Information",
  WARNING: "Warning",
  ERROR: "Error",
  FATAL: "Fatal",
};

/** Records as Seq's compact events, one on each line. */
export function encodeClef(records: readonly SimulatedRecord[]): string {
  return records.map((record) => {
    const { timestamp, service, severity, message, trace_id, span_id, attributes } = record;
    return JSON.stringify({
      "@t": timestamp,
      "@m": message,
      "@l": LEVELS[severity],
      "@tr": trace_id,
      "@sp": span_id,
      Application: service,
      ...attributes,
    });
  }).join("\n") + "\n";
}
