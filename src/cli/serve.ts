import type { Command } from "commander";
import { type CommandContext, duration, integer, setting, subcommand } from "./_command.ts";
import { runServer } from "./_run_server.ts";
import { DEFAULT_DATA } from "./_server.ts";
import { StopSignals } from "./_stop_signals.ts";

interface ServeCommandOptions {
  readonly host: string;
  readonly port: number;
  readonly data: string;
  readonly demo?: true;
  readonly retention?: number;
}

/** Adds `serve`: the server. */
export function addServe(program: Command, context: CommandContext): void {
  subcommand(program, "serve", "Run the server until SIGTERM or SIGINT (Ctrl-C).")
    .addOption(setting("--host <address>", "address to listen on; 0.0.0.0: every one", {
      default: "127.0.0.1",
    }))
    .addOption(setting("--port <number>", "port to listen on; 0: a free one", {
      default: 5000,
      parse: integer(0, 65_535),
    }))
    .addOption(setting("--data <file>", "where records are kept; made if it does not exist", {
      default: DEFAULT_DATA,
    }))
    .addOption(setting("--demo", "have the tokens of the README's examples; loopback only"))
    .addOption(setting(
      "--retention <duration>",
      "forget records that are older, such as 30d (default: off)",
      { parse: duration },
    ))
    .addHelpText(
      "after",
      "\nWithout --demo, the first start makes an admin token and prints it once. A first signal lets open\n" +
        "requests be answered and stores everything; a second one ends at once.\n" +
        "\n`deno task serve` may write below ./data only. For a data file elsewhere use the executable, or\n" +
        "  deno run -P=sentinel main.ts serve --data /var/lib/sentinel/sentinel.kv\n",
    )
    .action(async (options: ServeCommandOptions) => {
      const { host, port, data, demo = false, retention: retentionMs } = options;
      using stop = new StopSignals();
      await runServer({ host, port, data, demo, retentionMs }, context.terminal, stop.signal);
    });
}
