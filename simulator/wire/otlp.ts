/** @module `ExportLogsServiceRequest` in protobuf: opentelemetry-proto, collector/logs/v1. */

import { SEVERITIES } from "../severity.ts";
import { grouped, type SimulatedRecord, unixNanos } from "./record.ts";

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;

const encoder = new TextEncoder();

/** Records as OTLP, a resource for each service. */
export function encodeOtlp(records: readonly SimulatedRecord[]): Uint8Array<ArrayBuffer> {
  const resourceLogs = grouped(records, ({ service }) => service)
    .map((group) => message(1, resourceOf(group[0]!.service), scopeLogs(group)));
  return joined(resourceLogs);
}

function resourceOf(service: string): Uint8Array {
  return message(1, message(1, keyValue("service.name", service)));
}

function scopeLogs(records: readonly SimulatedRecord[]): Uint8Array {
  return message(2, ...records.map(logRecord));
}

function logRecord(record: SimulatedRecord): Uint8Array {
  const { timestamp, severity, message: body, trace_id, span_id, attributes = {} } = record;
  const nanos = unixNanos(timestamp);
  return message(
    2,
    fixed64(1, nanos),
    varint(2, SEVERITIES.indexOf(severity) * 4 + 1),
    text(3, severity),
    message(5, text(1, body)),
    ...Object.entries(attributes).map(([name, value]) => message(6, keyValue(name, value))),
    trace_id === undefined ? NOTHING : bytes(9, Uint8Array.fromHex(trace_id)),
    span_id === undefined ? NOTHING : bytes(10, Uint8Array.fromHex(span_id)),
    fixed64(11, nanos),
  );
}

/** A `KeyValue`'s content; what is neither text, boolean nor number is its JSON text. */
function keyValue(name: string, value: unknown): Uint8Array {
  return joined([text(1, name), message(2, anyValue(value))]);
}

function anyValue(value: unknown): Uint8Array {
  if (typeof value === "boolean") return varint(2, value ? 1 : 0);
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) {
    return varint(3, value);
  }
  if (typeof value === "number") return double(4, value);
  return text(1, typeof value === "string" ? value : JSON.stringify(value));
}

const NOTHING = new Uint8Array(0);

function text(field: number, value: string): Uint8Array {
  return bytes(field, encoder.encode(value));
}

function message(field: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return bytes(field, joined(parts));
}

function bytes(field: number, value: Uint8Array): Uint8Array {
  return joined([Uint8Array.from([field << 3 | BYTES, ...digits(value.length)]), value]);
}

function varint(field: number, value: number): Uint8Array {
  return Uint8Array.from([field << 3 | VARINT, ...digits(value)]);
}

function fixed64(field: number, decimal: string): Uint8Array {
  const out = new Uint8Array(9);
  out[0] = field << 3 | FIXED64;
  new DataView(out.buffer).setBigUint64(1, BigInt(decimal), true);
  return out;
}

function double(field: number, value: number): Uint8Array {
  const out = new Uint8Array(9);
  out[0] = field << 3 | FIXED64;
  new DataView(out.buffer).setFloat64(1, value, true);
  return out;
}

/** A varint's bytes. @param value a non-negative integer up to 2^53 */
function digits(value: number): number[] {
  const out: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) out.push((value % 0x80) | 0x80);
  out.push(value);
  return out;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
