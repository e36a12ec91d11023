import type { Command } from "commander";
import { writeBackup } from "../storage/mod.ts";
import { type CommandContext, subcommand } from "./_command.ts";
import {
  addFileOptions,
  contentsJson,
  contentsText,
  letServerGoFirst,
  reportDamage,
  requireFile,
  withCopyProgress,
} from "./_copies.ts";
import { bytesText, secondsText } from "./_progress.ts";
import manifest from "../../deno.json" with { type: "json" };

interface BackupCommandOptions {
  readonly data: string;
  readonly json?: true;
}

/** Adds `backup`: a consistent copy of the data file, while the server runs or not. */
export function addBackup(program: Command, context: CommandContext): void {
  addFileOptions(subcommand(
    program,
    "backup <file>",
    "Copy the data file as it is at this moment, with the server running or stopped.",
  ))
    .addHelpText(
      "after",
      "\nEvery record that was acknowledged before the start is in it. FILE must not exist; it appears when it is\n" +
        "whole, verified and on the disk. It holds what signs users in (tokens as hashes, and the key of sessions):\n" +
        "keep it as safe as the data. sentinel restore makes a data file of it.\n" +
        "\nExample:\n" +
        '  sentinel backup --data /var/lib/sentinel/sentinel.kv "/backup/$(date +%F).sentinel"\n',
    )
    .action(async (file: string, { data, json }: BackupCommandOptions) => {
      requireFile("backup", data);
      letServerGoFirst();
      const startedAt = performance.now();
      const { terminal } = context;
      const written = await withCopyProgress(
        terminal,
        (progress) =>
          writeBackup({ data, file, program: manifest.version, now: Date.now, progress }),
      );
      const ms = performance.now() - startedAt;
      const { size } = Deno.statSync(file);
      terminal.out(
        json
          ? `${
            JSON.stringify({
              file,
              bytes: size,
              duration_ms: Math.round(ms),
              wal_bytes: written.logBytes,
              ...contentsJson(written),
            })
          }\n`
          : `Backed up ${contentsText(written)} (${bytesText(size)}) to ${file} in ${
            secondsText(ms)
          }\n`,
      );
      if (reportDamage(terminal, file, written.damage)) context.exitCode = 1;
    });
}
