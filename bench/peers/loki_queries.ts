/** @module The queries as Loki is asked them, in LogQL. */

import { type Expected, NEWEST } from "../expected.ts";
import { countsDiffer, differs, type Query } from "../measure_queries.ts";
import { streamKey, type StreamName, type TimeRange } from "../questions.ts";
import { requestHead } from "../requests.ts";
import { ABSENT_PHRASE } from "../_templates.ts";

/** It wants a selector of streams, whatever is asked for. */
const EVERYTHING = '{service=~".+"}';

/** Many enough for every query that names no number. */
const LIMIT_MAX = 100_000;

const STEP_SECONDS = 15 * 60;

/** Of log lines: a stream, its values being time and line. Of counts: labels, and one value or one a step. */
interface Result {
  readonly stream?: StreamName;
  readonly metric?: Readonly<Record<string, string>>;
  readonly value?: readonly [time: number, value: string];
  readonly values?: readonly (readonly [time: number | string, value: string])[];
}

/** Everything that is asked of it. */
export function lokiQueries(base: URL, expected: Expected): Query[] {
  const { newestStream, hourStream, hour, range, word, part } = expected.asked;
  const query = (
    row: string,
    request: Uint8Array,
    check: (results: Result[]) => string | undefined,
  ): Query => ({
    row,
    request,
    check: (body) => check(resultsOf(new TextDecoder().decode(body))),
  });
  const lines = (row: string, text: string, count: number, limit = LIMIT_MAX, within = range) => {
    return query(row, linesRequest(base, text, within, limit), (results) => {
      const found = results.reduce((sum, { values = [] }) => sum + values.length, 0);
      return differs("records", found, count);
    });
  };
  return [
    query("count", sumRequest(base, "service, severity", range), (results) => {
      const found = results.map(({ metric, value }) => {
        return [streamKey(metric as unknown as StreamName), Number(value?.[1])] as const;
      });
      return countsDiffer(new Map(found), expected.streams);
    }),
    lines("last100", selector(newestStream), expected.newestOfStream.length, NEWEST),
    lines("newest100", EVERYTHING, expected.newest.length, NEWEST),
    lines("hour", selector(hourStream), expected.hour, LIMIT_MAX, withItsEnd(hour)),
    lines("word", `${EVERYTHING} |= "${word}"`, expected.rareWord),
    lines("none", `${EVERYTHING} |= "${ABSENT_PHRASE}"`, 0),
    lines("substring", `${EVERYTHING} |= "${part}"`, expected.rarePart),
    lines(
      "substring_any_case",
      `${EVERYTHING} |~ "(?i)${part.toLowerCase()}"`,
      expected.rarePartAnyCase,
    ),
    query("histogram", stepsRequest(base, range), (results) => {
      const found = results.map(({ metric, values = [] }) => {
        return [
          metric?.severity ?? "",
          values.reduce((sum, [, count]) => sum + Number(count), 0),
        ] as const;
      });
      return countsDiffer(new Map(found), expected.severities);
    }),
  ];
}

/** Asks how many records there are. */
export function countRequest(base: URL, range: TimeRange): Uint8Array {
  return sumRequest(base, "", range);
}

/** The sum of what an answer counts. */
export function countsOf(answer: string): number {
  return resultsOf(answer).reduce((sum, { value }) => sum + Number(value?.[1]), 0);
}

function resultsOf(answer: string): Result[] {
  return JSON.parse(answer).data.result;
}

/** Lines of a range without its end, the newest first. */
function linesRequest(
  base: URL,
  query: string,
  { start, end }: TimeRange,
  limit: number,
): Uint8Array {
  return get(base, "query_range", { query, start, end, limit: String(limit) });
}

/** Counts of a whole range. A range of LogQL has its end and lacks its beginning: both are moved back a little. */
function sumRequest(base: URL, labels: string, { start, end }: TimeRange): Uint8Array {
  const seconds = Math.ceil((Date.parse(end) - Date.parse(start)) / 1000);
  const query = `sum by (${labels}) (count_over_time(${EVERYTHING}[${seconds}s]))`;
  return get(base, "query", { query, time: nanosecondsBefore(end) });
}

/** Counts by severity in steps. */
function stepsRequest(base: URL, { start, end }: TimeRange): Uint8Array {
  const firstStep = Date.parse(start) + STEP_SECONDS * 1000;
  return get(base, "query_range", {
    query: `sum by (severity) (count_over_time(${EVERYTHING}[${STEP_SECONDS}s]))`,
    start: nanosecondsBefore(new Date(firstStep).toISOString()),
    end: nanosecondsBefore(end),
    step: String(STEP_SECONDS),
  });
}

function withItsEnd({ start, end }: TimeRange): TimeRange {
  return { start, end: `${Date.parse(end)}000001` };
}

function nanosecondsBefore(time: string): string {
  return `${Date.parse(time) - 1}999999`;
}

function selector({ service, severity }: StreamName): string {
  return `{service="${service}",severity="${severity}"}`;
}

function get(base: URL, path: string, parameters: Readonly<Record<string, string>>): Uint8Array {
  const url = new URL(`/loki/api/v1/${path}`, base);
  url.search = new URLSearchParams(parameters).toString();
  return requestHead("GET", url, {});
}
