import assert from "node:assert/strict";
import fc from "fast-check";
import { RE2JS } from "re2js";
import { attributeWordToken, buildTokenFilter, openTokenFilter } from "../codec/mod.ts";
import { packTexts, type RecordColumns, type TextColumnName } from "../record.ts";
import { compileTextQuery, parseTextQuery } from "./text_query.ts";

type Attributes = Record<string, unknown>;

/** Columns with these messages; the attributes named in `own` get a column of their own, as segments have them. */
function columnsOf(
  messages: readonly string[],
  attributes: readonly (Attributes | undefined)[] = [],
  own: readonly string[] = [],
): RecordColumns {
  const count = messages.length;
  const texts = new Map([["message" as TextColumnName, packTexts(messages, count)]]);
  const rest = attributes.map((all) => all && { ...all });
  for (const name of own) {
    const values = rest.map((all) => {
      if (all === undefined || !Object.hasOwn(all, name)) return undefined;
      const value = JSON.stringify(all[name]);
      delete all[name];
      return value;
    });
    texts.set(`attr.${name}`, packTexts(values, count));
  }
  if (attributes.length > 0) {
    texts.set("attributes", packTexts(rest.map((all) => all && JSON.stringify(all)), count));
  }
  return {
    count,
    ids: Float64Array.from({ length: count }, (_, i) => i + 1),
    timestampMs: new Float64Array(count),
    timestampNs: undefined,
    receivedMs: new Float64Array(count),
    streams: [{ service: "s", severity: 2 }],
    streamOf: new Uint16Array(count),
    texts,
  };
}

function allRows(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => i);
}

function matching(q: string, messages: readonly string[]): string[] {
  const columns = columnsOf(messages);
  const rows = compileTextQuery(parseTextQuery(q)).select(columns, allRows(messages.length));
  return Array.from(rows, (row) => messages[row]!);
}

Deno.test("compileTextQuery() finds words whole, in any case", () => {
  const messages = ["Error", "errors", "an ERROR.", "error_1", "_error", "terror", "", "(error)"];
  assert.deepEqual(matching("error", messages), ["Error", "an ERROR.", "(error)"]);
  assert.deepEqual(matching("err*", messages), [
    "Error",
    "errors",
    "an ERROR.",
    "error_1",
    "(error)",
  ]);
  assert.deepEqual(matching("*rror*", messages), messages.filter((text) => text !== ""));
  assert.deepEqual(matching("-*rror*", messages), [""]);
  assert.deepEqual(matching("", messages), messages);
});

Deno.test("compileTextQuery() wants every term and none of the excluded ones", () => {
  const messages = ["a b c", "a b", "b c", "a"];
  assert.deepEqual(matching("a b", messages), ["a b c", "a b"]);
  assert.deepEqual(matching("b -c", messages), ["a b"]);
  assert.deepEqual(matching("-a -b", messages), []);
});

Deno.test("compileTextQuery() bounds a phrase only where a word reaches its end", () => {
  const messages = [
    "to user@example.com",
    "superuser@example.com",
    "x=>y",
    "path /api/v2/x",
    "api/v22",
  ];
  assert.deepEqual(matching("user@example.com", messages), [messages[0]]);
  assert.deepEqual(matching('"=>"', messages), ["x=>y"]);
  assert.deepEqual(matching('"/api/v2"', messages), [messages[3]]);
});

Deno.test("compileTextQuery() never joins the texts of neighbouring rows", () => {
  const messages = ["time", "out", "", "timeout", "out time", "o", "ut"];
  assert.deepEqual(matching("timeout", messages), ["timeout"]);
  assert.deepEqual(matching("*eo*", messages), ["timeout"]);
  assert.deepEqual(matching("out", messages), ["out", "out time"]);
  assert.deepEqual(matching("*aa*", ["a", "aa", "aaa", "a", "a"]), ["aa", "aaa"]);
  assert.deepEqual(matching("aa", ["xaa", "aa", "aab", "aa"]), ["aa", "aa"]);
});

Deno.test("compileTextQuery() finds a match that overlaps a hit which is none", () => {
  assert.deepEqual(matching('"a a"', ["ba a a", "ba a"]), ["ba a a"]);
});

Deno.test("compileTextQuery() compares what is not ASCII by its lower case", () => {
  const messages = [
    "ÜBER",
    "über",
    "STRAẞE",
    "300 \u212a",
    "İi",
    "ΟΔΟΣ",
    "ǅ",
    "e\u0301",
    "überall",
  ];
  assert.deepEqual(matching("über", messages), ["ÜBER", "über"]);
  assert.deepEqual(matching("straße", messages), ["STRAẞE"]);
  assert.deepEqual(matching("k", messages), ["300 \u212a"]);
  assert.deepEqual(matching("i", messages), ["İi"]);
  assert.deepEqual(matching("οδος", messages), ["ΟΔΟΣ"]);
  assert.deepEqual(matching("ǆ", messages), ["ǅ"]);
  assert.deepEqual(matching("é", ["plain"]), []);
});

Deno.test("compileTextQuery() looks at an attribute's string or JSON, wherever it is stored", () => {
  const attributes = [
    { user: "Bob Ross", status: 500 },
    { status: "500 again", nested: { user: "bob" } },
    undefined,
    { user: null, status: [500] },
    { user: 'say "bob"\n' },
  ];
  const rowsFor = (q: string, own: string[]) => {
    const columns = columnsOf(["", "", "", "", ""], attributes, own);
    return [...compileTextQuery(parseTextQuery(q)).select(columns, allRows(5))];
  };
  for (const own of [[], ["user"], ["user", "status"]]) {
    assert.deepEqual(rowsFor("attr.user:bob", own), [0, 4]);
    assert.deepEqual(rowsFor("-attr.user:bob", own), [1, 2, 3]);
    assert.deepEqual(rowsFor("attr.status:500", own), [0, 1, 3]);
    assert.deepEqual(rowsFor("attr.status:/^500$/", own), [0]);
    assert.deepEqual(rowsFor("attr.user:null", own), [3]);
    assert.deepEqual(rowsFor("attr.nested:bob", own), [1]);
    assert.deepEqual(rowsFor('attr.user:"say \\"bob"', own), [4]);
    assert.deepEqual(rowsFor("attr.toString:function", own), []);
  }
});

Deno.test("compileTextQuery() names the columns it reads and the words that every match has", () => {
  const compiled = compileTextQuery(
    parseTextQuery(
      String.raw`Alpha "beta gam*" pre* -gone attr.x:"y z" -attr.x:no /see (it|them) now \d/`,
    ),
  );
  assert.deepEqual([...compiled.columns].sort(), ["attr.x", "message"]);
  assert.deepEqual([...compiled.requiredTokens].sort(), [
    "alpha",
    "beta",
    "gam",
    "now",
    attributeWordToken("x", "y"),
    attributeWordToken("x", "z"),
  ]);
  assert.deepEqual(compileTextQuery(parseTextQuery("*a-b-c*")).requiredTokens, ["b"]);
  assert.deepEqual(compileTextQuery(parseTextQuery("attr.x:y")).columns, ["attr.x"]);
});

const asciiPieces = [
  "a",
  "A",
  "b",
  "i",
  "I",
  "k",
  "_",
  "1",
  " ",
  " ",
  "-",
  "/",
  "*",
  '"',
  "\\",
  ".",
  "\0",
  "\n",
  "err",
  "Error",
  "timeout",
  "x",
];
const otherPieces = [
  "ß",
  "ẞ",
  "İ",
  "ı",
  "\u212a",
  "ſ",
  "ǅ",
  "ǆ",
  "Σ",
  "σ",
  "ς",
  "é",
  "É",
  "\u0301",
  "\u0307",
  "😀",
  "𐐀",
  "𐐨",
  "²",
  "٣",
  "\ufeff",
  "中",
  "ÿ",
  "µ",
];
/** Texts of a few pieces, the same few in a whole case: short queries then match about as often as not. */
function textsOf(pieces: readonly string[]): fc.Arbitrary<TextSource> {
  return fc.uniqueArray(fc.constantFrom(...pieces), { minLength: 2, maxLength: 4 }).map((few) => ({
    message: fc.array(fc.constantFrom(...few), { maxLength: 8 }).map(join),
    sought: fc.array(fc.constantFrom(...few), { minLength: 1, maxLength: 3 }).map(join),
  }));
}

interface TextSource {
  message: fc.Arbitrary<string>;
  sought: fc.Arbitrary<string>;
}

const oddPieces = [
  "İ",
  "i",
  "I",
  "ı",
  "\u212a",
  "k",
  "\u0307",
  "ſ",
  "s",
  "Σ",
  "σ",
  "ς",
  "a",
  "é",
  ".",
];

function join(pieces: readonly string[]): string {
  return pieces.join("");
}

interface Term {
  kind: "phrase" | "prefix" | "part" | "regex";
  text: string;
  exclude: boolean;
  attribute: string | undefined;
}

const patterns = [
  "err",
  "a.*b",
  "^a",
  "i$",
  "[aé]k?",
  "x\\d|é",
  "timeout",
  "er+or ",
  "(a|b)-",
  "^$",
  "ss",
  "kk",
  "\\bk\\b",
];

function termOf(sought: fc.Arbitrary<string>): fc.Arbitrary<Term> {
  const bare = sought.map((text) => text.replace(/[\s*"\\/-]/g, "") || "i");
  return fc.record({
    rest: fc.oneof(
      fc.record({ kind: fc.constant("phrase" as const), text: sought }),
      fc.record({ kind: fc.constantFrom("prefix" as const, "part" as const), text: bare }),
      fc.record({ kind: fc.constant("regex" as const), text: fc.constantFrom(...patterns) }),
    ),
    exclude: fc.nat(3).map((n) => n === 0),
    attribute: fc.constantFrom(undefined, undefined, undefined, "n", 'né "x'),
  }).map(({ rest, ...others }) => ({ ...rest, ...others }));
}

function rendered({ kind, text, exclude, attribute }: Term): string {
  const quoted = (text: string) => `"${text.replace(/["\\]/g, "\\$&")}"`;
  const start = (exclude ? "-" : "") +
    (attribute === undefined ? "" : attribute === "n" ? "attr.n:" : `attr.${quoted(attribute)}:`);
  switch (kind) {
    case "phrase":
      return start + quoted(text);
    case "prefix":
      return `${start}${text}*`;
    case "part":
      return `${start}*${text}*`;
    case "regex":
      return `${start}/${text}/i`;
  }
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && /^[\p{L}\p{Nd}_]$/u.test(character);
}

/** The definition, word for word: no bytes, no shortcuts. */
function holds(term: Term, message: string, attributes: Attributes | undefined): boolean {
  let text = message;
  if (term.attribute !== undefined) {
    const value = attributes?.[term.attribute];
    if (value === undefined) return term.exclude;
    text = typeof value === "string" ? value : JSON.stringify(value);
  }
  return occurs(term, text) !== term.exclude;
}

function occurs({ kind, text: sought, exclude: _ }: Term, text: string): boolean {
  if (kind === "regex") return RE2JS.compile(sought, RE2JS.CASE_INSENSITIVE).test(text);
  const lower = text.toLowerCase();
  const needle = sought.toLowerCase();
  for (let at = 0; at <= lower.length; at++) {
    if (!lower.startsWith(needle, at)) continue;
    const before = [...lower.slice(Math.max(0, at - 2), at)].at(-1);
    const after = [...lower.slice(at + needle.length, at + needle.length + 2)][0];
    const startsWell = kind === "part" || !isWord([...needle][0]) || !isWord(before);
    const endsWell = kind !== "phrase" || !isWord([...needle].at(-1)) || !isWord(after);
    if (startsWell && endsWell) return true;
  }
  return false;
}

const fillers = [
  "GET orders 200 in 13 ms",
  "the quick brown fox jumps over the lazy dog",
  "",
  "x".repeat(3_000),
];

function recordsOf(message: fc.Arbitrary<string>) {
  const value = fc.oneof(
    { weight: 3, arbitrary: message },
    fc.oneof(fc.integer(), fc.boolean(), fc.constant(null), fc.array(message, { maxLength: 2 })),
  );
  const attributes = fc.option(
    fc.dictionary(fc.constantFrom("n", 'né "x', "other"), value, { noNullPrototype: true }),
    { nil: undefined },
  );
  const record = fc.record({ message, attributes, repeat: fc.nat(3), candidate: fc.nat(9) });
  return fc.array(record, { minLength: 5, maxLength: 20 });
}

const cases = (pieces: readonly string[]) =>
  textsOf(pieces).chain(({ message, sought }) =>
    fc.record({
      records: recordsOf(message),
      terms: fc.array(termOf(sought), { minLength: 1, maxLength: 2 }),
      ownColumn: fc.boolean(),
    })
  );

function checkAgainstDefinition(pieces: readonly string[], filler: string): void {
  let selected = 0;
  let refused = 0;
  fc.assert(
    fc.property(cases(pieces), ({ records, terms, ownColumn }) => {
      const rows = records.flatMap((one) => [
        one,
        ...Array.from({ length: one.repeat }, () => ({ ...one, message: filler })),
      ]);
      const columns = columnsOf(
        rows.map((row) => row.message),
        rows.map((row) => row.attributes),
        ownColumn ? ["n", 'né "x'] : [],
      );
      const candidates = allRows(rows.length).filter((row) => rows[row]!.candidate > 0);
      const q = terms.map(rendered).join(" ");
      const predicate = compileTextQuery(parseTextQuery(q));
      const expected = candidates.filter((row) =>
        terms.every((term) => holds(term, rows[row]!.message, rows[row]!.attributes))
      );
      assert.deepEqual(predicate.select(columns, candidates), expected, q);
      assert.deepEqual(predicate.select(columns, candidates), expected, `${q}, once more`);
      if (expected.length > 0) {
        const { message, attributes } = rows[expected[0]!]!;
        const alone = columnsOf([message], [attributes], ownColumn ? ["n"] : []);
        const filter = openTokenFilter(buildTokenFilter(alone));
        for (const token of predicate.requiredTokens) {
          assert.ok(filter.mayContain(token), `${q}: no ${token}`);
        }
      }
      selected += expected.length;
      refused += candidates.length - expected.length;
    }),
    { numRuns: 300 },
  );
  assert.ok(selected > 500 && refused > 500, `${selected} selected, ${refused} not`);
}

for (const filler of fillers) {
  const name = filler.slice(0, 12);
  Deno.test(`a text query equals its definition on ASCII texts among "${name}"`, () => {
    checkAgainstDefinition(asciiPieces, filler);
  });
  Deno.test(`a text query equals its definition on any texts among "${name}"`, () => {
    checkAgainstDefinition([...asciiPieces, ...otherPieces], filler);
  });
  Deno.test(`a text query equals its definition on what lower-cases oddly among "${name}"`, () => {
    checkAgainstDefinition(oddPieces, filler);
  });
}
