/** @module The ceiling's and the peer's part of the benchmark. */

import { startCeiling } from "./ceiling.ts";
import { diskBytes } from "./disk.ts";
import type { Expected } from "./expected.ts";
import { batches, loadFigures, memoryFigures, singly } from "./load_figures.ts";
import { load, type LoadShape } from "./load_process.ts";
import { measureQueries } from "./measure_queries.ts";
import { type BenchOptions, subdirectory } from "./options.ts";
import type { Figures } from "./rows.ts";
import {
  settleVictoria,
  startVictoria,
  type Victoria,
  victoriaQueries,
  victoriaTarget,
} from "./victoria.ts";

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

/**
 * The peer: the same loads, each into a fresh server, and the same queries after the first; `undefined` if it is not
 * installed.
 *
 * @throws {Error} it does not start or answer
 */
export async function runVictoria(
  options: BenchOptions,
  expected: Expected,
  problems: string[],
): Promise<Figures | undefined> {
  const { records, singles, progress } = options;
  const loads: [prefix: string, shape: LoadShape][] = [
    ["batch_1", batches(records, 1)],
    ["batch_8", batches(records, 8)],
    ["single", singly(singles)],
  ];
  let figures: Figures = {};
  for (const [prefix, shape] of loads) {
    const directory = await subdirectory(options, `victoria_${prefix}`);
    const server = await startVictoria(directory);
    if (server === undefined) return undefined;
    try {
      progress(`VictoriaLogs: ${shape.batch} a request, ${shape.connections} connection(s)`);
      const report = await load(victoriaTarget(server), shape, server.process.pid);
      figures = { ...figures, ...loadFigures(prefix, report) };
      if (prefix !== "batch_1") continue;
      const stored = await queryVictoria(server, directory, options, expected, problems);
      figures = { ...figures, ...memoryFigures(report), ...stored };
    } finally {
      await server.process.end("SIGKILL");
    }
  }
  return figures;
}

/** Disk and queries, once it has settled. */
async function queryVictoria(
  server: Victoria,
  directory: string,
  { records, stillMs }: BenchOptions,
  expected: Expected,
  problems: string[],
): Promise<Figures> {
  const begun = performance.now();
  await settleVictoria(server, directory, records, stillMs);
  const settling = (performance.now() - begun - stillMs) / 1000;
  const disk = await diskBytes(directory) / records;
  const queries = victoriaQueries(server.url, expected);
  const { medians, problems: wrong } = await measureQueries(server.url, queries);
  problems.push(...wrong.map((problem) => `VictoriaLogs: ${problem}`));
  return { settling, disk, ...Object.fromEntries(medians) };
}
