import { SEVERITIES, type SeverityCode } from "../record.ts";
import type { RowPredicate, ScanSpec, Snapshot } from "../storage/mod.ts";
import type { LogFilters } from "./filters.ts";
import { allOf, attributeIsNoneOf, attributeIsOneOf, traceIdIsOneOf } from "./predicates.ts";
import { compileTextQuery } from "./text_query.ts";

/** What a token may read; part of every query. Absent services: all. */
export interface ReadScope {
  readonly services?: readonly string[] | undefined;
}

/** Turns filters within a scope into a scan of a snapshot. */
export function planScan(snapshot: Snapshot, filters: LogFilters, scope: ReadScope): ScanSpec {
  return {
    from: filters.timestampStart,
    to: filters.timestampEnd,
    receivedFromMs: filters.receivedStartMs,
    receivedToMs: filters.receivedEndMs,
    services: isEmptyRange(filters) ? [] : planServices(snapshot, filters, scope),
    severities: planSeverities(filters),
    predicate: planPredicate(filters),
  };
}

/** Whether a scope lets records of a service through. */
export function scopeAllows(scope: ReadScope, service: string): boolean {
  return scope.services === undefined || scope.services.includes(service);
}

/** The services that a scan is limited to; `undefined` for all. */
function planServices(
  snapshot: Snapshot,
  filters: LogFilters,
  scope: ReadScope,
): readonly string[] | undefined {
  let services = filters.services?.filter((service) => scopeAllows(scope, service)) ??
    scope.services;
  if (filters.notServices.length === 0) return services;
  // A snapshot's services are known: naming those that are left keeps the index useful.
  services ??= [...new Set(snapshot.streamTotals().map(({ service }) => service))];
  const excluded = new Set(filters.notServices);
  return services.filter((service) => !excluded.has(service));
}

/** The severities that a scan is limited to; `undefined` for all. */
export function planSeverities(filters: LogFilters): readonly SeverityCode[] | undefined {
  const every = SEVERITIES.map((_, code) => code as SeverityCode);
  const left = every.filter((code) =>
    (filters.severities?.includes(code) ?? true) && !filters.notSeverities.includes(code) &&
    code >= (filters.minSeverity ?? 0)
  );
  return left.length === every.length ? undefined : left;
}

/** What decides about rows beyond their bounds; `undefined`: nothing does. */
export function planPredicate(filters: LogFilters): RowPredicate | undefined {
  const predicates: RowPredicate[] = [];
  if (filters.traceIds.length > 0) predicates.push(traceIdIsOneOf(filters.traceIds));
  for (const filter of filters.attributes) predicates.push(attributeIsOneOf(filter));
  for (const filter of filters.notAttributes) predicates.push(attributeIsNoneOf(filter));
  if (filters.where !== undefined) predicates.push(filters.where);
  // Last, because messages are the largest column.
  if (filters.text !== undefined) predicates.push(compileTextQuery(filters.text));
  return allOf(predicates);
}

/** Whether a range ends before it starts, so that nothing can match. */
export function isEmptyRange(filters: LogFilters): boolean {
  const { timestampStart: from, timestampEnd: to } = filters;
  if (from && to && (from.ms > to.ms || (from.ms === to.ms && from.ns > to.ns))) return true;
  return (filters.receivedStartMs ?? -Infinity) > (filters.receivedEndMs ?? Infinity);
}
