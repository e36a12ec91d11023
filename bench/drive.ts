/** @module Sends ready requests over keep-alive connections and times every answer. */

import { pause } from "./ask.ts";
import { type Answer, HttpConnection } from "./connection.ts";
import { quantile } from "./quantile.ts";
import type { ReadyRequest } from "./requests.ts";

/** What came of a load. Latencies are milliseconds from the first byte sent to the last byte read. */
export interface LoadFigures {
  /** Records of requests answered with a 2xx status. */
  readonly records: number;
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Requests answered with another status, or not at all. */
  readonly failures: number;
  /** What the first failure was. */
  readonly failure?: string | undefined;
}

/** Counts of one load, shared by its connections. */
interface Tally {
  next: number;
  records: number;
  failures: number;
  failure: string | undefined;
  readonly latencies: Float64Array;
  /** Milliseconds from the beginning of one request to that of the next; 0 for as fast as answers come. */
  readonly intervalMs: number;
  begunMs: number;
  /** No request begins after this. */
  endMs: number;
}

/**
 * Sends every request once, one in flight a connection; the connections are open before the clock starts. With
 * `perSecond` it sends no more records a second than that, evenly, and leaves out what it cannot send in the time that
 * all of them take at that pace.
 *
 * @throws {Error} it cannot connect, at the beginning or after a broken connection
 */
export async function drive(
  url: URL,
  requests: readonly ReadyRequest[],
  connections: number,
  perSecond?: number,
): Promise<LoadFigures> {
  const tally: Tally = {
    next: 0,
    records: 0,
    failures: 0,
    failure: undefined,
    latencies: new Float64Array(requests.length),
    intervalMs: perSecond === undefined ? 0 : (requests[0]?.records ?? 0) / perSecond * 1000,
    begunMs: 0,
    endMs: Infinity,
  };
  const count = Math.min(connections, requests.length);
  const open = await Promise.all(Array.from({ length: count }, () => HttpConnection.open(url)));
  tally.begunMs = performance.now();
  if (perSecond !== undefined) tally.endMs = tally.begunMs + requests.length * tally.intervalMs;
  await Promise.all(open.map((connection) => sendThrough(connection, url, requests, tally)));
  const seconds = (performance.now() - tally.begunMs) / 1000;
  const { next, records, failures, failure } = tally;
  const latencies = tally.latencies.subarray(0, next).sort();
  return {
    records,
    requests: next,
    seconds,
    p50Ms: quantile(latencies, 0.5),
    p90Ms: quantile(latencies, 0.9),
    p99Ms: quantile(latencies, 0.99),
    maxMs: latencies.at(-1) ?? NaN,
    failures,
    failure,
  };
}

/** Takes requests from the common row until none is left. */
async function sendThrough(
  connection: HttpConnection,
  url: URL,
  requests: readonly ReadyRequest[],
  tally: Tally,
): Promise<void> {
  while (tally.next < requests.length && performance.now() < tally.endMs) {
    const index = tally.next++;
    const request = requests[index]!;
    const early = tally.begunMs + index * tally.intervalMs - performance.now();
    if (tally.intervalMs > 0 && early > 0) await pause(early);
    const begun = performance.now();
    let failure: string | undefined;
    let broken = false;
    try {
      const answer = await connection.exchange(request.bytes);
      if (answer.status >= 300) failure = describe(answer);
    } catch (error) {
      failure = String(error);
      broken = true;
    }
    tally.latencies[index] = performance.now() - begun;
    if (failure === undefined) {
      tally.records += request.records;
    } else {
      tally.failures++;
      tally.failure ??= failure;
    }
    if (broken) {
      connection.close();
      connection = await HttpConnection.open(url);
    }
  }
  connection.close();
}

function describe({ status, body }: Answer): string {
  return `${status} ${new TextDecoder().decode(body.subarray(0, 300))}`;
}
