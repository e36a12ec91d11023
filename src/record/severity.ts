/**
 * @module Severities: six names, and everything that loggers write instead of them.
 *
 * The names follow OpenTelemetry's logs data model (appendix B, which maps syslog, Log4j, java.util.logging, Zap and
 * .NET to numbers): syslog's `crit` and its number 2 mean the same, ERROR with the text kept. `critical` in full is what
 * Python and .NET call their highest level, which OpenTelemetry's SDKs send as FATAL.
 */

import { SEVERITY_NUMBER_MAX, SEVERITY_NUMBER_MIN } from "./limits.ts";

/** The severities in ascending order; a {@linkcode SeverityCode} is an index into it. */
export const SEVERITIES = ["TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "FATAL"] as const;

/** A severity's name, as the API writes it. */
export type Severity = typeof SEVERITIES[number];

/** A severity as a number from 0 (TRACE) to 5 (FATAL): ordered, and small enough to store. */
export type SeverityCode = 0 | 1 | 2 | 3 | 4 | 5;

/** What a logger's name or number for a level means, and the part of it that the severity alone would lose. */
export interface SeverityReading {
  readonly code: SeverityCode;
  /** The original text, unless it only abbreviates or inflects the severity's name. */
  readonly text: string | undefined;
  /** OpenTelemetry's number as digits, unless it is the severity's own (1, 5, 9, 13, 17, 21). */
  readonly number: string | undefined;
}

/** Names that say what the severity says: its own and abbreviations of it, as loggers' compact formats have them. */
const PLAIN: readonly (readonly string[])[] = [
  ["trace", "trce", "trc", "t"],
  ["debug", "dbug", "dbg", "d"],
  ["info", "information", "informational", "inf", "i"],
  ["warning", "warn", "wrn", "w"],
  ["error", "err", "e"],
  ["fatal", "ftl", "f"],
];

/** Names that say more than the severity they fall under, and are therefore kept beside it. */
const TELLING: readonly (readonly string[])[] = [
  ["verbose", "verb", "vrb", "v", "finest", "silly", "trace2", "trace3", "trace4"],
  ["fine", "finer", "config", "debug2", "debug3", "debug4"],
  ["notice", "success", "info2", "info3", "info4"],
  ["warn2", "warn3", "warn4"],
  ["severe", "fail", "crit", "alert", "dpanic", "error2", "error3", "error4"],
  ["critical", "emergency", "emerg", "panic", "pnc", "fatal2", "fatal3", "fatal4"],
];

/** The longest alias: longer texts are not worth lower-casing. */
const ALIAS_CHARS_MAX = 13;

const plainCodes = codesOf(PLAIN);
const tellingCodes = codesOf(TELLING);
const numberReadings = Array.from({ length: SEVERITY_NUMBER_MAX + 1 }, (_, n) => readNumber(n));
/** Every alias in the three usual spellings (and digits), so that reading one makes no object. */
const usualReadings = new Map<string, SeverityReading>();
for (const alias of [...plainCodes.keys(), ...tellingCodes.keys()]) {
  const capitalized = alias.charAt(0).toUpperCase() + alias.slice(1);
  for (const text of [alias, alias.toUpperCase(), capitalized]) {
    usualReadings.set(text, readName(text)!);
  }
}
for (let n = SEVERITY_NUMBER_MIN; n <= SEVERITY_NUMBER_MAX; n++) {
  usualReadings.set(String(n), numberReadings[n]!);
}

function codesOf(names: readonly (readonly string[])[]): Map<string, SeverityCode> {
  return new Map(names.flatMap((row, code) => row.map((name) => [name, code as SeverityCode])));
}

function readNumber(number: number): SeverityReading {
  const code = severityFromNumber(number);
  return { code, text: undefined, number: extraSeverityNumber(number, code) };
}

function readName(text: string): SeverityReading | undefined {
  const name = text.toLowerCase();
  const plain = plainCodes.get(name);
  if (plain !== undefined) return { code: plain, text: undefined, number: undefined };
  const code = tellingCodes.get(name);
  return code === undefined ? undefined : { code, text, number: undefined };
}

/**
 * Reads a severity as `POST /logs` takes it: a name in any case, or one of OpenTelemetry's numbers 1 to 24 (also as
 * digits). `undefined` if it is neither.
 */
export function readSeverity(value: string | number): SeverityReading | undefined {
  if (typeof value === "number") {
    return value >= SEVERITY_NUMBER_MIN ? numberReadings[value] : undefined;
  }
  const usual = usualReadings.get(value);
  if (usual !== undefined || value.length > ALIAS_CHARS_MAX) return usual;
  return readName(value);
}

/** The severity that a name in any case, or digits from 1 to 24, stands for; `undefined` if none. */
export function parseSeverity(text: string): SeverityCode | undefined {
  return readSeverity(text)?.code;
}

/** The severity's name, as the API writes it. */
export function severityName(code: SeverityCode): Severity {
  return SEVERITIES[code];
}

/**
 * The severity of one of OpenTelemetry's numbers: four to each, from 1. Total, for wire formats: 0 and below, which
 * mean unspecified, and NaN are INFO; numbers above 24 FATAL.
 */
export function severityFromNumber(number: number): SeverityCode {
  if (!(number >= SEVERITY_NUMBER_MIN)) return 2;
  return Math.min(5, Math.floor((number - SEVERITY_NUMBER_MIN) / 4)) as SeverityCode;
}

/** OpenTelemetry's numbers for syslog's severities 0 (emergency) to 7 (debug): data model, appendix B. */
const SYSLOG_NUMBERS = [21, 19, 18, 17, 13, 10, 9, 5] as const;

/** OpenTelemetry's number for syslog's severity 0 to 7; 9, INFO, for any other number. */
export function otelNumberFromSyslog(number: number): number {
  return SYSLOG_NUMBERS[number] ?? 9;
}

/**
 * The severity of syslog's number: 7 DEBUG, 6 and 5 INFO, 4 WARNING, 3 to 1 ERROR, 0 FATAL; INFO for any other.
 */
export function severityFromSyslog(number: number): SeverityCode {
  return severityFromNumber(otelNumberFromSyslog(number));
}

/** The text, if it says more than the severity beside it; what the column `severity_text` keeps. */
export function extraSeverityText(text: string, code: SeverityCode): string | undefined {
  const plain = text.length <= ALIAS_CHARS_MAX && plainCodes.get(text.toLowerCase()) === code;
  return plain || text === "" ? undefined : text;
}

/**
 * OpenTelemetry's number 1 to 24 as digits, if it says more than the severity beside it; what the column
 * `severity_number` keeps. `undefined` for anything else.
 */
export function extraSeverityNumber(number: number, code: SeverityCode): string | undefined {
  const known = Number.isInteger(number) && number >= SEVERITY_NUMBER_MIN &&
    number <= SEVERITY_NUMBER_MAX;
  return known && number !== code * 4 + 1 ? String(number) : undefined;
}
