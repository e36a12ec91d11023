import assert from "node:assert/strict";
import fc from "fast-check";
import { wordsOf } from "../codec/mod.ts";
import { packTexts } from "../record.ts";
import type { LineFilter } from "./ast.ts";
import { LogqlError } from "./errors.ts";
import { compileLineFilter } from "./line_filters.ts";
import { literalAlternatives, Regexes } from "./regexes.ts";

function compile(op: LineFilter["op"], ...values: string[]) {
  return compileLineFilter({ kind: "line", op, values }, new Regexes());
}

const text = fc.string({ unit: fc.constantFrom("a", "b", "A", " ", ".", "é", "Σ"), maxLength: 8 });

Deno.test("a line filter selects the rows whose lines pass, and needs no word that one of them lacks", () => {
  const filter = fc.oneof(
    fc.record({
      op: fc.constantFrom("|=" as const, "!=" as const),
      values: fc.array(text.filter((one) => one !== ""), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({
      op: fc.constantFrom("|~" as const, "!~" as const),
      values: fc.array(
        fc.constantFrom("a", "a|b.", "(?i)ab", "a\\.b", "(a|é)", "A+ b", "[ab]{2}", "Σ$"),
        { minLength: 1, maxLength: 2 },
      ),
    }),
  );
  fc.assert(fc.property(filter, fc.array(text, { maxLength: 20 }), ({ op, values }, lines) => {
    const test = compile(op, ...values)!;
    const column = packTexts(lines, lines.length);
    const isRegex = op === "|~" || op === "!~";
    const contains = (line: string) =>
      values.some((value) =>
        isRegex
          ? new RegExp(value.replace("(?i)", ""), value.startsWith("(?i)") ? "iu" : "u").test(line)
          : line.includes(value)
      );
    const expected = [...lines.keys()].filter((row) =>
      contains(lines[row]!) !== op.startsWith("!")
    );
    assert.deepEqual([...test.select(column, Uint32Array.from(lines.keys()))], expected);
    assert.deepEqual([...lines.keys()].filter((row) => test.passes(lines[row]!)), expected);
    for (const row of expected) {
      for (const word of test.words) assert.ok(wordsOf(lines[row]!).includes(word), word);
    }
  }));
});

Deno.test("every line contains the empty text", () => {
  assert.equal(compile("|=", ""), undefined);
  assert.equal(compile("|~", ""), undefined);
  assert.equal(compile("!=", "")!.passes("x"), false);
  assert.equal(compile("!~", "")!.passes("x"), false);
});

Deno.test("words inside of a text keep segments unread that lack them", () => {
  assert.deepEqual(compile("|=", "user 42 failed to")!.words, ["42", "failed"]);
  assert.deepEqual(compile("|~", "user [0-9]+ not allowed here")!.words, ["not", "allowed"]);
  assert.deepEqual(compile("|=", " a ", " b ")!.words, []);
  assert.deepEqual(compile("!=", " a ")!.words, []);
});

Deno.test("literalAlternatives() knows expressions that are only texts", () => {
  assert.deepEqual(literalAlternatives("a|b\\.c|d"), ["a", "b.c", "d"]);
  assert.deepEqual(literalAlternatives("(web|api)"), ["web", "api"]);
  assert.deepEqual(literalAlternatives("(?:web|api-1)"), ["web", "api-1"]);
  for (
    const pattern of ["a.", "a+", "(a)b", "\\d", "^a", "(?i)a", "a\\", "[a]", "a{2}", "(a|(b))"]
  ) {
    assert.equal(literalAlternatives(pattern), undefined, pattern);
  }
});

Deno.test("a bad or too large regular expression is named", () => {
  assert.throws(() => compile("|~", "("), (error: Error) => {
    assert.ok(error instanceof LogqlError);
    return /^parse error : "\(": .*missing closing/.test(error.message);
  });
  assert.throws(() => compile("|~", "(a{1,500}){1,500}"), /parse error : /);
  const many = Array.from({ length: 9 }, (_, i) => `[a]${i}`);
  assert.throws(() => compile("|~", ...many), /more than 8 regular expressions/);
});
