/** @module `ExportLogsServiceRequest` in OTLP/JSON. */

import type { JsonFields, JsonObject } from "./_json_fields.ts";
import { jsonText } from "./_json_text.ts";
import type { OtlpRecords } from "./_otlp_records.ts";
import type { AddAttribute } from "./_otlp_value.ts";
import { addKeyValues, bodyMessage } from "./_otlp_value_json.ts";

/** Reads a whole request into `records`. */
export function readLogsJson(request: unknown, fields: JsonFields, records: OtlpRecords): void {
  const { resourceLogs } = fields.object(request, "the body");
  for (const item of fields.array(resourceLogs, "resourceLogs")) {
    const { resource, scopeLogs, schemaUrl } = fields.object(item, "resourceLogs");
    records.startResource();
    readResource(fields.object(resource, "resource"), schemaUrl, fields, records);
    for (const scopeItem of fields.array(scopeLogs, "scopeLogs")) {
      readScopeLogs(fields.object(scopeItem, "scopeLogs"), fields, records);
    }
  }
}

function readResource(
  resource: JsonObject,
  schemaUrl: unknown,
  fields: JsonFields,
  records: OtlpRecords,
): void {
  const add: AddAttribute = (name, json) => records.addResource(name, json);
  addKeyValues(fields, resource.attributes, 1, add);
  addCount("dropped_attributes_count", resource.droppedAttributesCount, fields, add);
  addText("schema_url", schemaUrl, fields, add);
  for (const entityRef of fields.array(resource.entityRefs, "entityRefs")) {
    const entity = fields.object(entityRef, "entityRefs");
    const { schemaUrl, type, idKeys, descriptionKeys } = entity;
    records.addEntity(JSON.stringify({
      schemaUrl: schemaUrl === undefined ? undefined : fields.text(schemaUrl, "schemaUrl"),
      type: type === undefined ? undefined : fields.text(type, "type"),
      idKeys: fields.array(idKeys, "idKeys").map((key) => fields.text(key, "idKeys")),
      descriptionKeys: fields.array(descriptionKeys, "descriptionKeys")
        .map((key) => fields.text(key, "descriptionKeys")),
    }));
  }
}

function readScopeLogs(item: JsonObject, fields: JsonFields, records: OtlpRecords): void {
  const scope = fields.object(item.scope, "scope");
  const add: AddAttribute = (name, json) => records.addScope(name, json);
  records.startScope();
  addText("name", scope.name, fields, add);
  addText("version", scope.version, fields, add);
  addKeyValues(fields, scope.attributes, 1, add);
  addCount("dropped_attributes_count", scope.droppedAttributesCount, fields, add);
  addText("schema_url", item.schemaUrl, fields, add);
  records.startRecords();
  const addAttribute: AddAttribute = (name, json) => records.wire.add(name, json);
  for (const record of fields.array(item.logRecords, "logRecords")) {
    readRecord(fields.object(record, "logRecords"), fields, records, addAttribute);
  }
}

function addText(name: string, value: unknown, fields: JsonFields, add: AddAttribute): void {
  const text = fields.text(value, name);
  if (text !== "") add(name, jsonText(text));
}

function addCount(name: string, value: unknown, fields: JsonFields, add: AddAttribute): void {
  const count = fields.integer(value, name);
  if (count !== 0) add(name, String(count));
}

/** Where times are read to: an object a record would be wasted. */
const time = { ms: 0, ns: 0 };

function readRecord(
  record: JsonObject,
  fields: JsonFields,
  records: OtlpRecords,
  addAttribute: AddAttribute,
): void {
  records.startRecord();
  if (fields.unixNanos(record.timeUnixNano, "timeUnixNano", time)) {
    records.timeMs = time.ms;
    records.timeNs = time.ns;
  }
  if (fields.unixNanos(record.observedTimeUnixNano, "observedTimeUnixNano", time)) {
    records.observedMs = time.ms;
    records.observedNs = time.ns;
  }
  records.severityNumber = severityNumber(record.severityNumber, fields);
  records.severityText = fields.text(record.severityText, "severityText");
  if (record.body !== undefined) records.wire.message = bodyMessage(fields, record.body);
  if (record.attributes !== undefined) {
    addKeyValues(fields, record.attributes, 1, addAttribute);
  }
  records.droppedAttributes = fields.integer(
    record.droppedAttributesCount,
    "droppedAttributesCount",
  );
  records.flags = fields.integer(record.flags, "flags");
  records.traceId = fields.text(record.traceId, "traceId").toLowerCase();
  records.spanId = fields.text(record.spanId, "spanId").toLowerCase();
  records.eventName = fields.text(record.eventName, "eventName");
  records.endRecord();
}

const NAMES = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

/** OTLP/JSON has numbers alone; names, as protobuf's own mapping to JSON writes them, are taken too. */
function severityNumber(value: unknown, fields: JsonFields): number {
  if (typeof value === "string") {
    const [, name = "", step = "1"] = /^SEVERITY_NUMBER_([A-Z]+)([1-4]?)$/.exec(value) ?? [];
    const base = NAMES.indexOf(name);
    if (base >= 0) return base * 4 + Number(step === "" ? "1" : step);
    if (name === "UNSPECIFIED") return 0;
  }
  return fields.integer(value, "severityNumber");
}
