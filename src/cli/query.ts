import type { Command } from "commander";
import { type CommandContext, integer, setting, subcommand } from "./_command.ts";
import { addFilterOptions, type FilterOptions, filterParameters, order } from "./_filters.ts";
import { PAGE_RECORDS_MAX, readRecordPage } from "./_pages.ts";
import { recordLine } from "./_record_line.ts";
import { addServerOptions, connect, type ServerChoice } from "./_server.ts";
import type { Terminal } from "./terminal.ts";

interface QueryOptions extends FilterOptions, ServerChoice {
  readonly order: "asc" | "desc";
  readonly limit: number;
  readonly json?: true;
}

/** Adds `query`: records that match, for people or as NDJSON. */
export function addQuery(program: Command, context: CommandContext): void {
  const command = subcommand(program, "query", "Show the records that match.");
  addServerOptions(addFilterOptions(command))
    .addOption(setting("--order <order>", "asc: oldest first, desc: newest first", {
      default: "desc" as const,
      parse: order,
    }))
    .addOption(setting("--limit <count>", "how many records at most", {
      default: 100,
      parse: integer(1, Number.MAX_SAFE_INTEGER),
    }))
    .addOption(setting("--json", "print one JSON object a line (NDJSON)"))
    .addHelpText(
      "after",
      "\nExamples:\n" +
        "  sentinel query --min-severity ERROR --start 15m\n" +
        "  sentinel query --service auth-service --q 'timeout -retry' --json\n",
    )
    .action(async (options: QueryOptions) => {
      const left = await show(options, context.terminal);
      if (left !== undefined) {
        context.terminal.err(`Incomplete: ${left}\n`);
        context.exitCode = 1;
      }
    });
}

/** Prints matches; gives what the server had to leave out, if anything. */
async function show(options: QueryOptions, terminal: Terminal): Promise<string | undefined> {
  const client = connect(options);
  const parameters = filterParameters(options);
  parameters.set("order", options.order);
  const colour = terminal.outIsTerminal && !Deno.noColor;
  let missing = options.limit;
  let cursor: string | undefined;
  let incomplete: string | undefined;
  do {
    const limit = Math.min(missing, PAGE_RECORDS_MAX);
    const page = await readRecordPage(client, parameters, limit, cursor);
    terminal.out(
      page.records.map((record) =>
        options.json ? `${JSON.stringify(record)}\n` : recordLine(record, colour)
      ).join(""),
    );
    missing -= page.records.length;
    cursor = page.cursor;
    incomplete ??= page.incomplete;
  } while (cursor !== undefined && missing > 0);
  if (cursor !== undefined && terminal.errIsTerminal) {
    terminal.err(`There are more than ${options.limit}: raise --limit, or use sentinel export\n`);
  }
  return incomplete;
}
