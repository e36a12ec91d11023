/** @module `deno task bench:peers`: Log Sentinel beside other log servers, in one run. */

import { parseArgs } from "node:util";
import { integerOption } from "../_options.ts";
import { RARE_WORD } from "../_templates.ts";
import { inBenchDirectory, print, progress } from "../console.ts";
import type { Contender } from "./contender.ts";
import { FLASK } from "./flask.ts";
import { LOG_SENTINEL } from "./log_sentinel.ts";
import { LOKI } from "./loki.ts";
import type { PeersOptions } from "./options.ts";
import { type Part, PARTS } from "./parts.ts";
import { runPeers } from "./run.ts";
import { renderPeers } from "./table.ts";
import { VICTORIA_LOGS } from "./victoria.ts";

/** By the names that `--only` takes. */
const PEERS: Readonly<Record<string, Contender>> = {
  victoria: VICTORIA_LOGS,
  loki: LOKI,
  flask: FLASK,
};

const HELP = `Usage: deno task bench:peers [options]

Options:
  --rounds N    how often everything is measured, on empty directories (default: 5)
  --records N   how many records to store (default: 1000000)
  --file PATH   NDJSON to take them from, in the order of time (default: they are generated)
  --word WORD   a word that few of its records have (default: ${RARE_WORD})
  --only NAMES  of ${Object.keys(PEERS).join(",")} (default: all that are found)
  --parts NAMES of ${Object.keys(PARTS).join(",")} (default: all)
  --quick       20,000 records, one round, and less of everything: figures that mean nothing
  --json        the report as JSON, with every round
  --help        print this

Found are victoria-logs or victoria-logs-prod and loki on PATH, and a python3 that has flask.
`;

const OPTIONS = {
  rounds: { type: "string" },
  records: { type: "string" },
  file: { type: "string" },
  word: { type: "string", default: RARE_WORD },
  only: { type: "string", default: Object.keys(PEERS).join(",") },
  parts: { type: "string", default: Object.keys(PARTS).join(",") },
  quick: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

const QUICK = {
  rounds: 1,
  records: 20_000,
  singles: 2000,
  killed: 500,
  loadedSeconds: 1,
  stillMs: 300,
};

/** A million records make background work show; the others make their parts last some seconds. */
const FULL = {
  rounds: 5,
  records: 1_000_000,
  singles: 60_000,
  killed: 5000,
  loadedSeconds: 10,
  stillMs: 2000,
};

const WRONG_USAGE = 2;

type Settings = Omit<PeersOptions, "directory"> & { json: boolean; help: boolean };

/** @throws {RangeError | TypeError} for what is no option, with a sentence that says so */
function readSettings(): Settings {
  const { values } = parseArgs({ options: OPTIONS });
  const { quick, json, help, file, word, rounds, records } = values;
  const size = quick ? QUICK : FULL;
  return {
    ...size,
    contenders: [LOG_SENTINEL, ...names("only", values.only, PEERS).map((name) => PEERS[name]!)],
    parts: names("parts", values.parts, PARTS) as Part[],
    rounds: rounds === undefined ? size.rounds : integerOption("rounds", rounds, 1, 1000),
    records: records === undefined ? size.records : integerOption("records", records, 1, 1e8),
    file,
    word,
    progress,
    json,
    help,
  };
}

/** @throws {RangeError} one of the names is unknown */
function names(option: string, text: string, known: object): string[] {
  return text.split(",").map((name) => {
    if (Object.hasOwn(known, name)) return name;
    throw new RangeError(
      `Cannot parse --${option} ${JSON.stringify(text)}: "${name}" is none of ${
        Object.keys(known).join(", ")
      }`,
    );
  });
}

async function compare(settings: Settings): Promise<void> {
  await inBenchDirectory(async (directory) => {
    const report = await runPeers({ ...settings, directory });
    await print(settings.json ? JSON.stringify(report, null, 2) : renderPeers(report));
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
  await (settings.help ? print(HELP) : compare(settings));
}

await main();
