/**
 * @module Seq's Compact Log Event Format, and the events in `{"Events": […]}` that Seq's older API takes and its Node.js
 * client still sends.
 *
 * | member | older | becomes |
 * | --- | --- | --- |
 * | `@t` | `Timestamp` | the time |
 * | `@l` | `Level` | the severity; INFO without |
 * | `@m` | `RenderedMessage` | the message; without it `@mt` is rendered |
 * | `@mt` | `MessageTemplate` | the attribute `@mt`, unless it is the message |
 * | `@x` | `Exception` | lines after the message |
 * | `@tr`, `@sp` | `TraceId`, `SpanId` | trace and span id |
 * | others | `Properties` | attributes; `Application` or `service.name` is the service |
 *
 * A member that begins with `@@` is a property whose name begins with one `@`.
 */

import { type Instant, RecordBatch } from "../record.ts";
import { addAttribute, type Members, setMember } from "./_lenient_attributes.ts";
import { textOf } from "./_lenient_fields.ts";
import { readJsonValues } from "./_lenient_json.ts";
import { appendLenient, blankRecord } from "./_lenient_record.ts";
import { PLAIN_INFO, severityOfLoggerValue } from "./_lenient_severity.ts";
import { timeFromValue } from "./_lenient_time.ts";
import { renderTemplate } from "./clef_template.ts";
import { BadBodyError } from "./errors.ts";
import { BODY_RECORDS_MAX } from "./limits.ts";

/**
 * The records of a body: an event on each line, one after the other, in an array, or in `{"Events": […]}`.
 * @param _contentType unused: what the body begins with tells more
 * @param now the time of events that have none
 * @param defaultService the service of events that name none
 * @throws {BadBodyError} malformed JSON, an event that is no object, or too many
 */
export function decodeClef(
  body: Uint8Array,
  _contentType: string | undefined,
  now: Instant,
  defaultService: string,
): RecordBatch {
  const batch = new RecordBatch();
  const take = (value: unknown) => {
    if (batch.length === BODY_RECORDS_MAX) {
      throw new BadBodyError(`Cannot take more than ${BODY_RECORDS_MAX} events in a body`);
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      const place = `the event at index ${batch.length}`;
      throw new BadBodyError(`Cannot read ${place}: it is no JSON object`);
    }
    appendEvent(batch, value as Members, now, defaultService);
  };
  readJsonValues(body, (value) => {
    const events = typeof value === "object" && value !== null
      ? (value as Members).Events
      : undefined;
    if (!Array.isArray(events)) return take(value);
    for (const event of events) {
      const isObject = typeof event === "object" && event !== null && !Array.isArray(event);
      take(isObject ? compactEvent(event as Members) : event);
    }
  });
  return batch;
}

/** The older names of what CLEF has a name for. */
const OLDER_NAMES: ReadonlyMap<string, string> = new Map([
  ["Timestamp", "@t"],
  ["Level", "@l"],
  ["MessageTemplate", "@mt"],
  ["RenderedMessage", "@m"],
  ["Exception", "@x"],
  ["EventType", "@i"],
  ["TraceId", "@tr"],
  ["SpanId", "@sp"],
]);

/** An older event as CLEF has it. */
function compactEvent(event: Members): Members {
  const compact: Members = {};
  for (const [name, value] of Object.entries(event)) {
    const compactName = OLDER_NAMES.get(name);
    if (compactName !== undefined) setMember(compact, compactName, value);
    else if (name !== "Properties" || !isObject(value)) setMember(compact, name, value);
  }
  if (isObject(event.Properties)) {
    for (const [name, value] of Object.entries(event.Properties)) {
      addAttribute(compact, name.startsWith("@") ? `@${name}` : name, value);
    }
  }
  return compact;
}

function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const record = blankRecord();

function appendEvent(
  batch: RecordBatch,
  event: Members,
  now: Instant,
  defaultService: string,
): void {
  record.ms = now.ms;
  record.ns = now.ns;
  if (timeFromValue(event["@t"], record)) event["@t"] = undefined;
  const severity = severityOfLoggerValue(event["@l"]);
  record.severity = severity ?? PLAIN_INFO;
  if (severity !== undefined) event["@l"] = undefined;
  record.traceId = takeText(event, "@tr");
  record.spanId = takeText(event, "@sp");
  // The template may name any property, so it is rendered before one is taken away.
  record.message = messageOf(event);
  record.service = takeService(event) ?? defaultService;
  record.attributes = withUnescapedNames(event);
  appendLenient(batch, record);
}

function takeText(event: Members, name: string): string | undefined {
  const value = event[name];
  if (typeof value !== "string" || value.trim() === "") return undefined;
  event[name] = undefined;
  return value;
}

function messageOf(event: Members): string {
  const given = event["@m"];
  const template = event["@mt"];
  let message = "";
  if (given !== undefined && given !== null) {
    message = textOf(given);
    event["@m"] = undefined;
  } else if (typeof template === "string") {
    message = renderTemplate(template, event, event["@r"]);
  }
  // The parts that a template holds open would be lost with it.
  if (template === message) event["@mt"] = undefined;
  const exception = event["@x"];
  if (exception === undefined || exception === null || exception === "") return message;
  event["@x"] = undefined;
  return message === "" ? textOf(exception) : `${message}\n${textOf(exception)}`;
}

/** Where OpenTelemetry's resource has the service, in `@ra`; it stays there. */
function resourceService(event: Members): string | undefined {
  const resource = event["@ra"];
  if (!isObject(resource)) return undefined;
  const name = resource["service.name"] ?? (isObject(resource.service) && resource.service.name);
  return typeof name === "string" && name.trim() !== "" ? name : undefined;
}

function takeService(event: Members): string | undefined {
  return takeText(event, "Application") ?? takeText(event, "service.name") ??
    takeText(event, "ServiceName") ?? resourceService(event);
}

/** The event with `@@name` as `@name`, wherever that is the name of nothing else. */
function withUnescapedNames(event: Members): Members {
  const escaped = Object.keys(event).filter((name) => name.startsWith("@@"));
  for (const name of escaped) {
    const value = event[name];
    event[name] = undefined;
    addAttribute(event, name.slice(1), value);
  }
  return event;
}
