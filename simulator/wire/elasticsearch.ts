import type { SimulatedRecord } from "./record.ts";

/** Records as a body of Elasticsearch's bulk API, in the fields of the Elastic Common Schema. */
export function encodeElasticsearch(records: readonly SimulatedRecord[]): string {
  return records.map((record) => {
    const { timestamp, service, severity, message, trace_id, span_id, attributes } = record;
    const document = {
      "@timestamp": timestamp,
      "log.level": severity.toLowerCase(),
      message,
      "service.name": service,
      "trace.id": trace_id,
      "span.id": span_id,
      ...attributes,
    };
    return `{"create":{}}\n${JSON.stringify(document)}\n`;
  }).join("");
}
