import type { TokenReader } from "./_token_reader.ts";
import type {
  Extraction,
  LabelFilter,
  LabelFormat,
  LineOp,
  Matcher,
  NamedLabel,
  Stage,
  Unit,
  Unwrap,
} from "./ast.ts";
import { parseLabelFilter, parseMatcher } from "./parse_filter.ts";

/** Reads a stream selector: `{app="web", level=~"warn|error"}`. */
export function parseMatchers(reader: TokenReader): Matcher[] {
  const matchers: Matcher[] = [];
  reader.expect("{");
  while (!reader.isSymbol("}")) {
    matchers.push(parseMatcher(reader));
    if (!reader.accept(",")) break;
  }
  reader.expect("}");
  return matchers;
}

const LINE_OPS: readonly string[] = ["|=", "!=", "|~", "!~"];
const PATTERN_OPS: readonly string[] = ["|>", "!>"];

/** Whether a step of a pipeline comes next. */
export function startsStage(reader: TokenReader): boolean {
  const { kind, text } = reader.peek();
  return kind === "symbol" &&
    (text === "|" || LINE_OPS.includes(text) || PATTERN_OPS.includes(text));
}

/** Whether the next step is `| unwrap`. */
export function startsUnwrap(reader: TokenReader): boolean {
  const { kind, text } = reader.peek(1);
  return reader.isSymbol("|") && kind === "name" && text.toLowerCase() === "unwrap";
}

/** Reads one step of a pipeline. */
export function parseStage(reader: TokenReader): Stage {
  reader.countPart();
  const { text } = reader.peek();
  if (PATTERN_OPS.includes(text)) {
    reader.refuse(`${text} is not supported here; use |~ or !~ with a regular expression`);
  }
  if (text !== "|") return parseLineFilter(reader);
  reader.next();
  const token = reader.peek();
  const parse = token.kind === "name" ? STAGES[token.text.toLowerCase()] : undefined;
  if (parse === undefined) return { kind: "label", filter: parseLabelFilter(reader) };
  reader.next();
  return parse(reader);
}

function parseLineFilter(reader: TokenReader): Stage {
  const op = reader.next().text as LineOp;
  const values: string[] = [];
  do {
    if (reader.isName("ip")) {
      reader.refuse("ip() is not supported here; use |= or |~ with a text");
    }
    values.push(reader.take("string", "a text in quotes"));
  } while (reader.acceptName("or"));
  return { kind: "line", op, values };
}

const STAGES: Readonly<Record<string, (reader: TokenReader) => Stage>> = {
  json: (reader) => ({ kind: "json", extractions: parseExtractions(reader) }),
  logfmt(reader) {
    const flags: string[] = [];
    while (reader.peek().kind === "flag") {
      const { text } = reader.peek();
      if (text !== "strict" && text !== "keep-empty") {
        reader.fail("expecting --strict or --keep-empty");
      }
      flags.push(reader.next().text);
    }
    return {
      kind: "logfmt",
      strict: flags.includes("strict"),
      keepEmpty: flags.includes("keep-empty"),
      extractions: parseExtractions(reader),
    };
  },
  regexp: (reader) => ({ kind: "regexp", pattern: reader.take("string", "a regular expression") }),
  pattern: (reader) => ({ kind: "pattern", pattern: reader.take("string", "a pattern") }),
  unpack: () => ({ kind: "unpack" }),
  decolorize: () => ({ kind: "decolorize" }),
  line_format: (reader) => ({
    kind: "line_format",
    template: reader.take("string", "a template in quotes"),
  }),
  label_format: (reader) => ({
    kind: "label_format",
    formats: parseList(reader, parseLabelFormat),
  }),
  drop: (reader) => ({ kind: "drop", labels: parseList(reader, parseNamedLabel) }),
  keep: (reader) => ({ kind: "keep", labels: parseList(reader, parseNamedLabel) }),
  unwrap: (reader) =>
    reader.refuse("unwrap is for functions of a range such as sum_over_time({…} | unwrap x [5m])"),
  distinct: (reader) => reader.refuse("distinct is not supported here"),
};

function parseList<T>(reader: TokenReader, parse: (reader: TokenReader) => T): T[] {
  const items: T[] = [];
  do {
    reader.countPart();
    items.push(parse(reader));
  } while (reader.accept(","));
  return items;
}

function parseExtractions(reader: TokenReader): Extraction[] {
  // `| json offset 1h`: what follows belongs to the range.
  if (reader.peek().kind !== "name" || reader.isName("offset")) return [];
  return parseList(reader, (words) => {
    const name = words.take("name", "the name of a label");
    return { name, path: words.accept("=") ? words.take("string", "a path in quotes") : name };
  });
}

function parseLabelFormat(reader: TokenReader): LabelFormat {
  const name = reader.take("name", "the name of a label");
  reader.expect("=");
  if (reader.peek().kind === "name") return { name, from: reader.next().text };
  return { name, template: reader.take("string", "a label or a template in quotes") };
}

function parseNamedLabel(reader: TokenReader): NamedLabel {
  const op = reader.peek(1);
  if (op.kind === "symbol" && ["=", "!=", "=~", "!~"].includes(op.text)) {
    const matcher = parseMatcher(reader);
    return { name: matcher.name, matcher };
  }
  return { name: reader.take("name", "the name of a label") };
}

const CONVERSIONS: Readonly<Record<string, Unit>> = {
  bytes: "bytes",
  duration: "duration",
  duration_seconds: "duration",
};

/** Reads `| unwrap name` or `| unwrap duration(name)`, and conditions that follow it. */
export function parseUnwrap(reader: TokenReader): Unwrap {
  reader.expect("|");
  reader.next();
  const token = reader.peek();
  let name = reader.take("name", "the name of a label");
  let unit: Unit = "number";
  if (reader.accept("(")) {
    const known = CONVERSIONS[name.toLowerCase()];
    if (known === undefined) {
      reader.fail(`expecting ${Object.keys(CONVERSIONS).join("(), ")}()`, token);
    }
    unit = known;
    name = reader.take("name", "the name of a label");
    reader.expect(")");
  }
  const filters: LabelFilter[] = [];
  while (reader.accept("|")) filters.push(parseLabelFilter(reader));
  return { name, unit, filters };
}
