/** @module Log Sentinel's part of the benchmark: loads, disk, queries, restarts. */

import { diskBytes, watchingDisk } from "./disk.ts";
import type { Expected } from "./expected.ts";
import type { LoadReport } from "./load.ts";
import { batches, loadFigures, memoryFigures, singly } from "./load_figures.ts";
import { load } from "./load_process.ts";
import { differs, measureQueries } from "./measure_queries.ts";
import { type BenchOptions, subdirectory } from "./options.ts";
import type { Figures } from "./rows.ts";
import {
  firstAnswerMs,
  type Sentinel,
  sentinelTarget,
  settle,
  startSentinel,
  storedRecords,
} from "./sentinel.ts";
import { sentinelQueries } from "./sentinel_queries.ts";

/** What was measured, and the bytes of the requests in batches. */
export interface SentinelFigures {
  readonly figures: Figures;
  readonly requestBytes: number;
}

/**
 * Measures three fresh servers; adds to `problems` what they answered wrongly.
 *
 * @throws {Error} one does not start, answer or end as it must
 */
export async function runSentinel(
  options: BenchOptions,
  expected: Expected,
  problems: string[],
): Promise<SentinelFigures> {
  const { figures, requestBytes } = await benchStored(options, expected, problems);
  const killed = await benchKilled(options, problems);
  const singles = await benchSingles(options, problems);
  return { figures: { ...figures, ...killed, ...singles }, requestBytes };
}

/** Batches over one connection; then disk, memory, queries and an orderly restart of what they stored. */
async function benchStored(
  options: BenchOptions,
  expected: Expected,
  problems: string[],
): Promise<SentinelFigures> {
  const { records, progress } = options;
  const directory = await subdirectory(options, "stored");
  const dataFile = `${directory}/sentinel.kv`;
  let server = await startSentinel(dataFile);
  try {
    const { result: stored, peakBytes } = await watchingDisk(
      directory,
      storeAndSettle(options, server, problems),
    );
    const disk = await diskBytes(directory);
    progress("Log Sentinel: queries");
    const queries = sentinelQueries(server.url, server.token, expected);
    const { medians, problems: wrong } = await measureQueries(server.url, queries);
    problems.push(...wrong);
    progress("Log Sentinel: restart");
    const stopMs = await stop(server, "SIGTERM");
    const stoppedDisk = await diskBytes(directory);
    server = await startSentinel(dataFile, server.token);
    const figures: Figures = {
      ...loadFigures("batch_1", stored.report),
      ...memoryFigures(stored.report),
      disk: disk / records,
      disk_peak: peakBytes / records,
      disk_stopped: stoppedDisk / records,
      settling: stored.settling,
      ...Object.fromEntries(medians),
      stop: stopMs,
      restart_ready: server.process.readyMs,
      restart_answer: await firstAnswerMs(server),
    };
    note(problems, differs("records after a restart", await storedRecords(server), records));
    return { figures, requestBytes: stored.report.bytes };
  } finally {
    await server.process.end("SIGKILL");
  }
}

/** Loads a server and waits until its background work stands still; that takes `settling` seconds. */
async function storeAndSettle(
  { records, progress, stillMs }: BenchOptions,
  server: Sentinel,
  problems: string[],
): Promise<{ report: LoadReport; settling: number }> {
  progress("Log Sentinel: batches over 1 connection");
  const report = await load(sentinelTarget(server), batches(records, 1), server.process.pid);
  progress("Log Sentinel: settling");
  const begun = performance.now();
  if (!await settle(server, stillMs)) problems.push("the store does not settle");
  return { report, settling: (performance.now() - begun - stillMs) / 1000 };
}

/** Batches over eight connections; then kill -9 while they are fresh, and a start. */
async function benchKilled(options: BenchOptions, problems: string[]): Promise<Figures> {
  const { records, progress } = options;
  const dataFile = `${await subdirectory(options, "killed")}/sentinel.kv`;
  let server = await startSentinel(dataFile);
  try {
    progress("Log Sentinel: batches over 8 connections, then kill -9");
    const result = await load(
      sentinelTarget(server),
      batches(records, 8),
      server.process.pid,
    );
    await stop(server, "SIGKILL");
    server = await startSentinel(dataFile, server.token);
    const killed_answer = await firstAnswerMs(server);
    const kept = await storedRecords(server);
    note(problems, differs("records after kill -9", kept, records));
    return {
      ...loadFigures("batch_8", result),
      killed_ready: server.process.readyMs,
      killed_answer,
      killed_lost: records - kept,
    };
  } finally {
    await server.process.end("SIGKILL");
  }
}

/** One record a request. */
async function benchSingles(options: BenchOptions, problems: string[]): Promise<Figures> {
  const { singles, progress } = options;
  const server = await startSentinel(`${await subdirectory(options, "singles")}/sentinel.kv`);
  try {
    progress("Log Sentinel: single records over 32 connections");
    const result = await load(sentinelTarget(server), singly(singles), server.process.pid);
    note(problems, differs("single records", await storedRecords(server), singles));
    return loadFigures("single", result);
  } finally {
    await server.process.end("SIGKILL");
  }
}

/** Ends a server; gives the milliseconds that it takes. */
async function stop(server: Sentinel, signal: "SIGTERM" | "SIGKILL"): Promise<number> {
  const begun = performance.now();
  const code = await server.process.end(signal);
  if (signal === "SIGTERM" && code !== 0) throw new Error(`SIGTERM ended it with code ${code}`);
  return performance.now() - begun;
}

function note(problems: string[], problem: string | undefined): void {
  if (problem !== undefined) problems.push(problem);
}
