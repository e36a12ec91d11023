import assert from "node:assert/strict";
import fc from "fast-check";
import { query, queryText } from "./_test_queries.ts";
import type { Query } from "./ast.ts";
import { LogqlError, LogqlSyntaxError } from "./errors.ts";
import { parseLogExpr, parseQuery, parseSelector } from "./parse.ts";

Deno.test("parseQuery() reads every query back from its text", () => {
  fc.assert(fc.property(query, (expected) => {
    // Arbitraries make objects without a prototype.
    assert.deepEqual(parseQuery(queryText(expected)), JSON.parse(JSON.stringify(expected)));
  }));
});

Deno.test("parseQuery() refuses any other text with a sentence that says where", () => {
  const word = fc.constantFrom(
    ...[
      "{",
      "}",
      "(",
      ")",
      "[5m]",
      "[",
      '"x"',
      "`",
      "app",
      "=",
      "=~",
      "!=",
      "|",
      "|=",
      "|~",
      "json",
    ],
    ...[
      "sum",
      "by",
      "rate",
      "topk",
      "1",
      "5m",
      "10KB",
      "offset",
      "unwrap",
      "or",
      "and",
      "bool",
      "on",
    ],
    ...["-", "+", "^", ",", ".", "--strict", "#", "line_format", "group_left", "é", "\n", "\\"],
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), fc.constantFrom(" ", ""), (words, space) => {
      try {
        parseQuery(words.join(space));
      } catch (error) {
        assert.ok(error instanceof LogqlError, String(error));
        assert.match(error.message, /^parse error( at line \d+, col \d+)? ?: ./);
      }
    }),
    { numRuns: 2_000 },
  );
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    try {
      parseQuery(text);
    } catch (error) {
      assert.ok(error instanceof LogqlError, String(error));
    }
  }));
});

Deno.test("parseQuery() names the line, the column and what would be right", () => {
  const refused = (source: string): string => {
    let message = "";
    assert.throws(() => parseQuery(source), (error: Error) => {
      message = error.message;
      return error instanceof LogqlSyntaxError;
    });
    return message;
  };
  assert.equal(
    refused('{app="web"'),
    "parse error at line 1, col 11: syntax error: unexpected end of query, expecting }",
  );
  assert.equal(
    refused('{app="web"}\n  |= 5'),
    'parse error at line 2, col 6: syntax error: unexpected "5", expecting a text in quotes',
  );
  assert.match(refused('count_over_time({app="web"})'), /col 28: .*a range such as \[5m\]/);
  assert.match(
    refused('foo({app="web"}[5m])'),
    /col 1: "foo" is not supported; there are .*rate, /,
  );
  assert.match(refused('{app="web"} |> "<_>"'), /col 13: \|> is not supported here; use \|~/);
  assert.match(refused('{app="web"} |= ip("10.0.0.0/8")'), /col 16: ip\(\) is not supported/);
  assert.match(refused('{app="\\d"}'), /col 7: invalid escape "\\\\d": write \\\\ for/);
  assert.match(refused('{app="web"} + 1'), /col 1: .*lines cannot be calculated with/);
  assert.match(refused('topk(sum(rate({a="b"}[5m])))'), /col 6: .*expecting a number/);
  assert.match(refused('topk(0, rate({a="b"}[5m]))'), /col 6: .*expecting a positive integer/);
  assert.match(refused('sum_over_time({a="b"}[5m])'), /without unwrap: add \| unwrap LABEL/);
  assert.match(refused('count_over_time({a="b"} | unwrap x [5m])'), /with unwrap/);
  assert.match(refused('rate({a="b"}[5m]) by (x)'), /grouping not allowed for rate/);
  assert.match(refused('{a="b"} | unwrap x'), /unwrap is for functions of a range/);
  assert.match(refused('rate({a="b"}[5x])'), /col 13: not a valid duration string: "5x"/);
  assert.match(refused("1 + bool 2"), /bool is for comparisons/);
  assert.match(refused('{a="b"} | x > "y"'), /col 15: .*a number, a duration or a size/);
});

Deno.test("parseQuery() bounds what it reads", () => {
  const deep = (levels: number) => "(".repeat(levels) + '{a="b"}' + ")".repeat(levels);
  assert.equal(parseQuery(deep(50)).kind, "log");
  assert.throws(() => parseQuery(deep(1_000)), /more than 100 levels/);
  assert.throws(() => parseQuery('{a="b"}' + '|="x"'.repeat(1_000)), /more than 500 matchers/);
  assert.throws(() => parseQuery(`{a="${"x".repeat(70_000)}"}`), /at most 65536 are allowed/);
});

Deno.test("operators bind as PromQL's do", () => {
  const text = (source: string) => queryText(parseQuery(source));
  assert.equal(text("1 + 2 * 3"), "(1) + ((2) * (3))");
  assert.equal(text("2 ^ 3 ^ 2"), "(2) ^ ((3) ^ (2))");
  assert.equal(text("1 - 2 - 3"), "((1) - (2)) - (3)");
  assert.equal(text("1 > bool 2 or vector(3) and 4"), "((1) > bool (2)) or ((vector(3)) and (4))");
  assert.equal(text("-1 + -2"), "(-1) + (-2)");
});

Deno.test("a range may stand before or behind its pipeline, and in parentheses", () => {
  const same: string[] = [
    'rate({a="b"} |= "x" | json [5m] offset 1h)',
    'rate({a="b"}[5m] offset 1h |= "x" | json)',
    'rate({a="b"}[5m] |= "x" | json offset 1h)',
    'RATE(({a="b"} |= "x" | json)[5m] offset 60m)',
    'rate((({a="b"} |= "x" | json) [300s] offset 1h))',
    '# what\nrate({a="b",}   # comes\n |= `x` | json [5m] offset 1h)',
  ];
  const [first, ...others] = same.map(parseQuery);
  for (const [i, other] of others.entries()) assert.deepEqual(other, first, same[i + 1]);
});

Deno.test("conditions of labels may be joined by and, a comma, or nothing", () => {
  const filterOf = (source: string): Query => parseQuery(`{a="b"} | ${source}`);
  const expected = filterOf('(x="1" and y>2) and z=~"3"');
  assert.deepEqual(filterOf('x="1", y>2, z=~"3"'), expected);
  assert.deepEqual(filterOf('x="1" y>2 z=~"3"'), expected);
  assert.deepEqual(filterOf('x="1" or y>2, z="3"'), filterOf('x="1" or (y>2 and z="3")'));
});

Deno.test("units are read as Loki reads them", () => {
  const valueOf = (source: string): unknown => {
    const [stage] = parseLogExpr(`{a="b"} | x > ${source}`).stages;
    return stage?.kind === "label" && stage.filter.kind === "compare"
      ? [stage.filter.value, stage.filter.unit]
      : stage;
  };
  assert.deepEqual(valueOf("1.5"), [1.5, "number"]);
  assert.deepEqual(valueOf("1e3"), [1000, "number"]);
  assert.deepEqual(valueOf("-5"), [-5, "number"]);
  assert.deepEqual(valueOf("1h30m"), [5400, "duration"]);
  assert.deepEqual(valueOf("250ms"), [0.25, "duration"]);
  assert.deepEqual(valueOf("2d"), [172_800, "duration"]);
  assert.deepEqual(valueOf("5KB"), [5_000, "bytes"]);
  assert.deepEqual(valueOf("5KiB"), [5_120, "bytes"]);
  assert.deepEqual(valueOf("1.5MB"), [1_500_000, "bytes"]);
});

Deno.test("parseSelector() takes matchers alone, parseLogExpr() no numbers", () => {
  assert.deepEqual(parseSelector("{}"), []);
  assert.deepEqual(parseSelector('{ a = "b" , c!~"d" }'), [
    { name: "a", op: "=", value: "b" },
    { name: "c", op: "!~", value: "d" },
  ]);
  assert.throws(() => parseSelector('{a="b"} |= "x"'), LogqlSyntaxError);
  assert.throws(() => parseLogExpr('rate({a="b"}[5m])'), /only label matchers are supported/);
});
