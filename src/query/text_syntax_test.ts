import assert from "node:assert/strict";
import fc from "fast-check";
import { QuerySyntaxError } from "./errors.ts";
import { parseTextQuery, QUERY_TERMS_MAX, QUERY_UNITS_MAX } from "./text_syntax.ts";

function only(q: string) {
  const { terms } = parseTextQuery(q);
  assert.equal(terms.length, 1, q);
  return terms[0]!;
}

function literal(q: string) {
  const { test } = only(q);
  assert.equal(test.kind, "literal", q);
  if (test.kind !== "literal") throw new TypeError();
  const { text, wordStart, wordEnd } = test;
  return { text, wordStart, wordEnd };
}

function failureOf(q: string): QuerySyntaxError {
  try {
    parseTextQuery(q);
  } catch (error) {
    assert.ok(error instanceof QuerySyntaxError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: `${q} was accepted` });
}

Deno.test("parseTextQuery() separates terms at any white space", () => {
  const { terms } = parseTextQuery("  one\ttwo\n-three ");
  assert.deepEqual(terms.map((term) => term.exclude), [false, false, true]);
});

Deno.test("parseTextQuery() of nothing but spaces has no terms", () => {
  assert.deepEqual(parseTextQuery(" \t"), { terms: [] });
});

Deno.test("parseTextQuery() bounds words, prefixes and parts at their word characters only", () => {
  assert.deepEqual(literal("Timeout"), { text: "timeout", wordStart: true, wordEnd: true });
  assert.deepEqual(literal("time*"), { text: "time", wordStart: true, wordEnd: false });
  assert.deepEqual(literal("*IMEO*"), { text: "imeo", wordStart: false, wordEnd: false });
  assert.deepEqual(literal("(x"), { text: "(x", wordStart: false, wordEnd: true });
  assert.deepEqual(literal("=>"), { text: "=>", wordStart: false, wordEnd: false });
  assert.deepEqual(literal("𐐀x𐐀"), { text: "𐐨x𐐨", wordStart: true, wordEnd: true });
});

Deno.test("parseTextQuery() takes punctuation within a bare term as it is", () => {
  assert.equal(literal("user@example.com").text, "user@example.com");
  assert.equal(literal('name="bob"').text, 'name="bob"');
  assert.equal(literal("a/b").text, "a/b");
  assert.equal(literal("attr.x").text, "attr.x");
});

Deno.test("parseTextQuery() unescapes only quotes and backslashes in phrases", () => {
  assert.equal(
    literal(String.raw`"say \"hi\" in C:\temp\\"`).text,
    String.raw`say "hi" in c:\temp\ `.trim(),
  );
  assert.equal(literal('"*"').text, "*");
  assert.equal(literal('"-x"').text, "-x");
  assert.equal(literal('"/api/v2"').text, "/api/v2");
});

Deno.test("parseTextQuery() reads attributes, with a name in quotes where it needs them", () => {
  assert.equal(only("attr.http.status:500").attribute, "http.status");
  assert.equal(only('-attr."a: b\\"c":"two words"').attribute, 'a: b"c');
  assert.equal(only('-attr."a: b":x').exclude, true);
  assert.equal(literal("attr.delta:-5").text, "-5");
  assert.equal(literal("attr.x:pre*").wordEnd, false);
  assert.equal(only("attr.x:/a b/i").test.kind, "regex");
});

Deno.test("parseTextQuery() reads regular expressions up to their closing slash", () => {
  const { test } = only(String.raw`/GET \/api\/v\d [^\\]/`);
  assert.ok(test.kind === "regex");
  assert.equal(test.program.pattern(), String.raw`GET /api/v\d [^\\]`);
  assert.equal(test.program.test("GET /api/v2 x"), true);
  assert.equal(test.program.test("get /api/v2 x"), false);
});

Deno.test("parseTextQuery() says where a query goes wrong and what would be right", () => {
  const cases: [string, number, RegExp][] = [
    ['one "two', 4, /quote is not closed/],
    ['"two\\"', 0, /quote is not closed/],
    ['x ""', 2, /phrase is empty/],
    ['"a"b', 3, /a space must come first/],
    ["x /two", 2, /put a path in quotes/],
    ["/api/v2", 5, /put a path in quotes/],
    ["x //", 2, /regular expression is empty/],
    ["x /(/", 2, /missing closing \)/],
    ["/a/g", 3, /only "i"/],
    ["*", 0, /needs a text/],
    ["x **", 2, /needs a text/],
    ["*x", 0, /word\*/],
    ["a*b", 1, /in quotes/],
    ["*a*b*", 2, /in quotes/],
    ["x -", 3, /nothing follows "-"/],
    ["- x", 1, /nothing follows "-"/],
    ["--x", 1, /in quotes/],
    ["attr.:x", 5, /name is missing/],
    ["attr.x:", 7, /nothing follows the colon/],
    ["attr.x: y", 7, /nothing follows the colon/],
    ['attr.x:"', 7, /quote is not closed/],
    ["a \ud800", 2, /surrogate/],
    ["a".repeat(1001), 0, /at most 1000/],
    [`/${"a".repeat(1001)}/`, 0, /at most 1000/],
    ["/((x{10}){10}){10}/", 0, /instructions/],
    ["/((x{100}){100}){100}/", 0, /invalid repeat count/],
    ["x".repeat(QUERY_UNITS_MAX + 1), QUERY_UNITS_MAX, /at most 8192/],
    ["x ".repeat(QUERY_TERMS_MAX + 1), 2 * QUERY_TERMS_MAX, /at most 64 terms/],
    ["/x/ ".repeat(9), 32, /at most 8 regular/],
    ["x".repeat(65_536), QUERY_UNITS_MAX, /at most 8192/],
  ];
  for (const [q, offset, message] of cases) {
    const failure = failureOf(q);
    assert.match(failure.message, message);
    assert.equal(failure.offset, offset, `${q.slice(0, 40)}: ${failure.message}`);
  }
});

Deno.test("parseTextQuery() either reads any text or throws a QuerySyntaxError within it", () => {
  const piece = fc.oneof(
    fc.constantFrom('"', "*", "/", "-", "\\", " ", "attr.", ":", "i", "x", "(", "[", "{9}", "é"),
    fc.string({ unit: "binary", maxLength: 3 }),
    fc.integer({ min: 0xd800, max: 0xdfff }).map((unit) => String.fromCharCode(unit)),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }).map((all) => all.join("")), (q) => {
      try {
        for (const { test } of parseTextQuery(q).terms) {
          assert.ok(test.kind === "regex" || test.text !== "");
        }
      } catch (error) {
        assert.ok(error instanceof QuerySyntaxError, String(error));
        assert.ok(error.offset >= 0 && error.offset <= q.length);
      }
    }),
    { numRuns: 2_500 },
  );
});
