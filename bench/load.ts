/**
 * @module The load driver as a process of its own: makes the records, then sends them.
 *
 * `deno run --allow-net --allow-run=cat bench/load.ts --url http://127.0.0.1:5000/logs --token T --batch 1000`
 */

import { parseArgs } from "node:util";
import { drive, type LoadFigures } from "./drive.ts";
import { type GeneratedRecord, generateRecords } from "./generate.ts";
import { integerOption } from "./_options.ts";
import { processFigures } from "./process_figures.ts";
import { readRecords } from "./records.ts";
import { type BodyForm, buildRequests } from "./requests.ts";

/** What `--json` prints, after a line that says when sending begins. */
export interface LoadReport extends LoadFigures {
  /** Bytes of the requests, heads included. */
  readonly bytes: number;
  /** Processor time that the driver took while it sent; absent without /proc. */
  readonly clientCpuSeconds?: number | undefined;
  /** Of the server with `--pid`; absent without /proc. */
  readonly serverCpuSeconds?: number | undefined;
  readonly serverResidentBytes?: number | undefined;
  readonly serverPeakBytes?: number | undefined;
}

const OPTIONS = {
  url: { type: "string", default: "http://127.0.0.1:5000/logs" },
  token: { type: "string" },
  form: { type: "string", default: "json" },
  type: { type: "string", default: "application/json" },
  file: { type: "string" },
  later: { type: "string", default: "0" },
  records: { type: "string", default: "1000000" },
  batch: { type: "string", default: "1000" },
  connections: { type: "string", default: "1" },
  rate: { type: "string" },
  pid: { type: "string" },
  json: { type: "boolean", default: false },
} as const;

async function run(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  const url = new URL(values.url);
  const requests = buildRequests(
    recordsOf(
      values.file,
      integerOption("records", values.records, 1, 1e8),
      integerOption("later", values.later, 0, 1e12),
    ),
    integerOption("batch", values.batch, 1, 100_000),
    {
      url,
      contentType: values.type,
      authorization: values.token === undefined ? undefined : `Token ${values.token}`,
      form: formOf(values.form),
    },
  );
  const connections = integerOption("connections", values.connections, 1, 10_000);
  const pid = values.pid === undefined ? undefined : integerOption("pid", values.pid, 1, 2 ** 31);
  const rate = values.rate === undefined ? undefined : integerOption("rate", values.rate, 1, 1e8);
  await write(`Sending ${requests.length} requests`);
  const report: LoadReport = {
    ...await measure(pid, () => drive(url, requests, connections, rate)),
    bytes: requests.reduce((sum, { bytes }) => sum + bytes.length, 0),
  };
  await write(values.json ? JSON.stringify(report) : textOf(report));
  if (report.failures > 0) Deno.exitCode = 1;
}

/** Generated records, or those of a file; with their times moved by so many milliseconds. */
function* recordsOf(
  file: string | undefined,
  count: number,
  laterMs: number,
): Generator<GeneratedRecord> {
  const records = file === undefined ? generateRecords(count) : readRecords(file, count);
  if (laterMs === 0) return yield* records;
  for (const record of records) {
    const timestamp = new Date(Date.parse(record.timestamp) + laterMs).toISOString();
    yield { ...record, timestamp };
  }
}

/** @throws {RangeError} there is no such form */
function formOf(text: string): BodyForm {
  if (text === "json" || text === "lines" || text === "loki") return text;
  throw new RangeError(`Cannot parse --form ${JSON.stringify(text)}: give json, lines or loki`);
}

async function measure(
  pid: number | undefined,
  load: () => Promise<LoadFigures>,
): Promise<Omit<LoadReport, "bytes">> {
  const serverBefore = pid === undefined ? undefined : await processFigures(pid);
  const clientBefore = await processFigures(Deno.pid);
  const figures = await load();
  const clientAfter = await processFigures(Deno.pid);
  const serverAfter = pid === undefined ? undefined : await processFigures(pid);
  return {
    ...figures,
    clientCpuSeconds: clientBefore && clientAfter &&
      clientAfter.cpuSeconds - clientBefore.cpuSeconds,
    serverCpuSeconds: serverBefore && serverAfter &&
      serverAfter.cpuSeconds - serverBefore.cpuSeconds,
    serverResidentBytes: serverAfter?.residentBytes,
    serverPeakBytes: serverAfter?.peakBytes,
  };
}

function textOf(report: LoadReport): string {
  const { records, requests, seconds, failures } = report;
  const a = (value: number | undefined, digits = 0) => {
    return value?.toLocaleString("en-US", { maximumFractionDigits: digits }) ?? "unknown";
  };
  const mebibytes = (bytes: number | undefined) => a(bytes && bytes / 2 ** 20);
  return `${a(records)} records in ${a(seconds, 2)} s: ${a(records / seconds)} records/s, ` +
    `${a(requests / seconds)} requests/s, ${failures} failed\n` +
    (report.failure === undefined ? "" : `first failure: ${report.failure}\n`) +
    `answers: p50 ${a(report.p50Ms, 2)} ms, p90 ${a(report.p90Ms, 2)} ms, ` +
    `p99 ${a(report.p99Ms, 2)} ms, max ${a(report.maxMs, 1)} ms\n` +
    `processor: client ${a(report.clientCpuSeconds, 2)} s, server ${
      a(report.serverCpuSeconds, 2)
    } s; ` +
    `server memory ${mebibytes(report.serverResidentBytes)} MiB, ` +
    `peak ${mebibytes(report.serverPeakBytes)} MiB`;
}

async function write(text: string): Promise<void> {
  const writer = Deno.stdout.writable.getWriter();
  await writer.write(new TextEncoder().encode(text + "\n"));
  writer.releaseLock();
}

if (import.meta.main) await run();
