/** @module Severities of clients that cannot be told: unknown ones are INFO, with the original kept beside it. */

import {
  extraSeverityNumber,
  otelNumberFromSyslog,
  readSeverity,
  severityFromNumber,
  severityFromSyslog,
  type SeverityReading,
} from "../record.ts";

/** INFO, said by nobody: for records without a severity. */
export const PLAIN_INFO: SeverityReading = { code: 2, text: undefined, number: undefined };

/** Readings of texts that no alias explains. Clients repeat few; the bound is for those that do not. */
const unusualReadings = new Map<string, SeverityReading>();
const UNUSUAL_READINGS_MAX = 256;
/** Units of the longest text that may be a name with something around it. */
const UNUSUAL_UNITS_MAX = 64;

/**
 * The severity that a name stands for, in any case, white space and brackets around it aside; INFO with the text kept, if it
 * is none. Digits from 1 to 24 are OpenTelemetry's numbers.
 */
export function severityOfName(text: string): SeverityReading {
  return readSeverity(text) ?? unusualReadings.get(text) ?? readUnusual(text);
}

function readUnusual(text: string): SeverityReading {
  if (text.length > UNUSUAL_UNITS_MAX) return { code: 2, text, number: undefined };
  const name = text.replace(/^[\s[<(]+|[\s\]>):]+$/g, "");
  if (name === "") return PLAIN_INFO;
  const reading = readSeverity(name) ?? { code: 2, text, number: undefined };
  if (unusualReadings.size === UNUSUAL_READINGS_MAX) unusualReadings.clear();
  unusualReadings.set(text, reading);
  return reading;
}

/** The severity of OpenTelemetry's number; 0 and below is INFO, above 24 FATAL, both with the number kept as text. */
export function severityOfOtelNumber(number: number): SeverityReading {
  return readSeverity(number) ??
    { code: severityFromNumber(number), text: String(number), number: undefined };
}

/** Syslog's names of its severities 0 to 7 (RFC 5424, section 6.2.1). */
const SYSLOG_NAMES = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];

const syslogReadings = SYSLOG_NAMES.map((name, number): SeverityReading => {
  const code = severityFromSyslog(number);
  return {
    code,
    text: readSeverity(name)?.text,
    number: extraSeverityNumber(otelNumberFromSyslog(number), code),
  };
});

/** The severity of syslog's number 0 to 7; INFO with the number kept as text for any other. */
export function severityOfSyslogNumber(number: number): SeverityReading {
  return syslogReadings[number] ?? { code: 2, text: String(number), number: undefined };
}

/** What a logger that counts in tens (pino, bunyan) means by 10, 20 and so on: TRACE, DEBUG… */
const TENS_MAX = 60;

/**
 * The severity that a JSON logger's number stands for: 10, 20… 60 as pino and bunyan have them, other numbers from 1 to 24
 * as OpenTelemetry has them, levels between two tens from 25 on as the lower one, above 60 FATAL. Whatever is not a level's
 * own number is kept as text; INFO for anything else.
 */
export function severityOfLoggerNumber(number: number): SeverityReading {
  const tens = Math.floor(Math.min(number, TENS_MAX) / 10);
  if (number === tens * 10 && tens >= 1) return readSeverity(TENS_NAMES[tens - 1]!)!;
  const reading = readSeverity(number);
  if (reading !== undefined) return reading;
  const code = tens >= 1 ? readSeverity(TENS_NAMES[tens - 1]!)!.code : 2;
  return { code, text: String(number), number: undefined };
}

const TENS_NAMES = ["trace", "debug", "info", "warning", "error", "fatal"];

/**
 * The severity of a JSON value as a logger writes it: a name, a number, or a number's digits; `undefined` for any other
 * value.
 */
export function severityOfLoggerValue(value: unknown): SeverityReading | undefined {
  if (typeof value === "string") {
    return /^[0-9]{1,4}$/.test(value)
      ? severityOfLoggerNumber(Number(value))
      : severityOfName(value);
  }
  return typeof value === "number" ? severityOfLoggerNumber(value) : undefined;
}
