import {
  ATTRIBUTES_BYTES_MAX,
  MESSAGE_BYTES_MAX,
  parseSeverity,
  SERVICE_CHARS_MAX,
  SEVERITY_TEXT_CHARS_MAX,
  severityName,
  utf8Length,
} from "../record.ts";
import type { Found, Pattern, PatternContext } from "./_import_pattern.ts";
import { CommandError } from "./errors.ts";

/** What records get that their text does not tell. */
export interface RecordDefaults {
  readonly service: string | undefined;
  readonly severity: string;
  /** Refuse what the pattern does not match, instead of keeping it as a message. */
  readonly strict: boolean;
}

/** A batch as it is sent. */
export interface ImportBody {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly records: number;
  /** How many lines or stanzas the pattern did not match. */
  readonly unmatched: number;
  /** The line of the file, counted from 1, that each record begins on. */
  readonly lines: number[];
  /** How many line feeds the batch took from the file. */
  readonly lineFeeds: number;
  /** The time that an unmatched line right after this batch gets. */
  readonly lastTimestamp: string | undefined;
}

/** Where a batch begins. */
export interface BatchStart {
  /** Line feeds before it. */
  readonly line: number;
  readonly lastTimestamp: string | undefined;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const exactDecoder = new TextDecoder("utf-8", { fatal: true });

/** A batch of records that are NDJSON already. What has no service or severity gets the given ones. */
export function ndjsonBody(
  region: Uint8Array<ArrayBuffer>,
  start: BatchStart,
  given: { readonly service: string | undefined; readonly severity: string | undefined },
): ImportBody {
  const lines: number[] = [];
  const texts: string[] = [];
  const all = exactText(region, start).split("\n");
  all.forEach((text, index) => {
    if (text.trim() === "") return;
    lines.push(start.line + index + 1);
    texts.push(text);
  });
  const complete = given.service === undefined && given.severity === undefined;
  const sent = complete ? texts : texts.map((text) => withDefaults(text, given));
  return {
    bytes: encoder.encode(sent.join("\n")),
    records: lines.length,
    unmatched: 0,
    lines,
    lineFeeds: all.length - 1,
    lastTimestamp: undefined,
  };
}

/** The text of a region of JSON, which nothing may change. @throws {CommandError} it is not UTF-8 */
function exactText(region: Uint8Array, start: BatchStart): string {
  try {
    return exactDecoder.decode(region);
  } catch {
    const bad = decoder.decode(region).split("\n").findIndex((line) => line.includes("\ufffd"));
    throw new CommandError(
      `Line ${
        start.line + bad + 1
      } is not UTF-8, which JSON must be; what stands before it is stored`,
    );
  }
}

function withDefaults(text: string, given: object): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text; // The server says what is wrong with it, with the line's number.
  }
  return JSON.stringify({ ...given, ...Object(value) });
}

/** A batch of what a pattern finds in text. The same region and start give the same bytes, so it can be sent again. */
export function patternBody(
  region: Uint8Array<ArrayBuffer>,
  start: BatchStart,
  pattern: Pattern,
  defaults: RecordDefaults,
  context: PatternContext,
): ImportBody {
  const text = decoder.decode(region);
  const lines: number[] = [];
  const records: string[] = [];
  let { line, lastTimestamp } = start;
  let unmatched = 0;
  for (const unit of text.split(pattern.unit === "line" ? /\n/ : /(?<=\n\n)/)) {
    // A stanza can begin with line feeds that are left of the one before.
    const blank = pattern.unit === "line" ? 0 : unit.length - unit.trimStart().length;
    const first = line + blank + 1;
    line += pattern.unit === "line" ? 1 : unit.split("\n").length - 1;
    const content = pattern.unit === "line" ? unit.replace(/\r$/, "") : unit.trim();
    if (content.trim() === "") continue;
    const match = pattern.find(content, context);
    if (match === undefined) {
      if (defaults.strict) throw notMatched(content, first, pattern);
      unmatched++;
    }
    const found: Found = match ?? { message: content };
    lastTimestamp = found.timestamp ?? (pattern.name === "plain" ? undefined : lastTimestamp);
    for (const record of recordsOf(found, content, lastTimestamp, pattern, defaults, context)) {
      records.push(JSON.stringify(record));
      lines.push(first);
    }
  }
  return {
    bytes: encoder.encode(records.join("\n")),
    records: records.length,
    unmatched,
    lines,
    lineFeeds: text.split("\n").length - 1,
    lastTimestamp,
  };
}

function notMatched(text: string, line: number, pattern: Pattern): CommandError {
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return new CommandError(
    `Line ${line} does not match --pattern ${pattern.name}: ${
      JSON.stringify(shown)
    }; what stands before it is stored`,
  );
}

function* recordsOf(
  found: Found,
  whole: string,
  lastTimestamp: string | undefined,
  pattern: Pattern,
  defaults: RecordDefaults,
  { startedAt }: PatternContext,
): Generator<object> {
  const attributes = found.attributes ?? {};
  const code = found.severity === undefined ? undefined : parseSeverity(found.severity);
  const fits = utf8Length(JSON.stringify(attributes)) <= ATTRIBUTES_BYTES_MAX;
  const message = fits ? found.message : whole;
  const record = {
    timestamp: found.timestamp ?? lastTimestamp ?? startedAt.toISOString(),
    service: serviceOf(found.service ?? defaults.service ?? pattern.service ?? pattern.name),
    severity: code === undefined ? defaults.severity : severityName(code),
    ...found.severity !== undefined && code === undefined
      ? { severity_text: found.severity.slice(0, SEVERITY_TEXT_CHARS_MAX).toWellFormed() }
      : {},
  };
  const rest = fits && Object.keys(attributes).length > 0 ? { attributes } : {};
  if (utf8Length(message) <= MESSAGE_BYTES_MAX) {
    yield { ...record, message, ...rest };
    return;
  }
  const parts = [...pieces(message)];
  for (const [index, piece] of parts.entries()) {
    const part = { part: index + 1, parts: parts.length };
    yield {
      ...record,
      message: piece,
      attributes: index === 0 && fits ? { ...attributes, ...part } : part,
    };
  }
}

/** A name that the server takes as a service's. */
function serviceOf(text: string): string {
  // deno-lint-ignore no-control-regex -- finding them is the purpose
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, " ")
    .slice(0, SERVICE_CHARS_MAX).toWellFormed();
}

/** Cuts a message that is too long between characters. */
function* pieces(message: string): Generator<string> {
  const bytes = encoder.encode(message);
  for (let start = 0; start < bytes.length;) {
    let end = Math.min(start + MESSAGE_BYTES_MAX, bytes.length);
    // A byte of the form 10xxxxxx continues a character of UTF-8.
    while (end < bytes.length && (bytes[end]! & 0xc0) === 0x80) end--;
    yield decoder.decode(bytes.subarray(start, end));
    start = end;
  }
}
