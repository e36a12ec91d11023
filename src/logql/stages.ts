/** @module The steps of a pipeline that read a line or change it or its labels. */

import { CapturePattern } from "./_capture_pattern.ts";
import { parseJsonObject, parseJsonPath, textAtPath } from "./_json_line.ts";
import { logfmtPairs } from "./_logfmt_line.ts";
import { compileTemplate } from "./_template.ts";
import type { NamedLabel, Stage } from "./ast.ts";
import { compileMatcher } from "./conditions.ts";
import type { Entry } from "./entry.ts";
import { LogqlError } from "./errors.ts";
import { eachLabel, labelName } from "./label_names.ts";
import type { Regexes } from "./regexes.ts";

/** Does its work on an entry; false: the entry is not wanted. */
export type Step = (entry: Entry) => boolean;

/** What a step needs and does. */
export interface CompiledStage {
  readonly step: Step;
  readonly readsLine: boolean;
  readonly changesLine: boolean;
  /** The labels it reads; `all`: it may look at any. */
  readonly labels: readonly string[] | "all";
}

type StageOf<K extends Stage["kind"]> = Extract<Stage, { kind: K }>;

/**
 * Compiles a step other than a filter.
 * @throws {LogqlError} for a bad regular expression, pattern, path or template
 */
export function compileStage(
  stage: Exclude<Stage, { kind: "line" | "label" }>,
  regexes: Regexes,
): CompiledStage {
  switch (stage.kind) {
    case "json":
      return parser(compileJson(stage));
    case "logfmt":
      return parser(compileLogfmt(stage));
    case "regexp":
      return parser(compileRegexp(stage.pattern, regexes));
    case "pattern":
      return parser(compilePattern(stage.pattern));
    case "unpack":
      return { ...parser(unpack), changesLine: true };
    case "decolorize":
      return { step: decolorize, readsLine: true, changesLine: true, labels: [] };
    case "line_format":
      return compileLineFormat(stage);
    case "label_format":
      return compileLabelFormat(stage);
    default:
      return compileDropOrKeep(stage, regexes);
  }
}

function parser(extract: (entry: Entry) => void): CompiledStage {
  const step = (entry: Entry) => {
    extract(entry);
    return true;
  };
  return { step, readsLine: true, changesLine: false, labels: "all" };
}

function refuse(stage: string, written: string, what: string): LogqlError {
  return new LogqlError(`parse error : ${stage} ${JSON.stringify(written)}: ${what}`);
}

function readObject(entry: Entry): Readonly<Record<string, unknown>> | undefined {
  const object = parseJsonObject(entry.line);
  if (object === undefined) entry.fail("JSONParserErr", "the line is no JSON object");
  return object;
}

/**
 * Only a line that begins as an object can be a damaged one. Any other may be the message of what was a JSON line when it was
 * sent: its members are labels already.
 */
function mayBeObject({ line }: Entry): boolean {
  return /^\s*\{/.test(line);
}

function compileJson({ extractions }: StageOf<"json">): (entry: Entry) => void {
  if (extractions.length === 0) {
    return (entry) => {
      const object = mayBeObject(entry) ? readObject(entry) : undefined;
      if (object !== undefined) eachLabel("", object, (name, value) => entry.extract(name, value));
    };
  }
  const paths = extractions.map(({ name, path }) => {
    const parsed = parseJsonPath(path);
    if (parsed === undefined) throw refuse("json", path, 'it is no path such as a.b[0]["c d"]');
    return { name, path: parsed };
  });
  return (entry) => {
    const object = mayBeObject(entry) ? readObject(entry) : undefined;
    if (object === undefined) return;
    for (const { name, path } of paths) entry.extract(name, textAtPath(object, path));
  };
}

function compileLogfmt(stage: StageOf<"logfmt">): (entry: Entry) => void {
  const { strict, keepEmpty, extractions } = stage;
  return (entry) => {
    // Most lines of plain text are none.
    if (!strict && !keepEmpty && extractions.length === 0 && !entry.line.includes("=")) return;
    const pairs = logfmtPairs(entry.line, (at) => {
      if (strict) entry.fail("LogfmtParserErr", `logfmt syntax error at pos ${at + 1}`);
      return !strict;
    });
    if (extractions.length === 0) {
      for (const { key, value } of pairs) {
        if (value !== "" || keepEmpty) entry.extract(labelName(key), value);
      }
      return;
    }
    const found = new Map<string, string>();
    for (const { key, value } of pairs) if (!found.has(key)) found.set(key, value);
    for (const { name, path } of extractions) entry.extract(name, found.get(path) ?? "");
  };
}

function compileRegexp(pattern: string, regexes: Regexes): (entry: Entry) => void {
  const { program } = regexes.search(pattern);
  const groups = Object.entries(program.namedGroups());
  if (groups.length === 0) {
    throw refuse("regexp", pattern, "it has no named group such as (?P<status>[0-9]+)");
  }
  return (entry) => {
    const matcher = program.matcher(entry.line);
    if (!matcher.find()) return;
    for (const [name, index] of groups) entry.extract(labelName(name), matcher.group(index) ?? "");
  };
}

function compilePattern(pattern: string): (entry: Entry) => void {
  const compiled = CapturePattern.parse(pattern);
  if (typeof compiled === "string") throw refuse("pattern", pattern, compiled);
  return (entry) => compiled.captures(entry.line, (name, value) => entry.extract(name, value));
}

/** Where promtail's stage `pack` keeps the line. */
const PACKED_LINE = "_entry";

function unpack(entry: Entry): void {
  const object = readObject(entry);
  if (object === undefined || !Object.hasOwn(object, PACKED_LINE)) return;
  for (const [name, value] of Object.entries(object)) {
    if (typeof value !== "string") continue;
    if (name === PACKED_LINE) entry.line = value;
    else entry.extract(labelName(name), value);
  }
}

/** ECMA-48 control sequences, as terminals colour texts with. */
// deno-lint-ignore no-control-regex -- they begin with a control character
const ANSI = /[\u001b\u009b][[\]()#;?]*(?:[0-9]{1,4}(?:;[0-9]{0,4})*)?[0-9A-PRZcf-nqry=><~]/g;

function decolorize(entry: Entry): boolean {
  entry.line = entry.line.replace(ANSI, "");
  return true;
}

function compileLineFormat({ template }: StageOf<"line_format">): CompiledStage {
  const compiled = compileTemplate(template);
  if (typeof compiled === "string") throw refuse("line_format", template, compiled);
  const { render, labels, readsLine } = compiled;
  const step = (entry: Entry) => {
    entry.line = render(entry);
    return true;
  };
  return { step, readsLine, changesLine: true, labels };
}

function compileLabelFormat({ formats }: StageOf<"label_format">): CompiledStage {
  const labels: string[] = [];
  let readsLine = false;
  const steps = formats.map(({ name, from, template = "" }) => {
    if (from !== undefined) {
      labels.push(from);
      return (entry: Entry) => rename(entry, from, name);
    }
    const compiled = compileTemplate(template);
    if (typeof compiled === "string") throw refuse("label_format", template, compiled);
    labels.push(...compiled.labels);
    readsLine ||= compiled.readsLine;
    return (entry: Entry) => entry.set(name, compiled.render(entry));
  });
  const step = (entry: Entry) => {
    for (const format of steps) format(entry);
    return true;
  };
  return { step, readsLine, changesLine: false, labels };
}

function rename(entry: Entry, from: string, to: string): void {
  const value = entry.get(from);
  if (value === "" || from === to) return;
  entry.set(to, value);
  entry.drop(from);
}

function compileDropOrKeep(
  { kind, labels }: StageOf<"drop" | "keep">,
  regexes: Regexes,
): CompiledStage {
  const tests = labels.map((label) => ({ name: label.name, passes: valueTest(label, regexes) }));
  const keeps = (name: string, value: string) =>
    tests.some((test) => test.name === name && test.passes(value));
  const step = (entry: Entry) => {
    if (kind === "keep") entry.keep(keeps);
    else for (const { name, passes } of tests) if (passes(entry.get(name))) entry.drop(name);
    return true;
  };
  return { step, readsLine: false, changesLine: false, labels: labels.map(({ name }) => name) };
}

function valueTest({ matcher }: NamedLabel, regexes: Regexes): (value: string) => boolean {
  return matcher === undefined ? () => true : compileMatcher(matcher, regexes).passes;
}
