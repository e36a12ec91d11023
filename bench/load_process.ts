/** @module Runs the load driver beside the server, not within the process that times everything else. */

import { runToEnd } from "./child.ts";
import type { LoadReport } from "./load.ts";
import type { IngestTarget } from "./requests.ts";

/** How much is sent, and how. */
export interface LoadShape {
  readonly records: number;
  readonly batch: number;
  readonly connections: number;
}

/**
 * Sends generated records to a server.
 *
 * @throws {Error} with the driver's words, if a request failed
 */
export async function load(
  target: IngestTarget,
  { records, batch, connections }: LoadShape,
  serverPid: number,
): Promise<LoadReport> {
  const token = target.authorization?.replace(/^Token /, "");
  const script = decodeURIComponent(new URL("load.ts", import.meta.url).pathname);
  const output = await runToEnd(Deno.execPath(), [
    "run",
    "-q",
    "--no-config",
    `--allow-net=${target.url.host}`,
    "--allow-run=cat",
    script,
    ...["--url", target.url.href, "--type", target.contentType, "--form", target.form],
    ...["--records", String(records), "--batch", String(batch)],
    ...["--connections", String(connections), "--pid", String(serverPid), "--json"],
    ...(token === undefined ? [] : ["--token", token]),
  ]);
  return JSON.parse(output);
}
