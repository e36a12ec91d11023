/** @module What a server has on the disk. */

/** A look at the files this often while records come in: a few in each of the store's flushes. */
const SAMPLE_MS = 50;

/** Room that the server keeps free for deletions on a full disk: the same whatever is stored, and nothing of it. */
const RESERVE = ".reserve";

/**
 * The bytes of all files in a directory and below it but those that only keep room; a file that goes away meanwhile counts
 * as nothing.
 */
export async function diskBytes(directory: string): Promise<number> {
  let sum = 0;
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    if (name.endsWith(RESERVE)) continue;
    const path = `${directory}/${name}`;
    try {
      sum += isDirectory ? await diskBytes(path) : (await Deno.stat(path)).size;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return sum;
}

/** The most bytes seen in a directory while a task runs, and what the task gave. */
export async function watchingDisk<T>(
  directory: string,
  task: Promise<T>,
): Promise<{ result: T; peakBytes: number }> {
  let peakBytes = 0;
  let running = true;
  const ended = task.finally(() => running = false);
  const watch = async () => {
    while (running) {
      peakBytes = Math.max(peakBytes, await diskBytes(directory));
      await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
    }
  };
  const [result] = await Promise.all([ended, watch()]);
  return { result, peakBytes: Math.max(peakBytes, await diskBytes(directory)) };
}
