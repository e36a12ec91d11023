/** @module Timestamps read from a body's bytes: the date is looked at once, then the day is known. */

import { parseInstantInto } from "../record.ts";

const QUOTE = 0x22;
const DOT = 0x2e;
const COLON = 0x3a;
const UPPER_T = 0x54;
const UPPER_Z = 0x5a;

const DAY_MS = 86_400_000;

/** `YYYY-MM-DDT` */
const DATE_BYTES = 11;
/** `YYYY-MM-DDTHH:MM:SS` */
const SECONDS_BYTES = 19;
const DIGITS_MAX = 9;
/** The longest text, `YYYY-MM-DDTHH:MM:SS.123456789+00:00`. */
const TEXT_BYTES_MAX = 35;

/** By the number of digits of a fraction what makes nanoseconds of them. */
const NANOS_OF = Int32Array.from({ length: DIGITS_MAX + 1 }, (_, digits) => 10 ** (9 - digits));

/** So low that no sum of other digits makes a number with a bad digit valid. */
const BAD = -1_000_000;

/** Bodies mostly stay within a day, and the next body within that of the last. */
const day = { bytes: new Uint8Array(DATE_BYTES), ms: NaN };

/** Reads timestamps. */
export class PlainClock {
  /** As in `Instant`: of the timestamp that was read last. */
  ms = 0;
  ns = 0;

  /** Reads the string whose first byte is at `start`: where its closing quote is, or -1 if it is no timestamp. */
  read(body: Uint8Array, start: number): number {
    for (let i = 0; i < DATE_BYTES; i++) {
      if (body[start + i] !== day.bytes[i]) return this.#readWhole(body, start);
    }
    const end = this.#readTime(body, start);
    return end < 0 ? this.#readWhole(body, start) : end;
  }

  /** What follows a known date, if it is a time in UTC. */
  #readTime(body: Uint8Array, start: number): number {
    const hour = twoDigits(body, start + 11);
    const minute = twoDigits(body, start + 14);
    const second = twoDigits(body, start + 17);
    if (
      hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 ||
      body[start + 13] !== COLON || body[start + 16] !== COLON
    ) return -1;
    let at = start + SECONDS_BYTES;
    let nanos = 0;
    if (body[at] === DOT) {
      const first = ++at;
      let digit: number;
      while ((digit = body[at]! - 48) >= 0 && digit <= 9 && at - first < DIGITS_MAX) {
        nanos = nanos * 10 + digit;
        at++;
      }
      if (at === first) return -1;
      nanos *= NANOS_OF[at - first]!;
    }
    if (body[at] !== UPPER_Z || body[at + 1] !== QUOTE) return -1;
    const ms = (nanos / 1_000_000) | 0;
    this.ms = day.ms + (hour * 3600 + minute * 60 + second) * 1000 + ms;
    this.ns = nanos - ms * 1_000_000;
    return at + 1;
  }

  #readWhole(body: Uint8Array, start: number): number {
    const end = body.indexOf(QUOTE, start);
    if (end < 0 || end - start > TEXT_BYTES_MAX) return -1;
    const bytes = body.subarray(start, end);
    if (!parseInstantInto(String.fromCharCode(...bytes), this)) return -1;
    if (bytes[DATE_BYTES - 1] === UPPER_T && bytes[bytes.length - 1] === UPPER_Z) {
      day.bytes.set(bytes.subarray(0, DATE_BYTES));
      day.ms = Math.floor(this.ms / DAY_MS) * DAY_MS;
    }
    return end;
  }
}

function twoDigits(body: Uint8Array, at: number): number {
  const tens = body[at]! - 48;
  const ones = body[at + 1]! - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : BAD;
}
