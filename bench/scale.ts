/** @module `deno task bench:scale`: how rate, query times, start and memory grow with what is stored. */

import { parseArgs } from "node:util";
import { PROJECT } from "./child.ts";
import { print } from "./console.ts";
import { drawScale } from "./scale_figure.ts";
import { BATCH_RECORDS } from "./scale_timeline.ts";
import { runScale, type ScaleReport } from "./scale_run.ts";
import { renderScale } from "./scale_table.ts";

const HELP = `Usage: deno task bench:scale [options]

Grows one store and measures it at several sizes. Takes 4 µs or more, and 26 bytes of disk, a record.

Options:
  --records N   the largest size, such as 100m, 250k or 5000 (default: 10m)
  --steps LIST  the sizes to measure at, ascending (default: 1m, 10m and so on up to --records)
  --keep DIR    an empty directory in ./data for the store; it stays, with the report so far as report.json
  --plot FILE   draw the report as an SVG image in ./docs or ./data
  --quick       20,000 and 60,000 records: seconds, and figures that mean nothing
  --json        the report as JSON
  --help        print this
`;

const OPTIONS = {
  records: { type: "string" },
  steps: { type: "string" },
  keep: { type: "string" },
  plot: { type: "string" },
  quick: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

const FIRST_STEP = 1_000_000;
const RECORDS_DEFAULT = 10_000_000;
const RECORDS_MAX = 1_000_000_000;

/** A second or more of load, three times at each size; less where the next size is near. */
const LOAD_RECORDS_MAX = 300_000;

/** Long enough for what the store does when nothing has come in for two seconds. */
const STILL_MS = 3000;

/** Enough of everything that is run, little enough for a test. */
const QUICK = { steps: [20_000, 60_000], stillMs: 300 } as const;

const WRONG_USAGE = 2;

interface Settings {
  readonly steps: readonly number[];
  readonly stillMs: number;
  readonly keep: string | undefined;
  readonly plot: string | undefined;
  readonly json: boolean;
  readonly help: boolean;
}

/** @throws {RangeError | TypeError} for what is no option, with a sentence that says so */
function readSettings(): Settings {
  const { values } = parseArgs({ options: OPTIONS });
  const { keep, plot, quick, json, help } = values;
  const { steps, stillMs } = quick ? QUICK : { steps: readSteps(values), stillMs: STILL_MS };
  return { steps, stillMs, keep, plot, json, help };
}

function readSteps(values: { records?: string; steps?: string }): number[] {
  const largest = values.records === undefined ? undefined : sizeOption("records", values.records);
  const steps = values.steps?.split(",").map((text) => sizeOption("steps", text)) ??
    defaultSteps(largest ?? RECORDS_DEFAULT);
  if (largest !== undefined && steps.at(-1) !== largest) steps.push(largest);
  if (steps.some((size, i) => i > 0 && size <= steps[i - 1]!)) {
    throw new RangeError(`Cannot use the sizes ${steps.join(", ")}: give them ascending`);
  }
  return steps;
}

function defaultSteps(largest: number): number[] {
  const steps: number[] = [];
  for (let size = FIRST_STEP; size < largest; size *= 10) steps.push(size);
  return [...steps, largest];
}

/** Reads 5000, 250k or 100m. @throws {RangeError} it is none, or no whole batches */
function sizeOption(option: string, text: string): number {
  const [, digits, unit] = /^\s*(\d+)([km]?)\s*$/i.exec(text) ?? [];
  const factor = { k: 1e3, m: 1e6 }[unit?.toLowerCase() ?? ""] ?? 1;
  const size = Number(digits ?? NaN) * factor;
  if (size >= BATCH_RECORDS && size <= RECORDS_MAX && size % BATCH_RECORDS === 0) return size;
  throw new RangeError(
    `Cannot parse --${option} ${
      JSON.stringify(text)
    }: give thousands of records, such as 5000, 250k or 100m`,
  );
}

/** The loads of a size leave half of the way to the next one. */
function loadFor(steps: readonly number[]): number {
  const gaps = steps.map((size, i) => size - (steps[i - 1] ?? 0));
  const load = Math.min(LOAD_RECORDS_MAX, ...gaps.map((gap) => gap / 6));
  return Math.max(1, Math.floor(load / BATCH_RECORDS)) * BATCH_RECORDS;
}

async function bench({ steps, stillMs, keep, plot, json }: Settings): Promise<void> {
  const directory = keep ?? await makeDirectory();
  if (keep !== undefined) await Deno.mkdir(keep, { recursive: true });
  const store = `${directory}/store`;
  await Deno.mkdir(store);
  const saved = `${directory}/report.json`;
  try {
    const report = await runScale({
      steps,
      loadRecords: loadFor(steps),
      stillMs,
      directory: store,
      progress,
      onStep: async (soFar) => {
        await Deno.writeTextFile(saved, JSON.stringify(soFar, null, 2));
        progress(`so far\n${renderScale(soFar)}`);
      },
    });
    await tell(report, json, plot);
  } catch (error) {
    progress(`failed; its files, and report.json with the sizes before, stay in ${directory}`);
    throw error;
  }
  if (keep === undefined) await Deno.remove(directory, { recursive: true });
}

/** Beside the server's own data: a real disk, where the system's directory for temporary files may be memory. */
async function makeDirectory(): Promise<string> {
  await Deno.mkdir(`${PROJECT}data`, { recursive: true });
  return await Deno.makeTempDir({ dir: `${PROJECT}data`, prefix: "scale-" });
}

async function tell(report: ScaleReport, json: boolean, plot: string | undefined): Promise<void> {
  if (plot !== undefined) await Deno.writeTextFile(plot, drawScale(report));
  await print(json ? JSON.stringify(report, null, 2) : renderScale(report));
  if (report.problems.length > 0) Deno.exitCode = 1;
}

function progress(line: string): void {
  const time = new Date().toISOString().slice(11, 19);
  Deno.stderr.writeSync(new TextEncoder().encode(`bench:scale ${time} ${line}\n`));
}

async function main(): Promise<void> {
  let settings: Settings;
  try {
    settings = readSettings();
  } catch (error) {
    progress((error as Error).message);
    Deno.exitCode = WRONG_USAGE;
    return;
  }
  await (settings.help ? print(HELP) : bench(settings));
}

await main();
