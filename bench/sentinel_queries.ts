/** @module The queries as Log Sentinel is asked them. */

import { type Expected, NEWEST } from "./expected.ts";
import type { GeneratedRecord } from "./generate.ts";
import { countsDiffer, differs, type Query } from "./measure_queries.ts";
import { streamKey } from "./questions.ts";
import { requestHead } from "./requests.ts";
import { ABSENT_PHRASE } from "./_templates.ts";

/** The most that a page holds. */
const PAGE_MAX = 10_000;

interface Stats {
  readonly logs_per_service: Record<string, number>;
  readonly logs_per_severity: Record<string, number>;
  readonly counts?: { service: string; severity: string; count: number }[];
}

interface Histogram {
  readonly buckets: { start: string; counts: Record<string, number> }[];
}

interface Facets {
  readonly values: { value: string; count: number }[];
  readonly others: number;
}

/** Makes a query whose answer is JSON. */
export type JsonQueryMaker = <T>(
  row: string,
  path: string,
  parameters: Record<string, string>,
  check: (answer: T) => string | undefined,
) => Query;

/** Makes queries of the server whose address and token these are. */
export function jsonQueries(base: URL, token: string): JsonQueryMaker {
  return (row, path, parameters, check) => ({
    row,
    request: getRequest(base, token, path, parameters),
    check: (body) => check(JSON.parse(new TextDecoder().decode(body))),
  });
}

/** Everything that is asked of a server whose address and token these are. */
export function sentinelQueries(base: URL, token: string, expected: Expected): Query[] {
  const { newestStream, hourStream, hour, range, word, part } = expected.asked;
  const get = jsonQueries(base, token);
  const page = (row: string, parameters: Record<string, string>, count: number) => {
    return get<GeneratedRecord[]>(row, "/logs", parameters, ({ length }) => {
      return differs("records", length, count);
    });
  };
  const newest = (row: string, filters: Partial<GeneratedRecord>, messages: readonly string[]) => {
    const parameters = { ...filters, limit: String(NEWEST) };
    return get<GeneratedRecord[]>(row, "/logs", parameters, (found) => {
      return newestDiffer(found, messages);
    });
  };
  return [
    get<Stats>("count", "/stats", { by: "service,severity" }, ({ counts = [] }) => {
      return countsDiffer(
        new Map(counts.map((entry) => [streamKey(entry), entry.count])),
        expected.streams,
      );
    }),
    get<Stats>("stats", "/stats", {}, (stats) => {
      return countsDiffer(new Map(Object.entries(stats.logs_per_service)), expected.services) ??
        countsDiffer(new Map(Object.entries(stats.logs_per_severity)), expected.severities);
    }),
    newest("last100", newestStream, expected.newestOfStream),
    newest("newest100", {}, expected.newest),
    page("hour", {
      ...hourStream,
      timestamp_start: hour.start,
      timestamp_end: hour.end,
      limit: String(PAGE_MAX),
    }, Math.min(expected.hour, PAGE_MAX)),
    page("word", { q: word }, expected.rareWord),
    page("none", { q: `"${ABSENT_PHRASE}"` }, 0),
    // Log Sentinel never regards case in a substring: both rows must give what the second expects.
    page("substring", { q: `*${part}*` }, expected.rarePartAnyCase),
    page("substring_any_case", { q: `*${part.toLowerCase()}*` }, expected.rarePartAnyCase),
    get<Histogram>("histogram", "/histogram", {
      timestamp_start: range.start,
      timestamp_end: new Date(Date.parse(range.end) - 1).toISOString(),
    }, ({ buckets }) => histogramProblem(buckets, expected)),
    get<Facets>("facets", "/facets", { field: "service", limit: "100" }, ({ values, others }) => {
      return differs("others", others, 0) ?? countsDiffer(
        new Map(values.map(({ value, count }) => [value, count])),
        expected.services,
      );
    }),
  ];
}

/** A GET of a path with parameters, as a whole request. */
export function getRequest(
  base: URL,
  token: string,
  path: string,
  parameters: Readonly<Record<string, string>> = {},
): Uint8Array {
  const url = new URL(path, base);
  url.search = new URLSearchParams(parameters).toString();
  return requestHead("GET", url, { "Authorization": `Token ${token}` });
}

function newestDiffer(
  found: readonly GeneratedRecord[],
  messages: readonly string[],
): string | undefined {
  const problem = differs("records", found.length, messages.length);
  if (problem !== undefined) return problem;
  const index = found.findIndex(({ message }, at) => message !== messages[at]);
  return index < 0 ? undefined : `record ${index} is not the one that was sent there`;
}

function histogramProblem(
  buckets: Histogram["buckets"],
  { severities }: Expected,
): string | undefined {
  if (buckets.length < 60 || buckets.length > 120) {
    return `${buckets.length} buckets, expected 60 to 120`;
  }
  const sums = new Map<string, number>();
  for (const { counts } of buckets) {
    for (const [severity, count] of Object.entries(counts)) {
      sums.set(severity, (sums.get(severity) ?? 0) + count);
    }
  }
  return countsDiffer(sums, severities);
}
