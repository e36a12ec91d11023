/** @module VictoriaLogs: the same records as lines of JSON, streams by service and severity, as ours. */

import { ask, untilStill } from "../ask.ts";
import { freePort, startServer } from "../child.ts";
import type { Contender, Running } from "./contender.ts";
import { bytesOfAll, untilReady, versionOf } from "./programs.ts";
import { countRequest, countsOf, victoriaQueries } from "./victoria_queries.ts";

/** The executable's names: as it is built, and as it is released. */
const PROGRAMS = ["victoria-logs", "victoria-logs-prod"];

/** It shows records about a second after it took them, and writes them within five; this is long enough anywhere. */
const SETTLE_MS_MAX = 60_000;

/** VictoriaLogs. */
export const VICTORIA_LOGS: Contender = {
  name: "VictoriaLogs",
  program: PROGRAMS[0]!,
  version: async () => (await find())?.version,
  start,
};

function find(): ReturnType<typeof versionOf> {
  return versionOf(PROGRAMS, ["--version"], /(v\d\S*)/);
}

async function start(directory: string): Promise<Running> {
  const found = await find();
  if (found === undefined) throw new Error(`None of ${PROGRAMS.join(", ")} is on PATH`);
  const port = freePort();
  const url = new URL(`http://127.0.0.1:${port}`);
  const process = await startServer(found.program, [
    `-storageDataPath=${directory}`,
    `-httpListenAddr=127.0.0.1:${port}`,
    "-loggerOutput=stdout",
    // The generated day may be long past or yet to come.
    "-retentionPeriod=100y",
    "-futureRetention=100y",
  ], /started VictoriaLogs/);
  // It says that it has started a moment before it listens.
  await untilReady(url, "/health");
  const target = new URL("/insert/jsonline", url);
  target.search = "_stream_fields=service,severity&_time_field=timestamp&_msg_field=message";
  const stored = async () => countsOf(await ask(url, countRequest(url)));
  return {
    process,
    target: { url: target, contentType: "application/stream+json", form: "lines" },
    stored,
    settle: async (records, stillMs) => {
      const bytes = () => bytesOfAll(directory, stored, records);
      if (await untilStill(bytes, stillMs, SETTLE_MS_MAX)) return;
      throw new Error(`VictoriaLogs does not settle with ${records} records`);
    },
    queries: (expected) => victoriaQueries(url, expected),
    restart: () => start(directory),
  };
}
