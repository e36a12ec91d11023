import type { Command } from "commander";
import { isArchiveName } from "./_archive_file.ts";
import { archive, type ArchiveRequest, countArchivable } from "./_archive_run.ts";
import { type CommandContext, list, setting, subcommand } from "./_command.ts";
import { momentText, severityText } from "./_filters.ts";
import { bytesText, countText, plural, Progress, secondsText } from "./_progress.ts";
import { addServerOptions, connect, type ServerChoice } from "./_server.ts";
import { UsageError } from "./errors.ts";

interface ArchiveOptions extends ServerChoice {
  readonly before?: ArchiveRequest["before"];
  readonly output?: string;
  readonly service?: readonly string[];
  readonly severity?: readonly string[];
  readonly dryRun?: true;
  readonly json?: true;
}

/** Adds `archive`: records to a file, and out of the server, in one step in which none can be lost. */
export function addArchive(program: Command, context: CommandContext): void {
  const command = subcommand(
    program,
    "archive",
    "Write every record before a time to a file, verify that, then delete them from the server.",
  );
  addServerOptions(command)
    .addOption(setting("--before <time>", "2025-04-01T12:00:00Z, or 30d for 30 days ago", {
      parse: (typed: string) => ({ typed, at: momentText(typed) }),
    }))
    .addOption(setting("--output <file>", "FILE.ndjson, FILE.ndjson.gz or FILE.ndjson.zst"))
    .addOption(setting("--service <name>", "only this service (repeatable)", { parse: list }))
    .addOption(setting("--severity <name>", "only this severity (repeatable)", {
      parse: (text: string, previous: readonly string[] | undefined) =>
        list(severityText(text), previous),
    }))
    .addOption(setting("--dry-run", "only tell how many records there are"))
    .addOption(setting("--json", "print the summary as JSON"))
    .addHelpText(
      "after",
      "\nThe token must be allowed to read and to delete. Records that arrive meanwhile stay, whatever their timestamps.\n" +
        "After an interruption give the same command again: it begins anew, or deletes what the file has.\n" +
        "\nExample:\n" +
        "  sentinel archive --before 30d --output /archive/october.ndjson.zst\n",
    )
    .action(async (options: ArchiveOptions) => {
      const request = requestOf(options);
      const client = connect(options);
      if (options.dryRun) {
        const records = await countArchivable(client, request);
        const { at } = request.before;
        context.terminal.out(
          options.json
            ? `${JSON.stringify({ records, before: at })}\n`
            : `${plural(records, "record")} before ${at} would be archived\n`,
        );
        return;
      }
      const startedAt = performance.now();
      const progress = new Progress(context.terminal);
      const done = await archive(client, request, progress).finally(() => progress.clear());
      const ms = performance.now() - startedAt;
      const summary = done === undefined
        ? `No record before ${request.before.at}; nothing was written`
        : `Archived ${plural(done.records, "record")} before ${done.before} (${
          bytesText(Deno.statSync(request.file).size)
        }) to ${request.file} and deleted ${countText(done.deleted)} in ${secondsText(ms)}`;
      const { file } = request;
      context.terminal.out(
        options.json ? `${JSON.stringify({ file, records: 0, ...done })}\n` : `${summary}\n`,
      );
    });
}

function requestOf({ before, output, service, severity }: ArchiveOptions): ArchiveRequest {
  if (before === undefined) {
    throw new UsageError(
      "sentinel archive: give --before, a time such as 2025-04-01T00:00:00Z, or 30d",
    );
  }
  if (output === undefined || !isArchiveName(output)) {
    throw new UsageError(
      "sentinel archive: give --output, a file that ends in .ndjson, .ndjson.gz or .ndjson.zst",
    );
  }
  return { file: output, before, services: service ?? [], severities: severity ?? [] };
}
