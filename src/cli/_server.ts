import type { Command } from "commander";
import { readLockHolder } from "../storage/mod.ts";
import { ApiClient } from "./_client.ts";
import { setting, webAddress } from "./_command.ts";
import { CommandError } from "./errors.ts";

/** Where `serve` keeps its data unless told otherwise. */
export const DEFAULT_DATA = "./data/sentinel.kv";

/** How a command was told which server to speak to. */
export interface ServerChoice {
  readonly url?: string;
  readonly data: string;
  readonly token?: string;
}

/** Adds `--url`, `--data` and `--token`. */
export function addServerOptions(command: Command, defaultToken?: string): Command {
  return command
    .addOption(setting("--url <address>", "address of the server (default: as --data tells)", {
      parse: webAddress,
    }))
    .addOption(setting("--data <file>", "data file whose server is meant: its lock names it", {
      default: DEFAULT_DATA,
    }))
    .addOption(setting("--token <token>", "token for the server", {
      ...defaultToken === undefined ? {} : { default: defaultToken },
    }));
}

/** The address of the server that holds (or last held) the data file; `undefined` if its lock file names none. */
export function findServer(data: string): string | undefined {
  try {
    return readLockHolder(data)?.url;
  } catch (error) {
    throw new CommandError(`Cannot read who holds ${data}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** A client for the server that the options mean. @throws {CommandError} if none is named and none found */
export function connect({ url, data, token }: ServerChoice): ApiClient {
  const address = url ?? findServer(data);
  if (address === undefined) {
    throw new CommandError(
      `No server is running on ${data}; start one with sentinel serve, or name another with --url`,
    );
  }
  return new ApiClient(address, token || undefined);
}
