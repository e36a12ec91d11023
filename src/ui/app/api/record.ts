/** Severities from the least to the gravest. */
export const SEVERITIES = ["TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "FATAL"] as const;

/** One of the six severities. */
export type Severity = typeof SEVERITIES[number];

/** A record as the API gives it. */
export interface LogRecord {
  readonly id: number;
  /** RFC 3339 in UTC, with as many digits of fraction as the sender gave. */
  readonly timestamp: string;
  readonly service: string;
  readonly severity: Severity;
  readonly message: string;
  readonly received_at: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly trace_id?: string;
  readonly span_id?: string;
}

/** An attribute's value as the filters of the API know it: a string itself, anything else as JSON. */
export function attributeText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
