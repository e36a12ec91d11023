/** @module Runs the load driver beside the server, not within the process that times everything else. */

import { PROJECT } from "./child.ts";
import type { LoadReport } from "./load.ts";
import type { IngestTarget } from "./requests.ts";

/** How much is sent, and how. */
export interface LoadShape {
  readonly records: number;
  readonly batch: number;
  readonly connections: number;
  /** An NDJSON file to take them from, instead of generating them. */
  readonly file?: string | undefined;
  /** Their times are moved by so many milliseconds. */
  readonly laterMs?: number | undefined;
  /** No more records a second than this. */
  readonly perSecond?: number | undefined;
}

/**
 * Sends records to a server.
 *
 * @throws {Error} a request failed, or the driver did
 */
export async function load(
  target: IngestTarget,
  shape: LoadShape,
  serverPid: number,
): Promise<LoadReport> {
  const report = await (await startLoad(target, shape, serverPid)).report;
  const { failures, requests, failure } = report;
  if (failures === 0) return report;
  throw new Error(`${failures} of ${requests} requests failed, the first with ${failure}`);
}

/**
 * Begins to send records to a server: resolves when the first is on its way. The report rejects if the driver fails; of
 * requests that fail it tells.
 */
export async function startLoad(
  target: IngestTarget,
  shape: LoadShape,
  serverPid: number,
): Promise<{ report: Promise<LoadReport> }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: argumentsOf(target, shape, serverPid),
    cwd: PROJECT,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const errors = new Response(child.stderr).text();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let output = "";
  let ended = false;
  const read = async () => {
    const { done, value = "" } = await reader.read();
    ended = done;
    output += value;
  };
  const finish = async () => {
    while (!ended) await read();
    const { code } = await child.status;
    const [, report] = /\n(\{.*)/.exec(output) ?? [];
    if (report !== undefined) return JSON.parse(report);
    throw new Error(`The load driver ended with ${code}: ${await errors}${output}`);
  };
  // The first line says that requests are ready and connections open.
  while (!ended && !output.includes("\n")) await read();
  return { report: finish() };
}

function argumentsOf(
  target: IngestTarget,
  { records, batch, connections, file, laterMs = 0, perSecond }: LoadShape,
  serverPid: number,
): string[] {
  const token = target.authorization?.replace(/^Token /, "");
  return [
    "run",
    "-q",
    "--no-config",
    `--allow-net=${target.url.host}`,
    "--allow-run=cat",
    ...(file === undefined ? [] : [`--allow-read=${file}`]),
    decodeURIComponent(new URL("load.ts", import.meta.url).pathname),
    ...["--url", target.url.href, "--type", target.contentType, "--form", target.form],
    ...["--records", String(records), "--batch", String(batch), "--later", String(laterMs)],
    ...["--connections", String(connections), "--pid", String(serverPid), "--json"],
    ...(token === undefined ? [] : ["--token", token]),
    ...(file === undefined ? [] : ["--file", file]),
    ...(perSecond === undefined ? [] : ["--rate", String(perSecond)]),
  ];
}
