import type { TokenReader } from "./_token_reader.ts";
import type { CompareOp, LabelFilter, Matcher, MatchOp, Unit } from "./ast.ts";

const MATCH_OPS: readonly string[] = ["=", "!=", "=~", "!~"];
const COMPARE_OPS: readonly string[] = ["=", "==", "!=", ">", ">=", "<", "<="];
const UNITS: Readonly<Record<string, Unit>> = {
  number: "number",
  duration: "duration",
  bytes: "bytes",
};

/** Reads `name="value"` or the like. */
export function parseMatcher(reader: TokenReader): Matcher {
  reader.countPart();
  const name = reader.take("name", "the name of a label");
  const op = reader.peek();
  if (op.kind !== "symbol" || !MATCH_OPS.includes(op.text)) {
    reader.fail("expecting =, !=, =~ or !~");
  }
  reader.next();
  return { name, op: op.text as MatchOp, value: reader.take("string", "a text in quotes") };
}

/** Reads conditions on labels: `a="x" or b > 10 and (c="y", d=~"z")`. */
export function parseLabelFilter(reader: TokenReader): LabelFilter {
  let left = parseAll(reader);
  while (reader.acceptName("or")) left = { kind: "or", left, right: parseAll(reader) };
  return left;
}

function parseAll(reader: TokenReader): LabelFilter {
  let left = parseOne(reader);
  for (;;) {
    const joined = reader.accept(",") || reader.acceptName("and") || startsCondition(reader);
    if (!joined) return left;
    left = { kind: "and", left, right: parseOne(reader) };
  }
}

/** Whether a condition follows without `and` before it. */
function startsCondition(reader: TokenReader): boolean {
  if (reader.isSymbol("(")) return true;
  const op = reader.peek(1);
  return reader.peek().kind === "name" && op.kind === "symbol" &&
    (MATCH_OPS.includes(op.text) || COMPARE_OPS.includes(op.text));
}

function parseOne(reader: TokenReader): LabelFilter {
  if (reader.accept("(")) {
    return reader.nest(() => {
      const filter = parseLabelFilter(reader);
      reader.expect(")");
      return filter;
    });
  }
  const op = reader.peek(1);
  const value = reader.peek(2);
  if (value.kind === "string" && op.kind === "symbol" && MATCH_OPS.includes(op.text)) {
    return { kind: "match", matcher: parseMatcher(reader) };
  }
  return parseComparison(reader);
}

function parseComparison(reader: TokenReader): LabelFilter {
  reader.countPart();
  const name = reader.take("name", "the name of a label");
  const op = reader.peek();
  if (op.kind !== "symbol" || !(COMPARE_OPS.includes(op.text) || MATCH_OPS.includes(op.text))) {
    reader.fail("expecting a comparison such as = or >");
  }
  reader.next();
  if (reader.isName("ip")) {
    reader.refuse("ip() is not supported here; compare with =, !=, =~ or !~ and a text");
  }
  const negative = reader.accept("-");
  if (!negative) reader.accept("+");
  const unit = UNITS[reader.peek().kind];
  if (unit === undefined || !COMPARE_OPS.includes(op.text)) {
    reader.fail("expecting a text in quotes, a number, a duration or a size");
  }
  const { value } = reader.next();
  return {
    kind: "compare",
    name,
    op: (op.text === "=" ? "==" : op.text) as CompareOp,
    value: negative ? -value : value,
    unit,
  };
}
