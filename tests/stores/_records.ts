/** @module The records of the kept stores: the same for every format, so that what an old one holds can be told. */

import { RecordBatch, type SeverityCode } from "../../src/record.ts";

/** Records in a kept store. */
export const KEPT_RECORDS = 6000;

const FIRST_MS = Date.UTC(2026, 9, 31);

/** A record as plain values. */
export interface KeptRecord {
  readonly timestampMs: number;
  readonly timestampNs: number;
  readonly service: string;
  readonly severity: SeverityCode;
  readonly message: string;
  readonly attributes: string | undefined;
  readonly traceId: string | undefined;
}

/** Record `i`, from 0 on: three services, every severity, three days, some with attributes and trace ids. */
export function keptRecord(i: number): KeptRecord {
  const n = Math.imul(i + 1, 0x9e3779b1) >>> 0;
  const service = ["auth", "zahlung-ö", "shop"][n % 3]!;
  const message = i % 5 === 0
    ? `Größe ${n % 90} überschritten: „${n}“`
    : `GET /orders/${n % 5000} 200 in ${n % 97} ms from 10.0.${n % 256}.${(n >>> 8) % 256}`;
  return {
    timestampMs: FIRST_MS + Math.floor(i * 43_200),
    timestampNs: i % 7 === 0 ? n % 1_000_000 : 0,
    service,
    severity: (n >>> 4) % 6 as SeverityCode,
    message,
    attributes: i % 4 === 0 ? `{"status":${n % 600},"user":"u${n % 50}"}` : undefined,
    traceId: i % 9 === 0 ? n.toString(16).padStart(32, "0") : undefined,
  };
}

/** Records `from` to `to` (half-open) as a batch. */
export function keptBatch(from: number, to: number): RecordBatch {
  const batch = new RecordBatch();
  for (let i = from; i < to; i++) {
    const { timestampMs, timestampNs, service, severity, message, ...optional } = keptRecord(i);
    const { attributes, traceId } = optional;
    batch.append(timestampMs, timestampNs, service, severity, message, {
      attributes,
      trace_id: traceId,
    });
  }
  return batch;
}
