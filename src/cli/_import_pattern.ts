import { formatInstant, parseInstant } from "../record.ts";
import { UsageError } from "./errors.ts";

/** What a pattern finds in one line or stanza. What is absent comes from the command's defaults. */
export interface Found {
  readonly timestamp?: string;
  readonly service?: string;
  readonly severity?: string;
  readonly message: string;
  readonly attributes?: Readonly<Record<string, string | number>>;
}

/** What a pattern may know besides the text. */
export interface PatternContext {
  /** Appended to times that tell no zone: `Z` or `+02:00`. */
  readonly zone: string;
  /** When the import began: the year of times that tell none is the one before this moment. */
  readonly startedAt: Date;
}

/** How the text of a file becomes records. */
export interface Pattern {
  readonly name: string;
  readonly unit: "line" | "stanza";
  /** The service, where neither the text nor the command names one. */
  readonly service?: string;
  /** Whether every match names its service. */
  readonly namesService: boolean;
  /** What is in a line; `undefined`: it does not match. */
  find(text: string, context: PatternContext): Found | undefined;
}

const TIME =
  /^(\d{4}-\d\d-\d\d)[Tt ]\s*(\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?\s*(Z|z|UTC|[+-]\d\d:?\d\d)?$/;

/** A time as logs write it (RFC 3339, or with a space, a comma, no zone) in RFC 3339; `undefined` if it is none. */
export function readTime(text: string, zone: string): string | undefined {
  const match = TIME.exec(text.trim());
  if (match === null) return undefined;
  const [, date, time, fraction, given = zone] = match;
  const offset = /^(z|utc)$/i.test(given) ? "Z" : given.replace(/^([+-]\d\d):?/, "$1:");
  const instant = parseInstant(`${date}T${time}${fraction ? `.${fraction}` : ""}${offset}`);
  return instant === undefined ? undefined : formatInstant(instant.ms, instant.ns);
}

const DPKG = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (([a-z]+) (.+))$/;

/** `/var/log/dpkg.log`: `2025-06-24 14:36:25 status installed libc6:amd64 2.36-9`. */
const dpkg: Pattern = {
  name: "dpkg",
  unit: "line",
  service: "dpkg",
  namesService: false,
  find(text, { zone }) {
    const match = DPKG.exec(text);
    const timestamp = readTime(match?.[1] ?? "", zone);
    if (match === null || timestamp === undefined) return undefined;
    const [, , message = "", action = "", rest = ""] = match;
    return { timestamp, message, attributes: { action, ...dpkgDetails(action, rest.split(" ")) } };
  },
};

/** The rest of a dpkg line, as the manual page of dpkg (section "FILES", dpkg.log) lists its forms. */
function dpkgDetails(action: string, words: string[]): Record<string, string> {
  const [first = "", second = "", third = ""] = words;
  if (action === "startup") return { type: first, command: second };
  if (action === "status") return { state: first, ...packageOf(second), version: third };
  if (action === "conffile") return { file: first, decision: second };
  return { ...packageOf(first), from_version: second, to_version: third };
}

function packageOf(word: string): Record<string, string> {
  const [name = "", architecture] = word.split(":");
  return architecture === undefined ? { package: name } : { package: name, architecture };
}

/** `/var/log/apt/history.log`: stanzas of `Name: value` lines between empty lines; one record each, kept whole. */
const aptHistory: Pattern = {
  name: "apt-history",
  unit: "stanza",
  service: "apt",
  namesService: false,
  find(text, { zone }) {
    const message = text.trim();
    const fields = new Map(
      [...message.matchAll(/^([A-Z][\w-]*): ?(.*)$/gm)].map(([, name, value]) => [name, value]),
    );
    const timestamp = readTime(fields.get("Start-Date") ?? "", zone);
    if (timestamp === undefined) return undefined;
    const attributes: Record<string, string | number> = {};
    for (const name of ["Commandline", "Requested-By"]) {
      const value = fields.get(name);
      if (value) attributes[name.toLowerCase().replace("-", "_")] = value;
    }
    const end = readTime(fields.get("End-Date") ?? "", zone);
    if (end !== undefined) attributes.end_date = end;
    for (const name of ["Install", "Upgrade", "Downgrade", "Remove", "Purge", "Reinstall"]) {
      const packages = fields.get(name)?.match(/ \([^)]*\)/g)?.length;
      if (packages !== undefined) attributes[`${name.toLowerCase()}_packages`] = packages;
    }
    const severity = fields.has("Error") ? "ERROR" : undefined;
    return { timestamp, message, attributes, ...severity === undefined ? {} : { severity } };
  },
};

const SYSLOG =
  /^(?:<(\d{1,3})>)?([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S+) (\S+) ([^\s:[]+)(?:\[([^\]]*)\])?: ?(.*)$/;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const SYSLOG_SEVERITIES = [
  "emerg",
  "alert",
  "crit",
  "err",
  "warning",
  "notice",
  "info",
  "debug",
] as const;

/** Lines of `/var/log/syslog` and its like (RFC 3164 section 4.1), with its time or with RFC 3339's. */
const syslog: Pattern = {
  name: "syslog",
  unit: "line",
  service: "syslog",
  namesService: true,
  find(text, context) {
    const match = SYSLOG.exec(text);
    if (match === null) return undefined;
    const [, priority, time = "", host = "", service = "", pid, message = ""] = match;
    const timestamp = readTime(time, context.zone) ?? yearlessTime(time, context);
    if (timestamp === undefined) return undefined;
    const number = Number(priority ?? NaN);
    return {
      timestamp,
      service,
      message,
      ...number <= 191 ? { severity: SYSLOG_SEVERITIES[number % 8] } : {},
      attributes: {
        host,
        ...pid === undefined ? {} : { pid },
        ...number <= 191 ? { facility: number >> 3 } : {},
      },
    };
  },
};

/** A day's grace: clocks and zones differ, a log from tomorrow is not a year old. */
const DAY_MS = 86_400_000;

/** The latest moment with this date and time that is not after the start of the import. */
function yearlessTime(text: string, { zone, startedAt }: PatternContext): string | undefined {
  const month = MONTHS.indexOf(text.slice(0, 3)) + 1;
  if (month === 0) return undefined;
  const day = text.slice(4, 6).trim().padStart(2, "0");
  const rest = `-${String(month).padStart(2, "0")}-${day} ${text.slice(7)}`;
  const year = startedAt.getUTCFullYear();
  // One year more, because in the zone of the text it may be next year already; four back reach every 29 February.
  for (let candidate = year + 1; candidate >= year - 4; candidate--) {
    const timestamp = readTime(`${candidate}${rest}`, zone);
    if (timestamp !== undefined && Date.parse(timestamp) <= startedAt.getTime() + DAY_MS) {
      return timestamp;
    }
  }
  return undefined;
}

/** Every line is a message; its time is that of the import. */
const plain: Pattern = {
  name: "plain",
  unit: "line",
  namesService: false,
  find: (message) => ({ message }),
};

/** The patterns that have a name. */
export const PATTERNS: readonly Pattern[] = [dpkg, aptHistory, syslog, plain];

/** A pattern of the user's own: named groups timestamp, service, severity and message; others become attributes. */
function custom(expression: RegExp): Pattern {
  const groups = [...expression.source.matchAll(/\(\?<([^>=!]+)>/g)].map(([, name]) => name);
  return {
    name: expression.source,
    unit: "line",
    namesService: groups.includes("service"),
    find(text, { zone }) {
      const match = expression.exec(text)?.groups;
      if (match === undefined) return undefined;
      const { timestamp: time, service, severity, message, ...others } = match;
      const timestamp = time === undefined ? undefined : readTime(time, zone);
      if (time !== undefined && timestamp === undefined) return undefined;
      const attributes = Object.entries(others).filter(([, value]) => value !== undefined);
      return {
        message: message ?? text,
        ...timestamp === undefined ? {} : { timestamp },
        ...service ? { service } : {},
        ...severity ? { severity } : {},
        ...attributes.length === 0 ? {} : { attributes: Object.fromEntries(attributes) },
      };
    },
  };
}

/** The pattern that `--pattern` means: a name or a regular expression. @throws {UsageError} it is neither */
export function patternOf(text: string): Pattern {
  const named = PATTERNS.find(({ name }) => name === text);
  if (named !== undefined) return named;
  const names = PATTERNS.map(({ name }) => name).join(", ");
  let expression: RegExp;
  try {
    expression = new RegExp(text, "v");
  } catch (error) {
    throw new UsageError(
      `sentinel import: --pattern is neither one of ${names} nor a regular expression: ${
        (error as Error).message
      }`,
      { cause: error },
    );
  }
  if (!/\(\?<[^>=!]+>/.test(text)) {
    throw new UsageError(
      `sentinel import: --pattern ${text} is neither one of ${names} nor a regular expression with a named group such as (?<message>.*)`,
    );
  }
  return custom(expression);
}
