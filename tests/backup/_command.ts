/** @module The commands as processes of their own, with the rights that the executable has. */

import { cleanEnvironment, PROJECT, TOKENS } from "../_server.ts";

/** What a command came to. */
export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Starts a command; it knows the token that may do everything. */
export function spawnCommand(...args: string[]): Deno.ChildProcess {
  return spawnWrapped([], ...args);
}

/** The same, behind a program that replaces itself by it. */
export function spawnWrapped(wrapper: readonly string[], ...args: string[]): Deno.ChildProcess {
  const [program, ...rest] = [
    ...wrapper,
    ...[Deno.execPath(), "run", "-q", "--no-prompt", "-P=sentinel", `${PROJECT}/main.ts`],
  ];
  return new Deno.Command(program!, {
    args: [...rest, ...args],
    cwd: PROJECT,
    clearEnv: true,
    env: cleanEnvironment({ SENTINEL_TOKEN: TOKENS.admin }),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs a command to its end. */
export async function command(...args: string[]): Promise<Outcome> {
  return await outcomeOf(spawnCommand(...args));
}

/** Waits for a command's end. */
export async function outcomeOf(child: Deno.ChildProcess): Promise<Outcome> {
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}
