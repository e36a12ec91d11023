/** @module What is done, always in the same way to the same records, so that its work can be counted. */

import { generateRecords } from "../../bench/generate.ts";
import type { CountedServer } from "./_server.ts";

/** Records of the store that queries are asked of: three flushes' worth for each core of the usual machine. */
export const STORED_RECORDS = 200_000;
/** Records that the scenarios of ingestion send. */
const SENT_RECORDS = 50_000;
/** Records in a request. */
const BATCH = 1000;

/** Something that is done to a server. */
export interface Scenario {
  readonly name: string;
  run(server: CountedServer): Promise<unknown>;
}

/** Fills an empty store and lets it settle: nothing is left in memory, nothing is left to merge. */
export async function fill(server: CountedServer): Promise<void> {
  await send(server, STORED_RECORDS);
  await server.flush();
  await server.maintain();
}

async function send(server: CountedServer, count: number): Promise<void> {
  for (const body of bodies(count)) {
    await server.post(body);
    await server.maintain();
  }
}

function* bodies(count: number): Generator<string> {
  let batch: unknown[] = [];
  for (const record of generateRecords(count)) {
    batch.push(record);
    if (batch.length < BATCH) continue;
    yield JSON.stringify(batch);
    batch = [];
  }
}

function singleRecord(n: number): string {
  const timestamp = new Date(Date.parse("2026-11-01T12:00:00Z") + n).toISOString();
  return JSON.stringify({ timestamp, service: "audit", severity: "INFO", message: `entry ${n}` });
}

/** Done one after the other to a store that is empty at first. */
export const WRITES: readonly Scenario[] = [
  { name: "ingest 1 record", run: (server) => server.post(singleRecord(1)) },
  { name: "ingest 1 record of a known stream", run: (server) => server.post(singleRecord(2)) },
  {
    name: "ingest 1 record with an idempotency key",
    run: (server) => server.post(singleRecord(3), { "idempotency-key": "a" }),
  },
  {
    name: "ingest the same again",
    run: (server) => server.post(singleRecord(3), { "idempotency-key": "a" }),
  },
  { name: "flush 3 records", run: (server) => server.flush() },
  { name: "ingest 50 batches of 1,000, with what follows", run: (s) => send(s, SENT_RECORDS) },
  { name: "flush the rest", run: (server) => server.flush() },
  { name: "merge what can be merged", run: (server) => server.maintain() },
  { name: "maintain a store at rest", run: (server) => server.maintain() },
  {
    name: "delete six hours",
    run: (server) => server.delete("before=2026-10-31T06:00:00Z"),
  },
  { name: "reclaim their space", run: (server) => server.maintain() },
];

const HOUR = "service=api-gateway&severity=INFO" +
  "&timestamp_start=2026-10-31T11:00:00Z&timestamp_end=2026-10-31T11:59:59.999Z";

/** Each asked twice of a store that {@linkcode fill} has filled: with nothing in its caches, then again. */
export const READS: readonly Scenario[] = [
  get("newest 100", "/logs?limit=100"),
  get("newest 100 of a stream", "/logs?service=checkout&severity=ERROR&limit=100"),
  get("oldest 100", "/logs?limit=100&order=asc"),
  { name: "newest 1,000, ten pages of 100", run: (server) => pages(server, 10) },
  get("an hour of a stream", `/logs?${HOUR}&limit=10000`),
  get("a word in 4 records", "/logs?q=QX7741"),
  get("a phrase that occurs nowhere", '/logs?q="warehouse robot stopped responding"'),
  get("a substring in 4 records", "/logs?q=*7741*"),
  get("newest 100 with a common word", "/logs?q=order&limit=100"),
  get("stats", "/stats"),
  get("stats by service and severity", "/stats?by=service,severity"),
  get("stats of an hour", "/stats?timestamp_start=2026-10-31T11:00:00Z"),
  get("histogram of the day", histogram("00:00:00Z", "23:59:59.999Z")),
  get("histogram of ten minutes", histogram("11:00:00Z", "11:09:59.999Z")),
  get("facets of services", "/facets?field=service"),
  get("record by id", `/logs/${STORED_RECORDS / 2}`),
  get("neighbours of a record", `/logs/${STORED_RECORDS / 2}/context`),
  {
    name: "export everything",
    run: (server) => server.get("/logs", "application/x-ndjson"),
  },
];

function get(name: string, path: string): Scenario {
  return { name, run: (server) => server.get(encodeURI(path)) };
}

function histogram(from: string, to: string): string {
  return `/histogram?timestamp_start=2026-10-31T${from}&timestamp_end=2026-10-31T${to}`;
}

async function pages(server: CountedServer, count: number): Promise<void> {
  let path = "/logs?limit=100";
  for (let page = 0; page < count; page++) path = (await server.getPage(path)).next;
}
