/** @module What every part of the benchmark is told. */

/** How much, and where. */
export interface BenchOptions {
  readonly records: number;
  /** Of the part that sends one record in a request. */
  readonly singles: number;
  /** Of the part that writes a key a record. */
  readonly kvRecords: number;
  /** A store is settled when its background work stood still for so long. */
  readonly stillMs: number;
  /** An empty directory; what is in it afterwards is the caller's to remove. */
  readonly directory: string;
  /** Is told what is being done. */
  readonly progress: (line: string) => void;
}

/** Makes a directory for one part of the benchmark. */
export async function subdirectory({ directory }: BenchOptions, name: string): Promise<string> {
  const path = `${directory}/${name}`;
  await Deno.mkdir(path);
  return path;
}
