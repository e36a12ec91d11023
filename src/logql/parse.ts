import { TokenReader } from "./_token_reader.ts";
import {
  BINARY_OPS,
  type BinaryOp,
  type LogExpr,
  type Matcher,
  type Matching,
  type MetricExpr,
  type Query,
  RANGE_OPS,
  VECTOR_OPS,
  type VectorOp,
} from "./ast.ts";
import type { Token } from "./lexer.ts";
import { parseMatchers, parseStage, startsStage } from "./parse_log.ts";
import { isRangeOp, parseGrouping, parseRangeExpr } from "./parse_range.ts";

/**
 * Reads a LogQL query.
 * @throws {LogqlSyntaxError} it is none, or uses what is not supported; says where and what would be right
 * @example
 * ```ts
 * const query = parseQuery('sum by (level) (rate({service_name="shop"} |= "late" [5m]))');
 * console.assert(query.kind === "aggregate" && query.op === "sum");
 * ```
 */
export function parseQuery(source: string): Query {
  const reader = new TokenReader(source);
  const query = parseExpression(reader, 0);
  expectEnd(reader);
  return query;
}

/**
 * Reads a stream selector and its pipeline.
 * @throws {LogqlSyntaxError} it is none
 */
export function parseLogExpr(source: string): LogExpr {
  const reader = new TokenReader(source);
  const query = parseExpression(reader, 0);
  expectEnd(reader);
  if (query.kind === "log") return query;
  return reader.refuse('only label matchers are supported: expecting a selector such as {a="b"}', {
    ...reader.peek(),
    offset: 0,
  });
}

/**
 * Reads a stream selector alone.
 * @throws {LogqlSyntaxError} it is none
 */
export function parseSelector(source: string): Matcher[] {
  const reader = new TokenReader(source);
  const matchers = parseMatchers(reader);
  expectEnd(reader);
  return matchers;
}

function expectEnd(reader: TokenReader): void {
  if (reader.peek().kind !== "end") reader.fail("expecting the end of the query or an operator");
}

/** Reads operands with operators of a level or a higher one between them. */
function parseExpression(reader: TokenReader, level: number): Query {
  const first = reader.peek();
  let left = level === BINARY_OPS.length
    ? parseOperand(reader)
    : parseExpression(reader, level + 1);
  for (;;) {
    const token = reader.peek();
    const op = operatorAt(token, level);
    // A pipeline's != came before: this one is between two expressions.
    if (op === undefined) return left;
    const metric = asMetric(reader, left, first);
    reader.next();
    const { bool, matching } = parseModifiers(reader, op);
    const behind = reader.peek();
    // Only ^ binds to the right.
    const right = reader.nest(() => parseExpression(reader, op === "^" ? level : level + 1));
    left = {
      kind: "binary",
      op,
      left: metric,
      right: asMetric(reader, right, behind),
      bool,
      ...(matching === undefined ? {} : { matching }),
    };
  }
}

function operatorAt({ kind, text }: Token, level: number): BinaryOp | undefined {
  if (kind !== "symbol" && kind !== "name") return undefined;
  return BINARY_OPS[level]?.find((op) => op === text.toLowerCase());
}

function asMetric(reader: TokenReader, query: Query, token: Token): MetricExpr {
  if (query.kind !== "log") return query;
  return reader.refuse(
    "unexpected type for an operand: lines cannot be calculated with; " +
      "count them, such as count_over_time({…}[5m])",
    token,
  );
}

function parseOperand(reader: TokenReader): Query {
  const token = reader.peek();
  if (reader.isSymbol("{")) return parsePipeline(reader, parseMatchers(reader));
  if (reader.accept("(")) {
    const inner = reader.nest(() => parseExpression(reader, 0));
    reader.expect(")");
    return inner.kind === "log" ? parsePipeline(reader, inner.matchers, inner.stages) : inner;
  }
  if (token.kind === "number" || reader.isSymbol("-") || reader.isSymbol("+")) {
    reader.countPart();
    return { kind: "number", value: reader.takeNumber() };
  }
  if (token.kind === "name") return parseFunction(reader);
  return reader.fail('expecting a selector such as {app="web"}, a function or a number');
}

function parsePipeline(
  reader: TokenReader,
  matchers: readonly Matcher[],
  before: LogExpr["stages"] = [],
): LogExpr {
  const stages = [...before];
  while (startsStage(reader)) stages.push(parseStage(reader));
  return { kind: "log", matchers, stages };
}

/** Functions under other names. */
const ALIASES: Readonly<Record<string, VectorOp>> = { approx_topk: "topk" };

function parseFunction(reader: TokenReader): MetricExpr {
  const token = reader.next();
  const name = token.text.toLowerCase();
  if (isRangeOp(name)) return reader.nest(() => parseRangeExpr(reader, name, token));
  const op = ALIASES[name] ?? VECTOR_OPS.find((one) => one === name);
  if (op !== undefined) return reader.nest(() => parseAggregate(reader, op));
  if (name === "vector") {
    reader.expect("(");
    const value = reader.takeNumber();
    reader.expect(")");
    return { kind: "vector", value };
  }
  const known = [...RANGE_OPS, ...VECTOR_OPS, "vector"].join(", ");
  return reader.refuse(`${JSON.stringify(token.text)} is not supported; there are ${known}`, token);
}

function parseAggregate(reader: TokenReader, op: VectorOp): MetricExpr {
  reader.countPart();
  const before = parseGrouping(reader);
  reader.expect("(");
  const isTop = op === "topk" || op === "bottomk";
  const param = isTop ? takeCount(reader) : undefined;
  if (param !== undefined) reader.expect(",");
  const token = reader.peek();
  const expr = asMetric(reader, parseExpression(reader, 0), token);
  reader.expect(")");
  const grouping = before ?? parseGrouping(reader);
  return {
    kind: "aggregate",
    op,
    ...(param === undefined ? {} : { param }),
    expr,
    ...(grouping === undefined ? {} : { grouping }),
  };
}

function takeCount(reader: TokenReader): number {
  const token = reader.peek();
  const count = reader.takeNumber();
  if (Number.isInteger(count) && count > 0) return count;
  return reader.fail("expecting a positive integer", token);
}

const COMPARISONS: readonly string[] = BINARY_OPS[2];
const SET_OPS: readonly string[] = [...BINARY_OPS[0], ...BINARY_OPS[1]];

function parseModifiers(
  reader: TokenReader,
  op: BinaryOp,
): { bool: boolean; matching?: Matching } {
  reader.countPart();
  const bool = reader.isName("bool");
  if (bool && !COMPARISONS.includes(op)) reader.refuse(`bool is for comparisons, not for ${op}`);
  if (bool) reader.next();
  const on = reader.isName("on");
  if (!on && !reader.isName("ignoring")) return { bool };
  reader.next();
  const names = reader.takeNames();
  const left = reader.isName("group_left");
  if (!left && !reader.isName("group_right")) return { bool, matching: { on, names, include: [] } };
  if (SET_OPS.includes(op)) reader.refuse(`group_left and group_right are not for ${op}`);
  reader.next();
  const include = reader.isSymbol("(") ? reader.takeNames() : [];
  return { bool, matching: { on, names, many: left ? "left" : "right", include } };
}
