/** @module Reads `--retention` and `--retention-bytes`. */

import { InvalidArgumentError } from "commander";
import {
  isService,
  parseDuration,
  parseSeverity,
  SEVERITIES,
  type SeverityCode,
  severityName,
} from "../record.ts";
import { RETENTION_BYTES_MIN, RETENTION_RULES_MAX, type RetentionRule } from "../storage/mod.ts";

/** What `--retention` says. */
export interface RetentionSetting {
  /** Of everything that no rule is for, in milliseconds; absent: for ever. */
  readonly everythingMs: number | undefined;
  readonly rules: readonly RetentionRule[];
}

/** A rule's subject; neither of the two: everything. */
type Subject = Pick<RetentionRule, "service" | "severity">;

/**
 * Reads rules such as `30d`, `auth-service=90d`, `DEBUG=3d` and `auth-service/DEBUG=1d`, with commas between them.
 *
 * @throws {InvalidArgumentError} it is not written so, or says something twice
 */
export function retention(text: string): RetentionSetting {
  const parts = text.split(",").map((part) => part.trim());
  if (parts.length > RETENTION_RULES_MAX) {
    throw new InvalidArgumentError(`Give at most ${RETENTION_RULES_MAX} rules.`);
  }
  const rules = parts.map(readRule);
  const seen = new Set<string>();
  for (const { rule: { service, severity }, subject } of rules) {
    const key = JSON.stringify([service, severity]);
    if (seen.has(key)) {
      throw new InvalidArgumentError(`Give one time for ${subject ?? "everything"}, not two.`);
    }
    seen.add(key);
  }
  const isException = ({ service, severity }: Subject) =>
    service !== undefined || severity !== undefined;
  const everything = rules.find(({ rule }) => !isException(rule))?.rule.keepMs;
  return {
    everythingMs: everything === Infinity ? undefined : everything,
    rules: rules.map(({ rule }) => rule).filter(isException),
  };
}

function readRule(text: string): { rule: RetentionRule; subject: string | undefined } {
  const at = text.lastIndexOf("=");
  const subject = at < 0 ? undefined : text.slice(0, at).trim();
  const time = text.slice(at + 1).trim();
  const keepMs = time === "forever" ? Infinity : parseDuration(time);
  if (keepMs === undefined || keepMs <= 0) {
    throw new InvalidArgumentError(
      `${
        JSON.stringify(text)
      } has no time; give a duration such as 30d, or forever, alone or as in ` +
        "auth-service=90d, DEBUG=3d or auth-service/DEBUG=1d.",
    );
  }
  return { rule: { ...(subject === undefined ? {} : readSubject(subject)), keepMs }, subject };
}

const SERVICE_PREFIX = "service:";

function readSubject(text: string): Subject {
  const isService = text.startsWith(SERVICE_PREFIX);
  const named = isService ? text.slice(SERVICE_PREFIX.length) : text;
  const slash = named.lastIndexOf("/");
  const severity = slash < 0 ? undefined : exactSeverity(named.slice(slash + 1));
  if (severity !== undefined) return { service: readService(named.slice(0, slash)), severity };
  if (isService) return { service: readService(named) };
  const alone = exactSeverity(named);
  if (alone !== undefined) return { severity: alone };
  const meant = parseSeverity(named);
  if (meant !== undefined) {
    throw new InvalidArgumentError(
      `${JSON.stringify(named)} may be a severity or a service; write ${severityName(meant)} or ` +
        `${SERVICE_PREFIX}${named}.`,
    );
  }
  return { service: readService(named) };
}

/** The severity of this very name, as records have it; services are often named `info` or `debug`, seldom `INFO`. */
function exactSeverity(text: string): SeverityCode | undefined {
  const code = SEVERITIES.findIndex((name) => name === text);
  return code < 0 ? undefined : code as SeverityCode;
}

/** A service's name, in which `%2C` is a comma, `%3D` an equals sign, `%2F` a slash and `%25` a percent sign. */
function readService(text: string): string {
  let name: string | undefined;
  try {
    name = decodeURIComponent(text);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
  }
  if (!isService(name)) {
    throw new InvalidArgumentError(
      `${
        JSON.stringify(text)
      } names no service; give its name, with %2C for a comma, %2F for a slash before a ` +
        "severity's name and %25 for a percent sign.",
    );
  }
  return name;
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["B", 1],
  ...["K", "M", "G", "T"].flatMap((unit, i): [string, number][] => [
    [`${unit}iB`, 1024 ** (i + 1)],
    [`${unit}B`, 1000 ** (i + 1)],
  ]),
]);

/**
 * Reads a number of bytes such as `10GiB`, `500MB` or `1073741824`.
 *
 * @throws {InvalidArgumentError} it is none, or less than a store needs
 */
export function retentionBytes(text: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?) ?([A-Za-z]*)$/.exec(text.trim()) ?? [];
  const factor = unit === undefined ? undefined : UNITS.get(unit);
  const bytes = Math.floor(Number(digits) * (factor ?? NaN));
  if (!(bytes >= RETENTION_BYTES_MIN && bytes <= Number.MAX_SAFE_INTEGER)) {
    throw new InvalidArgumentError(
      `Give a number of bytes such as 500MiB, 10GiB or 1TB, at least ${
        RETENTION_BYTES_MIN / 1024 ** 2
      }MiB.`,
    );
  }
  return bytes;
}
