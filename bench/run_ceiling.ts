/** @module The ceiling's part of the benchmark. */

import { startCeiling } from "./ceiling.ts";
import { batches, loadFigures, singly } from "./load_figures.ts";
import { load } from "./load_process.ts";
import type { BenchOptions } from "./options.ts";
import type { Figures } from "./rows.ts";

/** The same three loads for the server that only parses. */
export async function runCeiling({ records, singles, progress }: BenchOptions): Promise<Figures> {
  progress("the ceiling: parsing alone");
  const { process, target } = await startCeiling();
  try {
    return {
      ...loadFigures("batch_1", await load(target, batches(records, 1), process.pid)),
      ...loadFigures("batch_8", await load(target, batches(records, 8), process.pid)),
      ...loadFigures("single", await load(target, singly(singles), process.pid)),
    };
  } finally {
    await process.end("SIGKILL");
  }
}
