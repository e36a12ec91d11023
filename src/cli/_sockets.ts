import {
  type ListenAddress,
  openSocketServer,
  parseListenAddresses,
  type SocketServer,
  SourceList,
  type TlsFiles,
} from "../sockets/mod.ts";
import type { Store } from "../storage/mod.ts";
import { CommandError, UsageError } from "./errors.ts";

/** The options of `serve` about syslog and GELF, as they were given. */
export interface SocketOptions {
  readonly syslog?: string;
  readonly gelf?: string;
  readonly syslogAllow?: string;
  readonly syslogCert?: string;
  readonly syslogKey?: string;
  readonly syslogClientCa?: string;
}

/** What to listen on beside HTTP. */
export interface SocketSettings {
  readonly syslog: readonly ListenAddress[];
  readonly gelf: readonly ListenAddress[];
  readonly sources: SourceList;
  readonly tls: TlsFiles | undefined;
}

/**
 * Reads the options and the files that they name.
 * @throws {UsageError} they are wrong, or do not go together
 * @throws {CommandError} a file cannot be read
 */
export async function readSocketSettings(options: SocketOptions): Promise<SocketSettings> {
  const { syslog, gelf, syslogAllow } = options;
  const addresses = {
    syslog: parsed("--syslog", () => syslog ? parseListenAddresses(syslog, ["tcp", "udp"]) : []),
    gelf: parsed("--gelf", () => gelf ? parseListenAddresses(gelf, ["tcp"]) : []),
  };
  const sources = parsed(
    "--syslog-allow",
    () => syslogAllow ? SourceList.parse(syslogAllow) : SourceList.loopback(),
  );
  const hasTls = [...addresses.syslog, ...addresses.gelf]
    .some(({ transport }) => transport === "tls");
  return { ...addresses, sources, tls: hasTls ? await readTls(options) : undefined };
}

function parsed<T>(option: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(`sentinel serve: ${option}: ${error.message}`);
  }
}

async function readTls(options: SocketOptions): Promise<TlsFiles> {
  const { syslogCert, syslogKey, syslogClientCa } = options;
  if (!syslogCert || !syslogKey) {
    throw new UsageError(
      "sentinel serve: a tls:// address needs --syslog-cert and --syslog-key, files in PEM",
    );
  }
  return {
    certificate: await readPem("--syslog-cert", syslogCert),
    key: await readPem("--syslog-key", syslogKey),
    ...(syslogClientCa
      ? { clientAuthority: await readPem("--syslog-client-ca", syslogClientCa) }
      : {}),
  };
}

async function readPem(option: string, path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw new CommandError(`Cannot read ${option} ${path}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/**
 * Opens what listens beside HTTP; nothing of it stays open if anything fails.
 * @throws {CommandError} it cannot listen
 */
export async function listenToSockets(
  { syslog, gelf, sources, tls }: SocketSettings,
  store: Store,
  log: (line: string) => void,
): Promise<SocketServer[]> {
  const servers: SocketServer[] = [];
  const wanted = [["syslog", syslog], ["gelf", gelf]] as const;
  try {
    for (const [format, addresses] of wanted) {
      if (addresses.length === 0) continue;
      servers.push(await openSocketServer({ format, addresses, sources, tls, store, log }));
    }
  } catch (error) {
    await Promise.all(servers.map((server) => server.close()));
    throw new CommandError((error as Error).message, { cause: error });
  }
  return servers;
}
