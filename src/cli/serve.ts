import { type Command, InvalidArgumentError, Option } from "commander";
import { isService } from "../record.ts";
import type { LogLevel } from "../storage/mod.ts";
import {
  type CommandContext,
  environmentName,
  integer,
  parseFlag,
  setting,
  subcommand,
} from "./_command.ts";
import { LOG_FORMATS, LOG_LEVELS, type LogSettings, OWN_SERVICE } from "./_log.ts";
import { retention, retentionBytes, type RetentionSetting } from "./_retention.ts";
import { runServer } from "./_run_server.ts";
import { DEFAULT_DATA } from "./_server.ts";
import { readSocketSettings } from "./_sockets.ts";
import { StopSignals } from "./_stop_signals.ts";

interface ServeCommandOptions {
  readonly host: string;
  readonly port: number;
  readonly data: string;
  readonly demo?: true;
  readonly retention?: RetentionSetting;
  readonly retentionBytes?: number;
  readonly syslog?: string;
  readonly gelf?: string;
  readonly syslogAllow?: string;
  readonly syslogCert?: string;
  readonly syslogKey?: string;
  readonly syslogClientCa?: string;
  readonly logFormat?: LogSettings["format"];
  readonly logLevel: LogLevel;
  readonly ownLog?: string;
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
      "--retention <rules>",
      "delete records that are older: 30d, auth-service=90d,DEBUG=3d,30d (default: off)",
      { parse: retention },
    ))
    .addOption(setting(
      "--retention-bytes <size>",
      "delete the oldest records when more is stored, compressed: 10GiB (default: off)",
      { parse: retentionBytes },
    ))
    .addOption(setting(
      "--syslog <addresses>",
      "take syslog on these addresses, such as 127.0.0.1:5514 (TCP and UDP), tls://0.0.0.0:6514 (default: off)",
    ))
    .addOption(setting(
      "--gelf <addresses>",
      "take GELF over TCP on these addresses, such as 127.0.0.1:12201 (default: off)",
    ))
    .addOption(setting(
      "--syslog-allow <sources>",
      "addresses and networks that may send syslog and GELF, or none (default: this machine)",
    ))
    .addOption(setting("--syslog-cert <file>", "certificate, with its chain, for tls:// addresses"))
    .addOption(setting("--syslog-key <file>", "its key"))
    .addOption(setting(
      "--syslog-client-ca <file>",
      "who shows a certificate signed by this authority may send over TLS from anywhere",
    ))
    .addOption(
      new Option(
        "--log-format <format>",
        "how its own log on stderr looks (default: text on a terminal, else json)",
      ).choices(LOG_FORMATS).env(environmentName("log-format")),
    )
    .addOption(
      new Option("--log-level <level>", "the least of it that is told").choices(LOG_LEVELS)
        .default("info").env(environmentName("log-level")),
    )
    .addOption(
      setting(
        "--own-log [service]",
        `store its own log as well, as records of a service (${OWN_SERVICE} unless named; default: off)`,
        { parse: ownService },
      ).preset(OWN_SERVICE),
    )
    .addHelpText(
      "after",
      "\nWithout --demo, the first start makes an admin token and prints it once. A first signal lets open\n" +
        "requests be answered and stores everything; a second one ends at once.\n" +
        "\nRetention: 30d is for everything, auth-service=90d for a service, DEBUG=3d for a severity, auth-service/DEBUG=1d\n" +
        "for both; forever is a time, too. The most specific rule holds: service and severity, service, severity,\n" +
        "everything. A service named like a severity is service:DEBUG.\n" +
        "\nSyslog and GELF have no tokens: their sources are known by address or by certificate, and may write every\n" +
        "service's records.\n" +
        "\n`deno task serve` may write below ./data only. For a data file elsewhere use the executable, or\n" +
        "  deno run -P=sentinel main.ts serve --data /var/lib/sentinel/sentinel.kv\n",
    )
    .action(async (options: ServeCommandOptions) => {
      const { host, port, data, demo = false, retention, retentionBytes } = options;
      const sockets = await readSocketSettings(options);
      using stop = new StopSignals();
      const log = { format: options.logFormat, level: options.logLevel };
      const { ownLog } = options;
      const settings = {
        ...{ host, port, data, demo, retention, retentionBytes, sockets },
        ...{ log, ownLog },
      };
      await runServer(settings, context.terminal, stop.signal);
    });
}

/** Reads the service of `--own-log`; its environment variable may only say that it is on or off. */
function ownService(text: string): string | undefined {
  const flag = parseFlag(text);
  if (flag !== undefined) return flag ? OWN_SERVICE : undefined;
  if (isService(text)) return text;
  throw new InvalidArgumentError("Give a service's name, 1 to 128 characters.");
}
