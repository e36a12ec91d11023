/**
 * @module Graylog's Extended Log Format 1.1: JSON objects, ended by a NUL over TCP, as the body of a POST over HTTP.
 *
 * | member | becomes |
 * | --- | --- |
 * | `timestamp` | the time: seconds since the epoch, with a fraction |
 * | `level` | the severity, by syslog's numbers |
 * | `_service` and its like, else `facility`, else `host` | the service |
 * | `short_message` | the message; `full_message`, where that begins with the short one |
 * | `_name` | the attribute `name` |
 * | others | attributes; `version` is dropped if it is GELF's own |
 */

import { type Instant, RecordBatch } from "../record.ts";
import { addAttribute, type Members, setMember } from "./_lenient_attributes.ts";
import { FieldFinder } from "./_lenient_fields.ts";
import { lenientUtf8, parserFor, readJsonValues, tryParse } from "./_lenient_json.ts";
import { appendLenient, blankRecord } from "./_lenient_record.ts";
import { PLAIN_INFO, severityOfName, severityOfSyslogNumber } from "./_lenient_severity.ts";
import { BadBodyError } from "./errors.ts";
import type { GelfFrame } from "./gelf_framer.ts";

const fields = new FieldFinder(
  {
    time: ["timestamp", "_timestamp"],
    severity: ["level", "_level"],
    service: [
      "_service",
      "_service.name",
      "_service_name",
      "_app",
      "_application",
      "_application_name",
      "_app_name",
      "_container_name",
      "facility",
      "_facility",
      "host",
    ],
    message: ["short_message", "message"],
    traceId: ["_trace_id", "_traceId"],
    spanId: ["_span_id", "_spanId"],
  },
  (value) => {
    if (typeof value === "number") return severityOfSyslogNumber(value);
    if (typeof value !== "string") return undefined;
    return /^[0-7]$/.test(value) ? severityOfSyslogNumber(Number(value)) : severityOfName(value);
  },
);

/**
 * The records of the body of a request: a message, or several, in an array, on a line each or one after the other.
 * @param now the time of messages that have none
 * @param defaultService the service of messages that name neither one nor a host
 * @throws {BadBodyError} malformed JSON, a message that is no object, or too many
 */
export function decodeGelf(body: Uint8Array, now: Instant, defaultService: string): RecordBatch {
  const batch = new RecordBatch();
  readJsonValues(body, (value) => {
    if (!isObject(value)) {
      const place = `the GELF message at index ${batch.length}`;
      throw new BadBodyError(`Cannot read ${place}: it is no JSON object`);
    }
    appendMessage(batch, value, now, defaultService);
  });
  return batch;
}

/**
 * What a GELF body or datagram is compressed with, as a content coding, told by its first bytes. To be believed rather than the
 * header: graypy and pygelf write `Content-Encoding: gzip,deflate` and mean zlib alone.
 */
export function gelfContentEncoding(bytes: Uint8Array): "gzip" | "deflate" | "identity" {
  const [first = 0, second = 0] = bytes;
  if (first === 0x1f && second === 0x8b) return "gzip";
  // RFC 1950: method 8, and the two bytes together a multiple of 31. JSON cannot begin so.
  return (first & 0x0f) === 8 && (first << 8 | second) % 31 === 0 ? "deflate" : "identity";
}

/**
 * Appends the record of one message that came over TCP or UDP, whatever it holds: nobody hears of a bad one, which is kept as
 * a message with severity INFO.
 */
export function decodeGelfMessage(
  frame: GelfFrame,
  now: Instant,
  defaultService: string,
  batch: RecordBatch,
): void {
  const text = lenientUtf8(frame.bytes);
  const value = frame.lostBytes === 0 ? tryParse(text, parserFor(frame.bytes)) : undefined;
  if (isObject(value)) return appendMessage(batch, value, now, defaultService);
  record.ms = now.ms;
  record.ns = now.ns;
  record.severity = PLAIN_INFO;
  record.service = defaultService;
  record.traceId = record.spanId = undefined;
  record.message = text;
  record.lostBytes = frame.lostBytes;
  record.attributes = undefined;
  appendLenient(batch, record);
}

function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const record = blankRecord();

function appendMessage(
  batch: RecordBatch,
  message: Members,
  now: Instant,
  defaultService: string,
): void {
  fields.find(message, now, defaultService, record);
  record.lostBytes = 0;
  takeFullMessage(message);
  if (record.attributes !== undefined) record.attributes = withoutUnderscores(message);
  appendLenient(batch, record);
}

/** A short message is mostly the first line of the full one. */
function takeFullMessage(message: Members): void {
  const full = message.full_message;
  if (typeof full !== "string" || !full.startsWith(record.message)) return;
  record.message = full;
  message.full_message = undefined;
}

const OWN_VERSION = /^1\.[01]$/;

/** What is left, with additional fields under the names that their senders know. */
function withoutUnderscores(message: Members): Members {
  const attributes: Members = {};
  const additional: string[] = [];
  for (const name of Object.keys(message)) {
    const value = message[name];
    if (value === undefined) continue;
    if (name === "version" && typeof value === "string" && OWN_VERSION.test(value)) continue;
    if (name.startsWith("_") && name.length > 1) additional.push(name);
    else setMember(attributes, name, value);
  }
  for (const name of additional) addAttribute(attributes, name.slice(1), message[name]);
  return attributes;
}
