import type { Command } from "commander";
import { type CommandContext, setting, subcommand } from "./_command.ts";
import { addFilterOptions, type FilterOptions, filterParameters } from "./_filters.ts";
import { countText } from "./_progress.ts";
import { printable } from "./_record_line.ts";
import { addServerOptions, connect, type ServerChoice } from "./_server.ts";
import { SEVERITIES } from "../record.ts";

interface StatsOptions extends FilterOptions, ServerChoice {
  readonly json?: true;
}

interface ApiStats {
  readonly logs_per_service: Readonly<Record<string, number>>;
  readonly logs_per_severity: Readonly<Record<string, number>>;
  readonly last_log_per_service: Readonly<Record<string, string>>;
}

/** Adds `stats`: counts by service and severity. */
export function addStats(program: Command, context: CommandContext): void {
  const command = subcommand(program, "stats", "Count records by service and severity.");
  addServerOptions(addFilterOptions(command))
    .addOption(setting("--json", "print the API's JSON"))
    .action(async (options: StatsOptions) => {
      const client = connect(options);
      const stats = await client.json<ApiStats>({
        path: "/stats",
        query: filterParameters(options),
      });
      context.terminal.out(options.json ? `${JSON.stringify(stats)}\n` : tables(stats));
    });
}

function tables(stats: ApiStats): string {
  const services = Object.entries(stats.logs_per_service)
    .sort(([, a], [, b]) => b - a)
    .map(([service, count]) => [
      printable(service),
      countText(count),
      stats.last_log_per_service[service] ?? "",
    ]);
  const severities = SEVERITIES.filter((name) => stats.logs_per_severity[name] !== undefined)
    .map((name) => [name, countText(stats.logs_per_severity[name] ?? 0)]);
  const total = Object.values(stats.logs_per_severity).reduce((sum, count) => sum + count, 0);
  return `${table(["SERVICE", "RECORDS", "LAST"], services)}\n` +
    `${table(["SEVERITY", "RECORDS"], [...severities, ["all", countText(total)]])}`;
}

/** Rows under a heading; the second column is of numbers and ends flush. */
function table(heading: string[], rows: string[][]): string {
  const all = [heading, ...rows];
  const widths = heading.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const lines = all.map((row) =>
    row.map((cell, column) =>
      column === 1 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)
    ).join("  ").trimEnd()
  );
  return `${lines.join("\n")}\n`;
}
