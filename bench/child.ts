/** @module Servers and drivers as child processes. */

/** The project's folder. */
export const PROJECT: string = decodeURIComponent(new URL("..", import.meta.url).pathname);

/** A server says that it is ready within this, whatever it has to do first. */
const READY_MS_MAX = 60_000;

/** A server has ended within this after it was told to. */
const END_MS_MAX = 60_000;

/** What is kept of a child's standard error, for the message when it fails. */
const ERROR_TEXT_MAX = 4096;

/** A server under way. */
export interface ServerProcess {
  readonly pid: number;
  /** Milliseconds from its start to the line that says it is ready. */
  readonly readyMs: number;
  /** What it printed up to and with that line. */
  readonly output: string;
  /**
   * Sends a signal and waits for the end; gives the exit code.
   *
   * @throws {Error} it does not end
   */
  end(signal: "SIGTERM" | "SIGKILL"): Promise<number>;
}

/**
 * Starts a program and waits until it prints what `ready` matches.
 *
 * @throws {Error} it ends before, or takes too long
 * @throws {Deno.errors.NotFound} there is no such program
 */
export async function startServer(
  program: string,
  args: readonly string[],
  ready: RegExp,
): Promise<ServerProcess> {
  const begun = performance.now();
  const child = new Deno.Command(program, {
    args: [...args],
    cwd: PROJECT,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const errors = tailOf(child.stderr);
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let drained: Promise<void> = Promise.resolve();
  const end = async (signal: "SIGTERM" | "SIGKILL") => {
    sendSignal(child, signal);
    const { code } = await within(END_MS_MAX, child.status, `${program} to end`);
    await drained;
    await errors.done;
    return code;
  };
  let output = "";
  const wait = async () => {
    while (!ready.test(output)) {
      const { done, value } = await reader.read();
      if (done) {
        const last = output.slice(-ERROR_TEXT_MAX) + await errors.text();
        throw new Error(`${program} ended before it was ready: ${last}`);
      }
      output += value;
    }
  };
  try {
    await within(READY_MS_MAX, wait(), `${program} to be ready`);
  } catch (error) {
    await end("SIGKILL");
    throw error;
  }
  const readyMs = performance.now() - begun;
  drained = drain(reader);
  return { pid: child.pid, readyMs, output, end };
}

/**
 * Runs a program to its end and gives what it printed.
 *
 * @throws {Error} with its standard error, if it fails
 */
export async function runToEnd(program: string, args: readonly string[]): Promise<string> {
  const command = new Deno.Command(program, { args: [...args], cwd: PROJECT, stdin: "null" });
  const { success, code, stdout, stderr } = await command.output();
  const text = new TextDecoder();
  if (success) return text.decode(stdout);
  throw new Error(
    `${program} ${args[0] ?? ""} ended with ${code}: ${text.decode(stderr)}${text.decode(stdout)}`,
  );
}

/** A port of 127.0.0.1 that nobody listens on, for programs that cannot choose one themselves. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  return listener.addr.port;
}

function sendSignal(child: Deno.ChildProcess, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    child.kill(signal);
  } catch (error) {
    // It has ended by itself: its status tells.
    if (!(error instanceof TypeError)) throw error;
  }
}

/** Reads on, so that the child never waits for room in the pipe. */
async function drain(reader: ReadableStreamDefaultReader<string>): Promise<void> {
  while (!(await reader.read()).done);
}

function tailOf(
  stream: ReadableStream<Uint8Array>,
): { done: Promise<void>; text(): Promise<string> } {
  let tail = "";
  const read = async () => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      tail = (tail + text).slice(-ERROR_TEXT_MAX);
    }
  };
  const done = read();
  return { done, text: () => done.then(() => tail) };
}

async function within<T>(limitMs: number, task: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Waited ${limitMs} ms for ${what}`)), limitMs);
  });
  try {
    return await Promise.race([task, late]);
  } finally {
    clearTimeout(timer);
  }
}
