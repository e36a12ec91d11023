/** @module Queries beside a load: what the server's other work makes of their times. */

import { HttpConnection } from "../connection.ts";
import type { Expected } from "../expected.ts";
import { startLoad } from "../load_process.ts";
import type { Query } from "../measure_queries.ts";
import { median } from "../quantile.ts";
import type { Figures } from "../rows.ts";
import type { Running } from "./contender.ts";
import type { PeersOptions } from "./options.ts";

/** What every server has to take meanwhile, in records a second. */
export const LOADED_RATE = 50_000;

/** Few enough to be ordinary clients, many enough that one late answer does not hold up the others. */
const CONNECTIONS = 4;

/** In requests of so many. */
const BATCH_RECORDS = 1000;

const DAY_MS = 24 * 60 * 60 * 1000;

/** What is sent, for how long, and where is noted that some of it was refused. */
interface LoadedInput {
  readonly expected: Expected;
  readonly file: string;
  readonly options: Pick<PeersOptions, "loadedSeconds">;
  readonly problems: string[];
}

/** The key of a query's figure under load. */
export function loadedKey(row: string): string {
  return `${row}_loaded`;
}

/**
 * Asks the queries in turn, one at a time, for as long as the load lasts, each at least once; gives the medians and the
 * rate at which records were taken. The records come again a day later: answers about the day asked for stay the same,
 * so that a query's time beside its idle time says what the load does and not what more records do.
 *
 * @throws {Error} a query was not answered with success
 */
export async function measureLoaded(
  { process, target }: Running,
  queries: readonly Query[],
  { expected, file, options, problems }: LoadedInput,
): Promise<Figures> {
  const { report } = await startLoad(target, {
    records: Math.min(LOADED_RATE * options.loadedSeconds, expected.records),
    batch: BATCH_RECORDS,
    connections: CONNECTIONS,
    file,
    laterMs: DAY_MS,
    perSecond: LOADED_RATE,
  }, process.pid);
  let loading = true;
  const ended = report.finally(() => loading = false);
  const [{ records, requests, failures, failure, seconds: taken }, medians] = await Promise.all([
    ended,
    askInTurn(target.url, queries, () => loading),
  ]);
  if (failures > 0) {
    problems.push(
      `beside a load ${failures} of ${requests} requests failed, the first: ${failure}`,
    );
  }
  return { loaded_rate: records / taken, ...medians };
}

async function askInTurn(
  url: URL,
  queries: readonly Query[],
  goesOn: () => boolean,
): Promise<Figures> {
  const times = queries.map((): number[] => []);
  const connection = await HttpConnection.open(url);
  try {
    for (let turn = 0; turn < queries.length || goesOn(); turn++) {
      const index = turn % queries.length;
      const { row, request } = queries[index]!;
      const begun = performance.now();
      const { status, body } = await connection.exchange(request);
      times[index]!.push(performance.now() - begun);
      if (status === 200) continue;
      const text = new TextDecoder().decode(body.subarray(0, 200));
      throw new Error(`${row} beside a load was answered with ${status}: ${text}`);
    }
  } finally {
    connection.close();
  }
  return Object.fromEntries(
    queries.map(({ row }, index) => [loadedKey(row), median(times[index]!)]),
  );
}
