/** @module Runs queries one after the other, checks what they answer, and takes the middle of the times. */

import { type Answer, HttpConnection } from "./connection.ts";
import { median } from "./quantile.ts";

/** A query of one server. */
export interface Query {
  /** The row of the table that its time belongs to. */
  readonly row: string;
  /** A whole HTTP/1.1 request. */
  readonly request: Uint8Array;
  /** What is wrong with the answer, as a sentence; `undefined` if it is right. */
  check(body: Uint8Array): string | undefined;
}

/** Times, and what was wrong. */
export interface QueryFigures {
  /** Milliseconds from the first byte sent to the last byte read, by row. */
  readonly medians: ReadonlyMap<string, number>;
  readonly problems: readonly string[];
}

/** A median of seven stands against one or two disturbances. */
const TIMED_RUNS = 7;

/** Not timed: they fill the caches, so that every server is asked warm. */
const WARMING_RUNS = 2;

/**
 * Asks each query nine times over one connection.
 *
 * @throws {Error} the connection broke
 */
export async function measureQueries(url: URL, queries: readonly Query[]): Promise<QueryFigures> {
  const medians = new Map<string, number>();
  const problems: string[] = [];
  const connection = await HttpConnection.open(url);
  try {
    for (const query of queries) {
      const times: number[] = [];
      const found = new Set<string>();
      for (let run = -WARMING_RUNS; run < TIMED_RUNS; run++) {
        const begun = performance.now();
        const answer = await connection.exchange(query.request);
        if (run >= 0) times.push(performance.now() - begun);
        const problem = problemOf(query, answer);
        if (problem !== undefined) found.add(problem);
      }
      medians.set(query.row, median(times));
      problems.push(...[...found].map((problem) => `${query.row}: ${problem}`));
    }
  } finally {
    connection.close();
  }
  return { medians, problems };
}

function problemOf(query: Query, { status, body }: Answer): string | undefined {
  if (status !== 200) {
    return `status ${status}: ${new TextDecoder().decode(body.subarray(0, 200))}`;
  }
  return query.check(body);
}

/** A sentence if two numbers differ. */
export function differs(what: string, found: number, expected: number): string | undefined {
  return found === expected ? undefined : `${what}: found ${found}, expected ${expected}`;
}

/** A sentence if two tables of counts differ. */
export function countsDiffer(
  found: ReadonlyMap<string, number>,
  expected: ReadonlyMap<string, number>,
): string | undefined {
  for (const name of new Set([...expected.keys(), ...found.keys()])) {
    const problem = differs(name, found.get(name) ?? 0, expected.get(name) ?? 0);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
