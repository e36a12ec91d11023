/**
 * @module Elasticsearch's document APIs, as far as its clients ship logs with them: `_bulk` and single documents.
 *
 * Documents are records: what Elastic Common Schema calls a record's parts are its fields, `_id` and, unless it is the
 * service, `_index` are attributes. Only `create` and `index` store anything, as in a data stream.
 */

import { type Instant, RecordBatch } from "../record.ts";
import { addAttribute, type Members } from "./_lenient_attributes.ts";
import { FieldFinder } from "./_lenient_fields.ts";
import { isBlank, lenientUtf8, type ParseJson, parserFor } from "./_lenient_json.ts";
import { appendLenient, blankRecord, type LenientRecord } from "./_lenient_record.ts";
import { severityOfLoggerValue } from "./_lenient_severity.ts";
import { UNKNOWN_SERVICE } from "./_lenient_text.ts";
import { type BulkItem, CREATED, INDEXED, refusedItem } from "./elasticsearch_answers.ts";
import { BadBodyError } from "./errors.ts";
import { BODY_RECORDS_MAX, CAUSE_CHARS_MAX } from "./limits.ts";

const fields = new FieldFinder(
  {
    time: ["@timestamp", "timestamp", "time", "ts", "date"],
    severity: ["log.level", "level", "severity", "levelname", "loglevel", "log_level"],
    service: ["service.name", "service", "service_name"],
    message: ["message", "log", "msg"],
    traceId: ["trace.id", "trace_id", "traceId"],
    spanId: ["span.id", "span_id", "spanId"],
  },
  severityOfLoggerValue,
);

/** Documents of a body that may be malformed: each costs ten microseconds and an error to send back. */
const MALFORMED_MAX = 10_000;

/** A bulk request's records, and what to answer for each of its operations. */
export interface BulkRequest {
  readonly batch: RecordBatch;
  /** In the order of the operations; those that stored nothing have an error. */
  readonly items: readonly BulkItem[];
}

/**
 * Reads the body of `POST /_bulk` or `POST /{index}/_bulk`: lines in pairs, an action and its document. A bad document is an
 * error of its own item; the others are kept.
 * @param defaultIndex the index of actions that name none
 * @param now the time of documents that have none
 * @throws {BadBodyError} an action line is none, or there are too many: nothing of the body is to be stored
 */
export function decodeElasticsearchBulk(
  body: Uint8Array,
  defaultIndex: string | undefined,
  now: Instant,
): BulkRequest {
  const text = lenientUtf8(body);
  const appender = new DocumentAppender(now, parserFor(body));
  const items: BulkItem[] = [];
  let action: Action | undefined;
  let actionText = "";
  let line = 0;
  for (let start = 0; start < text.length;) {
    const found = text.indexOf("\n", start);
    const end = found === -1 ? text.length : found;
    const lineText = text.slice(start, end);
    start = end + 1;
    line++;
    if (action === undefined || action.answered) {
      if (isBlank(lineText)) continue;
      // Without ids the same action stands before every document.
      if (action === undefined || lineText !== actionText) {
        action = readAction(lineText, line, defaultIndex, appender.parse);
        actionText = lineText;
      }
      action.answered = action.operation === "delete";
      if (action.answered) items.push(refusedOperation(action));
    } else {
      items.push(appender.operation(action, lineText));
      action.answered = true;
    }
    if (items.length > BODY_RECORDS_MAX) {
      throw new BadBodyError(`Cannot take more than ${BODY_RECORDS_MAX} operations in a body`);
    }
  }
  if (action?.answered === false) {
    throw new BadBodyError(`Cannot read the body: the action on line ${line} has no document`);
  }
  return { batch: appender.batch, items };
}

/**
 * The record of a single document: `POST /{index}/_doc`, `PUT` or `POST /{index}/_doc/{id}` and `/{index}/_create/{id}`.
 * @throws {BadBodyError} the body is no JSON object
 */
export function decodeElasticsearchDocument(
  body: Uint8Array,
  index: string,
  id: string | undefined,
  now: Instant,
): RecordBatch {
  const appender = new DocumentAppender(now, parserFor(body));
  const metadata: Members = id === undefined ? {} : { _id: id };
  const action = { operation: "index", index, metadata, answered: false } as const;
  const item = appender.operation(action, lenientUtf8(body));
  if (item.error !== undefined) {
    throw new BadBodyError(`Cannot read the document: ${item.error.reason}`);
  }
  return appender.batch;
}

const OPERATIONS = ["create", "index", "update", "delete"] as const;

/** An action line. */
interface Action {
  readonly operation: typeof OPERATIONS[number];
  readonly index: string | undefined;
  /** What becomes attributes: `_id` and `routing`. */
  readonly metadata: Members;
  /** Whether an item for it stands already: so that the next line is an action. */
  answered: boolean;
}

/** The metadata that says something of the document; the rest are instructions to a database. */
const KEPT_METADATA = ["_id", "routing"];

function readAction(
  text: string,
  line: number,
  defaultIndex: string | undefined,
  parse: ParseJson,
): Action {
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw badAction(line, `is not valid JSON: ${cause.message.slice(0, CAUSE_CHARS_MAX)}`);
  }
  const members = typeof value === "object" && value !== null ? Object.entries(value) : [];
  const [operation, parameters] = members[0] ?? [];
  const known = OPERATIONS.find((name) => name === operation);
  const isObject = typeof parameters === "object" && parameters !== null;
  if (known === undefined || members.length !== 1 || !isObject || Array.isArray(parameters)) {
    throw badAction(line, `is ${JSON.stringify(text.slice(0, 60))}`);
  }
  const given = parameters as Members;
  const metadata: Members = {};
  for (const name of KEPT_METADATA) {
    if (Object.hasOwn(given, name) && given[name] !== null) metadata[name] = given[name];
  }
  const index = typeof given._index === "string" ? given._index : defaultIndex;
  return { operation: known, index, metadata, answered: false };
}

function badAction(line: number, found: string): BadBodyError {
  return new BadBodyError(
    `Malformed action/metadata line [${line}]: it ${found.toWellFormed()}; expected an object ` +
      `with "create" or "index"`,
  );
}

function refusedOperation({ operation }: Action): BulkItem {
  const reason = `"${operation}" changes nothing here: logs are only added; use "create"`;
  return refusedItem(operation, "illegal_argument_exception", reason);
}

class DocumentAppender {
  readonly batch = new RecordBatch();
  readonly #record: LenientRecord = blankRecord();

  #malformed = 0;

  constructor(readonly now: Instant, readonly parse: ParseJson) {}

  /** Appends the document of an action, if both can be stored; gives the item to answer. */
  operation(action: Action, text: string): BulkItem {
    const { operation } = action;
    if (operation !== "create" && operation !== "index") return refusedOperation(action);
    let value: unknown;
    try {
      value = this.parse(text);
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
    this.#document(value as Members, action);
    return operation === "create" ? CREATED : INDEXED;
  }

  #document(document: Members, { index, metadata }: Action): void {
    const record = this.#record;
    fields.find(document, this.now, "", record);
    const names = Object.keys(metadata);
    const serviceFromIndex = record.service === "";
    if (serviceFromIndex) record.service = serviceOfIndex(index);
    if (index !== undefined && record.service !== index) this.#keep("_index", index);
    for (const name of names) this.#keep(name, metadata[name]);
    appendLenient(this.batch, record);
  }

  #keep(name: string, value: unknown): void {
    addAttribute(this.#record.attributes ??= {}, name, value);
  }
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
