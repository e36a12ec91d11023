/** @module Elasticsearch's documents as records: what Elastic Common Schema calls a record's parts are its fields. */

import { type Instant, RecordBatch } from "../record.ts";
import { type BulkAction, refusedOperation } from "./_elasticsearch_action.ts";
import { addAttribute, type Members } from "./_lenient_attributes.ts";
import { FieldFinder, type FieldNames } from "./_lenient_fields.ts";
import { lenientUtf8, type ParseJson, parserFor } from "./_lenient_json.ts";
import { appendLenient, blankRecord, type LenientRecord } from "./_lenient_record.ts";
import { PLAIN_INFO, severityOfLoggerValue } from "./_lenient_severity.ts";
import { UNKNOWN_SERVICE } from "./_lenient_text.ts";
import { PlainObjects, rolesOf } from "./_plain_objects.ts";
import { type BulkItem, CREATED, INDEXED, refusedItem } from "./elasticsearch_answers.ts";
import { BadBodyError } from "./errors.ts";
import { CAUSE_CHARS_MAX } from "./limits.ts";

const NAMES: FieldNames = {
  time: ["@timestamp", "timestamp", "time", "ts", "date"],
  severity: ["log.level", "level", "severity", "levelname", "loglevel", "log_level"],
  service: ["service.name", "service", "service_name"],
  message: ["message", "log", "msg"],
  traceId: ["trace.id", "trace_id", "traceId"],
  spanId: ["span.id", "span_id", "spanId"],
};
const fields = new FieldFinder(NAMES, severityOfLoggerValue);
const roles = rolesOf(NAMES, ["_id", "_index", "routing"]);

/** Documents of a body that may be malformed: each costs ten microseconds and an error to send back. */
const MALFORMED_MAX = 10_000;

const LINE_FEED = 0x0a;

/** Appends the documents of one body. */
export class DocumentAppender {
  readonly #batch = new RecordBatch();
  readonly #body: Uint8Array;
  readonly #now: Instant;
  readonly #plain: PlainObjects;
  readonly #record: LenientRecord = blankRecord();
  #parse: ParseJson | undefined;
  #malformed = 0;
  /** Where the line ends that was read last: its line feed, or the body's end. */
  lineEnd = 0;

  constructor(body: Uint8Array, now: Instant) {
    this.#body = body;
    this.#now = now;
    this.#plain = new PlainObjects(body, this.#batch.texts, roles);
  }

  /** The batch of what was appended. */
  finish(): RecordBatch {
    this.#batch.texts.trim();
    return this.#batch;
  }

  /** Appends the document on the line that begins at `start`, if its action stores it; gives the item to answer. */
  appendLine(action: BulkAction, start: number): BulkItem {
    const { operation } = action;
    const stores = operation === "create" || operation === "index";
    if (stores && this.#appendPlain(action, start)) {
      return operation === "create" ? CREATED : INDEXED;
    }
    const found = this.#body.indexOf(LINE_FEED, start);
    this.lineEnd = found < 0 ? this.#body.length : found;
    return this.append(action, lenientUtf8(this.#body.subarray(start, this.lineEnd)));
  }

  /** Appends the document of a text, if its action stores it; gives the item to answer. */
  append(action: BulkAction, text: string): BulkItem {
    const { operation } = action;
    if (operation !== "create" && operation !== "index") return refusedOperation(action);
    let value: unknown;
    try {
      value = (this.#parse ??= parserFor(this.#body))(text);
    } catch (cause) {
      if (!(cause instanceof SyntaxError)) throw cause;
      if (++this.#malformed > MALFORMED_MAX) {
        throw new BadBodyError(
          `Cannot read the body: more than ${MALFORMED_MAX} documents are no JSON`,
        );
      }
      const reason = `it is not valid JSON: ${cause.message.slice(0, CAUSE_CHARS_MAX)}`;
      return refusedItem(operation, "document_parsing_exception", reason.toWellFormed());
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return refusedItem(operation, "document_parsing_exception", "it is not a JSON object");
    }
    this.#appendMembers(value as Members, action);
    return operation === "create" ? CREATED : INDEXED;
  }

  /** The short way; gives whether the document could take it. */
  #appendPlain({ index, metadata }: BulkAction, start: number): boolean {
    const { texts } = this.#batch;
    const plain = this.#plain;
    const messageStart = texts.used;
    const end = plain.readLine(start);
    if (end < 0) return false;
    this.lineEnd = end;
    texts.end();
    const service = plain.service ?? serviceOfIndex(index);
    const { ms, ns } = plain.hasTime ? plain.clock : this.#now;
    let members = plain.attributes;
    if (index !== undefined && service !== index) members += member(members, "_index", index);
    for (const name of Object.keys(metadata)) members += member(members, name, metadata[name]);
    this.#batch.appendRow(
      ms,
      ns,
      service,
      plain.severity ?? PLAIN_INFO.code,
      texts.used - messageStart,
      members === "" ? undefined : { attributes: `{${members}}` },
    );
    return true;
  }

  #appendMembers(document: Members, { index, metadata }: BulkAction): void {
    const record = this.#record;
    fields.find(document, this.#now, "", record);
    if (record.service === "") record.service = serviceOfIndex(index);
    if (index !== undefined && record.service !== index) this.#keep("_index", index);
    for (const name of Object.keys(metadata)) this.#keep(name, metadata[name]);
    appendLenient(this.#batch, record);
  }

  #keep(name: string, value: unknown): void {
    addAttribute(this.#record.attributes ??= {}, name, value);
  }
}

/** A member to be added to others, which may be none. */
function member(others: string, name: string, value: unknown): string {
  return `${others === "" ? "" : ","}"${name}":${JSON.stringify(value)}`;
}

/** A date that ends an index's name, as shippers add it every day or month. */
const INDEX_DATE = /[-_.](?:[0-9]{4}[-.][0-9]{2}(?:[-.][0-9]{2})?|[0-9]{8})$/;

let lastIndex = "";
let lastService = UNKNOWN_SERVICE;

/** The service that an index stands for: its name without the date, or every day would bring a service of its own. */
function serviceOfIndex(index: string | undefined): string {
  if (index === undefined) return UNKNOWN_SERVICE;
  if (index !== lastIndex) {
    lastIndex = index;
    lastService = index.replace(INDEX_DATE, "") || index;
  }
  return lastService;
}
