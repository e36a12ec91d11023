/** @module One size of the scale benchmark: the real server on what is stored, asked, loaded and started again. */

import { diskBytes } from "./disk.ts";
import { drive, type LoadFigures } from "./drive.ts";
import { processFigures } from "./process_figures.ts";
import { median } from "./quantile.ts";
import { buildRequests, type ReadyRequest } from "./requests.ts";
import type { Figures } from "./rows.ts";
import { scaleQueries, timeQueries } from "./scale_queries.ts";
import { BATCH_RECORDS, timelineBatch } from "./scale_timeline.ts";
import {
  firstAnswerMs,
  type Sentinel,
  sentinelTarget,
  settle,
  startSentinel,
  storedRecords,
} from "./sentinel.ts";
import { differs } from "./measure_queries.ts";

/** What to measure on. */
export interface StepOptions {
  /** A directory that holds nothing but the store, with the store's file in it. */
  readonly directory: string;
  readonly dataFile: string;
  /** The timeline's records that the store holds. */
  readonly records: number;
  /** Records of each load; three of them are sent. */
  readonly loadRecords: number;
  readonly stillMs: number;
  /** The admin token, where the store was served before. */
  readonly token?: string | undefined;
  readonly progress: (line: string) => void;
  /** Is told what was answered wrongly. */
  readonly problems: string[];
}

/** What came of a step. */
export interface StepResult {
  readonly figures: Figures;
  /** The records stored afterwards. */
  readonly records: number;
  readonly token: string;
}

/** An odd number, for their medians. */
const STARTS = 3;
const LOADS = 3;

/**
 * Measures a store that no process has open. It holds more records afterwards: those of the loads.
 *
 * @throws {Error} the server does not start, answer or end as it must
 */
export async function measureStep(options: StepOptions): Promise<StepResult> {
  const { directory, dataFile, records, progress, problems } = options;
  const figures: Record<string, number> = { disk: await diskBytes(directory) / records };
  progress(`${name(records)}: starts`);
  const { server, ...starts } = await startSeveral(dataFile, options.token);
  let running = server;
  try {
    Object.assign(figures, starts, await memory(running, "resident_started"));
    progress(`${name(records)}: queries`);
    const queries = scaleQueries(running.url, running.token, records);
    for (const [row, times] of await timeQueries(running.url, queries, problems)) {
      figures[row] = times.median;
      figures[`${row}_first`] = times.first;
    }
    Object.assign(figures, await memory(running, "resident_queried"));
    progress(`${name(records)}: loads over HTTP`);
    const loaded = await loadSeveral(running, options);
    Object.assign(figures, loaded.figures, await memory(running, "resident", "resident_peak"));
    progress(`${name(records)}: kill -9 and a start`);
    await running.process.end("SIGKILL");
    running = await startSentinel(dataFile, running.token);
    figures.killed_ready = running.process.readyMs;
    note(problems, differs("records", await storedRecords(running), loaded.records));
    if (!await settle(running, options.stillMs)) problems.push("the store does not settle");
    const code = await running.process.end("SIGTERM");
    if (code !== 0) problems.push(`SIGTERM ended the server with code ${code}`);
    return { figures, records: loaded.records, token: running.token };
  } finally {
    await running.process.end("SIGKILL");
  }
}

/** Starts the server a few times; the last one stays. */
async function startSeveral(
  dataFile: string,
  token: string | undefined,
): Promise<{ server: Sentinel; ready: number; first_answer: number }> {
  const ready: number[] = [];
  const answers: number[] = [];
  for (;;) {
    const server = await startSentinel(dataFile, token);
    token = server.token;
    ready.push(server.process.readyMs);
    answers.push(await firstAnswerMs(server));
    if (ready.length === STARTS) {
      return { server, ready: median(ready), first_answer: median(answers) };
    }
    await server.process.end("SIGTERM");
  }
}

/** Sends more of the timeline, over one connection, in batches. */
async function loadSeveral(
  server: Sentinel,
  { records, loadRecords, problems }: StepOptions,
): Promise<{ figures: Figures; records: number }> {
  const target = sentinelTarget(server);
  const rates: number[] = [];
  const p99s: number[] = [];
  let next = records / BATCH_RECORDS;
  const cpuBefore = await processFigures(server.process.pid);
  for (let load = 0; load < LOADS; load++) {
    const requests: ReadyRequest[] = [];
    for (const end = next + loadRecords / BATCH_RECORDS; next < end; next++) {
      requests.push(...buildRequests(wireRecords(next), BATCH_RECORDS, target));
    }
    const figures = await drive(target.url, requests, 1);
    note(problems, failureOf(figures));
    rates.push(figures.records / figures.seconds);
    p99s.push(figures.p99Ms);
  }
  const cpuAfter = await processFigures(server.process.pid);
  const stored = next * BATCH_RECORDS;
  const cpu = cpuAfter && cpuBefore && cpuAfter.cpuSeconds - cpuBefore.cpuSeconds;
  return {
    figures: {
      ingest: median(rates),
      ingest_p99: median(p99s),
      ...(cpu === undefined ? {} : { ingest_cpu: cpu * 1e6 / (stored - records) }),
    },
    records: stored,
  };
}

function* wireRecords(batch: number) {
  for (const { timestampMs, ...text } of timelineBatch(batch)) {
    yield { timestamp: new Date(timestampMs).toISOString(), ...text };
  }
}

function failureOf({ failures, failure }: LoadFigures): string | undefined {
  return failures === 0 ? undefined : `${failures} requests failed: ${failure}`;
}

async function memory(server: Sentinel, resident: string, peak?: string): Promise<Figures> {
  const figures = await processFigures(server.process.pid);
  if (figures === undefined) return {};
  return {
    [resident]: figures.residentBytes / 2 ** 20,
    ...(peak === undefined ? {} : { [peak]: figures.peakBytes / 2 ** 20 }),
  };
}

function note(problems: string[], problem: string | undefined): void {
  if (problem !== undefined) problems.push(problem);
}

/** A number of records as it is spoken of: 1M, 250k. */
export function name(records: number): string {
  if (records >= 1e6) return `${Number((records / 1e6).toPrecision(3))}M`;
  return `${Number((records / 1e3).toPrecision(3))}k`;
}
