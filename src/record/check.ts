/**
 * @module The check of records from `POST /logs`, written by hand for speed. `schema.ts` is what it publishes; a
 * property test holds the two together.
 */

import { attributesText, type JsonObject, type Report } from "./_attributes.ts";
import { describe } from "./_describe.ts";
import { hasAtMostBytes, hasAtMostChars, hasControls } from "./_text_rules.ts";
import type { OptionalFields, RecordBatch } from "./batch.ts";
import {
  MESSAGE_BYTES_MAX,
  SERVICE_CHARS_MAX,
  SEVERITY_NUMBER_MAX,
  SEVERITY_NUMBER_MIN,
  SEVERITY_TEXT_CHARS_MAX,
  TRACE_ID_CHARS_MAX,
} from "./limits.ts";
import {
  extraSeverityNumber,
  extraSeverityText,
  readSeverity,
  SEVERITIES,
  type SeverityCode,
  type SeverityReading,
} from "./severity.ts";
import { parseInstantInto } from "./time.ts";

/** What is wrong with one field of one record. */
export interface RecordProblem {
  /** The record's place in its body, from 0. */
  readonly index: number;
  /** The field; `attributes.NAME` for one attribute; empty if the record is none at all. */
  readonly field: string;
  /** A sentence with the field, the value and what would be right. */
  readonly message: string;
}

/** The fields that the common record consists of. */
const REQUIRED_COUNT = 4;

/** Where timestamps are parsed to: an object a record would be half the cost of the check. */
const time = { ms: 0, ns: 0 };
/** The service accepted last: batches repeat few names, which need no second look. Empty is never valid. */
let acceptedService = "";

/**
 * Checks a value that `JSON.parse` gave and appends it to the batch if it is a record; else adds what is wrong to
 * `problems`, leaves the batch as it is and returns false. About 0.25 µs for a record of the four required fields.
 *
 * `id` and `received_at` are ignored; `trace_id`, `span_id`, `severity_text`, `severity_number` and `attributes`
 * may be null, and the texts empty, which is the same as absent; every other field becomes an attribute.
 */
export function appendRecord(
  batch: RecordBatch,
  value: unknown,
  problems: RecordProblem[],
  index: number,
): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const message = `A record is ${describe(value)}; expected an object with "timestamp", ` +
      `"service", "severity" and "message"`;
    problems.push({ index, field: "", message });
    return false;
  }
  const record = value as JsonObject;
  const { timestamp, service, severity, message } = record;
  if (
    !isService(service) || !isMessage(message) ||
    typeof timestamp !== "string" || !parseInstantInto(timestamp, time) ||
    (typeof severity !== "string" && typeof severity !== "number")
  ) return refuse(record, problems, index);
  const reading = readSeverity(severity);
  if (reading === undefined) return refuse(record, problems, index);
  const { code } = reading;
  if (hasRequiredOnly(record) && reading.text === undefined && reading.number === undefined) {
    batch.append(time.ms, time.ns, service, code, message);
    return true;
  }
  const problemsBefore = problems.length;
  const optional = readOptional(record, reading, reporter(problems, index));
  if (problems.length > problemsBefore) return false;
  batch.append(time.ms, time.ns, service, code, message, optional);
  return true;
}

/** Whether a record that has the required fields has no others. */
function hasRequiredOnly(record: JsonObject): boolean {
  return Object.keys(record).length === REQUIRED_COUNT;
}

/** Whether a value is the name of a service. */
export function isService(value: unknown): value is string {
  if (typeof value !== "string") return false;
  if (value === acceptedService && value !== "") return true;
  if (
    value === "" || !hasAtMostChars(value, SERVICE_CHARS_MAX) || hasControls(value) ||
    !value.isWellFormed()
  ) return false;
  acceptedService = value;
  return true;
}

function isMessage(value: unknown): value is string {
  return typeof value === "string" && hasAtMostBytes(value, MESSAGE_BYTES_MAX) &&
    value.isWellFormed();
}

function reporter(problems: RecordProblem[], index: number): Report {
  return (field, message) => void problems.push({ index, field, message });
}

/** Adds everything that is wrong with a record of which a required field is. Off the hot path. */
function refuse(record: JsonObject, problems: RecordProblem[], index: number): false {
  const report = reporter(problems, index);
  const expect = (field: string, right: boolean, expected: string) => {
    if (right) return;
    const value = record[field];
    const found = value === undefined ? "is missing" : `is ${describe(value)}`;
    report(field, `"${field}" ${found}; expected ${expected}`);
  };
  const { timestamp, service, severity, message } = record;
  expect(
    "timestamp",
    typeof timestamp === "string" && parseInstantInto(timestamp, time),
    `an RFC 3339 time such as "2025-04-01T12:00:00.000Z" that exists, years 0001 to 9999, at ` +
      `most 9 digits of fraction`,
  );
  expect(
    "service",
    isService(service),
    `a string of 1 to ${SERVICE_CHARS_MAX} characters without control characters or lone surrogates`,
  );
  const reading = typeof severity === "string" || typeof severity === "number"
    ? readSeverity(severity)
    : undefined;
  expect(
    "severity",
    reading !== undefined,
    `${SEVERITIES.join(", ")}, a usual alias such as "warn", or OpenTelemetry's number ` +
      `${SEVERITY_NUMBER_MIN} to ${SEVERITY_NUMBER_MAX}`,
  );
  expect(
    "message",
    isMessage(message),
    `a string of at most ${MESSAGE_BYTES_MAX} bytes of UTF-8 without lone surrogates`,
  );
  readOptional(record, reading ?? { code: 0, text: undefined, number: undefined }, report);
  return false;
}

function readOptional(
  record: JsonObject,
  reading: SeverityReading,
  report: Report,
): OptionalFields {
  let traceId: string | undefined;
  let spanId: string | undefined;
  let severityText = reading.text;
  let severityNumber = reading.number;
  let attributes: JsonObject | undefined;
  const others: string[] = [];
  for (const field of Object.keys(record)) {
    const value = record[field];
    switch (field) {
      case "timestamp":
      case "service":
      case "severity":
      case "message":
      case "id":
      case "received_at":
        break;
      case "trace_id":
        traceId = readText(field, value, TRACE_ID_CHARS_MAX, report);
        break;
      case "span_id":
        spanId = readText(field, value, TRACE_ID_CHARS_MAX, report);
        break;
      case "severity_text": {
        const text = readText(field, value, SEVERITY_TEXT_CHARS_MAX, report);
        if (text !== undefined) {
          severityText = extraSeverityText(text, reading.code) ?? severityText;
        }
        break;
      }
      case "severity_number":
        severityNumber = readSeverityNumber(value, reading.code, report) ?? severityNumber;
        break;
      case "attributes":
        attributes = readAttributes(value, report);
        break;
      default:
        others.push(field);
    }
  }
  return {
    trace_id: traceId,
    span_id: spanId,
    severity_text: severityText,
    severity_number: severityNumber,
    attributes: attributesText(attributes, record, others, report),
  };
}

/** An optional text; null and the empty one mean that there is none, as many loggers write it. */
function readText(
  field: string,
  value: unknown,
  charsMax: number,
  report: Report,
): string | undefined {
  if (value === null || value === undefined || value === "") return undefined;
  if (typeof value === "string" && hasAtMostChars(value, charsMax) && value.isWellFormed()) {
    return value;
  }
  const expected = `a string of at most ${charsMax} characters without lone surrogates`;
  report(field, `"${field}" is ${describe(value)}; expected ${expected}`);
  return undefined;
}

const NUMBER_DIGITS = /^(?:[1-9]|1[0-9]|2[0-4])$/;

function readSeverityNumber(
  value: unknown,
  code: SeverityCode,
  report: Report,
): string | undefined {
  if (value === null || value === undefined || value === "") return undefined;
  const digits = typeof value === "number" ? String(value) : value;
  if (typeof digits === "string" && NUMBER_DIGITS.test(digits)) {
    return extraSeverityNumber(Number(digits), code);
  }
  const expected = `an integer from ${SEVERITY_NUMBER_MIN} to ${SEVERITY_NUMBER_MAX}`;
  report("severity_number", `"severity_number" is ${describe(value)}; expected ${expected}`);
  return undefined;
}

function readAttributes(value: unknown, report: Report): JsonObject | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === "object" && !Array.isArray(value)) return value as JsonObject;
  report("attributes", `"attributes" is ${describe(value)}; expected an object`);
  return undefined;
}
