import type { Log } from "../storage/mod.ts";
import type { Terminal } from "./terminal.ts";

const SEVERITIES = { info: "INFO", warning: "WARNING", error: "ERROR" } as const;

/**
 * Writes the server's own events to stderr, a JSON object a line, in the form that `POST /logs` takes.
 * @param quiet leaves out what is no cause for concern
 */
export function serverLog(terminal: Terminal, { quiet = false } = {}): Log {
  return (level, message) => {
    if (quiet && level === "info") return;
    const timestamp = new Date().toISOString();
    const line = { timestamp, service: "log-sentinel", severity: SEVERITIES[level], message };
    terminal.err(`${JSON.stringify(line)}\n`);
  };
}
