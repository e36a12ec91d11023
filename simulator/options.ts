import { BATCH_MAX, RATE_MAX, SERVICES_MAX } from "./limits.ts";
import type { TextWriter } from "./output.ts";
import { type FormatName, FORMATS, isFormatName } from "./wire/mod.ts";

/** The token that `serve --demo` has for the simulator. */
export const DEMO_TOKEN = "simulator-token-000";

/** Where `serve --syslog` listens in the examples. */
const DEFAULT_SYSLOG = "127.0.0.1:5514";

/** What to simulate. */
export interface SimulateOptions {
  /** The server's address, `http://127.0.0.1:5000` for example. */
  readonly url: string;
  /** A token with admin rights, and read rights for a canary; {@link DEMO_TOKEN} if undefined. */
  readonly token?: string | undefined;
  /** What the services speak: native, otlp, loki, elasticsearch, syslog or clef; native. */
  readonly format?: string | undefined;
  /** Where syslog goes, over TCP, `HOST:PORT`; 127.0.0.1:5514. */
  readonly syslog?: string | undefined;
  /** How many services, 1 to 200; 12. */
  readonly services?: number | undefined;
  /** Records per second of each service, averaged over a simulated day; 0: as fast as the server takes them; 5. */
  readonly rate?: number | undefined;
  /** Records in a request, at most; 1 to 10,000; 20. */
  readonly batch?: number | undefined;
  /** How long; undefined: until SIGINT, SIGTERM or `signal`. */
  readonly durationSeconds?: number | undefined;
  /** The same seed gives the same records; 0 to 2^53 - 1; 1. */
  readonly seed?: number | undefined;
  /** Read back what was sent and report what is missing, duplicate or out of order. */
  readonly canary?: boolean | undefined;
  /** End with one JSON object instead of a line of text. */
  readonly json?: boolean | undefined;
  /** Ends the run as SIGINT does; if given, the process's signals are left to the caller. */
  readonly signal?: AbortSignal | undefined;
  /** Gets the summary; standard output. */
  readonly out?: TextWriter | undefined;
  /** Gets progress and notes; standard error. */
  readonly err?: TextWriter | undefined;
}

/** The options with their defaults. */
export interface CheckedOptions {
  readonly url: string;
  readonly token: string;
  readonly format: FormatName;
  readonly syslog: { readonly hostname: string; readonly port: number };
  readonly services: number;
  readonly rate: number;
  readonly batch: number;
  readonly durationMs: number | undefined;
  readonly seed: number;
  readonly canary: boolean;
}

/**
 * Fills in defaults and checks every value.
 * @throws {RangeError} with a sentence that names the option, the value and what would be right
 */
export function checkOptions(options: SimulateOptions): CheckedOptions {
  const { durationSeconds } = options;
  const url = URL.parse(options.url);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new RangeError(
      `Cannot use "url": ${JSON.stringify(options.url)} is not an http:// or https:// address`,
    );
  }
  if (durationSeconds !== undefined && !(durationSeconds > 0 && durationSeconds < Infinity)) {
    throw new RangeError(
      `Cannot use "duration": ${durationSeconds} is not a number of seconds above 0`,
    );
  }
  const format = options.format ?? "native";
  if (!isFormatName(format)) {
    const names = Object.keys(FORMATS).join(", ");
    throw new RangeError(`Cannot use "format": ${JSON.stringify(format)} is none of ${names}`);
  }
  const canary = options.canary ?? false;
  if (canary && format === "syslog") {
    throw new RangeError('Cannot use "canary" with "format" syslog: it has no answers to go by');
  }
  return {
    url: options.url,
    format,
    syslog: socketAddress(options.syslog ?? DEFAULT_SYSLOG),
    token: options.token ?? DEMO_TOKEN,
    services: integer("services", options.services ?? 12, 1, SERVICES_MAX),
    rate: number("rate", options.rate ?? 5, 0, RATE_MAX),
    batch: integer("batch", options.batch ?? 20, 1, BATCH_MAX),
    durationMs: durationSeconds === undefined ? undefined : durationSeconds * 1000,
    seed: integer("seed", options.seed ?? 1, 0, Number.MAX_SAFE_INTEGER),
    canary,
  };
}

function socketAddress(text: string): { hostname: string; port: number } {
  const [, hostname = "", port = ""] = /^(\[[^\]]+\]|[^:]+):(\d{1,5})$/.exec(text) ?? [];
  if (hostname !== "" && Number(port) >= 1 && Number(port) <= 65_535) {
    return { hostname: hostname.replace(/^\[|\]$/g, ""), port: Number(port) };
  }
  throw new RangeError(
    `Cannot use "syslog": ${
      JSON.stringify(text)
    } is no address; give one such as ${DEFAULT_SYSLOG}`,
  );
}

function integer(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value)) return number(name, value, least, most);
  throw new RangeError(`Cannot use "${name}": ${value} is not an integer from ${least} to ${most}`);
}

function number(name: string, value: number, least: number, most: number): number {
  if (value >= least && value <= most) return value;
  throw new RangeError(`Cannot use "${name}": ${value} is not a number from ${least} to ${most}`);
}
