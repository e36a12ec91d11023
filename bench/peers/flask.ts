/** @module Flask and SQLite, where Log Sentinel began: see flask_server.py. */

import { ask, untilStill } from "../ask.ts";
import { startServer } from "../child.ts";
import { type Expected, NEWEST } from "../expected.ts";
import type { GeneratedRecord } from "../generate.ts";
import { countsDiffer, differs, type Query } from "../measure_queries.ts";
import { streamKey, type StreamName } from "../questions.ts";
import { getRequest } from "../sentinel_queries.ts";
import type { Contender, Running } from "./contender.ts";
import { bytesOfAll, versionOf } from "./programs.ts";
import { ABSENT_PHRASE } from "../_templates.ts";

const VERSION_SCRIPT = "import importlib.metadata as m, sqlite3; " +
  "print(m.version('flask') + ' with SQLite ' + sqlite3.sqlite_version)";

const TOKEN = "token-of-the-benchmark";

const SETTLE_MS_MAX = 60_000;

/** As many as one answer may have to hold: more than an hour of the busiest stream. */
const LIMIT_MAX = 1_000_000;

type Counts = readonly (StreamName & { readonly count: number })[];

/** The server that the exercise asked for. */
export const FLASK: Contender = {
  name: "Flask",
  program: "python3 with flask",
  singlesShare: 20,
  version: async () => (await versionOf(["python3"], ["-c", VERSION_SCRIPT], /(.+)/))?.version,
  start,
};

async function start(directory: string): Promise<Running> {
  const script = decodeURIComponent(new URL("flask_server.py", import.meta.url).pathname);
  const args = [script, `${directory}/logs.db`, TOKEN];
  const process = await startServer("python3", args, /listening on \S+\n/);
  const url = new URL(/listening on (\S+)\n/.exec(process.output)![1]!);
  const stored = async () => {
    const counts: Counts = JSON.parse(await ask(url, getRequest(url, TOKEN, "/stats")));
    return counts.reduce((sum, { count }) => sum + count, 0);
  };
  return {
    process,
    target: {
      url: new URL("/logs", url),
      contentType: "application/json",
      authorization: `Token ${TOKEN}`,
      form: "json",
    },
    stored,
    settle: async (records, stillMs) => {
      const bytes = () => bytesOfAll(directory, stored, records);
      if (await untilStill(bytes, stillMs, SETTLE_MS_MAX)) return;
      throw new Error(`Flask does not settle with ${records} records`);
    },
    queries: (expected) => flaskQueries(url, expected),
    restart: () => start(directory),
  };
}

/** It knows substrings only, and never regards case. */
function flaskQueries(base: URL, expected: Expected): Query[] {
  const { newestStream, hourStream, hour, word, part } = expected.asked;
  const get = <T>(
    row: string,
    path: string,
    parameters: Record<string, string>,
    check: (answer: T) => string | undefined,
  ): Query => ({
    row,
    request: getRequest(base, TOKEN, path, parameters),
    check: (body) => check(JSON.parse(new TextDecoder().decode(body))),
  });
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
