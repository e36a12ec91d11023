import { Sessions, TokenRegistry } from "../auth/mod.ts";
import { createApp, type HttpDeps, type ServedHttp, serveHttp } from "../http/mod.ts";
import { startSearchWorker } from "../query/mod.ts";
import type { SocketServer } from "../sockets/mod.ts";
import {
  folderOf,
  type LogFields,
  OpenError,
  openStore,
  type OpenStoreOptions,
  type Store,
} from "../storage/mod.ts";
import { type LogSettings, serverLog } from "./_log.ts";
import { OwnLog } from "./_own_log.ts";
import type { RetentionSetting } from "./_retention.ts";
import { listenToSockets, type SocketSettings } from "./_sockets.ts";
import { CommandError, UsageError } from "./errors.ts";
import type { Terminal } from "./terminal.ts";
import manifest from "../../deno.json" with { type: "json" };

/** How a server is to run. */
export interface ServerSettings {
  readonly host: string;
  /** 0: the system picks a free one. */
  readonly port: number;
  readonly data: string;
  /** Have the demo's tokens, on a loopback address only. */
  readonly demo: boolean;
  /** How long records are kept; absent: for ever. */
  readonly retention?: RetentionSetting | undefined;
  /** How much is kept; absent: everything. */
  readonly retentionBytes?: number | undefined;
  /** What to listen on for syslog and GELF; absent: nothing. */
  readonly sockets?: SocketSettings;
  /** How its own log is written. */
  readonly log?: Omit<LogSettings, "ownLog">;
  /** The service as which its own log is stored; absent: it is not. */
  readonly ownLog?: string | undefined;
}

const DEMO_WRITERS = [
  ["auth-service", "auth-service-token-001"],
  ["payment-service", "payment-service-token-002"],
  ["notification-service", "notification-service-token-003"],
] as const;

const DEMO_ADMIN = ["simulator", "simulator-token-000"] as const;

/**
 * Runs a server until `stop` is aborted, then lets open requests be answered and stores everything.
 *
 * @param onReady gets the address once it listens
 * @throws {UsageError} the settings contradict each other
 * @throws {CommandError} it cannot listen
 */
export async function runServer(
  settings: ServerSettings,
  terminal: Terminal,
  stop: AbortSignal,
  onReady: (url: string) => void = () => {},
): Promise<void> {
  checkSettings(settings);
  const { data, retention, retentionBytes } = settings;
  const ownLog = settings.ownLog === undefined
    ? undefined
    : new OwnLog({ service: settings.ownLog });
  const log = serverLog(terminal, { ...settings.log, ownLog });
  const store = await openData({
    path: data,
    retentionMs: retention?.everythingMs,
    retentionRules: retention?.rules,
    retentionBytes,
    log,
    startSearchWorker,
  });
  let server: ServedHttp | undefined;
  let sockets: SocketServer[] = [];
  try {
    ownLog?.open(store);
    const registry = await TokenRegistry.load(store.tokens, {
      onUnreadable: ({ message }) => log("error", `A token is not known any more: ${message}`),
    });
    const announcement = settings.demo ? addDemoTokens(registry) : await firstToken(registry);
    if (settings.sockets !== undefined) {
      sockets = await listenToSockets(settings.sockets, store, (line) => log("warning", line));
    }
    const told = (line: string, fields?: LogFields) => log("error", line, fields);
    server = await listen(settings, { store, registry, sockets, ownLog, log: told });
    store.announce(server.url);
    const { records = 0 } = store.figures();
    log("info", "Started", { version: manifest.version, url: server.url, data, records });
    const others = sockets.map(({ addresses }) => `Also on ${addresses.join(", ")}\n`).join("");
    terminal.out(`${announcement}${others}Sentinel is listening on ${server.url}\n`);
    onReady(server.url);
    await aborted(stop);
    log("info", "Stopping");
  } finally {
    try {
      await Promise.all([server?.shutdown(), ...sockets.map((socket) => socket.close())]);
    } finally {
      await ownLog?.close();
      await store.close();
    }
  }
}

function checkSettings({ host, data, demo, sockets }: ServerSettings): void {
  const open = [...sockets?.syslog ?? [], ...sockets?.gelf ?? []]
    .find((address) => !isLoopback(address.host));
  if (demo && open !== undefined) {
    throw new UsageError(
      `sentinel serve: --demo is for this machine alone, so syslog or GELF on ${open.host} is refused; give 127.0.0.1, or leave --demo out`,
    );
  }
  if (demo && !isLoopback(host)) {
    throw new UsageError(
      `sentinel serve: --demo has tokens that everybody knows, so --host ${host} is refused; give 127.0.0.1, or leave --demo out`,
    );
  }
  if (/^https?:\/\//.test(data)) {
    throw new UsageError(
      `sentinel serve: --data ${data} is a KV Connect address, which this version cannot use yet; give a file such as ./data/sentinel.kv`,
    );
  }
}

/** Opens the data file; makes it and its directory if need be. @throws {CommandError} it cannot */
export async function openData(options: OpenStoreOptions): Promise<Store> {
  try {
    await Deno.mkdir(folderOf(options.path), { recursive: true });
    return await openStore(options);
  } catch (error) {
    // The store's own errors say what to do already.
    if (error instanceof OpenError) throw new CommandError(error.message, { cause: error });
    throw new CommandError(`Cannot open ${options.path}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** Whether only this machine can reach an address (RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3). */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

function addDemoTokens(registry: TokenRegistry): "" {
  for (const [service, text] of DEMO_WRITERS) {
    registry.addFixed(service, text, { write: [service], read: true, delete: true, admin: false });
  }
  const [name, text] = DEMO_ADMIN;
  registry.addFixed(name, text, { write: "*", read: true, delete: true, admin: true });
  return "";
}

/** A server that nobody could use gets an admin token; what to print of it. */
async function firstToken(registry: TokenRegistry): Promise<string> {
  if (registry.size > 0) return "";
  const grants = { write: "*", read: true, delete: true, admin: true } as const;
  return `Admin token, shown once: ${await registry.create({ name: "admin", ...grants })}\n`;
}

async function listen(
  { host, port }: ServerSettings,
  parts: Omit<HttpDeps, "sessions" | "now" | "version">,
): Promise<ServedHttp> {
  const sessions = await Sessions.open(parts.store, parts.registry);
  const app = createApp({ ...parts, sessions, now: Date.now, version: manifest.version });
  try {
    return await serveHttp(app, { host, port });
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      throw new CommandError(
        `Cannot listen on ${host} port ${port}: another program does; give another --port, or 0 for a free one`,
        { cause: error },
      );
    }
    throw new CommandError(`Cannot listen on ${host} port ${port}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
