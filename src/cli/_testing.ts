/** @module Stand-ins for tests of the commands: a server that answers as told, and a terminal that remembers. */
import { execute } from "./run_cli.ts";
import type { Terminal } from "./terminal.ts";

// What the developer's own shell sets must not decide what a test sees, here or in a process it starts.
for (const name of Object.keys(Deno.env.toObject())) {
  if (name.startsWith("SENTINEL_")) Deno.env.delete(name);
}

/** Runs `use` against a server on a free port. */
export async function withServer(
  handle: (request: Request) => Response | Promise<Response>,
  use: (url: string) => Promise<void>,
): Promise<void> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, handle);
  try {
    await use(`http://127.0.0.1:${server.addr.port}`);
  } finally {
    await server.shutdown();
  }
}

/** What a command line came to. */
export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process. */
export async function run(...args: string[]): Promise<Outcome> {
  let out = "";
  let err = "";
  const decoder = new TextDecoder();
  const terminal: Terminal = {
    outIsTerminal: false,
    errIsTerminal: false,
    columns: 80,
    out: (text) => out += typeof text === "string" ? text : decoder.decode(text, { stream: true }),
    err: (text) => err += text,
  };
  const code = await execute(args, terminal);
  return { code, out, err };
}

/** Runs `use` with a directory that is removed afterwards. */
export async function withDirectory(use: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "sentinel-cli-" });
  try {
    await use(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
