/** @module Instants from 0001 to 9999 to the nanosecond: RFC 3339 text and back, exactly. */

import { TIMESTAMP_MS_MAX, TIMESTAMP_MS_MIN } from "./limits.ts";

/** A moment: milliseconds since the Unix epoch, floored, and nanoseconds (0 to 999,999) within it. */
export interface Instant {
  readonly ms: number;
  readonly ns: number;
}

const MS_PER_DAY = 86_400_000;
const DAYS_BEFORE_MONTH = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
const DAYS_IN_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** Days from 0001-01-01 to 1970-01-01. */
const EPOCH_DAYS = 719_162;

const DOT = 0x2e;
const PLUS = 0x2b;
const MINUS = 0x2d;
const COLON = 0x3a;
const UPPER_T = 0x54;
const LOWER_T = 0x74;
const SPACE = 0x20;
const UPPER_Z = 0x5a;
const LOWER_Z = 0x7a;

/** The shortest text, `YYYY-MM-DDTHH:MM:SS`, and the longest, with `.123456789+00:00` after it. */
const LENGTH_MIN = 19;
const LENGTH_MAX = 35;

/** So low that no sum of other digits makes a number with a bad digit valid. */
const BAD = -1_000_000;

/** Two decimal digits at `at`, or a number that stays negative whatever two digits times 100 are added. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : BAD;
}

/**
 * Reads a time into `out` without making an object; ~80 ns. `out` is left alone when the answer is false.
 * Accepts what {@linkcode parseInstant} does.
 */
export function parseInstantInto(text: string, out: { ms: number; ns: number }): boolean {
  const length = text.length;
  if (length < LENGTH_MIN || length > LENGTH_MAX) return false;
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  if (
    year < 1 || month < 1 || month > 12 || day < 1 || day > DAYS_IN_MONTH[month - 1]! ||
    hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 ||
    text.charCodeAt(4) !== MINUS || text.charCodeAt(7) !== MINUS ||
    text.charCodeAt(13) !== COLON || text.charCodeAt(16) !== COLON
  ) return false;
  const separator = text.charCodeAt(10);
  if (separator !== UPPER_T && separator !== LOWER_T && separator !== SPACE) return false;
  const leap = (year & 3) === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (month === 2 && day === 29 && !leap) return false;

  const before = year - 1;
  const days = before * 365 + ((before / 4) | 0) - ((before / 100) | 0) + ((before / 400) | 0) +
    DAYS_BEFORE_MONTH[month - 1]! + (leap && month > 2 ? 1 : 0) + day - 1 - EPOCH_DAYS;
  const ms = days * MS_PER_DAY + (hour * 3600 + minute * 60 + second) * 1000;

  let at = LENGTH_MIN;
  let nanos = 0;
  if (at < length && text.charCodeAt(at) === DOT) {
    const start = ++at;
    let digit: number;
    while (at < length && (digit = text.charCodeAt(at) - 48) >= 0 && digit <= 9) {
      nanos = nanos * 10 + digit;
      at++;
    }
    const digits = at - start;
    if (digits === 0 || digits > 9) return false;
    for (let i = digits; i < 9; i++) nanos *= 10;
  }
  const offsetMs = offsetAt(text, at);
  const utc = ms - offsetMs + ((nanos / 1_000_000) | 0);
  // NaN, the mark of a bad offset, fails both comparisons.
  if (!(utc >= TIMESTAMP_MS_MIN && utc <= TIMESTAMP_MS_MAX)) return false;
  out.ms = utc;
  out.ns = nanos % 1_000_000;
  return true;
}

/** The offset from UTC that the rest of the text gives, in milliseconds; 0 for no rest, NaN for a bad one. */
function offsetAt(text: string, at: number): number {
  const rest = text.length - at;
  if (rest === 0) return 0;
  const sign = text.charCodeAt(at);
  if (rest === 1) return sign === UPPER_Z || sign === LOWER_Z ? 0 : NaN;
  if (rest !== 6 || (sign !== PLUS && sign !== MINUS) || text.charCodeAt(at + 3) !== COLON) {
    return NaN;
  }
  const hours = twoDigits(text, at + 1);
  const minutes = twoDigits(text, at + 4);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return NaN;
  const ms = (hours * 60 + minutes) * 60_000;
  return sign === PLUS ? ms : -ms;
}

/**
 * The instant that a text names, or `undefined`: RFC 3339 (section 5.6, also with lower-case `t` and `z` and with a
 * space for the `T`), or the same without an offset, read as UTC. One to nine digits of fraction, kept exactly.
 * Not accepted: second 60, dates that do not exist, years outside 0001 to 9999 as written or in UTC.
 */
export function parseInstant(text: string): Instant | undefined {
  const out = { ms: 0, ns: 0 };
  return parseInstantInto(text, out) ? out : undefined;
}

const TWO_DIGITS = Array.from({ length: 100 }, (_, i) => String(i).padStart(2, "0"));
const THREE_DIGITS = Array.from({ length: 1000 }, (_, i) => String(i).padStart(3, "0"));

/** The minute formatted last and its text up to the colon before the seconds: neighbours mostly share it. */
let cachedMinute = NaN;
let cachedText = "";

/**
 * An instant as RFC 3339 in UTC with `Z` and three digits of fraction, or as many as it needs (at most nine).
 * @param ms milliseconds since the Unix epoch, an integer within the years 0001 to 9999
 * @param ns nanoseconds within it, 0 to 999,999
 */
export function formatInstant(ms: number, ns: number): string {
  const minute = Math.floor(ms / 60_000);
  if (minute !== cachedMinute) {
    cachedText = formatMinute(minute);
    cachedMinute = minute;
  }
  const inMinute = ms - minute * 60_000;
  const second = (inMinute / 1000) | 0;
  const head = cachedText + TWO_DIGITS[second] + "." + THREE_DIGITS[inMinute - second * 1000];
  return ns === 0 ? head + "Z" : head + fractionTail(ns) + "Z";
}

/** Six digits without the zeros that end them. */
function fractionTail(ns: number): string {
  const digits = String(ns).padStart(6, "0");
  let end = 6;
  while (digits.charCodeAt(end - 1) === 48) end--;
  return digits.slice(0, end);
}

/** `YYYY-MM-DDTHH:MM:` of a minute since the epoch. */
function formatMinute(minute: number): string {
  const day = Math.floor(minute / 1440);
  const inDay = minute - day * 1440;
  // Howard Hinnant's civil_from_days (chrono-compatible low-level date algorithms): years begin in March, so that
  // the leap day is the last of one; eras are 400 years from 0000-03-01, 306 days before 0001-01-01.
  const shifted = day + EPOCH_DAYS + 306;
  const era = Math.floor(shifted / 146_097);
  const inEra = shifted - era * 146_097;
  const yearInEra = Math.floor(
    (inEra - Math.floor(inEra / 1460) + Math.floor(inEra / 36_524) - Math.floor(inEra / 146_096)) /
      365,
  );
  const inYear = inEra -
    (365 * yearInEra + Math.floor(yearInEra / 4) - Math.floor(yearInEra / 100));
  const marchMonth = Math.floor((5 * inYear + 2) / 153);
  const dayOfMonth = inYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const year = era * 400 + yearInEra + (month <= 2 ? 1 : 0);
  const hour = Math.floor(inDay / 60);
  return `${TWO_DIGITS[Math.floor(year / 100)]}${TWO_DIGITS[year % 100]}-${TWO_DIGITS[month]}-` +
    `${TWO_DIGITS[dayOfMonth]}T${TWO_DIGITS[hour]}:${TWO_DIGITS[inDay - hour * 60]}:`;
}

/** Negative, zero or positive as `a` is before, at or after `b`. */
export function compareInstants(a: Instant, b: Instant): number {
  return a.ms - b.ms || a.ns - b.ns;
}

/**
 * The instant a number of nanoseconds after the Unix epoch; `undefined` if that is no integer or outside the years
 * 0001 to 9999.
 * @param nanos a bigint, or decimal digits as OpenTelemetry's JSON writes them
 */
export function instantFromUnixNanos(nanos: bigint | string): Instant | undefined {
  if (typeof nanos === "string") {
    // 21 digits hold every instant up to 9999.
    if (!/^-?[0-9]{1,21}$/.test(nanos)) return undefined;
    if (nanos.length > 6 && nanos.charCodeAt(0) !== MINUS) {
      return instantWithin(Number(nanos.slice(0, -6)), Number(nanos.slice(-6)));
    }
    nanos = BigInt(nanos);
  }
  const rest = nanos % 1_000_000n;
  const ns = rest < 0n ? rest + 1_000_000n : rest;
  return instantWithin(Number((nanos - ns) / 1_000_000n), Number(ns));
}

function instantWithin(ms: number, ns: number): Instant | undefined {
  return ms >= TIMESTAMP_MS_MIN && ms <= TIMESTAMP_MS_MAX ? { ms, ns } : undefined;
}

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", MS_PER_DAY],
  ["w", 7 * MS_PER_DAY],
]);

/**
 * The milliseconds of a duration such as `250ms`, `90s`, `5m`, `12h`, `30d` or `2w`: one whole number and one unit.
 * `undefined` for any other text and for more than 2^53 - 1 milliseconds.
 */
export function parseDuration(text: string): number | undefined {
  const match = /^([0-9]{1,16})(ms|[smhdw])$/.exec(text);
  if (match === null) return undefined;
  const ms = Number(match[1]) * UNIT_MS.get(match[2]!)!;
  return Number.isSafeInteger(ms) ? ms : undefined;
}
