/** @module What the queries must answer, counted over the records by the plainest means. */

import type { GeneratedRecord } from "./generate.ts";
import { QUESTIONS, type Questions, streamKey } from "./questions.ts";

/** As many as `limit=100` gives. */
export const NEWEST = 100;

/** The right answers, and to what. */
export interface Expected {
  readonly asked: Questions;
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

/** Counts what the records hold, which come in the order of time. */
export function expectedAnswers(
  source: Iterable<GeneratedRecord>,
  asked: Questions = QUESTIONS,
): Expected {
  const { word, part } = asked;
  const [hourStart, hourEnd] = [Date.parse(asked.hour.start), Date.parse(asked.hour.end)];
  const [newestKey, hourKey] = [streamKey(asked.newestStream), streamKey(asked.hourStream)];
  const partOfAnyCase = part.toLowerCase();
  const streams = new Map<string, number>();
  const newest: string[] = [];
  const newestOfStream: string[] = [];
  let [records, hour, rareWord, rarePart, rarePartAnyCase] = [0, 0, 0, 0, 0];
  for (const record of source) {
    const { timestamp, message } = record;
    const stream = streamKey(record);
    records++;
    streams.set(stream, (streams.get(stream) ?? 0) + 1);
    keepNewest(newest, message);
    if (stream === newestKey) keepNewest(newestOfStream, message);
    if (stream === hourKey) {
      const time = Date.parse(timestamp);
      if (time >= hourStart && time <= hourEnd) hour++;
    }
    if (message.includes(word)) rareWord++;
    if (message.includes(part)) rarePart++;
    if (message.toLowerCase().includes(partOfAnyCase)) rarePartAnyCase++;
  }
  return {
    asked,
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
