/** @module Flask and SQLite, where Log Sentinel began: see flask_server.py. */

import { ask, untilStill } from "../ask.ts";
import { startServer } from "../child.ts";
import type { Contender, Running } from "./contender.ts";
import { countRequest, countsOf, flaskQueries } from "./flask_queries.ts";
import { bytesOfAll, versionOf } from "./programs.ts";

const VERSION_SCRIPT = "import importlib.metadata as m, sqlite3; " +
  "print(m.version('flask') + ' with SQLite ' + sqlite3.sqlite_version)";

const TOKEN = "token-of-the-benchmark";

const SETTLE_MS_MAX = 60_000;

/** The server that the exercise asked for. */
export const FLASK: Contender = {
  name: "Flask",
  program: "python3 with flask",
  // More connections wait for SQLite's lock by sleeping, some of them for many seconds.
  singles: { share: 20, connections: 8 },
  version: async () => (await versionOf(["python3"], ["-c", VERSION_SCRIPT], /(.+)/))?.version,
  start,
};

async function start(directory: string): Promise<Running> {
  const script = decodeURIComponent(new URL("flask_server.py", import.meta.url).pathname);
  const args = [script, `${directory}/logs.db`, TOKEN];
  const process = await startServer("python3", args, /listening on \S+\n/);
  const url = new URL(/listening on (\S+)\n/.exec(process.output)![1]!);
  const stored = async () => countsOf(await ask(url, countRequest(url, TOKEN)));
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
    queries: (expected) => flaskQueries(url, TOKEN, expected),
    restart: () => start(directory),
  };
}
