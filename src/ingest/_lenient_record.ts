/**
 * @module One record of a wire format whose clients cannot be told: whatever they sent is appended, within the limits of a
 * record, and what a limit takes away is said in an attribute.
 */

import type { RecordBatch, SeverityReading } from "../record.ts";
import { addAttribute, attributesText, type Members } from "./_lenient_attributes.ts";
import { PLAIN_INFO } from "./_lenient_severity.ts";
import {
  cleanService,
  cutMessage,
  cutSeverityText,
  fitsId,
  fitsMessage,
  fitsSeverityText,
  MESSAGE_TRUNCATED_NAME,
} from "./_lenient_text.ts";

/** A record as a client sent it, its fields found but held to no limit yet. Decoders reuse one for all records. */
export interface LenientRecord {
  /** Milliseconds since the Unix epoch, within the years 0001 to 9999. */
  ms: number;
  /** Nanoseconds within it, 0 to 999,999. */
  ns: number;
  service: string;
  severity: SeverityReading;
  message: string;
  /** Bytes of the message that were lost before it came here. */
  lostBytes: number;
  traceId: string | undefined;
  spanId: string | undefined;
  /**
   * Everything else, as {@linkcode attributesText} takes it: members that are `undefined` do not count. May be changed
   * by {@linkcode appendLenient}.
   */
  attributes: Members | undefined;
}

/** A record with nothing in it yet. */
export function blankRecord(): LenientRecord {
  return {
    ms: 0,
    ns: 0,
    service: "",
    severity: PLAIN_INFO,
    message: "",
    lostBytes: 0,
    traceId: undefined,
    spanId: undefined,
    attributes: undefined,
  };
}

/**
 * Appends a record. Its message is cut to 65,536 bytes (attribute `message_truncated_bytes`), its service cleaned (then the
 * name as sent is the attribute `service`), ids and severity texts that are too long become attributes.
 */
export function appendLenient(batch: RecordBatch, record: LenientRecord): void {
  const service = cleanService(record.service);
  if (service !== record.service && record.service !== "") keep(record, "service", record.service);
  const { severity } = record;
  let { message, lostBytes } = record;
  if (!fitsMessage(message)) {
    const cut = cutMessage(message);
    message = cut.text;
    lostBytes += cut.lostBytes;
  }
  if (lostBytes > 0) keep(record, MESSAGE_TRUNCATED_NAME, lostBytes);
  const { traceId, spanId, attributes } = record;
  if (traceId === undefined && spanId === undefined && severity.text === undefined) {
    const text = attributes === undefined ? undefined : attributesText(attributes);
    if (text === undefined && severity.number === undefined) {
      batch.append(record.ms, record.ns, service, severity.code, message);
      return;
    }
    batch.append(record.ms, record.ns, service, severity.code, message, {
      severity_number: severity.number,
      attributes: text,
    });
    return;
  }
  // These may add attributes, which are therefore written last.
  const optional = {
    trace_id: keptId(record, "trace_id", traceId),
    span_id: keptId(record, "span_id", spanId),
    severity_text: keptSeverityText(record, severity.text),
    severity_number: severity.number,
    attributes: record.attributes === undefined ? undefined : attributesText(record.attributes),
  };
  batch.append(record.ms, record.ns, service, severity.code, message, optional);
}

function keep(record: LenientRecord, name: string, value: unknown): void {
  record.attributes ??= {};
  addAttribute(record.attributes, name, value);
}

function keptId(record: LenientRecord, name: string, id: string | undefined): string | undefined {
  if (id === undefined || id === "") return undefined;
  if (fitsId(id)) return id;
  keep(record, name, id);
  return undefined;
}

function keptSeverityText(record: LenientRecord, text: string | undefined): string | undefined {
  if (text === undefined || fitsSeverityText(text)) return text;
  keep(record, "severity_text", text);
  return cutSeverityText(text);
}
