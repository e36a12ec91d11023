/** @module Fields of JSON bodies of a known shape, read with their types checked. */

import { TIMESTAMP_MS_MAX, TIMESTAMP_MS_MIN } from "../record.ts";
import { quoteLongIntegers } from "./_long_integers.ts";
import { BadBodyError } from "./errors.ts";
import { CAUSE_CHARS_MAX } from "./limits.ts";

/** An object as `JSON.parse` gives it; members that are not there are `undefined`. */
export type JsonObject = { readonly [name: string]: unknown };

const NOTHING: JsonObject = {};
const NONE: readonly unknown[] = [];

const decoder = new TextDecoder();

/**
 * Reads fields of one body. Absent and null are the same, an empty value. A field of another type is a
 * {@linkcode BadBodyError} that names it.
 */
export class JsonFields {
  /** An integer was read that `JSON.parse` had rounded. */
  rounded = false;

  object(value: unknown, name: string): JsonObject {
    if (value === undefined || value === null) return NOTHING;
    if (typeof value === "object" && !Array.isArray(value)) return value as JsonObject;
    return bad(name, value, "an object");
  }

  array(value: unknown, name: string): readonly unknown[] {
    if (value === undefined || value === null) return NONE;
    return Array.isArray(value) ? value : bad(name, value, "an array");
  }

  /** A string, U+FFFD for its lone surrogates; the JSON text of a number or a boolean. */
  text(value: unknown, name: string): string {
    if (typeof value === "string") return value.toWellFormed();
    if (value === undefined || value === null) return "";
    if (typeof value === "object") return bad(name, value, "a string");
    if (typeof value === "number") this.#note(value);
    return String(value);
  }

  /** An integer as a number; 64-bit ones may be strings. Rounded beyond 2^53, which no count and no enum is. */
  integer(value: unknown, name: string): number {
    if (value === undefined || value === null || value === "") return 0;
    if (typeof value === "number" && Number.isInteger(value)) return value;
    if (typeof value === "string" && /^-?[0-9]{1,20}$/.test(value)) return Number(value);
    return bad(name, value, "an integer");
  }

  /**
   * A number of nanoseconds since the Unix epoch, as digits or a number, into `out`.
   * @returns whether there is one
   */
  unixNanos(value: unknown, name: string, out: { ms: number; ns: number }): boolean {
    if (value === undefined || value === null || value === "") return false;
    if (typeof value === "number") {
      this.#note(value);
      // A double of nanoseconds of our time is an integer of 19 digits, never one with an exponent.
      value = String(value);
    }
    if (typeof value === "string" && unixNanosInto(value, out)) return true;
    return bad(name, value, "nanoseconds since 1970, as a string of digits");
  }

  /** An int64 as JSON: a number, or a string beyond ±(2^53 - 1). */
  int64Json(value: unknown, name: string): string {
    if (typeof value === "number") {
      this.#note(value);
      return Number.isFinite(value) ? JSON.stringify(value) : JSON.stringify(String(value));
    }
    if (typeof value === "string" && /^-?[0-9]{1,20}$/.test(value)) {
      const number = Number(value);
      return Number.isSafeInteger(number) ? JSON.stringify(number) : `"${value}"`;
    }
    return bad(name, value, "an integer, or a string of one");
  }

  #note(value: number): void {
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) this.rounded = true;
  }
}

function bad(name: string, value: unknown, expected: string): never {
  const shown = typeof value === "object"
    ? Array.isArray(value) ? "an array" : value === null ? "null" : "an object"
    : JSON.stringify(typeof value === "string" ? value.slice(0, CAUSE_CHARS_MAX) : value);
  throw new BadBodyError(`Cannot read "${name}": it is ${shown}; expected ${expected}`);
}

/**
 * Reads digits of nanoseconds since the Unix epoch into `out`, which is left alone when the answer is false: no integer, or
 * outside the years 0001 to 9999. No object is made.
 */
export function unixNanosInto(text: string, out: { ms: number; ns: number }): boolean {
  const split = text.length - 6;
  // 21 digits hold every instant up to 9999, and are no double with an exponent.
  if (split < 1 || split > 15) return shortOrBad(text, out);
  let ms = 0;
  for (let i = 0; i < split; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return shortOrBad(text, out);
    ms = ms * 10 + digit;
  }
  let ns = 0;
  for (let i = split; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return false;
    ns = ns * 10 + digit;
  }
  if (ms > TIMESTAMP_MS_MAX) return false;
  out.ms = ms;
  out.ns = ns;
  return true;
}

/** What {@linkcode unixNanosInto} does, for few digits and for times before 1970. */
function shortOrBad(text: string, out: { ms: number; ns: number }): boolean {
  if (!/^-?[0-9]{1,21}$/.test(text)) return false;
  const nanos = BigInt(text);
  const ns = Number(((nanos % 1_000_000n) + 1_000_000n) % 1_000_000n);
  const ms = Number((nanos - BigInt(ns)) / 1_000_000n);
  if (ms < TIMESTAMP_MS_MIN || ms > TIMESTAMP_MS_MAX) return false;
  out.ms = ms;
  out.ns = ns;
  return true;
}

/**
 * Reads a JSON body, U+FFFD where it is not UTF-8. If `read` meets an integer that was rounded, it is called once more with all
 * such integers as strings.
 * @param read gives what it reads; all it keeps must be its own
 * @throws {BadBodyError} it is not JSON, or `read` throws one
 */
export function readJson<T>(body: Uint8Array, read: (value: unknown, fields: JsonFields) => T): T {
  const text = decoder.decode(body);
  const fields = new JsonFields();
  const result = read(parse(text), fields);
  return fields.rounded ? read(parse(quoteLongIntegers(text)), new JsonFields()) : result;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    const reason = cause.message.slice(0, CAUSE_CHARS_MAX);
    throw new BadBodyError(`The body is not valid JSON: ${reason}`, undefined, { cause });
  }
}
