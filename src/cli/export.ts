import { type Command, Option } from "commander";
import { type CommandContext, environmentName, integer, setting, subcommand } from "./_command.ts";
import { exportToFile, type FileExport } from "./_export_file.ts";
import { addFilterOptions, type FilterOptions, filterParameters, order } from "./_filters.ts";
import { bytesText, plural, secondsText } from "./_progress.ts";
import { addServerOptions, connect, type ServerChoice } from "./_server.ts";
import type { ApiClient } from "./_client.ts";
import type { ExportFormat } from "./_record_text.ts";
import { CommandError } from "./errors.ts";
import type { Terminal } from "./terminal.ts";

interface ExportOptions extends FilterOptions, ServerChoice {
  readonly format?: ExportFormat;
  readonly order: "asc" | "desc";
  readonly limit?: number;
  readonly json?: true;
}

/** Adds `export`: every record that matches, as NDJSON or CSV, to a file or stdout. */
export function addExport(program: Command, context: CommandContext): void {
  const command = subcommand(
    program,
    "export [file]",
    "Write every record that matches to a file, or to stdout (no file, or -).",
  );
  addServerOptions(addFilterOptions(command))
    .addOption(
      new Option("--format <format>", "ndjson or csv (default: csv if FILE ends in .csv)")
        .choices(["ndjson", "csv"]).env(environmentName("format")),
    )
    .addOption(setting("--order <order>", "asc: oldest first, desc: newest first", {
      default: "asc" as const,
      parse: order,
    }))
    .addOption(setting("--limit <count>", "how many records at most (default: all)", {
      parse: integer(1, Number.MAX_SAFE_INTEGER),
    }))
    .addOption(setting("--json", "print the summary of an export to a file as JSON"))
    .addHelpText(
      "after",
      "\nTo a file: records go to FILE.part, which becomes FILE when it is complete. An export that was\n" +
        "interrupted goes on where it stopped when the same command is given again.\n" +
        "\nExamples:\n" +
        "  sentinel export --start 24h yesterday.ndjson\n" +
        "  sentinel export --service auth-service --format csv > auth.csv\n",
    )
    .action(async (file: string | undefined, options: ExportOptions) => {
      const client = connect(options);
      const parameters = filterParameters(options);
      parameters.set("order", options.order);
      const format = options.format ?? (file?.toLowerCase().endsWith(".csv") ? "csv" : "ndjson");
      const incomplete = file === undefined || file === "-"
        ? await exportToOutput(client, parameters, format, options.limit, context.terminal)
        : await runFileExport(client, { file, format, parameters, limit: options.limit }, {
          json: options.json === true,
          terminal: context.terminal,
        });
      if (incomplete === undefined) return;
      context.terminal.err(`The export lacks what is damaged: ${incomplete}\n`);
      context.exitCode = 1;
    });
}

async function runFileExport(
  client: ApiClient,
  what: FileExport,
  { json, terminal }: { json: boolean; terminal: Terminal },
): Promise<string | undefined> {
  const startedAt = performance.now();
  const done = await exportToFile(client, what, terminal);
  const ms = performance.now() - startedAt;
  const { records, bytes, incomplete } = done;
  const summary = json
    ? JSON.stringify({ file: what.file, records, bytes, duration_ms: Math.round(ms) })
    : `Exported ${plural(records, "record")} (${bytesText(bytes)}) to ${what.file} in ${
      secondsText(ms)
    }`;
  terminal.out(`${summary}\n`);
  return incomplete;
}

/** Lets the server stream: constant memory on both sides. Gives what is missing from the answer, if anything is. */
async function exportToOutput(
  client: ApiClient,
  parameters: URLSearchParams,
  format: ExportFormat,
  limit: number | undefined,
  terminal: Terminal,
): Promise<string | undefined> {
  const query = new URLSearchParams(parameters);
  if (limit !== undefined) query.set("limit", String(limit));
  const accept = format === "csv" ? "text/csv" : "application/x-ndjson";
  const response = await client.send({ path: "/logs", query, headers: { accept } });
  const body = response.body ?? new Blob([]).stream();
  const reader = body.getReader();
  try {
    for (;;) {
      let part;
      try {
        part = await reader.read();
      } catch (error) {
        throw new CommandError(
          `The export was cut short: the connection to ${client.url} ended early; export to a file to be able to resume`,
          { cause: error },
        );
      }
      if (part.done) break;
      terminal.out(part.value);
    }
  } finally {
    await reader.cancel().catch(() => {}); // After an error there is nothing left to cancel.
  }
  return response.headers.get("sentinel-incomplete") ?? undefined;
}
