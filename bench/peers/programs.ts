/** @module Programs of others: whether they are here, and when they are ready. */

import { ask, pause, POLL_MS } from "../ask.ts";
import { diskBytes } from "../disk.ts";
import { requestHead } from "../requests.ts";

/** A server listens and takes records within this. */
const READY_MS_MAX = 60_000;

/**
 * What a program prints when it is asked for its version, by one of its names; `undefined` if there is none on PATH, or
 * it fails.
 */
export async function versionOf(
  programs: readonly string[],
  args: readonly string[],
  pattern: RegExp,
): Promise<{ program: string; version: string } | undefined> {
  for (const program of programs) {
    try {
      const { success, stdout } = await new Deno.Command(program, { args: [...args] }).output();
      const text = new TextDecoder().decode(stdout);
      if (success) return { program, version: pattern.exec(text)?.[1] ?? "of unknown version" };
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return undefined;
}

/**
 * Waits until a server answers a GET with success.
 *
 * @throws {Error} it does not
 */
export async function untilReady(base: URL, path: string): Promise<void> {
  const url = new URL(path, base);
  const deadline = performance.now() + READY_MS_MAX;
  for (;;) {
    try {
      await ask(url, requestHead("GET", url, {}));
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await pause(POLL_MS);
  }
}

/**
 * The bytes in a directory, for {@linkcode untilStill}; `undefined` as long as the server does not find every record, or
 * has written less than one byte of each: a lock file is not yet the records.
 */
export async function bytesOfAll(
  directory: string,
  stored: () => Promise<number>,
  records: number,
): Promise<string | undefined> {
  const bytes = await diskBytes(directory);
  return bytes >= records && await stored() === records ? String(bytes) : undefined;
}
