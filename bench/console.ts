/** @module What the benchmarks' commands share: where they work, and what they print. */

import { PROJECT } from "./child.ts";

/** Prints a line about what is being done; standard output is for the report alone. */
export function progress(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`bench: ${line}\n`));
}

/** Prints a report. */
export async function print(text: string): Promise<void> {
  const writer = Deno.stdout.writable.getWriter();
  await writer.write(new TextEncoder().encode(`${text.trimEnd()}\n`));
  writer.releaseLock();
}

/**
 * Runs a task with an empty directory beside the server's own data: a real disk, where the system's directory for
 * temporary files may be memory. The directory is removed afterwards, but stays if the task fails.
 *
 * @throws whatever the task throws
 */
export async function inBenchDirectory(task: (directory: string) => Promise<void>): Promise<void> {
  await Deno.mkdir(`${PROJECT}data`, { recursive: true });
  const directory = await Deno.makeTempDir({ dir: `${PROJECT}data`, prefix: "bench-" });
  try {
    await task(directory);
  } catch (error) {
    progress(`failed; its files stay in ${directory}`);
    throw error;
  }
  await Deno.remove(directory, { recursive: true });
}
