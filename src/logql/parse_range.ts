import type { TokenReader } from "./_token_reader.ts";
import {
  type Grouping,
  type Matcher,
  RANGE_OPS,
  type RangeExpr,
  type RangeOp,
  type Stage,
  type Unwrap,
} from "./ast.ts";
import type { Token } from "./lexer.ts";
import { parseMatchers, parseStage, parseUnwrap, startsStage, startsUnwrap } from "./parse_log.ts";

/** Functions of lines; all others are of unwrapped values, and `rate` of either. */
const LINE_OPS: readonly RangeOp[] = [
  "count_over_time",
  "rate",
  "bytes_over_time",
  "bytes_rate",
  "absent_over_time",
];
const VALUE_ONLY_OPS: readonly RangeOp[] = RANGE_OPS.filter((op) => !LINE_OPS.includes(op));

/** Functions of values that can be taken apart by labels. */
const GROUPED_OPS: readonly RangeOp[] = VALUE_ONLY_OPS.filter((op) => op !== "sum_over_time");

/** Whether a name is that of a function of a range. */
export function isRangeOp(name: string): name is RangeOp {
  return (RANGE_OPS as readonly string[]).includes(name);
}

/** What has been read of a range; its parts may come in several orders. */
interface RangeParts {
  matchers: Matcher[];
  stages: Stage[];
  unwrap?: Unwrap;
  rangeMs?: number;
  offsetMs?: number;
}

/** Reads a function of a range of time behind its name. */
export function parseRangeExpr(reader: TokenReader, op: RangeOp, token: Token): RangeExpr {
  reader.countPart();
  reader.expect("(");
  const param = op === "quantile_over_time" ? reader.takeNumber() : undefined;
  if (param !== undefined) reader.expect(",");
  const parts = parseRangeParts(reader);
  if (parts.rangeMs === undefined) reader.fail("expecting a range such as [5m]");
  reader.expect(")");
  const grouping = parseGrouping(reader);
  checkUse(reader, op, parts, grouping, token);
  return {
    kind: "range",
    op,
    ...(param === undefined ? {} : { param }),
    log: { kind: "log", matchers: parts.matchers, stages: parts.stages },
    ...(parts.unwrap === undefined ? {} : { unwrap: parts.unwrap }),
    rangeMs: parts.rangeMs,
    offsetMs: parts.offsetMs ?? 0,
    ...(grouping === undefined ? {} : { grouping }),
  };
}

function parseRangeParts(reader: TokenReader): RangeParts {
  let parts: RangeParts;
  if (reader.accept("(")) {
    parts = reader.nest(() => parseRangeParts(reader));
    reader.expect(")");
  } else {
    parts = { matchers: parseMatchers(reader), stages: [] };
  }
  for (;;) {
    const token = reader.peek();
    if (token.kind === "range" && parts.rangeMs === undefined) {
      parts.rangeMs = reader.next().value;
    } else if (reader.isName("offset") && parts.offsetMs === undefined) {
      reader.next();
      parts.offsetMs = takeOffset(reader);
    } else if (startsUnwrap(reader) && parts.unwrap === undefined) {
      parts.unwrap = parseUnwrap(reader);
    } else if (startsStage(reader) && parts.unwrap === undefined) {
      parts.stages.push(parseStage(reader));
    } else return parts;
  }
}

function takeOffset(reader: TokenReader): number {
  const sign = reader.accept("-") ? -1 : 1;
  if (reader.peek().kind !== "duration") reader.fail("expecting a duration such as 1h");
  return sign * Math.round(reader.next().value * 1000);
}

/** Reads `by (…)` or `without (…)`, if it comes next. */
export function parseGrouping(reader: TokenReader): Grouping | undefined {
  const without = reader.isName("without");
  if (!without && !reader.isName("by")) return undefined;
  reader.next();
  return { without, names: reader.takeNames() };
}

function checkUse(
  reader: TokenReader,
  op: RangeOp,
  { unwrap }: RangeParts,
  grouping: Grouping | undefined,
  token: Token,
): void {
  if (unwrap === undefined && VALUE_ONLY_OPS.includes(op)) {
    reader.refuse(`invalid aggregation ${op} without unwrap: add | unwrap LABEL`, token);
  }
  if (unwrap !== undefined && op !== "rate" && LINE_OPS.includes(op)) {
    reader.refuse(`invalid aggregation ${op} with unwrap`, token);
  }
  if (grouping !== undefined && !GROUPED_OPS.includes(op)) {
    reader.refuse(`grouping not allowed for ${op}: write sum by (…) (${op}(…))`, token);
  }
}
