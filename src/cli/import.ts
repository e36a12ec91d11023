import { type Command, InvalidArgumentError } from "commander";
import { type CommandContext, integer, setting, subcommand } from "./_command.ts";
import { severityText } from "./_filters.ts";
import { patternOf, PATTERNS } from "./_import_pattern.ts";
import { type Imported, type ImportJob, runImport } from "./_import_run.ts";
import { bytesText, plural, secondsText } from "./_progress.ts";
import { addServerOptions, connect, type ServerChoice } from "./_server.ts";
import { UsageError } from "./errors.ts";

/** With 10,000 records their names alone are 3 MB of JSON; larger batches gain nothing. */
const BATCH_MAX = 10_000;

interface ImportOptions extends ServerChoice {
  readonly pattern?: string;
  readonly service?: string;
  readonly severity?: string;
  readonly utcOffset: string;
  readonly strict?: true;
  readonly batch: number;
  readonly state?: string;
  readonly json?: true;
}

/** Adds `import`: NDJSON, or text by a pattern, from a file or stdin to the server. */
export function addImport(program: Command, context: CommandContext): void {
  const command = subcommand(
    program,
    "import <file>",
    "Send the records of a file (-: stdin) to the server: NDJSON, or text that --pattern explains.",
  );
  addImportOptions(addServerOptions(command))
    .addHelpText(
      "after",
      "\nAn import that was interrupted goes on where it stopped when the same command is given again, and\n" +
        "stores nothing twice (within 24 hours). FILE may have grown in between.\n" +
        "\nExamples:\n" +
        "  sentinel import saved.ndjson\n" +
        "  sentinel import /var/log/dpkg.log --pattern dpkg\n" +
        "  sentinel import app.log --service app --pattern '^(?<timestamp>\\S+) (?<severity>\\w+) (?<message>.*)$'\n" +
        "  journalctl -o short-iso | sentinel import - --pattern syslog\n",
    )
    .action(async (file: string, options: ImportOptions) => {
      const job = jobOf(file, options);
      const startedAt = performance.now();
      const imported = await runImport(connect(options), job, context.terminal);
      const ms = performance.now() - startedAt;
      context.terminal.out(
        `${options.json ? json(file, imported, ms) : text(file, imported, ms)}\n`,
      );
    });
}

function addImportOptions(command: Command): Command {
  const names = PATTERNS.map(({ name }) => name).join(", ");
  return command
    .addOption(setting(
      "--pattern <pattern>",
      `how lines become records: ${names}, or a regular expression with named groups timestamp, service, ` +
        "severity and message; other groups become attributes (default: the file is NDJSON)",
    ))
    .addOption(setting("--service <name>", "service of records that name none"))
    .addOption(setting("--severity <name>", "severity of records that name none (default: INFO)", {
      parse: severityText,
    }))
    .addOption(setting("--utc-offset <offset>", "zone of times that tell none, such as +02:00", {
      default: "Z",
      defaultText: "UTC",
      parse: zone,
    }))
    .addOption(
      setting("--strict", "end at a line that the pattern does not match (default: keep it whole)"),
    )
    .addOption(setting("--batch <count>", "records in one request", {
      default: 1000,
      parse: integer(1, BATCH_MAX),
    }))
    .addOption(
      setting("--state <file>", "where to note how far it is (default: FILE.sentinel-import)"),
    )
    .addOption(setting("--json", "print the summary as JSON"));
}

function jobOf(file: string, options: ImportOptions): ImportJob {
  const pattern = options.pattern === undefined ? undefined : patternOf(options.pattern);
  const { service, severity, strict = false, utcOffset, batch, state } = options;
  if (file === "-" && state !== undefined) {
    throw new UsageError("sentinel import: stdin cannot be resumed; give --state only with a file");
  }
  if (pattern !== undefined && !pattern.namesService && pattern.service === undefined && !service) {
    throw new UsageError(
      `sentinel import: nothing names a service; give --service NAME${
        pattern.name === "plain" ? "" : " or a group (?<service>…) in --pattern"
      }`,
    );
  }
  return {
    file,
    statePath: state ?? `${file}.sentinel-import`,
    pattern,
    service,
    severity,
    strict,
    zone: utcOffset,
    batch,
  };
}

function zone(text: string): string {
  if (/^(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/.test(text)) return text;
  throw new InvalidArgumentError("Give Z, or an offset such as +02:00.");
}

function text(
  file: string,
  { records, unmatched, bytes, resumedAt }: Imported,
  ms: number,
): string {
  const whole = unmatched === 0
    ? ""
    : `; ${plural(unmatched, "line")} did not match and were kept whole`;
  const resumed = resumedAt === 0 ? "" : `, resumed at byte ${resumedAt}`;
  return `Imported ${plural(records, "record")} from ${file === "-" ? "stdin" : file} (${
    bytesText(bytes)
  }) in ${secondsText(ms)}${resumed}${whole}`;
}

function json(file: string, imported: Imported, ms: number): string {
  const { records, unmatched, bytes, resumedAt } = imported;
  return JSON.stringify({
    file,
    records,
    unmatched,
    bytes,
    resumed_at: resumedAt,
    duration_ms: Math.round(ms),
  });
}
