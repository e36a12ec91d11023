/**
 * @module A JSON object read from a body's bytes without a string for its message: flat, its fields texts, what else it has
 * scalars. Whatever is anything else is not recognized, never refused: `JSON.parse` and the lenient decoder take it then, and both
 * ways give the same record.
 */

import { Buffer, isUtf8 } from "node:buffer";
import { InternTable } from "./_intern_table.ts";
import type { FieldNames } from "./_lenient_fields.ts";
import { severityOfLoggerValue } from "./_lenient_severity.ts";
import { cleanService } from "./_lenient_text.ts";
import { PlainClock } from "./_plain_clock.ts";
import {
  ATTRIBUTE_NAMES_MAX,
  ATTRIBUTES_BYTES_MAX,
  MESSAGE_BYTES_MAX,
  type SeverityCode,
  type TextList,
} from "../record.ts";

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const CLOSE_OBJECT = 0x7d;
const OPEN_OBJECT = 0x7b;
const ASCII_END = 0x80;

/** 1 for each byte that stands for itself in a string of ASCII: none of controls, quote and backslash. */
const PLAIN = Uint8Array.from(
  { length: 256 },
  (_, byte) => byte >= SPACE && byte < ASCII_END && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
);

/** What `\b` and the like stand for, by the byte after the backslash; 0: not such an escape. */
const ESCAPED = new Uint8Array(256);
for (const [letter, text] of ['""', "\\\\", "//", "b\b", "f\f", "n\n", "r\r", "t\t"]) {
  ESCAPED[letter!.charCodeAt(0)] = text!.charCodeAt(0);
}

/** What a member is: a field, an attribute, or one that the lenient decoder must look at. */
export const Role = {
  time: 1,
  severity: 2,
  service: 4,
  message: 8,
  attribute: 16,
  other: 32,
} as const;
/** See {@linkcode Role}. */
export type MemberRole = typeof Role[keyof typeof Role];

/**
 * What names mean to a decoder that looks for fields by them: those of one field may stand for one another, as only one of them is
 * a field's; ids, and names of objects that a field may be inside of, are left to the lenient decoder, and so is `other`.
 */
export function rolesOf(names: FieldNames, other: readonly string[] = []): InternTable<MemberRole> {
  const roles = new Map<string, MemberRole>();
  const all = [names.time, names.severity, names.service, names.message];
  for (const name of [...all.flat(), ...names.traceId, ...names.spanId]) {
    const dot = name.indexOf(".");
    if (dot > 0) roles.set(name.slice(0, dot), Role.other);
  }
  for (const name of [...names.traceId, ...names.spanId, ...other]) roles.set(name, Role.other);
  const FIELDS = [Role.time, Role.severity, Role.service, Role.message];
  all.forEach((list, i) => list.forEach((name) => roles.set(name, FIELDS[i]!)));
  return new InternTable((name) => roles.get(name) ?? Role.attribute);
}

/** Digits of an integer that needs no look at its value. */
const INTEGER_DIGITS_MAX = 15;

/** Attributes whose names are compared one with another, because a name may be given twice. */
const ATTRIBUTES_MAX = 32;

const WORDS = ["true", "false", "null"].map((word) => new TextEncoder().encode(word));

const services = new InternTable<string>((text) => cleanService(text) === text ? text : undefined);
const severities = new InternTable<SeverityCode>((text) => {
  const reading = severityOfLoggerValue(text);
  const alone = reading?.text === undefined && reading?.number === undefined;
  return alone ? reading?.code : undefined;
});

/** Reads objects of one body. After a successful `read` the public fields have what it holds. */
export class PlainObjects {
  /** Of the object's time, if `hasTime`. */
  readonly clock = new PlainClock();
  hasTime = false;
  /** `undefined`: there is none. */
  service: string | undefined;
  /** `undefined`: there is none. */
  severity: SeverityCode | undefined;
  /** The other members as JSON, without braces; empty if there are none. */
  attributes = "";
  attributeCount = 0;
  readonly #body: Uint8Array;
  readonly #buffer: Buffer;
  readonly #texts: TextList;
  readonly #roles: InternTable<MemberRole>;
  readonly #nameStarts = new Int32Array(ATTRIBUTES_MAX);
  readonly #nameEnds = new Int32Array(ATTRIBUTES_MAX);
  #at = 0;
  #utf8: boolean | undefined;

  /**
   * @param texts gets the messages: what is written to it from `used` on is the object's, if it is read
   * @param roles what each name means
   */
  constructor(body: Uint8Array, texts: TextList, roles: InternTable<MemberRole>) {
    this.#body = body;
    this.#buffer = Buffer.from(body.buffer, body.byteOffset, body.length);
    this.#texts = texts;
    this.#roles = roles;
  }

  /**
   * Reads the line that begins at `start`.
   * @returns where it ends: at its line feed, or at the body's end. -1 if it is no such object; then `texts` is as it was
   */
  readLine(start: number): number {
    const { used, ascii } = this.#texts;
    // No message is longer than its JSON.
    this.#texts.reserve(this.#body.length - start);
    this.#at = start;
    this.hasTime = false;
    this.service = this.severity = undefined;
    this.attributes = "";
    this.attributeCount = 0;
    if (this.#readObject() && this.#endsLine()) return this.#at;
    this.#texts.used = used;
    this.#texts.ascii = ascii;
    return -1;
  }

  #endsLine(): boolean {
    const body = this.#body;
    this.#skipBlanks();
    if (body[this.#at] === CARRIAGE_RETURN) this.#at++;
    return this.#at >= body.length || body[this.#at] === LINE_FEED;
  }

  #readObject(): boolean {
    const body = this.#body;
    if (body[this.#at] !== OPEN_OBJECT) return false;
    let seen = 0;
    do {
      this.#at++;
      this.#skipBlanks();
      const nameStart = this.#at;
      const role = this.#readShort(this.#roles);
      const nameEnd = this.#at;
      this.#skipBlanks();
      if (role === undefined || role === Role.other || body[this.#at++] !== COLON) return false;
      this.#skipBlanks();
      if (role === Role.attribute) {
        if (!this.#readAttribute(nameStart, nameEnd)) return false;
      } else {
        if ((seen & role) !== 0 || !this.#readField(role)) return false;
        seen |= role;
      }
      this.#skipBlanks();
    } while (body[this.#at] === COMMA);
    return body[this.#at++] === CLOSE_OBJECT;
  }

  #readField(role: MemberRole): boolean {
    const body = this.#body;
    if (body[this.#at] !== QUOTE) return false;
    switch (role) {
      case Role.time: {
        const end = this.clock.read(body, this.#at + 1);
        this.#at = end + 1;
        this.hasTime = true;
        return end >= 0;
      }
      case Role.severity:
        return (this.severity = this.#readShort(severities)) !== undefined;
      case Role.service:
        return (this.service = this.#readShort(services)) !== undefined;
      default:
        return this.#readMessage();
    }
  }

  /** The value of a string of plain ASCII; `undefined` if it has none. */
  #readShort<T>(table: InternTable<T>): T | undefined {
    const body = this.#body;
    const start = this.#at + 1;
    if (body[this.#at] !== QUOTE) return undefined;
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
    const end = body.length;
    const target = this.#texts.bytes;
    const start = this.#texts.used;
    let to = start;
    let at = this.#at + 1;
    while (at < end) {
      const byte = body[at++]!;
      if (PLAIN[byte] === 1) {
        target[to++] = byte;
      } else if (byte === QUOTE) {
        this.#at = at;
        this.#texts.used = to;
        return to - start <= MESSAGE_BYTES_MAX;
      } else if (byte === BACKSLASH) {
        const escaped = at < end ? ESCAPED[body[at++]!]! : 0;
        if (escaped === 0) return false;
        target[to++] = escaped;
      } else {
        if (byte < ASCII_END || !(this.#utf8 ??= isUtf8(body))) return false;
        this.#texts.ascii = false;
        target[to++] = byte;
      }
    }
    return false;
  }

  /** A scalar that JSON writes as it stands here. @param nameStart where the name's first quote is; `nameEnd` is behind the second */
  #readAttribute(nameStart: number, nameEnd: number): boolean {
    const valueStart = this.#at;
    if (!this.#passScalar()) return false;
    const count = this.attributeCount;
    if (count === ATTRIBUTES_MAX || this.#isNamed(nameStart, nameEnd)) return false;
    this.#nameStarts[count] = nameStart;
    this.#nameEnds[count] = nameEnd;
    this.attributeCount = count + 1;
    const name = this.#buffer.toString("latin1", nameStart, nameEnd);
    const value = this.#buffer.toString("latin1", valueStart, this.#at);
    this.attributes += count === 0 ? `${name}:${value}` : `,${name}:${value}`;
    return this.attributes.length < ATTRIBUTES_BYTES_MAX / 2 && count < ATTRIBUTE_NAMES_MAX / 2;
  }

  #isNamed(start: number, end: number): boolean {
    const body = this.#body;
    for (let i = 0; i < this.attributeCount; i++) {
      const other = this.#nameStarts[i]!;
      if (this.#nameEnds[i]! - other !== end - start) continue;
      let same = 0;
      while (same < end - start && body[other + same] === body[start + same]) same++;
      if (same === end - start) return true;
    }
    return false;
  }

  #passScalar(): boolean {
    const body = this.#body;
    const first = body[this.#at]!;
    if (first === QUOTE) {
      let at = this.#at + 1;
      while (at < body.length && PLAIN[body[at]!] === 1) at++;
      this.#at = at + 1;
      return body[at] === QUOTE;
    }
    if (first === MINUS || (first >= ZERO && first <= NINE)) return this.#passInteger();
    return WORDS.some((word) => this.#passes(word));
  }

  /** An integer as `JSON.stringify` writes it: no zero before it, no fraction, not too long to be exact. */
  #passInteger(): boolean {
    const body = this.#body;
    const start = body[this.#at] === MINUS ? this.#at + 1 : this.#at;
    let at = start;
    while (body[at]! >= ZERO && body[at]! <= NINE) at++;
    const digits = at - start;
    this.#at = at;
    if (digits === 0 || digits > INTEGER_DIGITS_MAX) return false;
    if (body[start] === ZERO && (digits > 1 || body[start - 1] === MINUS)) return false;
    const next = body[at];
    return next === COMMA || next === CLOSE_OBJECT || next === SPACE;
  }

  #passes(word: Uint8Array): boolean {
    for (let i = 0; i < word.length; i++) if (this.#body[this.#at + i] !== word[i]) return false;
    this.#at += word.length;
    return true;
  }

  #skipBlanks(): void {
    const body = this.#body;
    while (body[this.#at] === SPACE || body[this.#at] === TAB) this.#at++;
  }
}
