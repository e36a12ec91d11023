/** @module Log Sentinel itself, started as its users start it. */

import { ask, untilStill } from "./ask.ts";
import { type ServerProcess, startServer } from "./child.ts";
import type { IngestTarget } from "./requests.ts";
import { getRequest } from "./sentinel_queries.ts";

/** A server on a data file of its own. */
export interface Sentinel {
  readonly process: ServerProcess;
  readonly url: URL;
  readonly token: string;
}

/** Compaction may take this long after a million records; beyond it the figures are of an unsettled store. */
const SETTLE_MS_MAX = 120_000;

/** Figures of the store that stand still when its background work is done. */
const SETTLED_FIGURES = [
  "version",
  "records_in_segments",
  "journal_disk_bytes",
  "segments_to_remove",
  "queue_bytes",
];

/** Starts a server; the token is the one that its first start printed, where this is not the first. */
export async function startSentinel(dataFile: string, token?: string): Promise<Sentinel> {
  const args = [
    "run",
    "-q",
    "--v8-flags=--max-semi-space-size=2",
    "-P=sentinel",
    "main.ts",
    "serve",
    "--port",
    "0",
    "--data",
    dataFile,
  ];
  const process = await startServer(Deno.execPath(), args, /listening on \S+\n/);
  const { output } = process;
  const url = /listening on (\S+)\n/.exec(output)?.[1];
  token ??= /Admin token, shown once: (\S+)\n/.exec(output)?.[1];
  if (url !== undefined && token !== undefined) return { process, url: new URL(url), token };
  await process.end("SIGKILL");
  throw new Error(`Log Sentinel printed no address or no token: ${output}`);
}

/** Where its records go. */
export function sentinelTarget({ url, token }: Sentinel): IngestTarget {
  return {
    url: new URL("/logs", url),
    contentType: "application/json",
    authorization: `Token ${token}`,
    form: "json",
  };
}

/** Milliseconds until the newest 100 records are answered, on a new connection. */
export async function firstAnswerMs({ url, token }: Sentinel): Promise<number> {
  const begun = performance.now();
  await get({ url, token }, "/logs", { limit: "100" });
  return performance.now() - begun;
}

/** How many records the server has, by its statistics. */
export async function storedRecords(server: Sentinel): Promise<number> {
  const stats: { logs_per_service: Record<string, number> } = JSON.parse(
    await get(server, "/stats"),
  );
  return Object.values(stats.logs_per_service).reduce((sum, count) => sum + count, 0);
}

/**
 * Waits until the store's background work stands still for `stillMs`; false if it never does.
 *
 * @throws {Error} the server does not answer
 */
export async function settle(server: Sentinel, stillMs: number): Promise<boolean> {
  const figures = async () => settledFigures(await get(server, "/metrics"));
  return await untilStill(figures, stillMs, SETTLE_MS_MAX);
}

/** @throws {Error} if a figure that this benchmark waits for has another name now */
function settledFigures(metrics: string): string {
  return SETTLED_FIGURES.map((name) => {
    const line = new RegExp(`^sentinel_store_${name} \\S+$`, "m").exec(metrics);
    if (line === null) throw new Error(`/metrics has no sentinel_store_${name}`);
    return line[0];
  }).join("\n");
}

async function get(
  { url, token }: Pick<Sentinel, "url" | "token">,
  path: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<string> {
  return await ask(url, getRequest(url, token, path, parameters));
}
