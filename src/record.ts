/** @module The record: what everyone speaks. */
export {
  type OptionalColumnName,
  type OptionalFields,
  RecordBatch,
  type Stream,
} from "./record/batch.ts";
export { appendRecord, isService, type RecordProblem } from "./record/check.ts";
export {
  packTexts,
  type RecordColumns,
  type RowRef,
  sealBatches,
  textAt,
  type TextColumn,
  type TextColumnName,
  utf8Length,
} from "./record/columns.ts";
export { joinColumns } from "./record/join_columns.ts";
export {
  ATTRIBUTE_DEPTH_MAX,
  ATTRIBUTE_NAMES_MAX,
  ATTRIBUTES_BYTES_MAX,
  MESSAGE_BYTES_MAX,
  SERVICE_CHARS_MAX,
  SEVERITY_NUMBER_MAX,
  SEVERITY_NUMBER_MIN,
  SEVERITY_TEXT_CHARS_MAX,
  TIMESTAMP_MS_MAX,
  TIMESTAMP_MS_MIN,
  TRACE_ID_CHARS_MAX,
} from "./record/limits.ts";
export {
  type RecordInput,
  recordInputSchema,
  type RecordOutput,
  recordSchema,
} from "./record/schema.ts";
export {
  extraSeverityNumber,
  extraSeverityText,
  otelNumberFromSyslog,
  parseSeverity,
  readSeverity,
  SEVERITIES,
  type Severity,
  type SeverityCode,
  severityFromNumber,
  severityFromSyslog,
  severityName,
  type SeverityReading,
} from "./record/severity.ts";
export type { TextList } from "./record/text_list.ts";
export {
  compareInstants,
  formatInstant,
  type Instant,
  instantFromUnixNanos,
  parseDuration,
  parseInstant,
  parseInstantInto,
} from "./record/time.ts";
