/**
 * @module The common body of the native format, read without a string: records of the four required fields, whose
 * messages go from the body to the batch as bytes. Whatever else a body holds, or lacks, is left to `JSON.parse` and
 * the record's full check, which also say what is wrong; here nothing is ever refused, only not recognized.
 */

import { isUtf8 } from "node:buffer";
import { InternTable } from "./_intern_table.ts";
import { BODY_RECORDS_MAX } from "./limits.ts";
import { PlainClock } from "./_plain_clock.ts";
import {
  isService,
  MESSAGE_BYTES_MAX,
  readSeverity,
  RecordBatch,
  type SeverityCode,
  type TextList,
} from "../record.ts";

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const ASCII_END = 0x80;
/** Instead of a byte, behind the last one. */
const END = -1;

/** 1 for each byte that stands for itself in a string of ASCII: none of controls, quote and backslash. */
const PLAIN = Uint8Array.from(
  { length: 256 },
  (_, byte) => byte >= SPACE && byte < ASCII_END && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
);

const encoder = new TextEncoder();
const TIMESTAMP = encoder.encode('timestamp"');
const SERVICE = encoder.encode('service"');
const SEVERITY = encoder.encode('severity"');
const MESSAGE = encoder.encode('message"');

/** What `\b` and the like stand for, by the byte after the backslash; 0: not such an escape. */
const ESCAPED = new Uint8Array(256);
for (
  const [letter, text] of Object.entries({
    '"': '"',
    "\\": "\\",
    "/": "/",
    b: "\b",
    f: "\f",
    n: "\n",
    r: "\r",
    t: "\t",
  })
) ESCAPED[letter.charCodeAt(0)] = text.charCodeAt(0);

// A server has few of these, and sees them again and again.
const services = new InternTable<string>((text) => isService(text) ? text : undefined);
const severities = new InternTable<SeverityCode>((text) => {
  const reading = readSeverity(text);
  const alone = reading?.text === undefined && reading?.number === undefined;
  return alone ? reading?.code : undefined;
});

/**
 * The records of a body if it holds nothing but records of the four required fields, all of them right.
 * @param byLine a record on each line; else one record, or an array of them
 */
export function readPlainRecords(body: Uint8Array, byLine: boolean): RecordBatch | undefined {
  const reader = new PlainReader(body);
  const complete = byLine ? reader.readLines() : reader.readDocument();
  const { texts } = reader.batch;
  if (!complete) texts.used = 0;
  texts.trim();
  return complete ? reader.batch : undefined;
}

/** Fields of a record as bits. */
const Field = { none: 0, timestamp: 1, service: 2, severity: 4, message: 8 } as const;
const EVERY_FIELD = 15;

/** Reads a body from start to end; where a method answers false, reading is over. */
class PlainReader {
  readonly batch = new RecordBatch();
  readonly #body: Uint8Array;
  readonly #texts: TextList;
  readonly #clock = new PlainClock();
  #at = 0;
  #service = "";
  #severity: SeverityCode = 0;
  #utf8: boolean | undefined;

  constructor(body: Uint8Array) {
    this.#body = body;
    this.#texts = this.batch.texts;
    // No message is longer than its JSON.
    this.#texts.reserve(body.length);
  }

  readDocument(): boolean {
    let next = this.#next();
    if (next === OPEN_OBJECT) return this.#readRecord() && this.#next() === END;
    if (next !== OPEN_ARRAY) return false;
    do {
      this.#at++;
      if (this.#next() !== OPEN_OBJECT || !this.#readRecord()) return false;
      next = this.#next();
    } while (next === COMMA);
    this.#at++;
    return next === CLOSE_ARRAY && this.#next() === END;
  }

  readLines(): boolean {
    while (this.#next() === OPEN_OBJECT) {
      if (!this.#readRecord()) return false;
      this.#skipBlanks();
      if (this.#body[this.#at] === CARRIAGE_RETURN) this.#at++;
      if (this.#at < this.#body.length && this.#body[this.#at] !== LINE_FEED) return false;
    }
    return this.#next() === END;
  }

  #readRecord(): boolean {
    const { batch } = this;
    const texts = this.#texts;
    const start = texts.used;
    if (batch.length === BODY_RECORDS_MAX) return false;
    let seen = 0;
    do {
      this.#at++;
      const field = this.#readName();
      if ((seen & field) !== 0 || !this.#readValue(field)) return false;
      seen |= field;
      this.#skipBlanks();
    } while (this.#body[this.#at] === COMMA);
    if (this.#body[this.#at++] !== CLOSE_OBJECT || seen !== EVERY_FIELD) return false;
    texts.end();
    const { ms, ns } = this.#clock;
    batch.appendRow(ms, ns, this.#service, this.#severity, texts.used - start);
    return true;
  }

  /** A field's name and the colon behind it. */
  #readName(): number {
    this.#skipBlanks();
    const body = this.#body;
    if (body[this.#at] !== QUOTE) return Field.none;
    let field: number = Field.none;
    // The third letters differ.
    switch (body[this.#at + 3]) {
      case 0x6d:
        field = this.#passes(TIMESTAMP) ? Field.timestamp : Field.none;
        break;
      case 0x72:
        field = this.#passes(SERVICE) ? Field.service : Field.none;
        break;
      case 0x76:
        field = this.#passes(SEVERITY) ? Field.severity : Field.none;
        break;
      case 0x73:
        field = this.#passes(MESSAGE) ? Field.message : Field.none;
    }
    this.#skipBlanks();
    if (body[this.#at++] !== COLON) return Field.none;
    this.#skipBlanks();
    return body[this.#at++] === QUOTE ? field : Field.none;
  }

  #readValue(field: number): boolean {
    switch (field) {
      case Field.timestamp: {
        const end = this.#clock.read(this.#body, this.#at);
        this.#at = end + 1;
        return end >= 0;
      }
      case Field.service: {
        const service = this.#readShort(services);
        if (service === undefined) return false;
        this.#service = service;
        return true;
      }
      case Field.severity: {
        const severity = this.#readShort(severities);
        if (severity === undefined) return false;
        this.#severity = severity;
        return true;
      }
      case Field.message:
        return this.#readMessage();
      default:
        return false;
    }
  }

  #readShort<T>(table: InternTable<T>): T | undefined {
    const body = this.#body;
    const start = this.#at;
    let hash = 0;
    let at = start;
    for (; at < body.length; at++) {
      const byte = body[at]!;
      if (PLAIN[byte] === 0) break;
      hash = Math.imul(hash, 31) + byte | 0;
    }
    this.#at = at + 1;
    return body[at] === QUOTE ? table.get(body, start, at, hash) : undefined;
  }

  #readMessage(): boolean {
    const body = this.#body;
    const target = this.#texts.bytes;
    const start = this.#texts.used;
    let to = start;
    let at = this.#at;
    while (at < body.length) {
      const byte = body[at++]!;
      if (PLAIN[byte] === 1) {
        target[to++] = byte;
      } else if (byte === QUOTE) {
        this.#at = at;
        this.#texts.used = to;
        return to - start <= MESSAGE_BYTES_MAX;
      } else if (byte === BACKSLASH) {
        const escaped = at < body.length ? ESCAPED[body[at++]!]! : 0;
        if (escaped === 0) return false;
        target[to++] = escaped;
      } else {
        if (byte < ASCII_END || !this.#isUtf8()) return false;
        this.#texts.ascii = false;
        target[to++] = byte;
      }
    }
    return false;
  }

  /** Whether the whole body is; asked only once a byte is not ASCII. */
  #isUtf8(): boolean {
    return this.#utf8 ??= isUtf8(this.#body);
  }

  #passes(expected: Uint8Array): boolean {
    const body = this.#body;
    const start = this.#at + 1;
    for (let i = 0; i < expected.length; i++) if (body[start + i] !== expected[i]) return false;
    this.#at = start + expected.length;
    return true;
  }

  /** The first byte that is no white space, which stays to be read, or `END`. */
  #next(): number {
    const body = this.#body;
    for (; this.#at < body.length; this.#at++) {
      const byte = body[this.#at]!;
      const blank = byte === SPACE || byte === LINE_FEED || byte === CARRIAGE_RETURN ||
        byte === TAB;
      if (!blank) return byte;
    }
    return END;
  }

  /** Within a record white space may be anything but a new line, which ends a record of its own line. */
  #skipBlanks(): void {
    const body = this.#body;
    while (body[this.#at] === SPACE || body[this.#at] === TAB) this.#at++;
  }
}
