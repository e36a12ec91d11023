/** @module JSON over HTTP, as Fluent Bit, Vector, winston, pino's transports and Python's `HTTPHandler` send it. */

import { type Instant, MESSAGE_BYTES_MAX, RecordBatch } from "../record.ts";
import { addAttribute, type Members } from "./_lenient_attributes.ts";
import { FieldFinder, type FieldNames, textOf } from "./_lenient_fields.ts";
import { isBlank, lenientUtf8, readJsonValues } from "./_lenient_json.ts";
import { appendLenient, blankRecord, type LenientRecord } from "./_lenient_record.ts";
import { severityOfLoggerValue } from "./_lenient_severity.ts";
import { BadBodyError } from "./errors.ts";
import { BODY_RECORDS_MAX } from "./limits.ts";

const NAMES: FieldNames = {
  time: ["timestamp", "@timestamp", "time", "ts", "date"],
  severity: [
    "severity",
    "level",
    "log.level",
    "levelname",
    "lvl",
    "loglevel",
    "log_level",
    "severity_text",
    "severityText",
    "severity_number",
    "severityNumber",
  ],
  service: ["service", "service.name", "service_name", "app", "name", "tag", "hostname"],
  message: ["message", "msg", "log", "body"],
  traceId: ["trace_id", "traceId", "trace.id", "TraceId", "traceid"],
  spanId: ["span_id", "spanId", "span.id", "SpanId", "spanid"],
};

const objects = new FieldFinder(NAMES, severityOfLoggerValue);
/** Python's `LogRecord` has its time in `created`, a name too common to mean that elsewhere. */
const forms = new FieldFinder(
  { ...NAMES, time: [...NAMES.time, "created"] },
  severityOfLoggerValue,
);

/**
 * The records of a body: a JSON object, an array of them, one on each line or one after the other; `{"logs": […]}`, as
 * pino-http-send has it; a form, which is one record, as Python's `HTTPHandler` sends it; or, as `text/plain`, lines that
 * are messages if they are no JSON. Values that are no objects become messages.
 * @param contentType the header's value; absent: JSON
 * @param now the time of records that have none
 * @param defaultService the service of records that name none
 * @throws {BadBodyError} malformed JSON or too many records
 */
export function decodeJsonHttp(
  body: Uint8Array,
  contentType: string | undefined,
  now: Instant,
  defaultService: string,
): RecordBatch {
  const appender = new Appender(now, defaultService);
  const text = lenientUtf8(body);
  const type = (contentType ?? "").split(";")[0]!.trim().toLowerCase();
  // curl -d calls whatever it sends a form.
  const looksLikeJson = /^[ \t\r\n]*[[{]/.test(text);
  if (type === "application/x-www-form-urlencoded" && !looksLikeJson) appender.form(text);
  else if (type === "text/plain" && !looksLikeJson) appender.lines(text);
  else readJsonValues(body, (value) => appender.value(value));
  return appender.batch;
}

/** Units of a form, which is one record: eight times those of a message, as each byte may take three. */
const FORM_UNITS_MAX = 8 * MESSAGE_BYTES_MAX;

/** Appends one value after the other. */
class Appender {
  readonly batch = new RecordBatch();
  readonly #record: LenientRecord = blankRecord();

  constructor(readonly now: Instant, readonly defaultService: string) {}

  value(value: unknown): void {
    const wrapped = wrappedRecords(value);
    if (wrapped === undefined) this.#item(value);
    else for (const item of wrapped) this.#item(item);
  }

  form(text: string): void {
    if (text.length > FORM_UNITS_MAX) {
      throw new BadBodyError(
        `Cannot read a form of ${text.length} characters: at most ${FORM_UNITS_MAX}`,
      );
    }
    const members: Members = Object.create(null);
    for (const [name, value] of new URLSearchParams(text)) {
      const before = members[name];
      // A name that repeats has an array of values.
      if (before === undefined) members[name] = value;
      else if (Array.isArray(before)) before.push(value);
      else members[name] = [before, value];
    }
    if (Object.keys(members).length > 0) this.#object(forms, members);
  }

  lines(text: string): void {
    for (let start = 0; start < text.length;) {
      const found = text.indexOf("\n", start);
      const end = found === -1 ? text.length : found;
      const line = text.slice(start, end);
      if (!isBlank(line)) this.#item(line.endsWith("\r") ? line.slice(0, -1) : line);
      start = end + 1;
    }
  }

  #item(value: unknown): void {
    if (this.batch.length === BODY_RECORDS_MAX) {
      throw new BadBodyError(`Cannot take more than ${BODY_RECORDS_MAX} records in a body`);
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      this.#message(textOf(value));
    } else {
      this.#object(objects, value as Members);
    }
  }

  #object(finder: FieldFinder, members: Members): void {
    finder.find(members, this.now, this.defaultService, this.#record);
    const { attributes } = this.#record;
    if (attributes !== undefined) this.#record.attributes = withAttributes(attributes);
    appendLenient(this.batch, this.#record);
  }

  #message(message: string): void {
    objects.find({}, this.now, this.defaultService, this.#record);
    this.#record.message = message;
    appendLenient(this.batch, this.#record);
  }
}

/** The records in `{"logs": […]}`, if the object is nothing but that. */
function wrappedRecords(value: unknown): unknown[] | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { logs } = value as Members;
  if (!Array.isArray(logs) || Object.keys(value).length !== 1) return undefined;
  return logs.every((item) => typeof item === "object" && item !== null) ? logs : undefined;
}

/** What is left of a record, with its member `attributes`, as records of `POST /logs` have it, spread out. */
function withAttributes(members: Members): Members {
  const { attributes } = members;
  if (typeof attributes !== "object" || attributes === null || Array.isArray(attributes)) {
    return members;
  }
  const spread: Members = Object.fromEntries(Object.entries(attributes));
  for (const name of Object.keys(members)) {
    if (name !== "attributes" && members[name] !== undefined) {
      addAttribute(spread, name, members[name]);
    }
  }
  return spread;
}
