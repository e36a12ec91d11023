/** @module `deno task demo`: server and simulator in one process, on ./data/sentinel.kv. */
import { DEMO_TOKEN, simulate } from "../../simulator/mod.ts";
import { runServer } from "./_run_server.ts";
import { DEFAULT_DATA } from "./_server.ts";
import { StopSignals } from "./_stop_signals.ts";
import { systemTerminal, type Terminal } from "./terminal.ts";

const PORT = 5000;

/** Runs server and simulator until `stop`; the server stops after the simulator, so that nothing sent is refused. */
export async function runDemo(
  terminal: Terminal,
  port: number,
  stop: AbortSignal,
): Promise<number> {
  const serverStop = new AbortController();
  const ready = Promise.withResolvers<string>();
  const served = runServer(
    { host: "127.0.0.1", port, data: DEFAULT_DATA, demo: true },
    terminal,
    serverStop.signal,
    ready.resolve,
  );
  try {
    const url = await Promise.race([ready.promise, served.then(() => undefined)]);
    if (url === undefined) return 0;
    terminal.out(introduction(url));
    return await simulate({ url, token: DEMO_TOKEN, signal: stop });
  } finally {
    serverStop.abort();
    await served;
  }
}

function introduction(url: string): string {
  const read = `curl -H 'Authorization: Token ${DEMO_TOKEN}'`;
  return `
Open ${url} in a browser (token: ${DEMO_TOKEN}), or ask from another terminal:

  ${read} '${url}/logs?severity=ERROR&limit=5'
  ${read} '${url}/stats'
  curl -H 'Authorization: Token auth-service-token-001' -H 'Content-Type: application/json' \\
    -d '{"timestamp":"${
    new Date().toISOString()
  }","service":"auth-service","severity":"INFO","message":"Hello"}' \\
    ${url}/logs

Emulated services are logging now. Ctrl-C ends both.

`;
}

if (import.meta.main) {
  const terminal = systemTerminal();
  let code = 1;
  using stop = new StopSignals();
  try {
    code = await runDemo(terminal, PORT, stop.signal);
  } catch (error) {
    terminal.err(`${error instanceof Error ? error.message : error}\n`);
  }
  Deno.exit(code);
}
