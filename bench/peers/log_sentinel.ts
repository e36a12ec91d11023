/** @module Log Sentinel among those it is compared with. */

import manifest from "../../deno.json" with { type: "json" };
import {
  type Sentinel,
  sentinelTarget,
  settle,
  startSentinel,
  storedRecords,
} from "../sentinel.ts";
import { sentinelQueries } from "../sentinel_queries.ts";
import type { Contender, Running } from "./contender.ts";

/** Log Sentinel itself. */
export const LOG_SENTINEL: Contender = {
  name: "Log Sentinel",
  program: "deno",
  version: () => Promise.resolve(manifest.version),
  start: (directory) => startOn(`${directory}/sentinel.kv`),
};

async function startOn(dataFile: string, token?: string): Promise<Running> {
  const server = await startSentinel(dataFile, token);
  return {
    process: server.process,
    target: sentinelTarget(server),
    stored: () => storedRecords(server),
    settle: (records, stillMs) => settleWith(server, records, stillMs),
    queries: (expected) => sentinelQueries(server.url, server.token, expected),
    restart: () => startOn(dataFile, server.token),
  };
}

async function settleWith(server: Sentinel, records: number, stillMs: number): Promise<void> {
  if (!await settle(server, stillMs)) throw new Error("Log Sentinel does not settle");
  const found = await storedRecords(server);
  if (found !== records) throw new Error(`Log Sentinel finds ${found} records of ${records}`);
}
