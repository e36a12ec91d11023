import type { Command } from "commander";
import { DEMO_TOKEN, simulate } from "../../simulator/mod.ts";
import { type CommandContext, duration, integer, number, setting, subcommand } from "./_command.ts";
import { addServerOptions, connect, type ServerChoice } from "./_server.ts";
import { StopSignals } from "./_stop_signals.ts";

/** What the simulator takes at most; it checks again. */
const SERVICES_MAX = 200;
const RATE_MAX = 1_000_000;
const BATCH_MAX = 10_000;

interface SimulateCommandOptions extends ServerChoice {
  readonly format: string;
  readonly syslogTo: string;
  readonly services: number;
  readonly rate: number;
  readonly batch: number;
  readonly duration?: number;
  readonly seed: number;
  readonly canary?: true;
  readonly json?: true;
}

/** Adds `simulate`: emulated services that log to the running server. */
export function addSimulate(program: Command, context: CommandContext): void {
  const command = subcommand(
    program,
    "simulate",
    "Emulate services that log to the running server.",
  );
  addServerOptions(command, DEMO_TOKEN)
    .addOption(
      setting("--format <name>", "what they speak", { default: "native" })
        .choices(["native", "otlp", "loki", "elasticsearch", "syslog", "clef"]),
    )
    .addOption(setting("--syslog-to <address>", "where syslog goes, over TCP", {
      default: "127.0.0.1:5514",
    }))
    .addOption(setting("--services <count>", "how many services, one Worker each", {
      default: 12,
      parse: integer(1, SERVICES_MAX),
    }))
    .addOption(setting("--rate <number>", "records per second of each; 0: as fast as it goes", {
      default: 5,
      parse: number(0, RATE_MAX),
    }))
    .addOption(setting("--batch <count>", "records in one request, at most", {
      default: 20,
      parse: integer(1, BATCH_MAX),
    }))
    .addOption(setting("--duration <duration>", "how long, such as 30s (default: until Ctrl-C)", {
      parse: duration,
    }))
    .addOption(setting("--seed <number>", "the same seed gives the same records", {
      default: 1,
      parse: integer(0, Number.MAX_SAFE_INTEGER),
    }))
    .addOption(setting("--canary", "read back what was sent; exit code 1 if anything is amiss"))
    .addOption(setting("--json", "print the summary as JSON"))
    .action(async (options: SimulateCommandOptions) => {
      const { format, syslogTo, services, rate, batch, seed, canary = false, json = false } =
        options;
      const { url, token } = connect(options);
      const durationSeconds = options.duration === undefined ? undefined : options.duration / 1000;
      using stop = new StopSignals();
      context.exitCode = await simulate({
        signal: stop.signal,
        url,
        token,
        format,
        syslog: syslogTo,
        services,
        rate,
        batch,
        durationSeconds,
        seed,
        canary,
        json,
      });
    });
}
