/** @module `deno task bench:formats`: what the wire formats cost beside the native one, on one server, in turn. */

import { parseArgs } from "node:util";
import { integerOption } from "./_options.ts";
import { inBenchDirectory, print, progress } from "./console.ts";
import { drive } from "./drive.ts";
import { generateRecords } from "./generate.ts";
import { processFigures } from "./process_figures.ts";
import { quantile } from "./quantile.ts";
import { type BodyForm, buildRequests, type ReadyRequest } from "./requests.ts";
import { type Sentinel, startSentinel, storedRecords } from "./sentinel.ts";

/** Where a format's records go, and as what. */
interface Format {
  readonly name: string;
  readonly path: string;
  readonly contentType: string;
  readonly form: BodyForm;
}

/** The native one is what the others are compared with. */
const FORMATS: readonly Format[] = [
  { name: "native", path: "/logs", contentType: "application/json", form: "json" },
  { name: "OTLP protobuf", path: "/v1/logs", contentType: "application/x-protobuf", form: "otlp" },
  {
    name: "Loki JSON",
    path: "/loki/api/v1/push",
    contentType: "application/json",
    form: "loki_json",
  },
  {
    name: "Elasticsearch bulk",
    path: "/_bulk",
    contentType: "application/x-ndjson",
    form: "elasticsearch",
  },
];

/** Records in a request, as the other benchmarks have them. */
const BATCH = 1_000;

/** Enough that the server never waits for the driver. */
const CONNECTIONS = 4;

/** What is sent before anything is measured: the engine compiles what it runs often. */
const WARM_UP_RECORDS = 50_000;

/** What a format took, a figure for each round. */
interface Taken {
  readonly perSecond: number[];
  /** Processor time of the server, in microseconds a record; empty where there is no /proc. */
  readonly cpuMicros: number[];
}

async function measure(
  server: Sentinel,
  rounds: number,
  records: number,
): Promise<ReadonlyMap<Format, Taken>> {
  const requests = new Map(FORMATS.map((format) => [format, requestsOf(format, server, records)]));
  const taken = new Map(FORMATS.map((format): [Format, Taken] => {
    return [format, { perSecond: [], cpuMicros: [] }];
  }));
  for (const list of requests.values()) {
    await send(server, list.slice(0, Math.ceil(WARM_UP_RECORDS / BATCH)));
  }
  for (let round = 0; round < rounds; round++) {
    progress(`round ${round + 1} of ${rounds}`);
    // Each begins a round as often as any other, or background work of the one before would always meet the same one.
    const order = FORMATS.map((_, i) => FORMATS[(i + round) % FORMATS.length]!);
    for (const format of order) {
      const before = await processFigures(server.process.pid);
      const seconds = await send(server, requests.get(format)!);
      const after = await processFigures(server.process.pid);
      taken.get(format)!.perSecond.push(records / seconds);
      if (before === undefined || after === undefined) continue;
      taken.get(format)!.cpuMicros.push((after.cpuSeconds - before.cpuSeconds) * 1e6 / records);
    }
  }
  return taken;
}

function requestsOf(format: Format, { url, token }: Sentinel, records: number): ReadyRequest[] {
  const { path, contentType, form } = format;
  const target = { url: new URL(path, url), contentType, authorization: `Token ${token}`, form };
  return buildRequests(generateRecords(records), BATCH, target);
}

/** Sends requests; gives the seconds. @throws {Error} one was refused */
async function send({ url }: Sentinel, requests: readonly ReadyRequest[]): Promise<number> {
  const { seconds, failures, failure } = await drive(url, requests, CONNECTIONS);
  if (failures > 0) throw new Error(`${failures} requests failed: ${failure}`);
  return seconds;
}

function report(taken: ReadonlyMap<Format, Taken>): string {
  const lines = ["| format | records/s | of native | server, µs/record | of native |"];
  lines.push("| --- | --- | --- | --- | --- |");
  const [native] = [...taken.values()];
  for (const [{ name }, { perSecond, cpuMicros }] of taken) {
    const cells = [
      name,
      Math.round(median(perSecond)).toLocaleString("en-US"),
      // Pairs of one round: what else the machine does is alike for both.
      median(perSecond.map((value, i) => value / native!.perSecond[i]!)).toFixed(2),
      median(cpuMicros).toFixed(2),
      median(cpuMicros.map((value, i) => value / native!.cpuMicros[i]!)).toFixed(2),
    ];
    lines.push(`| ${cells.join(" | ")} |`);
  }
  return lines.join("\n");
}

function median(values: readonly number[]): number {
  return quantile(Float64Array.from(values).sort(), 0.5);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      records: { type: "string", default: "200000" },
      rounds: { type: "string", default: "7" },
    },
  });
  const records = integerOption("records", values.records, BATCH, 1e7);
  const rounds = integerOption("rounds", values.rounds, 1, 100);
  await inBenchDirectory(async (directory) => {
    const server = await startSentinel(`${directory}/sentinel.kv`);
    try {
      const taken = await measure(server, rounds, records);
      const warmUp = Math.min(Math.ceil(WARM_UP_RECORDS / BATCH) * BATCH, records);
      const sent = FORMATS.length * (rounds * records + warmUp);
      const stored = await storedRecords(server);
      if (stored !== sent) throw new Error(`${stored} records are stored of ${sent} sent`);
      await print(report(taken));
    } finally {
      await server.process.end("SIGKILL");
    }
  });
}

await main();
