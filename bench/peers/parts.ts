/** @module The parts of a round: what one server goes through on an empty directory. */

import { untilStill } from "../ask.ts";
import { diskBytes } from "../disk.ts";
import type { Expected } from "../expected.ts";
import { batches, loadFigures, memoryFigures, singly } from "../load_figures.ts";
import { load, type LoadShape } from "../load_process.ts";
import { measureQueries, type Query } from "../measure_queries.ts";
import type { Figures } from "../rows.ts";
import type { Contender, Running } from "./contender.ts";
import { measureLoaded } from "./loaded.ts";
import type { PeersOptions } from "./options.ts";

/** After kill -9 a server shows what it has kept within this. */
const RECOVERY_MS_MAX = 60_000;

/** What a part works with. */
export interface PartInput {
  readonly contender: Contender;
  readonly options: PeersOptions;
  readonly expected: Expected;
  /** NDJSON with all records. */
  readonly file: string;
  /** Empty. */
  readonly directory: string;
  /** Gets what was answered wrongly. */
  readonly problems: string[];
}

/** Every part, in the order in which they are run. */
export const PARTS = { batches: stored, parallel, singles, kill } as const;

/** The name of a part. */
export type Part = keyof typeof PARTS;

/** Batches over one connection; then memory, disk, queries, and queries beside a load. */
async function stored(input: PartInput): Promise<Figures> {
  const { options, expected, directory, file, problems } = input;
  const { records } = expected;
  const server = await start(input);
  try {
    const report = await load(server.target, { ...batches(records, 1), file }, server.process.pid);
    await server.settle(records, options.stillMs);
    const bytes = await diskBytes(directory);
    const queries = server.queries(expected);
    const idle = await measureQueries(server.target.url, queries);
    problems.push(...idle.problems);
    return {
      ...loadFigures("batch_1", report),
      ...memoryFigures(report),
      disk: bytes / records,
      ...Object.fromEntries(idle.medians),
      ...await loaded(input, server, queries),
    };
  } finally {
    await server.process.end("SIGKILL");
  }
}

/** A server that gives up under the load keeps the figures that it has. */
async function loaded(
  input: PartInput,
  server: Running,
  queries: readonly Query[],
): Promise<Figures> {
  try {
    return await measureLoaded(server, queries, input);
  } catch (error) {
    input.problems.push(`beside a load: ${(error as Error).message}`);
    return {};
  }
}

/** Batches over eight connections. */
async function parallel(input: PartInput): Promise<Figures> {
  return loadFigures("batch_8", await loadOnce(input, batches(input.expected.records, 8)));
}

/** One record a request. */
async function singles(input: PartInput): Promise<Figures> {
  return loadFigures("single", await loadOnce(input, singlyFor(input, input.options.singles)));
}

/** One record a request, kill -9 right after the last answer, and a start: what of the records is there? */
async function kill(input: PartInput): Promise<Figures> {
  const { options, file } = input;
  const shape = singlyFor(input, options.killed);
  const server = await start(input);
  try {
    await load(server.target, { ...shape, file }, server.process.pid);
  } finally {
    await server.process.end("SIGKILL");
  }
  const again = await server.restart();
  try {
    return { killed_kept: await countAll(again, options.stillMs) / shape.records * 100 };
  } finally {
    await again.process.end("SIGKILL");
  }
}

/** One record a request: so many, or fewer where there are fewer or the server takes less. */
function singlyFor({ contender: { singles }, expected }: PartInput, records: number): LoadShape {
  const shape = singly(Math.ceil(Math.min(records, expected.records) / (singles?.share ?? 1)));
  return { ...shape, connections: singles?.connections ?? shape.connections };
}

/** How many records a server finds when it finds no more than before for a while. */
async function countAll(server: Running, stillMs: number): Promise<number> {
  let count = 0;
  const text = async () => String(count = await server.stored());
  if (await untilStill(text, stillMs, RECOVERY_MS_MAX)) return count;
  throw new Error(`It still finds more records after ${RECOVERY_MS_MAX} ms: ${count}`);
}

async function loadOnce(input: PartInput, shape: LoadShape) {
  const server = await start(input);
  try {
    return await load(server.target, { ...shape, file: input.file }, server.process.pid);
  } finally {
    await server.process.end("SIGKILL");
  }
}

function start({ contender, directory, expected }: PartInput): Promise<Running> {
  return contender.start(directory, expected);
}
