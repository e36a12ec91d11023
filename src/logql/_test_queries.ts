/** @module Random queries and their text, for tests. */

import fc from "fast-check";
import type {
  Grouping,
  LabelFilter,
  LogExpr,
  Matcher,
  Matching,
  MetricExpr,
  NamedLabel,
  Query,
  Stage,
  Unwrap,
} from "./ast.ts";

function quoted(text: string): string {
  return text.includes("`") || text.includes("\r") ? JSON.stringify(text) : `\`${text}\``;
}

function matcherText({ name, op, value }: Matcher): string {
  return `${name}${op}${quoted(value)}`;
}

function numberText(value: number): string {
  return String(value);
}

function filterText(filter: LabelFilter): string {
  if (filter.kind === "match") return matcherText(filter.matcher);
  if (filter.kind === "compare") {
    const unit = { number: "", duration: "s", bytes: "B" }[filter.unit];
    return `${filter.name} ${filter.op} ${filter.value}${unit}`;
  }
  return `(${filterText(filter.left)} ${filter.kind} ${filterText(filter.right)})`;
}

function namedText({ name, matcher }: NamedLabel): string {
  return matcher === undefined ? name : matcherText(matcher);
}

function stageText(stage: Stage): string {
  switch (stage.kind) {
    case "line":
      return `${stage.op} ${stage.values.map(quoted).join(" or ")}`;
    case "label":
      return `| ${filterText(stage.filter)}`;
    case "json":
    case "logfmt": {
      const flags = stage.kind === "json"
        ? ""
        : (stage.strict ? " --strict" : "") + (stage.keepEmpty ? " --keep-empty" : "");
      const list = stage.extractions.map(({ name, path }) => `${name}=${quoted(path)}`);
      return `| ${stage.kind}${flags} ${list.join(", ")}`;
    }
    case "regexp":
    case "pattern":
      return `| ${stage.kind} ${quoted(stage.pattern)}`;
    case "unpack":
    case "decolorize":
      return `| ${stage.kind}`;
    case "line_format":
      return `| line_format ${quoted(stage.template)}`;
    case "label_format":
      return `| label_format ${
        stage.formats.map(({ name, from, template }) => `${name}=${from ?? quoted(template!)}`)
          .join(", ")
      }`;
    case "drop":
    case "keep":
      return `| ${stage.kind} ${stage.labels.map(namedText).join(", ")}`;
  }
}

function logText({ matchers, stages }: LogExpr): string {
  return [`{${matchers.map(matcherText).join(", ")}}`, ...stages.map(stageText)].join(" ");
}

function groupingText(grouping: Grouping | undefined): string {
  if (grouping === undefined) return "";
  return ` ${grouping.without ? "without" : "by"} (${grouping.names.join(", ")})`;
}

function unwrapText({ name, unit, filters }: Unwrap): string {
  const label = unit === "number" ? name : `${unit}(${name})`;
  return `| unwrap ${label} ${filters.map((filter) => `| ${filterText(filter)}`).join(" ")}`;
}

function matchingText({ on, names, many, include }: Matching): string {
  const group = many === undefined ? "" : ` group_${many} (${include.join(", ")})`;
  return `${on ? "on" : "ignoring"} (${names.join(", ")})${group}`;
}

/** A query as text, with every operand in parentheses. */
export function queryText(query: Query): string {
  switch (query.kind) {
    case "log":
      return logText(query);
    case "number":
      return numberText(query.value);
    case "vector":
      return `vector(${numberText(query.value)})`;
    case "range": {
      const param = query.param === undefined ? "" : `${numberText(query.param)}, `;
      const unwrap = query.unwrap === undefined ? "" : ` ${unwrapText(query.unwrap)}`;
      const offset = query.offsetMs === 0 ? "" : ` offset ${query.offsetMs}ms`;
      const range = `${logText(query.log)}${unwrap} [${query.rangeMs}ms]${offset}`;
      return `${query.op}(${param}${range})${groupingText(query.grouping)}`;
    }
    case "aggregate": {
      const param = query.param === undefined ? "" : `${query.param}, `;
      return `${query.op}${groupingText(query.grouping)} (${param}${queryText(query.expr)})`;
    }
    case "binary": {
      const bool = query.bool ? "bool " : "";
      const matching = query.matching === undefined ? "" : `${matchingText(query.matching)} `;
      const left = `(${queryText(query.left)})`;
      return `${left} ${query.op} ${bool}${matching}(${queryText(query.right)})`;
    }
  }
}

const name = fc.constantFrom("app", "env", "level", "service_name", "status", "dur", "a_b", "x");
const names = fc.uniqueArray(name, { maxLength: 3 });
const text = fc.string({ unit: "grapheme-composite", maxLength: 10 });
const plainRegex = fc.constantFrom("a", "a|b", "a.*", ".+", "(?i)err", "[0-9]+x?", "^b$");

const matcher: fc.Arbitrary<Matcher> = fc.oneof(
  fc.record({ name, op: fc.constantFrom("=" as const, "!=" as const), value: text }),
  fc.record({ name, op: fc.constantFrom("=~" as const, "!~" as const), value: plainRegex }),
);

const compareOp = fc.constantFrom("==" as const, "!=" as const, ">" as const, "<=" as const);

const { filter } = fc.letrec<{ filter: LabelFilter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    matcher.map((one): LabelFilter => ({ kind: "match", matcher: one })),
    fc.record({
      kind: fc.constant("compare" as const),
      name,
      op: compareOp,
      value: fc.nat(1000),
      unit: fc.constantFrom("number" as const, "duration" as const, "bytes" as const),
    }),
    fc.record({
      kind: fc.constantFrom("and" as const, "or" as const),
      left: tie("filter"),
      right: tie("filter"),
    }),
  ),
}));

const extractions = fc.array(fc.record({ name, path: fc.constantFrom("a", "a.b", "x[0]") }), {
  maxLength: 2,
});
const namedLabel: fc.Arbitrary<NamedLabel> = fc.oneof(
  fc.record({ name }),
  matcher.map((one) => ({ name: one.name, matcher: one })),
);
const labels = fc.array(namedLabel, { minLength: 1, maxLength: 3 });
const format = fc.oneof(
  fc.record({ name, from: name }),
  fc.record({ name, template: fc.constantFrom("{{.app}}", "x{{ .dur | upper }}", "") }),
);

const stage: fc.Arbitrary<Stage> = fc.oneof(
  fc.record({
    kind: fc.constant("line" as const),
    op: fc.constantFrom("|=" as const, "!=" as const),
    values: fc.array(text, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    kind: fc.constant("line" as const),
    op: fc.constantFrom("|~" as const, "!~" as const),
    values: fc.array(plainRegex, { minLength: 1, maxLength: 2 }),
  }),
  filter.map((one): Stage => ({ kind: "label", filter: one })),
  fc.record({ kind: fc.constant("json" as const), extractions }),
  fc.record({
    kind: fc.constant("logfmt" as const),
    strict: fc.boolean(),
    keepEmpty: fc.boolean(),
    extractions,
  }),
  fc.record({
    kind: fc.constant("regexp" as const),
    pattern: fc.constantFrom("(?P<x>a+)", "(?P<status>[0-9]+)"),
  }),
  fc.record({
    kind: fc.constant("pattern" as const),
    pattern: fc.constantFrom("<x> a", "<_>b<status>"),
  }),
  fc.record({ kind: fc.constantFrom("unpack" as const, "decolorize" as const) }),
  fc.record({
    kind: fc.constant("line_format" as const),
    template: fc.constantFrom("{{.app}}", "{{__line__}}!", "plain"),
  }),
  fc.record({
    kind: fc.constant("label_format" as const),
    formats: fc.array(format, { minLength: 1, maxLength: 2 }),
  }),
  fc.record({ kind: fc.constantFrom("drop" as const, "keep" as const), labels }),
);

/** A selector with a pipeline. */
export const logExpr: fc.Arbitrary<LogExpr> = fc.record({
  kind: fc.constant("log" as const),
  matchers: fc.array(matcher, { maxLength: 3 }),
  stages: fc.array(stage, { maxLength: 4 }).filter(isUnambiguous),
});

/** Not `| drop app != "x"`, where what follows belongs to the label. */
function isUnambiguous(stages: readonly Stage[]): boolean {
  return stages.every((one, i) => {
    const before = stages[i - 1];
    if (one.kind !== "line" || !one.op.startsWith("!") || before === undefined) return true;
    if (before.kind !== "drop" && before.kind !== "keep") return true;
    return before.labels.at(-1)!.matcher !== undefined;
  });
}

const grouping = fc.record({ without: fc.boolean(), names });
const rangeMs = fc.integer({ min: 1, max: 100_000 });
const offsetMs = fc.constantFrom(0, 1_000, 60_000);
const kind = fc.constant("range" as const);
const unwrap = fc.record({
  name,
  unit: fc.constantFrom("number" as const, "duration" as const, "bytes" as const),
  filters: fc.array(filter, { maxLength: 2 }),
});

const range = fc.oneof(
  fc.record({
    kind,
    op: fc.constantFrom("count_over_time" as const, "rate" as const, "bytes_rate" as const),
    log: logExpr,
    rangeMs,
    offsetMs,
  }),
  fc.record({
    kind,
    op: fc.constantFrom("max_over_time" as const, "avg_over_time" as const),
    log: logExpr,
    unwrap,
    rangeMs,
    offsetMs,
    grouping,
  }),
  fc.record({
    kind,
    op: fc.constant("quantile_over_time" as const),
    param: fc.constantFrom(0, 0.5, 0.99),
    log: logExpr,
    unwrap,
    rangeMs,
    offsetMs,
  }),
);

const { metric } = fc.letrec<{ metric: MetricExpr }>((tie) => ({
  metric: fc.oneof(
    { maxDepth: 3 },
    range,
    fc.record({ kind: fc.constant("number" as const), value: fc.integer() }),
    fc.record({ kind: fc.constant("vector" as const), value: fc.nat() }),
    fc.record({
      kind: fc.constant("aggregate" as const),
      op: fc.constantFrom("sum" as const, "max" as const, "count" as const),
      expr: tie("metric"),
      grouping,
    }),
    fc.record({
      kind: fc.constant("aggregate" as const),
      op: fc.constantFrom("topk" as const, "bottomk" as const),
      param: fc.integer({ min: 1, max: 9 }),
      expr: tie("metric"),
    }),
    fc.record({
      kind: fc.constant("binary" as const),
      op: fc.constantFrom("+" as const, "/" as const, "^" as const, "%" as const),
      left: tie("metric"),
      right: tie("metric"),
      bool: fc.constant(false),
    }),
    fc.record({
      kind: fc.constant("binary" as const),
      op: fc.constantFrom(">" as const, "==" as const, "!=" as const),
      left: tie("metric"),
      right: tie("metric"),
      bool: fc.boolean(),
      matching: fc.record({
        on: fc.boolean(),
        names,
        many: fc.constantFrom("left" as const, "right" as const),
        include: names,
      }),
    }),
    fc.record({
      kind: fc.constant("binary" as const),
      op: fc.constantFrom("and" as const, "or" as const, "unless" as const),
      left: tie("metric"),
      right: tie("metric"),
      bool: fc.constant(false),
    }),
  ),
}));

/** Any query. */
export const query: fc.Arbitrary<Query> = fc.oneof(logExpr, metric);
