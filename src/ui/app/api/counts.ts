import { getJson } from "./client.ts";
import type { Severity } from "./record.ts";

/** Counts by time; buckets without records are left out. */
export interface Histogram {
  /** Such as `5m`. */
  readonly interval: string;
  readonly buckets: readonly {
    readonly start: string;
    readonly counts: Readonly<Record<string, number>>;
  }[];
}

/** The commonest values of a field. */
export interface FacetValues {
  readonly field: string;
  readonly values: readonly { readonly value: string; readonly count: number }[];
  /** Records with values that are not listed. */
  readonly others: number;
  readonly truncated: boolean;
}

/** Counts of services and severities. */
export interface Stats {
  readonly logs_per_service: Readonly<Record<string, number>>;
  readonly last_log_per_service: Readonly<Record<string, string>>;
  readonly counts: readonly {
    readonly service: string;
    readonly severity: Severity;
    readonly count: number;
  }[];
}

/** A histogram of what the parameters match. */
export function getHistogram(
  params: URLSearchParams,
  by: "severity" | "service",
  interval: string | undefined,
  signal?: AbortSignal,
): Promise<Histogram> {
  const query = new URLSearchParams(params);
  query.set("by", by);
  if (interval !== undefined) query.set("interval", interval);
  return getJson(`/histogram?${query}`, signal);
}

/** The commonest values of a field in what the parameters match. */
export function getFacet(
  params: URLSearchParams,
  field: string,
  limit: number,
  signal?: AbortSignal,
): Promise<FacetValues> {
  const query = new URLSearchParams(params);
  query.set("field", field);
  query.set("limit", String(limit));
  return getJson(`/facets?${query}`, signal);
}

/** Counts of what the parameters match, by service and severity. */
export function getStats(params: URLSearchParams, signal?: AbortSignal): Promise<Stats> {
  const query = new URLSearchParams(params);
  query.set("by", "service,severity");
  return getJson(`/stats?${query}`, signal);
}
