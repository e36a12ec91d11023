import type { Command } from "commander";
import { TokenRegistry, type TokenRequest } from "../auth/mod.ts";
import { formatInstant } from "../record.ts";
import { ApiClient } from "./_client.ts";
import { type CommandContext, duration, setting, strict, subcommand } from "./_command.ts";
import { serverLog } from "./_log.ts";
import { printable } from "./_record_line.ts";
import { openData } from "./_run_server.ts";
import { addServerOptions, findServer, type ServerChoice } from "./_server.ts";
import { ApiError, CommandError, UsageError } from "./errors.ts";
import type { Terminal } from "./terminal.ts";

interface CreateOptions extends ServerChoice {
  readonly write?: readonly string[];
  readonly read?: true;
  readonly delete?: true;
  readonly admin?: true;
  readonly expires?: number;
}

/** A token as the API lists it. */
interface ApiToken {
  readonly name: string;
  readonly write: readonly string[] | "*";
  readonly read: boolean;
  readonly delete: boolean;
  readonly admin: boolean;
  readonly created_at: string;
  readonly expires_at?: string | null;
}

/** The three things to do with tokens, by the server or on its data file. */
interface TokenDesk {
  create(request: TokenRequest): Promise<string>;
  list(): Promise<ApiToken[]>;
  /** `false`: there is no token of that name. */
  revoke(name: string): Promise<boolean>;
}

const HOW =
  "\nWhile the server runs, this goes through it and needs an admin token (--token, SENTINEL_TOKEN);\n" +
  "while it is stopped, the data file is enough.\n";

/** Adds `token create`, `token list` and `token revoke`. */
export function addToken(program: Command, context: CommandContext): void {
  const parent = strict(
    program.command("token").description("Manage tokens, with the server running or stopped."),
    "sentinel token",
  ).addHelpText("after", HOW);
  addCreate(parent, context);
  addServerOptions(subcommand(parent, "list", "List the tokens; their texts are kept nowhere."))
    .addOption(setting("--json", "print the API's JSON"))
    .addHelpText("after", HOW)
    .action((options: ServerChoice & { json?: true }) =>
      atDesk(options, "read", context.terminal, async (desk) => {
        const tokens = await desk.list();
        context.terminal.out(
          options.json ? `${JSON.stringify(tokens)}\n` : tokens.map(tokenLine).join(""),
        );
      })
    );
  addServerOptions(subcommand(parent, "revoke <name>", "Make a token unknown from now on."))
    .addHelpText("after", HOW)
    .action((name: string, options: ServerChoice) =>
      atDesk(options, "read", context.terminal, async (desk) => {
        if (!await desk.revoke(name)) {
          throw new CommandError(
            `There is no token ${JSON.stringify(name)}; see sentinel token list`,
          );
        }
      })
    );
}

function addCreate(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, "create <name>", "Make a token and print it alone on stdout.");
  addServerOptions(command)
    .addOption(setting("--write <service...>", "may write records of these services; '*': of any"))
    .addOption(setting("--read", "may read records"))
    .addOption(setting("--delete", "may delete records"))
    .addOption(setting("--admin", "may do everything, manage tokens too"))
    .addOption(
      setting("--expires <duration>", "how long it is good, such as 90d (default: for ever)", {
        parse: duration,
      }),
    )
    .addHelpText(
      "after",
      `${HOW}\nExamples:\n` +
        "  sentinel token create shop --write shop-api shop-worker\n" +
        "  sentinel token create oncall --read --expires 90d\n",
    )
    .action(async (name: string, options: CreateOptions) => {
      const request = requestOf(name, options);
      await atDesk(options, "create", context.terminal, async (desk) => {
        context.terminal.out(`${await desk.create(request)}\n`);
      });
    });
}

function requestOf(name: string, options: CreateOptions): TokenRequest {
  const write = options.write?.includes("*") ? "*" as const : options.write ?? [];
  const { read = false, delete: remove = false, admin = false, expires } = options;
  if (write.length === 0 && !read && !remove && !admin) {
    throw new UsageError(
      "sentinel token create: the token could do nothing; give --write SERVICE, --read, --delete or --admin",
    );
  }
  const expiresAtMs = expires === undefined ? undefined : Date.now() + expires;
  return { name, write, read, delete: remove, admin, expiresAtMs };
}

/** Lets `use` work through the running server if there is one, else on the data file. */
async function atDesk(
  { url, data, token }: ServerChoice,
  purpose: "create" | "read",
  terminal: Terminal,
  use: (desk: TokenDesk) => Promise<void>,
): Promise<void> {
  const address = url ?? await answeringServer(data);
  if (address !== undefined) {
    if (!token) {
      throw new CommandError(
        `The server at ${address} is running: give an admin token with --token or SENTINEL_TOKEN`,
      );
    }
    return await use(serverDesk(new ApiClient(address, token)));
  }
  const exists = await Deno.stat(data).then(() => true, (error) => {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  });
  if (!exists && purpose === "read") {
    throw new CommandError(`There is no data file ${data}; see --data`);
  }
  const store = await openData({ path: data, log: serverLog(terminal, { level: "warning" }) });
  try {
    await use(fileDesk(await TokenRegistry.load(store.tokens)));
  } finally {
    await store.close();
  }
}

/** How long a server may take to say that it is alive: it does nothing for that but answer. */
const ALIVE_TIMEOUT_MS = 3_000;

/** The server that the lock file names, if it answers: after a kill the file names one that has gone. */
async function answeringServer(data: string): Promise<string | undefined> {
  const address = findServer(data);
  if (address === undefined) return undefined;
  try {
    const response = await fetch(`${address}/healthz`, {
      signal: AbortSignal.timeout(ALIVE_TIMEOUT_MS),
    });
    await response.body?.cancel();
    return response.ok ? address : undefined;
  } catch {
    // Gone, whatever the reason; should it yet live, opening its data file says so.
    return undefined;
  }
}

function serverDesk(client: ApiClient): TokenDesk {
  return {
    async create({ expiresAtMs, ...request }) {
      const body = expiresAtMs === undefined
        ? request
        : { ...request, expires_at: formatInstant(expiresAtMs, 0) };
      const made = await client.json<{ token: string }>({
        method: "POST",
        path: "/tokens",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      return made.token;
    },
    list: () => client.json<ApiToken[]>({ path: "/tokens" }),
    async revoke(name) {
      try {
        const path = `/tokens/${encodeURIComponent(name)}`;
        await (await client.send({ method: "DELETE", path })).body?.cancel();
        return true;
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return false;
        throw error;
      }
    },
  };
}

function fileDesk(registry: TokenRegistry): TokenDesk {
  return {
    create: (request) => registry.create(request),
    list: () =>
      Promise.resolve(
        registry.list().map(({ createdAtMs, expiresAtMs, ...token }) => ({
          ...token,
          created_at: formatInstant(createdAtMs, 0),
          ...expiresAtMs === undefined ? {} : { expires_at: formatInstant(expiresAtMs, 0) },
        })),
      ),
    revoke: (name) => registry.revoke(name),
  };
}

function tokenLine(token: ApiToken): string {
  const rights = [
    ...token.write === "*" ? ["write *"] : token.write.map((service) => `write ${service}`),
    ...token.read ? ["read"] : [],
    ...token.delete ? ["delete"] : [],
    ...token.admin ? ["admin"] : [],
  ];
  const until = token.expires_at ? `until ${token.expires_at}` : "for ever";
  return `${printable(token.name)}\t${printable(rights.join(", "))}\t${until}\n`;
}
