/** @module Instants to the nanosecond, as Loki writes and reads them. */

import { type Instant, instantFromUnixNanos, parseInstant } from "../record.ts";

export type { Instant };

const NS_PER_MS = 1_000_000;

/** The instant one nanosecond earlier. */
export function instantBefore({ ms, ns }: Instant): Instant {
  return ns > 0 ? { ms, ns: ns - 1 } : { ms: ms - 1, ns: NS_PER_MS - 1 };
}

/** The instant one nanosecond later. */
export function instantAfter({ ms, ns }: Instant): Instant {
  return ns < NS_PER_MS - 1 ? { ms, ns: ns + 1 } : { ms: ms + 1, ns: 0 };
}

/** Nanoseconds since the Unix epoch, in decimal digits, exactly. */
export function unixNanos({ ms, ns }: Instant): string {
  if (ms < 0) return String(BigInt(ms) * 1_000_000n + BigInt(ns));
  return ms === 0 ? String(ns) : ms + String(ns).padStart(6, "0");
}

/** Digits up to which a time is in seconds; longer ones are in nanoseconds. */
const SECONDS_DIGITS_MAX = 10;

/**
 * A time as Loki's parameters have it: nanoseconds since the Unix epoch, seconds (up to ten digits, or with a fraction), or
 * RFC 3339; `undefined` if it is none of them or outside the years 0001 to 9999.
 */
export function parseTime(text: string): Instant | undefined {
  const digits = /^(-?)([0-9]{1,21})(?:\.([0-9]+))?$/.exec(text);
  if (digits === null) return parseInstant(text.replace(/^(.{19,29}) (\d\d:\d\d)$/, "$1+$2"));
  const [, sign = "", whole = "", fraction] = digits;
  const isNanos = fraction === undefined && whole.length > SECONDS_DIGITS_MAX;
  const nanos = isNanos ? whole : whole + (fraction ?? "").padEnd(9, "0").slice(0, 9);
  return nanos.length > 21 ? undefined : instantFromUnixNanos(sign + nanos);
}
