/** @module The times of RFC 3164's messages: `Oct 11 22:14:15`, without a year or a zone, and what senders made of it. */

import { type Instant, parseInstantInto } from "../record.ts";
import { type MutableInstant, timeFromText } from "./_lenient_time.ts";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `Oct 11 22:14:15`, with a year before or after, a fraction or a zone; Cisco writes `*` or `.` before and a colon after. */
const BSD =
  /^[*.]?(?:([0-9]{4}) )?(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}([0-9]{1,2})(?: ([0-9]{4}))? ([0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?)(?: ([0-9]{4}))?( UTC| GMT|Z)?:?(?: |$)/;

/** An RFC 3339 time, as rsyslog and syslog-ng forward messages. */
const ISO = /^([0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.,]{8,18}(?:Z|[+-][0-9]{2}:?[0-9]{2})?):?(?: |$)/;

/**
 * Reads the time that a message begins with into `out`.
 * @param now gives the year: the one that brings the time nearest to now
 * @param utcOffsetMs how far the sender's clock is ahead of UTC, where the message does not say
 * @returns where what follows the time and a space begins; 0 if there is no time, and `out` is left alone
 */
export function readBsdTime(
  text: string,
  now: Instant,
  utcOffsetMs: number,
  out: MutableInstant,
): number {
  const iso = ISO.exec(text);
  if (iso !== null) return timeFromText(iso[1]!, out) ? iso[0].length : 0;
  const match = BSD.exec(text);
  if (match === null) return 0;
  const [whole, yearBefore, month = "", day = "", yearAfter, clock = "", yearLast, zone] = match;
  const year = yearBefore ?? yearAfter ?? yearLast;
  const rest = `-${pad(MONTHS.indexOf(month) + 1)}-${day.padStart(2, "0")}T${clock}Z`;
  const offset = zone === undefined ? utcOffsetMs : 0;
  const read = year === undefined
    ? readNearest(rest, now, offset, out)
    : readYear(year, rest, offset, out);
  return read ? whole.length : 0;
}

function readYear(year: string, rest: string, offsetMs: number, out: MutableInstant): boolean {
  if (!parseInstantInto(year + rest, out)) return false;
  out.ms -= offsetMs;
  return true;
}

/** Tries the years around now: at the turn of the year the nearest one is another. */
function readNearest(rest: string, now: Instant, offsetMs: number, out: MutableInstant): boolean {
  const thisYear = new Date(now.ms).getUTCFullYear();
  const candidate = { ms: 0, ns: 0 };
  let nearest = Infinity;
  for (const year of [thisYear - 1, thisYear, thisYear + 1]) {
    if (!readYear(String(year).padStart(4, "0"), rest, offsetMs, candidate)) continue;
    const distance = Math.abs(candidate.ms - now.ms);
    if (distance >= nearest) continue;
    nearest = distance;
    out.ms = candidate.ms;
    out.ns = candidate.ns;
  }
  return nearest < Infinity;
}

function pad(number: number): string {
  return String(number).padStart(2, "0");
}
