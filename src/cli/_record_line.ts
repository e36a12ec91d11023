import type { Severity } from "../record.ts";

/** A record as the API writes it. */
export interface ApiRecord {
  readonly id: number;
  readonly timestamp: string;
  readonly service: string;
  readonly severity: Severity;
  readonly message: string;
  readonly received_at: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly trace_id?: string;
  readonly span_id?: string;
}

const RESET = "\x1b[0m";
const DIM = "\x1b[2m";

const COLOURS: Readonly<Record<Severity, string>> = {
  TRACE: "\x1b[2m",
  DEBUG: "\x1b[36m",
  INFO: "\x1b[32m",
  WARNING: "\x1b[33m",
  ERROR: "\x1b[31m",
  FATAL: "\x1b[1;97;41m",
};

// deno-lint-ignore no-control-regex -- finding them is the purpose
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g;

/**
 * Text that is safe to show: a record can hold anything, also sequences that would move the cursor, change the title or
 * worse. Control characters are spelt out, line feeds lead to an indented line.
 */
export function printable(text: string): string {
  return text.replaceAll(
    CONTROL,
    (character) =>
      character === "\t" ? "  " : `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  ).replaceAll("\n", "\n    ");
}

/** One record as a line for people, with its line feed. */
export function recordLine(record: ApiRecord, colour: boolean): string {
  const severity = record.severity.padEnd(7);
  const attributes = Object.entries(record.attributes ?? {}).map(([name, value]) =>
    ` ${printable(name)}=${printable(typeof value === "string" ? value : JSON.stringify(value))}`
  ).join("");
  const service = printable(record.service);
  const message = printable(record.message);
  if (!colour) return `${record.timestamp} ${severity} ${service} ${message}${attributes}\n`;
  const extra = attributes === "" ? "" : `${DIM}${attributes}${RESET}`;
  return `${DIM}${record.timestamp}${RESET} ${COLOURS[record.severity]}${severity}${RESET} ` +
    `\x1b[1m${service}${RESET} ${message}${extra}\n`;
}
