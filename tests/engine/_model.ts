/** @module A naive store: an array of objects. What the engine answers must equal what this one does. */

import { joinAttributes } from "../../src/codec/mod.ts";
import {
  RecordBatch,
  type RowRef,
  type SeverityCode,
  textAt,
  type TextColumnName,
} from "../../src/record.ts";
import type {
  Appended,
  DeleteSpec,
  Instant,
  OrderedScanSpec,
  ScanSpec,
} from "../../src/storage/mod.ts";

/** What a client sends. */
export interface NewRecord {
  readonly ms: number;
  readonly ns: number;
  readonly service: string;
  readonly severity: SeverityCode;
  readonly message: string;
  /** A JSON object, or nothing. */
  readonly attributes: string;
  readonly traceId: string;
  readonly severityText: string;
}

/** What the store keeps of it. */
export interface ModelRecord extends NewRecord {
  readonly id: number;
  readonly receivedMs: number;
}

/** The records as the batch that a decoder would make of them. */
export function batchOf(records: readonly NewRecord[]): RecordBatch {
  const batch = new RecordBatch();
  for (const { ms, ns, service, severity, message, attributes, traceId, severityText } of records) {
    batch.append(ms, ns, service, severity, message, {
      attributes: attributes || undefined,
      trace_id: traceId || undefined,
      severity_text: severityText || undefined,
    });
  }
  return batch;
}

/** A row of the engine as the model would hold it; attributes with their names in order. */
export function recordOf(ref: RowRef): ModelRecord {
  const { columns, row } = ref;
  const { service, severity } = columns.streams[columns.streamOf[row]!]!;
  const text = (name: TextColumnName) => {
    const column = columns.texts.get(name);
    return column === undefined ? "" : textAt(column, row);
  };
  return {
    id: columns.ids[row]!,
    ms: columns.timestampMs[row]!,
    ns: columns.timestampNs?.[row] ?? 0,
    receivedMs: columns.receivedMs[row]!,
    service,
    severity,
    message: text("message"),
    attributes: inOrder(joinAttributes(columns, row)),
    traceId: text("trace_id"),
    severityText: text("severity_text"),
  };
}

/** A JSON object with its names in alphabetical order: segments may keep them in another one. */
export function inOrder(json: string): string {
  if (json === "") return "";
  const members = Object.entries(JSON.parse(json) as Record<string, unknown>);
  members.sort(([a], [b]) => a < b ? -1 : 1);
  return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)}}`;
}

export function compareInstants(a: Instant, b: Instant): number {
  return a.ms - b.ms || a.ns - b.ns;
}

/** By (timestamp, id). */
export function compareRecords(
  a: Instant & { readonly id: number },
  b: Instant & { readonly id: number },
): number {
  return compareInstants(a, b) || a.id - b.id;
}

/** A bound of the texts, as a predicate of the engine would see them. */
export interface ModelFilter {
  (record: ModelRecord): boolean;
}

/** Whether a record is within a scan's bounds. */
export function isSelected(spec: ScanSpec, record: ModelRecord): boolean {
  const { from, to, services, severities } = spec;
  return (from === undefined || compareInstants(from, record) <= 0) &&
    (to === undefined || compareInstants(to, record) >= 0) &&
    record.id >= (spec.idFrom ?? 0) && record.id <= (spec.idTo ?? Infinity) &&
    record.receivedMs >= (spec.receivedFromMs ?? -Infinity) &&
    record.receivedMs <= (spec.receivedToMs ?? Infinity) &&
    (services === undefined || services.includes(record.service)) &&
    (severities === undefined || severities.includes(record.severity));
}

/** Whether a deletion concerns a record. */
export function isHit({ before, services, severities }: DeleteSpec, record: NewRecord): boolean {
  return compareInstants(record, before) < 0 &&
    isSelected({ services, severities }, { ...record, id: 0, receivedMs: 0 });
}

/** What a scan gives, in its order. */
export function scanModel(
  records: readonly ModelRecord[],
  spec: OrderedScanSpec,
  filter: ModelFilter = () => true,
): ModelRecord[] {
  const { order, after } = spec;
  const sign = order === "asc" ? 1 : -1;
  return records
    .filter((record) => isSelected(spec, record) && filter(record))
    .filter((record) => after === undefined || sign * compareRecords(record, after) > 0)
    .sort((a, b) => sign * compareRecords(a, b));
}

/** Count and newest timestamp by stream, as `severity service`. */
export function totalsOfModel(
  records: readonly ModelRecord[],
): Map<string, { count: number; last: Instant }> {
  const totals = new Map<string, { count: number; last: Instant }>();
  for (const { service, severity, ms, ns } of records) {
    const key = `${severity} ${service}`;
    const total = totals.get(key);
    const last = total === undefined || compareInstants(total.last, { ms, ns }) < 0
      ? { ms, ns }
      : total.last;
    totals.set(key, { count: (total?.count ?? 0) + 1, last });
  }
  return totals;
}

/** The naive store. Its arrays never change: each change makes another one, so that a snapshot is a reference. */
export class Model {
  records: readonly ModelRecord[] = [];
  nextId = 1;
  #receivedMs = 0;

  /** Appends what the engine says it has stored. */
  append(sent: readonly NewRecord[], answer: Appended, nowMs: number): void {
    this.#receivedMs = Math.max(this.#receivedMs, nowMs);
    const receivedMs = this.#receivedMs;
    const added = sent.map((record, i): ModelRecord => ({
      ...record,
      attributes: inOrder(record.attributes),
      id: answer.firstId + i,
      receivedMs,
    }));
    this.records = [...this.records, ...added];
    this.nextId = Math.max(this.nextId, answer.firstId + sent.length);
  }

  /** The number of records that went, of those with an id below `idBelow`. */
  delete(spec: DeleteSpec, idBelow = Infinity): number {
    const ids = Math.min(idBelow, spec.idBefore ?? Infinity);
    const left = this.records.filter((record) => record.id >= ids || !isHit(spec, record));
    const count = this.records.length - left.length;
    this.records = left;
    return count;
  }
}
