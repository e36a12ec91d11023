import type { Command } from "commander";
import { formatInstant } from "../record.ts";
import { folderOf, restoreBackup, verifyBackup } from "../storage/mod.ts";
import { type CommandContext, setting, subcommand } from "./_command.ts";
import {
  addFileOptions,
  contentsJson,
  contentsText,
  reportDamage,
  requireFile,
  withCopyProgress,
} from "./_copies.ts";
import { CommandError } from "./errors.ts";

interface RestoreOptions {
  readonly data: string;
  readonly verifyOnly?: true;
  readonly json?: true;
}

/** Adds `restore`: a data file out of a backup. */
export function addRestore(program: Command, context: CommandContext): void {
  addFileOptions(subcommand(
    program,
    "restore <file>",
    "Verify a backup and make a data file of it. Overwrites nothing.",
  ))
    .addOption(
      setting("--verify-only", "only verify the backup's checksum, and tell what it holds"),
    )
    .addHelpText(
      "after",
      "\nChecksums and counts are verified before the data file gets its name. The server's tokens are those of the\n" +
        "backup, and a token revoked since is good again.\n" +
        "\nExample:\n" +
        "  sentinel restore /backup/2026-11-22.sentinel --data /var/lib/sentinel/sentinel.kv\n",
    )
    .action(async (file: string, { data, verifyOnly, json }: RestoreOptions) => {
      requireFile("restore", data);
      const { terminal } = context;
      const manifest = await withCopyProgress(terminal, async (progress) => {
        await requireBackup(file);
        if (verifyOnly) return verifyBackup(file, progress);
        await Deno.mkdir(folderOf(data), { recursive: true });
        return await restoreBackup({ file, data, progress });
      });
      const summary = verifyOnly
        ? `${file} is whole: ${contentsText(manifest)}`
        : `Restored ${contentsText(manifest)}, to ${data}`;
      terminal.out(
        json
          ? `${
            JSON.stringify({ file, ...verifyOnly ? {} : { data }, ...contentsJson(manifest) })
          }\n`
          : `${summary}, as of ${formatInstant(manifest.takenAtMs, 0)}\n`,
      );
      if (reportDamage(terminal, file, manifest.damage)) context.exitCode = 1;
    });
}

async function requireBackup(file: string): Promise<void> {
  try {
    await Deno.stat(file);
  } catch (error) {
    throw new CommandError(`Cannot read ${file}: ${(error as Error).message}`, { cause: error });
  }
}
