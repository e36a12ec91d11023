/** @module VictoriaLogs beside us, where it is on PATH: the same records in its own form, the same questions in its own words. */

import { type ServerProcess, startServer } from "./child.ts";
import { HttpConnection } from "./connection.ts";
import { diskBytes } from "./disk.ts";
import {
  type Expected,
  HOUR,
  HOUR_STREAM,
  NEWEST,
  NEWEST_STREAM,
  RARE_PART,
  streamKey,
  type StreamName,
} from "./expected.ts";
import { countsDiffer, differs, type Query } from "./measure_queries.ts";
import { type IngestTarget, requestHead } from "./requests.ts";
import { ABSENT_PHRASE, RARE_WORD } from "./_templates.ts";

/** The executable's name. */
const PROGRAM = "victoria-logs";

/** It shows records about a second after it took them; this is long enough for any machine. */
const VISIBLE_MS_MAX = 60_000;

const POLL_MS = 100;

/** Ten seconds. */
const LISTEN_TRIES_MAX = 100;

/** A server on a directory of its own. */
export interface Victoria {
  readonly process: ServerProcess;
  readonly url: URL;
}

/**
 * Starts it; `undefined` if there is none on PATH.
 *
 * @throws {Error} it does not start
 */
export async function startVictoria(directory: string): Promise<Victoria | undefined> {
  const port = freePort();
  const server = await startProcess(directory, port);
  if (server === undefined) return undefined;
  // It says that it has started a moment before it listens.
  for (let tries = 0; await countRecords(server.url) < 0; tries++) {
    if (tries === LISTEN_TRIES_MAX) {
      await server.process.end("SIGKILL");
      throw new Error(`VictoriaLogs does not listen on port ${port}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return server;
}

async function startProcess(directory: string, port: number): Promise<Victoria | undefined> {
  const args = [
    `-storageDataPath=${directory}`,
    `-httpListenAddr=127.0.0.1:${port}`,
    "-loggerOutput=stdout",
    // The generated day may be long past or yet to come.
    "-retentionPeriod=100y",
    "-futureRetention=100y",
  ];
  try {
    const process = await startServer(PROGRAM, args, /started VictoriaLogs/);
    return { process, url: new URL(`http://127.0.0.1:${port}`) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Where its records go: streams by service and severity, as ours. */
export function victoriaTarget({ url }: Victoria): IngestTarget {
  const target = new URL("/insert/jsonline", url);
  target.search = "_stream_fields=service,severity&_time_field=timestamp&_msg_field=message";
  return { url: target, contentType: "application/stream+json", form: "lines" };
}

/**
 * Waits until it shows every record and its files stand still for `stillMs`.
 *
 * @throws {Error} it does not show them
 */
export async function settleVictoria(
  { url }: Victoria,
  directory: string,
  records: number,
  stillMs: number,
): Promise<void> {
  const deadline = performance.now() + VISIBLE_MS_MAX;
  let [bytes, since] = [-1, 0];
  for (;;) {
    const now = performance.now();
    const found = await diskBytes(directory);
    if (found !== bytes || await countRecords(url) !== records) [bytes, since] = [found, now];
    if (now - since >= stillMs) return;
    if (now > deadline) throw new Error(`VictoriaLogs did not settle with ${records} records`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Everything that is asked of it; what it has no like of is left out. */
export function victoriaQueries(url: URL, expected: Expected): Query[] {
  const query = (
    row: string,
    text: string,
    check: (lines: Line[]) => string | undefined,
    parameters: Record<string, string> = {},
  ): Query => ({
    row,
    request: queryRequest(url, text, parameters),
    check: (body) => check(parseLines(body)),
  });
  const matches = (row: string, text: string, count: number, limit?: number) => {
    const parameters = limit === undefined ? undefined : { limit: String(limit) };
    return query(row, text, ({ length }) => differs("records", length, count), parameters);
  };
  const inHour = `_time:[${HOUR.start}, ${HOUR.end}] ${selector(HOUR_STREAM)}`;
  return [
    query("count", "* | stats by (service, severity) count() hits", (lines) => {
      return countsDiffer(
        tally(lines, (line) => streamKey(line as unknown as StreamName)),
        expected.streams,
      );
    }),
    matches("last100", selector(NEWEST_STREAM), expected.newestOfStream.length, NEWEST),
    matches("newest100", "*", expected.newest.length, NEWEST),
    matches("hour", inHour, expected.hour),
    matches("word", RARE_WORD, expected.rareWord),
    matches("none", `"${ABSENT_PHRASE}"`, 0),
    matches("substring", `_msg:~"${RARE_PART}"`, expected.rarePart),
    matches(
      "substring_any_case",
      `_msg:~"(?i)${RARE_PART.toLowerCase()}"`,
      expected.rarePartAnyCase,
    ),
    query("histogram", "* | stats by (_time:15m, severity) count() hits", (lines) => {
      return countsDiffer(tally(lines, ({ severity }) => severity), expected.severities);
    }),
    query("facets", "* | stats by (service) count() hits", (lines) => {
      return countsDiffer(tally(lines, ({ service }) => service), expected.services);
    }),
  ];
}

/** A line of its answers: every value is text. */
type Line = Readonly<Record<string, string>>;

function parseLines(body: Uint8Array): Line[] {
  const lines = new TextDecoder().decode(body).split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line));
}

function tally(lines: readonly Line[], nameOf: (line: Line) => string | undefined) {
  const counts = new Map<string, number>();
  for (const line of lines) {
    const name = nameOf(line) ?? "";
    counts.set(name, (counts.get(name) ?? 0) + Number(line.hits));
  }
  return counts;
}

function selector({ service, severity }: StreamName): string {
  return `{service="${service}",severity="${severity}"}`;
}

function queryRequest(
  base: URL,
  query: string,
  parameters: Readonly<Record<string, string>> = {},
): Uint8Array {
  const url = new URL("/select/logsql/query", base);
  const day = { start: "2026-10-31T00:00:00Z", end: "2026-11-01T00:00:00Z" };
  url.search = new URLSearchParams({ query, ...day, ...parameters }).toString();
  return requestHead("GET", url, {});
}

/** How many records it shows; -1 while it does not listen. */
async function countRecords(url: URL): Promise<number> {
  let connection: HttpConnection;
  try {
    connection = await HttpConnection.open(url);
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) return -1;
    throw error;
  }
  try {
    const { body } = await connection.exchange(queryRequest(url, "* | stats count() hits"));
    return Number(parseLines(body)[0]?.hits ?? 0);
  } finally {
    connection.close();
  }
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  return listener.addr.port;
}
