/** @module The queries as VictoriaLogs is asked them, in LogsQL. */

import { type Expected, NEWEST } from "../expected.ts";
import { countsDiffer, differs, type Query } from "../measure_queries.ts";
import { streamKey, type StreamName } from "../questions.ts";
import { requestHead } from "../requests.ts";
import { ABSENT_PHRASE } from "../_templates.ts";

/** A line of its answers: every value is text. */
type Line = Readonly<Record<string, string>>;

/** Everything that is asked of it. */
export function victoriaQueries(base: URL, expected: Expected): Query[] {
  const { newestStream, hourStream, hour, range, word, part } = expected.asked;
  const query = (
    row: string,
    text: string,
    check: (lines: Line[]) => string | undefined,
    parameters: Record<string, string> = {},
  ): Query => ({
    row,
    request: queryRequest(base, text, { ...range, ...parameters }),
    check: (body) => check(parseLines(new TextDecoder().decode(body))),
  });
  const matches = (row: string, text: string, count: number, limit?: number) => {
    const parameters = limit === undefined ? undefined : { limit: String(limit) };
    return query(row, text, ({ length }) => differs("records", length, count), parameters);
  };
  const inHour = `_time:[${hour.start}, ${hour.end}] ${selector(hourStream)}`;
  return [
    query("count", "* | stats by (service, severity) count() hits", (lines) => {
      const nameOf = (line: Line) => streamKey(line as unknown as StreamName);
      return countsDiffer(tally(lines, nameOf), expected.streams);
    }),
    matches("last100", selector(newestStream), expected.newestOfStream.length, NEWEST),
    matches("newest100", "*", expected.newest.length, NEWEST),
    matches("hour", inHour, expected.hour),
    matches("word", word, expected.rareWord),
    matches("none", `"${ABSENT_PHRASE}"`, 0),
    matches("substring", `_msg:~"${part}"`, expected.rarePart),
    matches("substring_any_case", `_msg:~"(?i)${part.toLowerCase()}"`, expected.rarePartAnyCase),
    query("histogram", "* | stats by (_time:15m, severity) count() hits", (lines) => {
      return countsDiffer(tally(lines, ({ severity = "" }) => severity), expected.severities);
    }),
  ];
}

/** Asks how many records there are. */
export function countRequest(base: URL): Uint8Array {
  return queryRequest(base, "* | stats count() hits", {});
}

/** The sum of what an answer's lines count. */
export function countsOf(answer: string): number {
  return parseLines(answer).reduce((sum, { hits }) => sum + Number(hits), 0);
}

function parseLines(text: string): Line[] {
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

function tally(lines: readonly Line[], nameOf: (line: Line) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) {
    const name = nameOf(line);
    counts.set(name, (counts.get(name) ?? 0) + Number(line.hits));
  }
  return counts;
}

function selector({ service, severity }: StreamName): string {
  return `{service="${service}",severity="${severity}"}`;
}

function queryRequest(
  base: URL,
  query: string,
  parameters: Readonly<Record<string, string>>,
): Uint8Array {
  const url = new URL("/select/logsql/query", base);
  url.search = new URLSearchParams({ query, ...parameters }).toString();
  return requestHead("GET", url, {});
}
