/** @module `deno task bench`: measures the real server against its aims and its ceilings. */

import { parseArgs } from "node:util";
import { integerOption } from "./_options.ts";
import { inBenchDirectory, print, progress } from "./console.ts";
import { type BenchOptions, renderReport, runBench } from "./mod.ts";

const HELP = `Usage: deno task bench [options]

Options:
  --records N  how many records to store (default: 1000000)
  --quick      20,000 records, and less of everything: seconds, and figures that mean nothing
  --json       the report as JSON
  --help       print this
`;

const OPTIONS = {
  records: { type: "string" },
  quick: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

/** Enough of everything that is run, little enough for a test. */
const QUICK = { records: 20_000, singles: 2000, kvRecords: 2000, stillMs: 300 } as const;

/** A million records show compaction; the others make their parts last some seconds. */
const FULL = { records: 1_000_000, singles: 60_000, kvRecords: 20_000, stillMs: 2000 } as const;

const WRONG_USAGE = 2;

type Settings = Omit<BenchOptions, "directory"> & { json: boolean; help: boolean };

/** @throws {RangeError | TypeError} for what is no option, with a sentence that says so */
function readSettings(): Settings {
  const { values } = parseArgs({ options: OPTIONS });
  const { quick, json, help, records } = values;
  const size = quick ? QUICK : FULL;
  const asked = records === undefined ? size.records : integerOption("records", records, 1, 1e8);
  return { ...size, records: asked, progress, json, help };
}

async function bench(settings: Settings): Promise<void> {
  await inBenchDirectory(async (directory) => {
    const report = await runBench({ ...settings, directory });
    await print(settings.json ? JSON.stringify(report, null, 2) : renderReport(report));
    if (report.problems.length > 0) Deno.exitCode = 1;
  });
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
