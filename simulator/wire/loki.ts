import { grouped, type SimulatedRecord, unixNanos } from "./record.ts";

/**
 * Records as a body of Loki's push API in JSON: a stream for each service, in which records keep their order, with the level as
 * structured metadata. A record that has more than a message is a line of JSON, as structured loggers write it.
 */
export function encodeLoki(records: readonly SimulatedRecord[]): string {
  const streams = grouped(records, ({ service }) => service).map((group) => ({
    stream: { service_name: group[0]!.service, job: "simulator" },
    values: group.map((record) => [
      unixNanos(record.timestamp),
      lineOf(record),
      { level: record.severity.toLowerCase() },
    ]),
  }));
  return JSON.stringify({ streams });
}

function lineOf({ message, trace_id, span_id, attributes }: SimulatedRecord): string {
  if (trace_id === undefined && attributes === undefined) return message;
  return JSON.stringify({ message, trace_id, span_id, ...attributes });
}
