/** @module The ceiling as a server to load: see ceiling_server.ts. */

import { type ServerProcess, startServer } from "./child.ts";
import type { IngestTarget } from "./requests.ts";

/** Starts the server that only parses. */
export async function startCeiling(): Promise<{ process: ServerProcess; target: IngestTarget }> {
  const script = decodeURIComponent(new URL("ceiling_server.ts", import.meta.url).pathname);
  const args = ["run", "-q", "--no-config", "--allow-net=127.0.0.1", script];
  const process = await startServer(Deno.execPath(), args, /listening on \S+\n/);
  const url = new URL("/logs", /listening on (\S+)\n/.exec(process.output)![1]);
  return { process, target: { url, contentType: "application/json", form: "json" } };
}
