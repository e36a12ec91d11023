import type { Command } from "commander";
import {
  checkDataFile,
  type CheckFinding,
  type CheckSummary,
  DatabaseError,
  findingText,
  OpenError,
} from "../storage/mod.ts";
import { type CommandContext, setting, subcommand } from "./_command.ts";
import { bytesText, countText, plural, Progress } from "./_progress.ts";
import { printable } from "./_record_line.ts";
import { DEFAULT_DATA } from "./_server.ts";
import { CommandError } from "./errors.ts";

interface CheckCommandOptions {
  readonly data: string;
  readonly json?: true;
  readonly repair?: true;
}

/** Adds `check`: every checksum and count of a data file. */
export function addCheck(program: Command, context: CommandContext): void {
  subcommand(
    program,
    "check",
    "Verify every checksum and count of a data file whose server is stopped; changes nothing.",
  )
    .addOption(setting("--data <file>", "the data file", { default: DEFAULT_DATA }))
    .addOption(setting(
      "--repair",
      "afterwards, write the mark of the format anew if nothing else is wrong, and forget what is noted to be lost",
    ))
    .addOption(setting("--json", "print a JSON object a line: findings, then the summary"))
    .addHelpText(
      "after",
      "\nA line for each finding, with the records that it concerns; then a summary. Ends with 0 if the data is\n" +
        "sound, with 1 if not. What other values tell (totals, the index) the next start of the server repairs.\n" +
        "While the server runs: make a copy with sentinel backup, and check that.\n",
    )
    .action(async (options: CheckCommandOptions) => {
      const summary = await check(options, context);
      if (!summary.sound) context.exitCode = 1;
    });
}

async function check(
  { data, json, repair }: CheckCommandOptions,
  { terminal }: CommandContext,
): Promise<CheckSummary> {
  const progress = new Progress(terminal);
  const tell = (finding: CheckFinding) => {
    progress.clear();
    const line = json ? JSON.stringify(finding) : printable(findingText(finding));
    terminal.out(`${line}\n`);
  };
  try {
    const summary = await checkDataFile(data, {
      onFinding: tell,
      repair,
      onRepair: (what) => {
        progress.clear();
        terminal.out(`${json ? JSON.stringify({ repaired: what }) : printable(what)}\n`);
      },
      onProgress: ({ segments, segmentsTotal, records, bytes }) =>
        progress.update(
          segmentsTotal === 0 ? undefined : segments / segmentsTotal,
          `${countText(records)} records, ${bytesText(bytes)}`,
        ),
    });
    progress.clear();
    terminal.out(json ? `${JSON.stringify(summary)}\n` : `${summaryText(data, summary)}\n`);
    return summary;
  } catch (error) {
    progress.clear();
    if (!(error instanceof OpenError || error instanceof DatabaseError)) throw error;
    const message = error instanceof OpenError
      ? error.message
      : `Cannot check all of ${data}: ${error.message}`;
    throw new CommandError(message, { cause: error });
  }
}

function summaryText(data: string, summary: CheckSummary): string {
  const { sound, findings, records, journalRecords, segments, values, bytes } = summary;
  const held = `${plural(records, "record")} in ${plural(segments, "segment")}, ` +
    `${countText(journalRecords)} in the journal, ${plural(values, "value")} of ${
      bytesText(bytes)
    }`;
  return `${data} is ${sound ? "sound" : `damaged: ${plural(findings, "finding")}`}; ${held}`;
}
