import assert from "node:assert/strict";
import fc from "fast-check";
import { compileTextRegex, requiredText } from "./text_regex.ts";

Deno.test("requiredText() finds the longest plain part", () => {
  const cases: [string, string | undefined][] = [
    ["timeout", "timeout"],
    ["^status=5\\d\\d$", "status=5"],
    ["(a|b)refused", "refused"],
    ["(?:x|(y[)]))*done\\.", "done."],
    ["ab?cd", "cd"],
    ["abc+d", "abc"],
    ["abc{2,}x", "ab"],
    ["[a-z]+ took \\d+ms", " took "],
    ["[]x]ab[^]]", "ab"],
    ["foo|bar", undefined],
    ["(?i)foo", undefined],
    ["\\Qfoo\\E", undefined],
    ["[[:alpha:]]foo", undefined],
    ["x{foo", undefined],
    ["a.b", undefined],
    ["grün und", "n und"],
  ];
  for (const [pattern, expected] of cases) assert.equal(requiredText(pattern), expected, pattern);
});

const atom = fc.constantFrom(
  "a",
  "b",
  "c",
  "err",
  " ",
  "=",
  "\\.",
  ".",
  "[ab]",
  "[^a]",
  "[\\]a]",
  "\\d",
  "\\w",
  "é",
  "(?:ab|c)",
  "(ab)",
  "(a(b|cc)=)",
  "-",
  "x_",
);
const piece = fc.tuple(atom, fc.constantFrom("", "", "", "", "?", "*", "+", "{2}", "{0,2}", "+?"))
  .map(([text, quantifier]) => text + quantifier);

Deno.test("flags at the beginning of a pattern leave its required text", () => {
  for (
    const [pattern, everywhere] of [["(?i)foo", false], ["(?s)foo", true], ["(?si)foo", false]]
  ) {
    const regex = compileTextRegex(pattern as string, false);
    assert.ok(typeof regex !== "string");
    assert.equal(regex.required?.text, "foo");
    assert.equal(regex.requiredEverywhere, everywhere);
    assert.ok(regex.program.test("a foo"));
  }
  const inside = compileTextRegex("foo(?i)bar", false);
  assert.ok(typeof inside !== "string");
  assert.equal(inside.required, undefined);
});

Deno.test("every match of a pattern contains its required text", () => {
  let asked = 0;
  const pattern = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(""));
  const withText = pattern.chain((text) =>
    fc.tuple(fc.constant(text), fc.stringMatching(new RegExp(text)))
  );
  fc.assert(
    fc.property(withText, ([text, match]) => {
      const required = requiredText(text);
      const compiled = compileTextRegex(text, false);
      assert.ok(typeof compiled !== "string");
      if (required === undefined || !compiled.program.test(match)) return;
      asked++;
      assert.ok(match.includes(required), `${text} matches ${match} without ${required}`);
    }),
    { numRuns: 400 },
  );
  assert.ok(asked > 40);
});

Deno.test("patterns that make backtracking engines hang are fast on long texts", () => {
  const runs = "a".repeat(50_000);
  const pairs = "ab".repeat(25_000);
  const started = performance.now();
  for (const pattern of ["(a+)+$", "(a+)+[bc]", "(a|aa)+!?$", "(.*)*[xy]$", "(a?){80}a{80}$"]) {
    const regex = compileTextRegex(pattern, false);
    assert.ok(typeof regex !== "string", String(regex));
    regex.program.test(runs);
    regex.program.test(pairs);
  }
  // Too many states for an automaton: every instruction is followed for every character.
  const hardest = compileTextRegex("a[ab]{450}[cd]", false);
  assert.ok(typeof hardest !== "string");
  let mixed = "";
  for (let seed = 1; mixed.length < 50_000; mixed += seed & 0x10000 ? "a" : "b") {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) | 0;
  }
  assert.equal(hardest.program.test(mixed), false);
  // Exponential or even quadratic time would be minutes; a busy machine is allowed for.
  assert.ok(performance.now() - started < 5_000);
});
