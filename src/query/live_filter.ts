import { compareInstants, type RecordColumns, type Stream } from "../record.ts";
import type { RowPredicate } from "../storage/mod.ts";
import type { LogFilters } from "./filters.ts";
import {
  isEmptyRange,
  planPredicate,
  planSeverities,
  type ReadScope,
  scopeAllows,
} from "./plan.ts";

/**
 * Filters within a scope, for records that were just stored: finds the same ones as a query, straight from the columns of
 * a commit. Reusable; not for two searches at a time.
 */
export class LiveFilter {
  readonly #filters: LogFilters;
  readonly #scope: ReadScope;
  readonly #severities: ReadonlySet<number> | undefined;
  readonly #predicate: RowPredicate | undefined;
  readonly #isTimed: boolean;
  readonly #isEmpty: boolean;

  constructor(filters: LogFilters, scope: ReadScope) {
    this.#filters = filters;
    this.#scope = scope;
    const severities = planSeverities(filters);
    this.#severities = severities && new Set(severities);
    this.#predicate = planPredicate(filters);
    this.#isTimed = filters.timestampStart !== undefined || filters.timestampEnd !== undefined ||
      filters.receivedStartMs !== undefined || filters.receivedEndMs !== undefined;
    this.#isEmpty = isEmptyRange(filters);
  }

  /** The rows that match, ascending. The columns must have every text column. */
  select(columns: RecordColumns): Uint32Array {
    if (this.#isEmpty) return new Uint32Array();
    const { count, streamOf } = columns;
    const wanted = columns.streams.map((stream) => this.#wants(stream));
    if (!wanted.includes(true)) return new Uint32Array();
    const all = !wanted.includes(false) && !this.#isTimed;
    const found = new Uint32Array(count);
    let used = 0;
    for (let row = 0; row < count; row++) {
      if (all || (wanted[streamOf[row]!] && this.#isInTime(columns, row))) found[used++] = row;
    }
    const rows = found.subarray(0, used);
    if (used === 0 || this.#predicate === undefined) return rows;
    return this.#predicate.select(columns, rows);
  }

  #wants({ service, severity }: Stream): boolean {
    const { services, notServices } = this.#filters;
    return (services?.includes(service) ?? true) && !notServices.includes(service) &&
      scopeAllows(this.#scope, service) && (this.#severities?.has(severity) ?? true);
  }

  #isInTime(columns: RecordColumns, row: number): boolean {
    if (!this.#isTimed) return true;
    const { timestampStart, timestampEnd, receivedStartMs, receivedEndMs } = this.#filters;
    const moment = { ms: columns.timestampMs[row]!, ns: columns.timestampNs?.[row] ?? 0 };
    const received = columns.receivedMs[row]!;
    return (timestampStart === undefined || compareInstants(moment, timestampStart) >= 0) &&
      (timestampEnd === undefined || compareInstants(moment, timestampEnd) <= 0) &&
      received >= (receivedStartMs ?? -Infinity) && received <= (receivedEndMs ?? Infinity);
  }
}
