/** @module Clients of these tests: installed once from their registries into `data/clients`, and run there. */

import assert from "node:assert/strict";
import { cleanEnvironment, join, PROJECT, say } from "../_server.ts";
import packages from "./client_packages.json" with { type: "json" };

const DIR = join(PROJECT, "data/clients");
/** Clients that hang are failures. */
const RUN_MS_MAX = 120_000;

/** What a program said, and how it ended. */
export interface Ended {
  readonly output: string;
  readonly code: number;
}

/** How a program is run. */
export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Given on its standard input. */
  readonly input?: string;
}

/** A program that is running. */
export interface Running {
  /** Resolves at its end, which must be a good one. */
  readonly ended: Promise<string>;
  /** Asks it to end, and waits until it has. */
  stop(): Promise<void>;
}

/** Starts a program. */
export function start(command: string, args: readonly string[], options: RunOptions = {}): Running {
  const { env = {}, cwd = DIR, input } = options;
  const child = new Deno.Command(command, {
    args: [...args],
    clearEnv: true,
    env: cleanEnvironment(env),
    cwd,
    stdin: input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(RUN_MS_MAX),
  }).spawn();
  let stopped = false;
  const run = async () => {
    if (input !== undefined) {
      const writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode(input));
      await writer.close();
    }
    const [{ success }, output, errors] = await Promise.all([
      child.status,
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    // Node.js shows the whole state of a client after the lines that say what happened.
    assert.ok(success || stopped, `${command} failed: ${`${output}${errors}`.slice(0, 3000)}`);
    return output;
  };
  const ended = run();
  // Whoever stops it looks at its end only then.
  ended.catch(() => undefined);
  return {
    ended,
    async stop() {
      stopped = true;
      try {
        child.kill("SIGTERM");
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
      }
      await ended;
    },
  };
}

/** Runs a program to its end, which must be a good one; gives its output. */
export async function run(
  command: string,
  args: readonly string[],
  options?: RunOptions,
): Promise<string> {
  await Deno.mkdir(DIR, { recursive: true });
  return await start(command, args, options).ended;
}

/** Whether a command is there at all. */
export function hasCommand(command: string): boolean {
  return (Deno.env.get("PATH") ?? "").split(":").some((folder) => isFile(join(folder, command)));
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false; // Not there, or not to be looked at: no command either way.
  }
}

/** Does something once, and again only when what it depends on has changed. */
async function once(name: string, key: string, install: () => Promise<void>): Promise<void> {
  const done = join(DIR, `${name}.done`);
  await Deno.mkdir(DIR, { recursive: true });
  if (await Deno.readTextFile(done).catch(() => "") === key) return;
  await install();
  await Deno.writeTextFile(done, key);
}

let npmInstalled: Promise<void> | undefined;
let pythonInstalled: Promise<void> | undefined;

function installNpm(): Promise<void> {
  const manifest = JSON.stringify({ private: true, type: "module", dependencies: packages.npm });
  return npmInstalled ??= once("npm", manifest, async () => {
    await Deno.writeTextFile(join(DIR, "package.json"), manifest);
    const args = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
    await run("npm", ["install", ...args]);
  });
}

function installPython(): Promise<void> {
  return pythonInstalled ??= once("python", packages.python.join("\n"), async () => {
    const options = ["-q", "--upgrade", "--target", "python", "--root-user-action=ignore"];
    await run("python3", ["-m", "pip", "install", ...options, ...packages.python]);
  });
}

/** Starts an ES module in Node.js, with the clients to import. */
export async function startNode(program: string): Promise<Running> {
  await installNpm();
  return start("node", ["--input-type=module", "-e", program]);
}

/** Runs an ES module in Node.js to its end; gives its output. */
export async function runNode(program: string): Promise<string> {
  return await (await startNode(program)).ended;
}

/** Runs a program in Python, with the clients to import; gives its output. */
export async function runPython(program: string): Promise<string> {
  await installPython();
  return await run("python3", ["-c", program], { env: { PYTHONPATH: join(DIR, "python") } });
}

/** What installs the clients that run in these. */
const INSTALLERS: Readonly<Record<string, () => boolean>> = {
  node: () => hasCommand("npm"),
  python3: () => hasPip(),
};

function hasPip(): boolean {
  const args = ["-m", "pip", "--version"];
  return new Deno.Command("python3", { args, stdout: "null", stderr: "null" }).outputSync().success;
}

/** A test of a real client; ignored, with a line that says so, where a program of it is missing. */
export function clientTest(
  name: string,
  command: string | undefined,
  body: () => Promise<void>,
): void {
  const isThere = command !== undefined && (command.startsWith("/") || hasCommand(command)) &&
    (INSTALLERS[command]?.() ?? true);
  if (!isThere) say(`skipped, for want of its program: ${name}`);
  Deno.test({ name, ignore: !isThere, fn: body });
}
