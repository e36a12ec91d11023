import type { Command } from "commander";
import { shrinkFile } from "../storage/mod.ts";
import { type CommandContext, subcommand } from "./_command.ts";
import { addFileOptions, requireFile, withCopyProgress } from "./_copies.ts";
import { serverLog } from "./_log.ts";
import { bytesText, plural } from "./_progress.ts";

/** Adds `compact`: the data file as small as what it holds, without what was deleted. */
export function addCompact(program: Command, context: CommandContext): void {
  addFileOptions(subcommand(
    program,
    "compact",
    "Shrink the data file and erase what was deleted from it. The server must be stopped.",
  ))
    .addHelpText(
      "after",
      "\nIt needs room on the same disk for a copy of what is kept. Interrupted at any moment, it leaves the data\n" +
        "file as it was.\n",
    )
    .action(async ({ data, json }: { data: string; json?: true }) => {
      requireFile("compact", data);
      const { terminal } = context;
      const shrunk = await withCopyProgress(
        terminal,
        (progress) =>
          shrinkFile({ data, log: serverLog(terminal, { level: "warning" }), progress }),
      );
      const { bytesBefore, bytesAfter, records, deletionsLeft } = shrunk;
      terminal.out(
        json
          ? `${
            JSON.stringify({ data, bytes_before: bytesBefore, bytes_after: bytesAfter, records })
          }\n`
          : `Compacted ${data} with ${plural(records, "record")} from ${
            bytesText(bytesBefore)
          } to ${bytesText(bytesAfter)}\n`,
      );
      if (deletionsLeft === 0) return;
      terminal.err(
        `Damage keeps records of ${
          plural(deletionsLeft, "deletion")
        } in ${data}; nobody can read them\n`,
      );
      context.exitCode = 1;
    });
}
