import type { Log, LogFields, LogLevel } from "../storage/mod.ts";
import type { OwnLog } from "./_own_log.ts";
import type { Terminal } from "./terminal.ts";

/** The service of the server's own events, in its log and in the store. */
export const OWN_SERVICE = "log-sentinel";

/** Levels in ascending order: what `--log-level` takes. */
export const LOG_LEVELS = ["info", "warning", "error"] as const;

/** How lines look: an object of JSON each, for programs, or a text, for people. */
export const LOG_FORMATS = ["json", "text"] as const;

/** How the server's own events are told. */
export interface LogSettings {
  /** By default text on a terminal, JSON elsewhere. */
  readonly format?: typeof LOG_FORMATS[number] | undefined;
  /** The least of what is told; by default `info`. */
  readonly level?: LogLevel | undefined;
  /** Keeps the events as records as well. */
  readonly ownLog?: OwnLog | undefined;
}

/** One event of the server's own. */
export interface LogEvent {
  readonly timeMs: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/** Writes the server's own events to stderr, one a line, and to its own log. */
export function serverLog(terminal: Terminal, settings: LogSettings = {}): Log {
  const { format = terminal.errIsTerminal ? "text" : "json", level: least = "info" } = settings;
  const write = format === "json" ? jsonLine : textLine;
  return (level, message, fields = {}) => {
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(least)) return;
    const event = { timeMs: Date.now(), level, message, fields };
    terminal.err(`${write(event)}\n`);
    settings.ownLog?.take(event);
  };
}

/** In the form that `POST /logs` takes. */
function jsonLine({ timeMs, level, message, fields }: LogEvent): string {
  return JSON.stringify({
    timestamp: new Date(timeMs).toISOString(),
    service: OWN_SERVICE,
    severity: level.toUpperCase(),
    message,
    ...(Object.keys(fields).length === 0 ? {} : { attributes: fields }),
  });
}

function textLine({ timeMs, level, message, fields }: LogEvent): string {
  const text = message.replaceAll(/\s*[\r\n]+\s*/g, " ");
  const pairs = Object.entries(fields).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
  return `${new Date(timeMs).toISOString()} ${level.toUpperCase().padEnd(7)} ${text}${
    pairs.join("")
  }`;
}
