import { Command, CommanderError } from "commander";
import { type CommandContext, parseFlag, setting, strict } from "./_command.ts";
import { UsageError } from "./errors.ts";
import { addArchive } from "./archive.ts";
import { addBackup } from "./backup.ts";
import { addCompact } from "./compact.ts";
import { addCheck } from "./check.ts";
import { addExport } from "./export.ts";
import { addImport } from "./import.ts";
import { addQuery } from "./query.ts";
import { addRestore } from "./restore.ts";
import { addServe } from "./serve.ts";
import { addSimulate } from "./simulate.ts";
import { addStats } from "./stats.ts";
import { addTail } from "./tail.ts";
import { systemTerminal, type Terminal } from "./terminal.ts";
import { addToken } from "./token.ts";
import manifest from "../../deno.json" with { type: "json" };

/** Runs the command line of this process and ends it with the command's exit code. */
export async function runCli(args: readonly string[]): Promise<never> {
  Deno.exit(await execute(args, systemTerminal()));
}

/**
 * Runs one command line.
 *
 * @returns the exit code: 0, 1 for a failure at run time, 2 for a wrong command line. Both failures have written
 * exactly one line to stderr, and the stack after it with `--verbose`
 */
export async function execute(args: readonly string[], terminal: Terminal): Promise<number> {
  const context: CommandContext = { terminal, exitCode: 0 };
  try {
    await buildProgram(context).parseAsync(args, { from: "user" });
    return context.exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    // The reader of our output has what it wants, as in `sentinel query | head`.
    if (error instanceof Deno.errors.BrokenPipe) return 0;
    report(error, args, terminal);
    return error instanceof UsageError ? 2 : 1;
  }
}

function buildProgram(context: CommandContext): Command {
  const program = strict(new Command("sentinel"), "sentinel")
    .description("A central log server: stores, searches, shows and counts what services log.")
    .version(manifest.version, "--version", "print the version")
    .configureOutput({ writeOut: context.terminal.out, writeErr: () => {} })
    .addHelpText(
      "after",
      "\nsentinel COMMAND --help tells the options of a command. Each option can come from the environment\n" +
        "as well; the command line wins.",
    )
    .addOption(setting("--verbose", "show the stack of an error"));
  for (const add of COMMANDS) add(program, context);
  return program;
}

const COMMANDS = [
  addServe,
  addSimulate,
  addToken,
  addImport,
  addExport,
  addQuery,
  addTail,
  addStats,
  addArchive,
  addBackup,
  addRestore,
  addCompact,
  addCheck,
] as const;

function report(error: unknown, args: readonly string[], terminal: Terminal): void {
  terminal.err(`${messageOf(error).replaceAll(/\s*[\r\n]+\s*/g, " ")}\n`);
  const verbose = args.includes("--verbose") ||
    parseFlag(Deno.env.get("SENTINEL_VERBOSE") ?? "") === true;
  if (verbose && error instanceof Error) terminal.err(Deno.inspect(error) + "\n");
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const cause = error instanceof Error ? error.cause : undefined;
  if (!(error instanceof Deno.errors.NotCapable || cause instanceof Deno.errors.NotCapable)) {
    return message;
  }
  const reason = message.replace(/, run again with the --allow.*/, "");
  return `${reason}, which a task has not; use the executable, or deno run -P=sentinel main.ts …`;
}
