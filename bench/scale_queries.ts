/** @module What the scale benchmark asks at each size, with the answers that the timeline tells. */

import { type Answer, HttpConnection } from "./connection.ts";

import type { GeneratedRecord } from "./generate.ts";
import { differs, type Query } from "./measure_queries.ts";
import { median } from "./quantile.ts";
import { streamKey, type StreamName } from "./questions.ts";
import {
  BATCH_RECORDS,
  placeOfTime,
  rareBelow,
  TIMELINE_START_MS,
  timelineBatch,
  timeOfPlace,
} from "./scale_timeline.ts";
import { jsonQueries } from "./sentinel_queries.ts";
import { ABSENT_PHRASE, RARE_WORD } from "./_templates.ts";

/** A rare severity of a middling service, and a stream of some thousand records an hour. */
const RARE_STREAM: StreamName = { service: "payments", severity: "ERROR" };
const HOUR_STREAM: StreamName = { service: "search", severity: "INFO" };

const NEWEST = 100;
const PAGE_MAX = 10_000;
const MINUTE_MS = 60_000;

/** The range asked for by the clock: half past midnight to half past four on the first day, 833,000 records. */
const RANGE = { fromMs: TIMELINE_START_MS + 30 * MINUTE_MS, minutes: 240 };
const HOUR = { fromMs: TIMELINE_START_MS + 120 * MINUTE_MS, minutes: 60 };

/** A range of time, both ends included, in milliseconds since the Unix epoch. */
interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Milliseconds of one query: asked for the first time, and again and again. */
export interface QueryTimes {
  readonly first: number;
  readonly median: number;
}

/** Timed runs of a quick query; the median of seven stands against disturbances. */
const RUNS_MAX = 7;
const WARMING_RUNS = 2;

/** A query is not asked again once it has taken so long in all: three runs of a slow one say enough. */
const QUERY_BUDGET_MS = 10_000;
const RUNS_MIN = 3;

/** One answer may take this long: beyond it something is stuck. */
const ANSWER_MS_MAX = 120_000;

/** The queries for a store that has the timeline's first `records`. */
export function scaleQueries(base: URL, token: string, records: number): Query[] {
  const get = jsonQueries(base, token);
  const page = (row: string, parameters: Record<string, string>, count: number) => {
    return get<GeneratedRecord[]>(row, "/logs", parameters, ({ length }) => {
      return differs("records", length, count);
    });
  };
  const histogram = (row: string, range: Range) => {
    return get<Histogram>(row, "/histogram", parametersOf(range), (answer) => {
      return differs("records", sumOf(answer), recordsIn(range, records));
    });
  };
  const fixed = { fromMs: RANGE.fromMs, toMs: RANGE.fromMs + RANGE.minutes * MINUTE_MS - 1 };
  const hour = { fromMs: HOUR.fromMs, toMs: HOUR.fromMs + HOUR.minutes * MINUTE_MS - 1 };
  const lastMs = timeOfPlace(records - 1);
  const newestRange = { fromMs: lastMs - RANGE.minutes * MINUTE_MS + 1, toMs: lastMs };
  const everything = { fromMs: TIMELINE_START_MS, toMs: lastMs };
  const middle = Math.floor(records / 2);
  return [
    get<Stats>("stats", "/stats", {}, ({ logs_per_service }) => {
      return differs("records", sum(Object.values(logs_per_service)), records);
    }),
    get<GeneratedRecord[]>("newest100", "/logs", { limit: String(NEWEST) }, (found) => {
      return newestDiffer(found, records);
    }),
    page(
      "newest100_stream",
      { ...RARE_STREAM, limit: String(NEWEST) },
      // Of 100,000 records it has some 350: there is no need to count further.
      Math.min(NEWEST, countIn(everything, RARE_STREAM, Math.min(records, 100_000))),
    ),
    page("hour", {
      ...HOUR_STREAM,
      ...parametersOf(hour),
      limit: String(PAGE_MAX),
    }, Math.min(PAGE_MAX, countIn(hour, HOUR_STREAM, records))),
    histogram("histogram", fixed),
    histogram("histogram_newest", newestRange),
    // Ids begin at 1 and are given in the order of the timeline.
    get<GeneratedRecord>("by_id", `/logs/${middle + 1}`, {}, ({ timestamp }) => {
      return differs("time", Date.parse(timestamp), timeOfPlace(middle));
    }),
    page("word_range", { q: RARE_WORD, ...parametersOf(fixed) }, rareIn(fixed, records)),
    page("word", { q: RARE_WORD, limit: String(NEWEST) }, Math.min(NEWEST, rareBelow(records))),
    page("none", { q: `"${ABSENT_PHRASE}"` }, 0),
    histogram("histogram_all", everything),
  ];
}

interface Stats {
  readonly logs_per_service: Record<string, number>;
}

interface Histogram {
  readonly buckets: { counts: Record<string, number> }[];
}

/** Asks every query, cold once and then warm; adds to `problems` what was answered wrongly. */
export async function timeQueries(
  url: URL,
  queries: readonly Query[],
  problems: string[],
): Promise<Map<string, QueryTimes>> {
  const times = new Map<string, QueryTimes>();
  const connection = await HttpConnection.open(url);
  try {
    for (const query of queries) times.set(query.row, await timeQuery(connection, query, problems));
  } finally {
    connection.close();
  }
  return times;
}

async function timeQuery(
  connection: HttpConnection,
  query: Query,
  problems: string[],
): Promise<QueryTimes> {
  const taken: number[] = [];
  const wrong = new Set<string>();
  let spent = 0;
  while (
    taken.length < RUNS_MIN || (taken.length < WARMING_RUNS + RUNS_MAX && spent < QUERY_BUDGET_MS)
  ) {
    const begun = performance.now();
    const answer = await withinTime(connection, query);
    const ms = performance.now() - begun;
    taken.push(ms);
    spent += ms;
    const problem = problemOf(query, answer);
    if (problem !== undefined) wrong.add(problem);
  }
  for (const problem of wrong) problems.push(`${query.row}: ${problem}`);
  const warm = taken.slice(Math.min(WARMING_RUNS, taken.length - 1));
  return { first: taken[0]!, median: median(warm) };
}

async function withinTime(connection: HttpConnection, { row, request }: Query): Promise<Answer> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`Waited ${ANSWER_MS_MAX} ms for the answer to ${row}`)),
    ANSWER_MS_MAX,
  );
  try {
    return await Promise.race([connection.exchange(request), late]);
  } finally {
    clearTimeout(timer);
  }
}

function problemOf(query: Query, { status, body }: Answer): string | undefined {
  if (status === 200) return query.check(body);
  return `status ${status}: ${new TextDecoder().decode(body.subarray(0, 200))}`;
}

function parametersOf({ fromMs, toMs }: Range): Record<string, string> {
  return {
    timestamp_start: new Date(fromMs).toISOString(),
    timestamp_end: new Date(toMs).toISOString(),
  };
}

/** The first place in a range and the one after its last, among so many records. */
function placesIn({ fromMs, toMs }: Range, records: number): [start: number, end: number] {
  return [fromMs, toMs + 1].map((ms) => {
    return Math.max(0, Math.min(records, placeOfTime(ms)));
  }) as [number, number];
}

function recordsIn(range: Range, records: number): number {
  const [start, end] = placesIn(range, records);
  return end - start;
}

function rareIn(range: Range, records: number): number {
  const [start, end] = placesIn(range, records);
  return rareBelow(end) - rareBelow(start);
}

function countIn(range: Range, stream: StreamName, records: number): number {
  const [start, end] = placesIn(range, records);
  let count = 0;
  for (let batch = Math.floor(start / BATCH_RECORDS); batch * BATCH_RECORDS < end; batch++) {
    let place = batch * BATCH_RECORDS;
    for (const record of timelineBatch(batch)) {
      if (place >= start && place < end && streamKey(record) === streamKey(stream)) count++;
      place++;
    }
  }
  return count;
}

function newestDiffer(found: readonly GeneratedRecord[], records: number): string | undefined {
  const problem = differs("records", found.length, NEWEST);
  if (problem !== undefined) return problem;
  const messages = [...timelineBatch(records / BATCH_RECORDS - 1)].slice(-NEWEST).reverse();
  const index = found.findIndex(({ message }, at) => message !== messages[at]!.message);
  return index < 0 ? undefined : `record ${index} is not the one that was sent there`;
}

function sumOf({ buckets }: Histogram): number {
  return sum(buckets.flatMap(({ counts }) => Object.values(counts)));
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
