/** @module What is done, always in the same way to the same records, so that its work can be counted. */

import { generateRecords, SERVICES } from "../../bench/generate.ts";
import type { CountedServer } from "./_server.ts";

/** Records in a request. */
const BATCH = 1000;
/** Records of the day that most queries are about: six flushes' worth, so that segments were merged more than once. */
const DAY_RECORDS = 200_000;
/** What the scenarios of ingestion send: one flush's worth and half of another. */
const SENT_RECORDS = 50_000;
/** Just too few to be flushed. */
const MEMORY_RECORDS = 32_000;
const SPARSE_SERVICES = 1000;
const DAYS = 60;

const DAY_MS = 24 * 60 * 60 * 1000;
const MIDNIGHT_MS = Date.parse("2026-11-01T00:00:00Z");

/** Something that is done to a server. */
export interface Scenario {
  readonly name: string;
  run(server: CountedServer): Promise<unknown>;
}

/** A store, and what is asked of it: each twice, with nothing in the caches and then again. */
export interface ReadScenarios {
  readonly store: string;
  fill(server: CountedServer): Promise<void>;
  readonly reads: readonly Scenario[];
}

/** Done one after the other to a store that is empty at first. */
export const WRITES: readonly Scenario[] = [
  { name: "ingest 1 record", run: (server) => server.post(singleRecord(1)) },
  {
    name: "ingest 1 record with an idempotency key",
    run: (server) => server.post(singleRecord(2), { "idempotency-key": "a" }),
  },
  {
    name: "ingest the same again",
    run: (server) => server.post(singleRecord(2), { "idempotency-key": "a" }),
  },
  { name: "flush 2 records", run: (server) => server.flush() },
  { name: "ingest 50 batches of 1,000, with what follows", run: (s) => send(s, SENT_RECORDS) },
  get("newest 100", "/logs?limit=100"),
  { name: "flush the rest", run: (server) => server.flush() },
  get("newest 100 after a flush", "/logs?limit=100"),
  { name: "merge what can be merged", run: (server) => server.maintain() },
  { name: "look for work where there is none", run: (server) => server.maintain() },
  { name: "delete six hours", run: (server) => server.delete("before=2026-10-31T06:00:00Z") },
  { name: "reclaim their space", run: (server) => server.maintain() },
];

const HOUR = "timestamp_start=2026-10-31T11:00:00Z&timestamp_end=2026-10-31T11:59:59.999Z";
const DAY = "timestamp_start=2026-10-31T00:00:00Z&timestamp_end=2026-10-31T23:59:59.999Z";

/** What is read. */
export const READS: readonly ReadScenarios[] = [
  {
    store: "a day",
    async fill(server) {
      await send(server, DAY_RECORDS);
      await settle(server);
    },
    reads: [
      get("newest 100", "/logs?limit=100"),
      get("newest 100 of a stream", "/logs?service=checkout&severity=ERROR&limit=100"),
      get("newest 100 with a common word", "/logs?q=order&limit=100"),
      get("oldest 100", "/logs?limit=100&order=asc"),
      { name: "newest 1,000, ten pages of 100", run: (server) => pages(server, 10) },
      get("an hour of a stream", `/logs?service=api-gateway&severity=INFO&${HOUR}&limit=10000`),
      get("a word in 4 records", "/logs?q=QX7741"),
      get("a phrase that occurs nowhere", '/logs?q="warehouse robot stopped responding"'),
      get("a substring in 60 records", "/logs?q=*7741*"),
      get("stats", "/stats"),
      get("stats by service and severity", "/stats?by=service,severity"),
      get("stats of an hour", `/stats?${HOUR}`),
      get("histogram of the day", `/histogram?${DAY}`),
      get("histogram of an hour", `/histogram?${HOUR}`),
      get("facets of services", "/facets?field=service"),
      get("a record by id", `/logs/${DAY_RECORDS / 2}`),
      get("a record's neighbours", `/logs/${DAY_RECORDS / 2}/context`),
      { name: "export", run: (server) => server.get("/logs", "application/x-ndjson") },
    ],
  },
  {
    store: "60 days",
    async fill(server) {
      for (let day = -DAYS; day < 0; day++) {
        await server.post(JSON.stringify(recordsOfDay(day)));
        await settle(server);
      }
    },
    reads: [
      get("newest 100", "/logs?limit=100"),
      get("newest 100 of a stream", "/logs?service=checkout&severity=INFO&limit=100"),
      get("a phrase that occurs nowhere", '/logs?q="warehouse robot stopped responding"'),
      get("stats of a day", `/stats?${DAY}`),
      get("histogram", "/histogram"),
      get("a record by id", `/logs/${DAYS / 2 * BATCH}`),
    ],
  },
  {
    store: "1,000 services",
    async fill(server) {
      await server.post(JSON.stringify(sparseRecords()));
      await settle(server);
    },
    reads: [
      get("newest 100", "/logs?limit=100"),
      get("newest 100 of a service", "/logs?service=service-500&limit=100"),
      get("stats", "/stats"),
    ],
  },
  {
    store: "in memory",
    fill: (server) => send(server, MEMORY_RECORDS),
    reads: [
      get("newest 100", "/logs?limit=100"),
      get("newest 100 of a stream", "/logs?service=checkout&severity=ERROR&limit=100"),
      get("a phrase that occurs nowhere", '/logs?q="warehouse robot stopped responding"'),
      get("histogram of the day", `/histogram?${DAY}`),
    ],
  },
];

/** Sends generated records, and lets the background work keep up. */
async function send(server: CountedServer, count: number): Promise<void> {
  let batch: unknown[] = [];
  for (const record of generateRecords(count)) {
    batch.push(record);
    if (batch.length < BATCH) continue;
    await server.post(JSON.stringify(batch));
    await server.maintain();
    batch = [];
  }
}

/** Leaves nothing in memory and nothing to merge. */
async function settle(server: CountedServer): Promise<void> {
  await server.flush();
  await server.maintain();
}

function singleRecord(n: number): string {
  const timestamp = new Date(MIDNIGHT_MS + n).toISOString();
  return JSON.stringify({ timestamp, service: "audit", severity: "INFO", message: `entry ${n}` });
}

/** A batch of one day, counted from the one that begins at midnight. */
function recordsOfDay(day: number): unknown[] {
  return Array.from({ length: BATCH }, (_, i) => ({
    timestamp: new Date(MIDNIGHT_MS + (day + i / BATCH) * DAY_MS).toISOString(),
    service: SERVICES[i % 2]!,
    severity: "INFO",
    message: `article ${i} of day ${day}`,
  }));
}

/** Three records of each of many services. */
function sparseRecords(): unknown[] {
  return Array.from({ length: 3 * SPARSE_SERVICES }, (_, i) => ({
    timestamp: new Date(MIDNIGHT_MS + i * 1000).toISOString(),
    service: `service-${i % SPARSE_SERVICES}`,
    severity: "INFO",
    message: `heartbeat ${i}`,
  }));
}

function get(name: string, path: string): Scenario {
  return { name, run: (server) => server.get(encodeURI(path)) };
}

async function pages(server: CountedServer, count: number): Promise<void> {
  let path = "/logs?limit=100";
  for (let page = 0; page < count; page++) path = (await server.getPage(path)).next;
}
