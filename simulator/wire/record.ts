import type { Severity } from "../severity.ts";

/** A record as `POST /logs` takes it; other formats are written from it. */
export interface SimulatedRecord {
  /** RFC 3339 in UTC, with up to nine digits of fraction. */
  readonly timestamp: string;
  readonly service: string;
  readonly severity: Severity;
  readonly message: string;
  /** 32 and 16 hexadecimal digits. */
  readonly trace_id?: string;
  readonly span_id?: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** A timestamp in nanoseconds since the Unix epoch, as 19 digits or so. */
export function unixNanos(timestamp: string): string {
  const [, seconds = "", fraction = ""] = /^([^.]+?)(?:\.(\d+))?Z$/.exec(timestamp) ?? [];
  return String(Date.parse(`${seconds}Z`) / 1000) + fraction.padEnd(9, "0");
}

/** The records in groups of one key each, in order of first appearance. */
export function grouped(
  records: readonly SimulatedRecord[],
  key: (record: SimulatedRecord) => string,
): SimulatedRecord[][] {
  return [...Map.groupBy(records, key).values()];
}
