/** @module What the queries ask for: the same of every server, but fitting the records. */

import { DAY_START_MS, type GeneratedRecord } from "./generate.ts";
import { RARE_WORD } from "./_templates.ts";

/** A stream as the queries name it. */
export interface StreamName {
  readonly service: string;
  readonly severity: string;
}

/** A range of time, as ISO 8601 with milliseconds. Whether its end belongs to it is the range's own matter. */
export interface TimeRange {
  readonly start: string;
  readonly end: string;
}

/** What is asked for. */
export interface Questions {
  /** The stream whose newest records are asked for: a rare severity of a middling service. */
  readonly newestStream: StreamName;
  /** The stream whose hour is asked for: the busiest there is. */
  readonly hourStream: StreamName;
  /** Both ends included. */
  readonly hour: TimeRange;
  /** Holds every record; its end excluded. */
  readonly range: TimeRange;
  /** A word that few records have. */
  readonly word: string;
  /** A part of it that is no word by itself. */
  readonly part: string;
}

const HOUR_MS = 60 * 60 * 1000;

const NEWEST_STREAM: StreamName = { service: "payments", severity: "ERROR" };

/** What generated records are asked for. */
export const QUESTIONS: Questions = {
  newestStream: NEWEST_STREAM,
  hourStream: { service: "api-gateway", severity: "INFO" },
  hour: hourFrom(DAY_START_MS + 12 * HOUR_MS),
  range: { start: iso(DAY_START_MS), end: iso(DAY_START_MS + 24 * HOUR_MS) },
  ...wordAndPart(RARE_WORD),
};

/**
 * What records of a stranger are asked for: their busiest stream, the hour in the middle, and a word that the stranger
 * has to name.
 *
 * @throws {RangeError} there are none, or one is older than the one before it: Loki would refuse it
 */
export function questionsOf(records: Iterable<GeneratedRecord>, word: string): Questions {
  const counts = new Map<string, { stream: StreamName; count: number }>();
  let [first, last, line] = [NaN, -Infinity, 0];
  for (const { timestamp, service, severity } of records) {
    const time = Date.parse(timestamp);
    line++;
    if (!(time >= last)) {
      throw new RangeError(
        `Cannot use record ${line} with the timestamp "${timestamp}": sort the records by time`,
      );
    }
    if (line === 1) first = time;
    last = time;
    const key = streamKey({ service, severity });
    const entry = counts.get(key);
    if (entry === undefined) counts.set(key, { stream: { service, severity }, count: 1 });
    else entry.count++;
  }
  const ranked = [...counts.values()].sort((a, b) => b.count - a.count);
  const [busiest] = ranked;
  if (busiest === undefined) throw new RangeError("Cannot ask for anything: there are no records");
  const middling = ranked[Math.floor(ranked.length / 2)]!.stream;
  return {
    newestStream: counts.has(streamKey(NEWEST_STREAM)) ? NEWEST_STREAM : middling,
    hourStream: busiest.stream,
    hour: hourFrom(Math.round((first + last) / 2 / HOUR_MS) * HOUR_MS),
    range: { start: iso(first), end: iso(last + 1) },
    ...wordAndPart(word),
  };
}

/** A stream as a key of counts. */
export function streamKey({ service, severity }: StreamName): string {
  return `${service}/${severity}`;
}

function hourFrom(start: number): TimeRange {
  return { start: iso(start), end: iso(start + HOUR_MS) };
}

function wordAndPart(word: string) {
  return { word, part: word.slice(1, -1) };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
