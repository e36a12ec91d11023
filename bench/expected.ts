/** @module What the queries must answer, counted over the generated records by the plainest means. */

import { generateRecords } from "./generate.ts";
import { RARE_WORD } from "./_templates.ts";

/** A stream as the queries name it. */
export interface StreamName {
  readonly service: string;
  readonly severity: string;
}

/** The stream whose newest records are asked for: a rare severity of a middling service. */
export const NEWEST_STREAM: StreamName = { service: "payments", severity: "ERROR" };

/** The stream whose hour is asked for: the busiest there is. */
export const HOUR_STREAM: StreamName = { service: "api-gateway", severity: "INFO" };

/** The hour asked for, both ends included. */
export const HOUR = { start: "2026-10-31T12:00:00.000Z", end: "2026-10-31T13:00:00.000Z" } as const;

/** A part of the rare word that is no word by itself. */
export const RARE_PART: string = RARE_WORD.slice(1, 5);

/** As many as `limit=100` gives. */
export const NEWEST = 100;

/** The right answers. */
export interface Expected {
  readonly records: number;
  /** By `service/severity`. */
  readonly streams: ReadonlyMap<string, number>;
  readonly services: ReadonlyMap<string, number>;
  readonly severities: ReadonlyMap<string, number>;
  /** The newest messages of all, the newest first. */
  readonly newest: readonly string[];
  readonly newestOfStream: readonly string[];
  readonly hour: number;
  readonly rareWord: number;
  readonly rarePart: number;
  readonly rarePartAnyCase: number;
}

/** Counts what the first so many records hold. */
export function expectedAnswers(records: number): Expected {
  const streams = new Map<string, number>();
  const newest: string[] = [];
  const newestOfStream: string[] = [];
  const part = RARE_PART.toLowerCase();
  let [hour, rareWord, rarePart, rarePartAnyCase] = [0, 0, 0, 0];
  for (const record of generateRecords(records)) {
    const { timestamp, message } = record;
    const stream = streamKey(record);
    streams.set(stream, (streams.get(stream) ?? 0) + 1);
    keepNewest(newest, message);
    if (stream === streamKey(NEWEST_STREAM)) keepNewest(newestOfStream, message);
    if (stream === streamKey(HOUR_STREAM) && timestamp >= HOUR.start && timestamp <= HOUR.end) {
      hour++;
    }
    if (message.includes(RARE_WORD)) rareWord++;
    if (message.includes(RARE_PART)) rarePart++;
    if (message.toLowerCase().includes(part)) rarePartAnyCase++;
  }
  return {
    records,
    streams,
    services: regroup(streams, 0),
    severities: regroup(streams, 1),
    newest: newest.reverse(),
    newestOfStream: newestOfStream.reverse(),
    hour,
    rareWord,
    rarePart,
    rarePartAnyCase,
  };
}

/** A stream as a key of counts. */
export function streamKey({ service, severity }: StreamName): string {
  return `${service}/${severity}`;
}

function keepNewest(messages: string[], message: string): void {
  messages.push(message);
  if (messages.length > NEWEST) messages.shift();
}

function regroup(streams: ReadonlyMap<string, number>, part: 0 | 1): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [stream, count] of streams) {
    const name = stream.split("/")[part]!;
    counts.set(name, (counts.get(name) ?? 0) + count);
  }
  return counts;
}
