/** @module The queries as the server of the exercise is asked them, in its own parameters. */

import { type Expected, NEWEST } from "../expected.ts";
import type { GeneratedRecord } from "../generate.ts";
import { countsDiffer, differs, type Query } from "../measure_queries.ts";
import { streamKey, type StreamName } from "../questions.ts";
import { getRequest, jsonQueries } from "../sentinel_queries.ts";
import { ABSENT_PHRASE } from "../_templates.ts";

/** As many as one answer may have to hold: more than an hour of the busiest stream. */
const LIMIT_MAX = 1_000_000;

/** What /stats answers. */
type Counts = readonly (StreamName & { readonly count: number })[];

/** Asks how many records there are. */
export function countRequest(base: URL, token: string): Uint8Array {
  return getRequest(base, token, "/stats");
}

/** The sum of what an answer counts. */
export function countsOf(answer: string): number {
  const counts: Counts = JSON.parse(answer);
  return counts.reduce((sum, { count }) => sum + count, 0);
}

/** Everything that is asked of it. It knows substrings only, and never regards case. */
export function flaskQueries(base: URL, token: string, expected: Expected): Query[] {
  const { newestStream, hourStream, hour, word, part } = expected.asked;
  const get = jsonQueries(base, token);
  const find = (row: string, parameters: Record<string, string>, count: number) => {
    const limited = { limit: String(LIMIT_MAX), ...parameters };
    return get<GeneratedRecord[]>(row, "/logs", limited, ({ length }) => {
      return differs("records", length, count);
    });
  };
  const newest = String(NEWEST);
  return [
    get<Counts>("count", "/stats", {}, (counts) => {
      const found = new Map(counts.map((entry) => [streamKey(entry), entry.count]));
      return countsDiffer(found, expected.streams);
    }),
    find("last100", { ...newestStream, limit: newest }, expected.newestOfStream.length),
    find("newest100", { limit: newest }, expected.newest.length),
    find(
      "hour",
      { ...hourStream, timestamp_start: hour.start, timestamp_end: hour.end },
      expected.hour,
    ),
    find("word", { q: word }, expected.rareWord),
    find("none", { q: ABSENT_PHRASE }, 0),
    find("substring", { q: part }, expected.rarePartAnyCase),
    find("substring_any_case", { q: part.toLowerCase() }, expected.rarePartAnyCase),
  ];
}
