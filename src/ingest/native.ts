/** @module The native format: records as JSON, one or an array, or as a line of JSON each. */

import { appendRecord, type Instant, RecordBatch, type RecordProblem } from "../record.ts";
import { hasLongDigitRun, quoteLongIntegers } from "./_long_integers.ts";
import { readPlainRecords } from "./_plain_records.ts";
import { decodeUtf8 } from "./_utf8.ts";
import { BadBodyError, UnsupportedMediaTypeError } from "./errors.ts";
import { BODY_RECORDS_MAX, CAUSE_CHARS_MAX, PROBLEMS_MAX } from "./limits.ts";

/** The media types of one record a line. */
const LINE_TYPES = ["application/x-ndjson", "application/ndjson", "application/jsonl"];

/**
 * The records of a body of `POST /logs`, in their order; none for an empty array or no lines.
 * @param contentType the header's value; absent: JSON
 * @param _now unused: a native record has its own timestamp. Other formats' decoders need it
 * @throws {BadBodyError} malformed UTF-8 or JSON, too many records, or any bad record
 * @throws {UnsupportedMediaTypeError} another media type, or a charset that is not UTF-8
 */
export function decodeNative(
  body: Uint8Array,
  contentType: string | undefined,
  _now: Instant,
): RecordBatch {
  const byLine = isLineType(contentType);
  return readPlainRecords(body, byLine) ?? parseRecords(body, byLine);
}

/**
 * The records of any body, by way of `JSON.parse`; three times the cost of {@linkcode readPlainRecords}.
 * @throws {BadBodyError} malformed UTF-8 or JSON, too many records, or any bad record
 */
export function parseRecords(body: Uint8Array, byLine: boolean): RecordBatch {
  const text = decodeUtf8(body);
  const exact = hasLongDigitRun(body);
  const collector = new Collector();
  if (byLine) collectLines(text, exact, collector);
  else collectDocument(text, exact, collector);
  return collector.finish();
}

function isLineType(contentType: string | undefined): boolean {
  const [type = "", ...parameters] = (contentType ?? "").toLowerCase().split(";")
    .map((part) => part.trim());
  for (const parameter of parameters) {
    if (/^charset=(?!"?(?:utf-?8|us-ascii)"?$)/.test(parameter)) {
      const found = shorten(parameter);
      throw new UnsupportedMediaTypeError(`Cannot read a body with ${found}: send UTF-8`);
    }
  }
  if (type === "" || type === "application/json") return false;
  if (LINE_TYPES.includes(type)) return true;
  if (/^application\/[^/]+\+json$/.test(type)) return false;
  throw new UnsupportedMediaTypeError(
    `Cannot read a body of type ${JSON.stringify(shorten(type))}: send application/json, or ` +
      `application/x-ndjson with a record on each line`,
  );
}

/** Appends records until too many are bad. */
class Collector {
  readonly #batch = new RecordBatch();
  readonly #problems: RecordProblem[] = [];
  #where = "";
  #count = 0;

  /**
   * Takes one record.
   * @param where what to call it in a sentence
   * @returns whether to go on
   */
  add(value: unknown, where: (index: number) => string): boolean {
    const index = this.#count++;
    if (index === BODY_RECORDS_MAX) {
      throw new BadBodyError(`Cannot take more than ${BODY_RECORDS_MAX} records in a body`);
    }
    const first = this.#problems.length === 0;
    if (appendRecord(this.#batch, value, this.#problems, index)) return true;
    if (first) this.#where = where(index);
    return this.#problems.length < PROBLEMS_MAX;
  }

  /** @throws {BadBodyError} some record is bad */
  finish(): RecordBatch {
    const [first, ...others] = this.#problems;
    if (first === undefined) return this.#batch;
    const full = this.#problems.length >= PROBLEMS_MAX;
    const more = others.length === 0
      ? ""
      : ` (and ${full ? "at least " : ""}${others.length} more of the kind in "details")`;
    const message = `Cannot store ${this.#where}: ${first.message}${more}`;
    throw new BadBodyError(message, this.#problems.slice(0, PROBLEMS_MAX));
  }
}

function collectDocument(text: string, exact: boolean, collector: Collector): void {
  if (isBlank(text, 0, text.length)) {
    throw new BadBodyError(
      "Cannot read the body: it is empty; expected a record or an array of them",
    );
  }
  let value: unknown;
  try {
    value = parseJson(text, exact);
  } catch (cause) {
    throw syntaxError("The body", cause, false);
  }
  if (Array.isArray(value)) {
    const where = (index: number) => `the record at index ${index}`;
    for (const record of value) {
      if (!collector.add(record, where)) return;
    }
  } else if (typeof value === "object" && value !== null) {
    collector.add(value, () => "the record");
  } else {
    const found = typeof value === "object" ? "null" : `a ${typeof value}`;
    throw new BadBodyError(
      `Cannot read the body: it is ${found}; expected a record or an array of them`,
    );
  }
}

function collectLines(text: string, exact: boolean, collector: Collector): void {
  let line = 0;
  const where = () => `the record on line ${line}`;
  let next = 0;
  while (next < text.length) {
    const start = next;
    const found = text.indexOf("\n", start);
    const end = found === -1 ? text.length : found;
    next = end + 1;
    line++;
    if (isBlank(text, start, end)) continue;
    let value: unknown;
    try {
      value = parseJson(text.slice(start, end), exact);
    } catch (cause) {
      throw syntaxError(`Line ${line}`, cause, true);
    }
    if (!collector.add(value, where)) return;
  }
}

/** Whether there is nothing but JSON's white space, told by the first unit that is none. */
function isBlank(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const unit = text.charCodeAt(i);
    if (unit !== 0x20 && unit !== 0x0d && unit !== 0x0a && unit !== 0x09) return false;
  }
  return true;
}

/**
 * Parses JSON; with `exact`, integers beyond 2^53 - 1 become strings wherever they may end up in an attribute.
 * A reviver, which sees the source too, would recurse as deep as the text nests.
 */
function parseJson(text: string, exact: boolean): unknown {
  const plain: unknown = JSON.parse(text);
  if (!exact) return plain;
  const quoted = quoteLongIntegers(text);
  if (quoted === text) return plain;
  const value: unknown = JSON.parse(quoted);
  if (Array.isArray(value)) {
    const records = plain as unknown[];
    value.forEach((record, i) => unquoteFields(record, records[i]));
  } else {
    unquoteFields(value, plain);
  }
  return value;
}

/** The fields that are not attributes: a number there must not pass for a text because it is long. */
const RECORD_FIELDS = [
  "timestamp",
  "service",
  "severity",
  "message",
  "trace_id",
  "span_id",
  "severity_text",
  "severity_number",
  "attributes",
];

function unquoteFields(quoted: unknown, plain: unknown): void {
  if (typeof plain !== "object" || plain === null || Array.isArray(plain)) return;
  const from = plain as Record<string, unknown>;
  const to = quoted as Record<string, unknown>;
  for (const field of RECORD_FIELDS) {
    if (typeof from[field] === "number") to[field] = from[field];
  }
}

/** @param inLine whether V8's own line and column say nothing, because the text was a single line */
function syntaxError(what: string, cause: unknown, inLine: boolean): BadBodyError {
  if (!(cause instanceof SyntaxError)) throw cause;
  const text = inLine ? cause.message.replace(/ \(line \d+ column \d+\)$/, "") : cause.message;
  return new BadBodyError(`${what} is not valid JSON: ${shorten(text)}`, undefined, { cause });
}

function shorten(text: string): string {
  return text.length <= CAUSE_CHARS_MAX ? text : text.slice(0, CAUSE_CHARS_MAX) + "…";
}
