import { type Command, type CommanderError, InvalidArgumentError, Option } from "commander";
import { parseDuration } from "../record.ts";
import { UsageError } from "./errors.ts";
import type { Terminal } from "./terminal.ts";

/** What every command gets: where to write, and where to leave an exit code other than 0. */
export interface CommandContext {
  readonly terminal: Terminal;
  exitCode: number;
}

/** Makes a command end with a {@linkcode UsageError} of one line where commander would print and exit. */
export function strict(command: Command, path: string): Command {
  return command
    .exitOverride((error) => {
      throw error.exitCode === 0 ? error : asUsageError(error, command, path);
    })
    .configureOutput({ outputError: () => {} })
    .showSuggestionAfterError(true)
    .hook("preAction", (_parent, action) => readFlags(action));
}

function asUsageError(error: CommanderError, command: Command, path: string): UsageError {
  const said = error.message.replace(/^error: /, "").replaceAll(/\s*\n\s*/g, " ")
    .replace(/\.$/, "");
  const commands = command.commands.map((child) => child.name()).join(", ");
  if (error.code === "commander.help") return new UsageError(`${path}: give one of ${commands}`);
  if (error.code === "commander.unknownCommand") {
    return new UsageError(`${path}: ${said}; the commands are ${commands}`);
  }
  return new UsageError(`${path}: ${said}; see ${path} --help`);
}

/** Adds a subcommand with what all of them share. `name` may declare arguments, as in `revoke <name>`. */
export function subcommand(parent: Command, name: string, description: string): Command {
  const path = `${parent.parent === null ? "" : `${parent.parent.name()} `}${parent.name()}`;
  const command = parent.command(name).description(description);
  return strict(command, `${path} ${command.name()}`)
    .addOption(setting("--verbose", "show the stack of an error"));
}

/** How an option's text becomes its value. */
export interface SettingOptions<T> {
  /** Given by commander: the text, and what earlier occurrences of the option gave. */
  readonly parse?: (text: string, previous: T | undefined) => T;
  readonly default?: T;
  /** How the help shows the default. */
  readonly defaultText?: string;
}

/** An option that can also come from the environment: `--min-severity` from `SENTINEL_MIN_SEVERITY`. */
export function setting<T>(
  flags: string,
  description: string,
  { parse, default: value, defaultText }: SettingOptions<T> = {},
): Option {
  const option = new Option(flags, description);
  option.env(environmentName(option.name()));
  if (parse !== undefined) {
    option.argParser<T>((text, previous) => parse(text, previous));
  }
  if (value !== undefined) option.default(value, defaultText);
  return option;
}

/** The environment variable of the option `--name`. */
export function environmentName(name: string): string {
  return `SENTINEL_${name.toUpperCase().replaceAll("-", "_")}`;
}

const ON = new Set(["1", "true", "yes", "on"]);
const OFF = new Set(["", "0", "false", "no", "off"]);

/** Whether a flag's environment variable is on; `undefined` if the text is neither on nor off. */
export function parseFlag(text: string): boolean | undefined {
  const lower = text.toLowerCase();
  if (ON.has(lower)) return true;
  return OFF.has(lower) ? false : undefined;
}

/** Reads flags from the environment: commander takes any value, `false` too, as on. */
function readFlags(command: Command): void {
  for (const option of command.options) {
    const name = option.attributeName();
    if (!option.isBoolean() || command.getOptionValueSource(name) !== "env") continue;
    const text = Deno.env.get(option.envVar ?? "") ?? "";
    const value = parseFlag(text);
    if (value === undefined) {
      throw new UsageError(
        `sentinel ${command.name()}: ${option.envVar} is ${
          JSON.stringify(text)
        }; give true or false`,
      );
    }
    command.setOptionValueWithSource(name, value, "env");
  }
}

/** Reads an integer from `least` to `most`. */
export function integer(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`Give an integer from ${least} to ${most}.`);
    }
    return value;
  };
}

/** Reads a decimal number from `least` to `most`. */
export function number(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+(\.\d+)?$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`Give a number from ${least} to ${most}.`);
    }
    return value;
  };
}

/** Reads a duration such as `90s` or `30d`, in milliseconds. */
export function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms <= 0) {
    throw new InvalidArgumentError("Give a duration such as 90s, 15m, 12h or 30d.");
  }
  return ms;
}

/** Reads an http(s) address, without a slash at its end. */
export function webAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new InvalidArgumentError("Give an address such as http://127.0.0.1:5000.");
  }
  return text.replace(/\/+$/, "");
}

/** Gathers every occurrence of an option. */
export function list(text: string, previous: readonly string[] | undefined): readonly string[] {
  return [...previous ?? [], text];
}
