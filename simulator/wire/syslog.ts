import type { Severity } from "../severity.ts";
import type { SimulatedRecord } from "./record.ts";

/** Syslog's numbers (RFC 5424, section 6.2.1); it has none for TRACE. */
const NUMBERS: Readonly<Record<Severity, number>> = {
  TRACE: 7,
  DEBUG: 7,
  INFO: 6,
  WARNING: 4,
  ERROR: 3,
  FATAL: 0,
};

/** The facility local0. */
const FACILITY = 16;

const encoder = new TextEncoder();

/** Records as messages of RFC 5424, each counted in octets (RFC 6587); attributes are structured data. */
export function encodeSyslog(records: readonly SimulatedRecord[]): Uint8Array<ArrayBuffer> {
  const messages = records.map((record) => {
    const text = messageOf(record);
    return `${encoder.encode(text).length} ${text}`;
  });
  return encoder.encode(messages.join(""));
}

function messageOf(record: SimulatedRecord): string {
  const { timestamp, service, severity, message, trace_id, attributes = {} } = record;
  const pri = FACILITY * 8 + NUMBERS[severity];
  // Six digits of fraction are what the RFC has; a program's name has no spaces.
  const time = timestamp.replace(/(\.\d{6})\d+Z$/, "$1Z");
  const members = { ...attributes, ...trace_id === undefined ? {} : { trace_id } };
  const parameters = Object.entries(members).map(([name, value]) => {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return ` ${name}="${text.replace(/["\\\]]/g, "\\$&")}"`;
  });
  const data = parameters.length === 0 ? "-" : `[simulator@32473${parameters.join("")}]`;
  return `<${pri}>1 ${time} simulator ${service.replaceAll(" ", "_")} - - ${data} ${message}`;
}
