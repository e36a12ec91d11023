/** @module Times as loggers write them: RFC 3339 and its relatives, and numbers since the epoch told by their size. */

import { parseInstantInto, TIMESTAMP_MS_MAX } from "../record.ts";

/** An instant to write into; see `Instant`. */
export interface MutableInstant {
  ms: number;
  ns: number;
}

/**
 * Where the unit of a number since the epoch changes: below 10^11 seconds, then milliseconds, microseconds and
 * nanoseconds. Each reaches from March 1973 to the year 5138. Numbers below 10^8 are no times: fields called `time` may be
 * durations.
 */
const SECONDS_MIN = 1e8;
const MILLIS_MIN = 1e11;
const MICROS_MIN = 1e14;
const NANOS_MIN = 1e17;
const NANOS_END = 1e20;

/**
 * Reads a time from a JSON value into `out`: a text (see {@linkcode timeFromText}) or a number since the epoch in
 * seconds, milliseconds, microseconds or nanoseconds, told by its size. `out` is left alone when the answer is false.
 */
export function timeFromValue(value: unknown, out: MutableInstant): boolean {
  if (typeof value === "string") return timeFromText(value, out);
  return typeof value === "number" && timeFromNumber(value, out);
}

/** See {@linkcode timeFromValue}. Digits after the point are read as the shortest decimal that gives the double. */
export function timeFromNumber(value: number, out: MutableInstant): boolean {
  if (value >= MILLIS_MIN && value < MICROS_MIN && Number.isInteger(value)) {
    out.ms = value;
    out.ns = 0;
    return true;
  }
  if (!(value >= SECONDS_MIN && value < NANOS_END)) return false;
  return timeFromDigits(String(value), out);
}

const DECIMAL = /^([0-9]{9,20})(?:\.([0-9]+))?$/;

/** Reads decimal digits, with or without a fraction, exactly to the nanosecond; unit by size as for a number. */
export function timeFromDigits(text: string, out: MutableInstant): boolean {
  const match = DECIMAL.exec(text);
  if (match === null) return false;
  const [, whole = "", fraction = ""] = match;
  const size = Number(whole);
  if (size < SECONDS_MIN || size >= NANOS_END) return false;
  const decimals = size < MILLIS_MIN ? 9 : size < MICROS_MIN ? 6 : size < NANOS_MIN ? 3 : 0;
  const nanos = whole + fraction.slice(0, decimals).padEnd(decimals, "0");
  const ms = Number(nanos.slice(0, -6));
  if (ms > TIMESTAMP_MS_MAX) return false;
  out.ms = ms;
  out.ns = Number(nanos.slice(-6));
  return true;
}

const LOOSE =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,9})\d*)?)?)? ?(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?(?: (?:UTC|GMT))?$/i;

/**
 * Reads a text into `out`: RFC 3339; ISO 8601 as loggers write it (a comma before the fraction, more than nine digits of
 * it, an offset without colon or minutes, no seconds, no time of day); or digits since the epoch. Without an offset: UTC.
 */
export function timeFromText(text: string, out: MutableInstant): boolean {
  if (parseInstantInto(text, out)) return true;
  if (timeFromDigits(text, out)) return true;
  const match = text.length <= 64 ? LOOSE.exec(text) : null;
  if (match === null) return false;
  const [, date, minute = "00:00", second = "00", fraction, zone = "Z"] = match;
  const tail = fraction === undefined ? "" : `.${fraction}`;
  return parseInstantInto(`${date}T${minute}:${second}${tail}${offsetText(zone)}`, out);
}

function offsetText(zone: string): string {
  const sign = zone[0];
  if (sign !== "+" && sign !== "-") return "Z";
  const digits = zone.slice(1).replace(":", "").padEnd(4, "0");
  return `${sign}${digits.slice(0, 2)}:${digits.slice(2)}`;
}
