import assert from "node:assert/strict";
import fc from "fast-check";
import { packTexts, type RecordColumns, type TextColumn, type TextColumnName } from "../record.ts";
import { anyAttributes, columnsOf } from "./_test_rows.ts";
import { joinAttributes, splitAttributes, wholeAttributes } from "./attributes.ts";

function split(texts: readonly string[]): ReadonlyMap<TextColumnName, TextColumn> {
  return splitAttributes(packTexts(texts, texts.length), texts.length);
}

function withTexts(texts: ReadonlyMap<TextColumnName, TextColumn>, count: number): RecordColumns {
  return { ...columnsOf([]), count, texts };
}

function joined(texts: readonly string[]): string[] {
  const columns = withTexts(split(texts), texts.length);
  return texts.map((_, row) => joinAttributes(columns, row));
}

/** Names and the very texts of their values, for objects written without blanks and of plain names. */
function members(text: string): [string, unknown][] {
  return Object.entries(JSON.parse(text) as object).sort(([a], [b]) => a < b ? -1 : 1);
}

Deno.test("joinAttributes() gives back the members that splitAttributes() took apart", () => {
  const text = fc.oneof(anyAttributes, fc.constant(""));
  fc.assert(fc.property(fc.array(text, { maxLength: 40 }), (texts) => {
    joined(texts).forEach((text, row) => {
      const original = texts[row]!;
      if (original === "") assert.equal(text, "");
      else assert.deepEqual(members(text), members(original));
    });
  }));
});

Deno.test("wholeAttributes() gives the texts of joinAttributes() as a column", () => {
  fc.assert(fc.property(fc.array(anyAttributes, { minLength: 1, maxLength: 20 }), (texts) => {
    const columns = withTexts(split(texts), texts.length);
    const rows = texts.map((_, row) => joinAttributes(columns, row));
    assert.deepEqual(wholeAttributes(columns), packTexts(rows, rows.length));
  }));
});

Deno.test("splitAttributes() keeps the text of every value to the byte", () => {
  const odd =
    '{"n":1.10,"big":123456789012345678901234567890,"e":-1E+2,"s":"a\\u0041\\/","o":{ "x" : [1, "}"] }}';
  assert.deepEqual(joined([odd, odd]), [odd, odd]);
  const spaced = ' { "n" : 1 , "m" : [ ] } ';
  assert.deepEqual(joined([spaced, spaced]), ['{"n":1,"m":[ ]}', '{"n":1,"m":[ ]}']);
});

Deno.test("splitAttributes() gives common names their own column and leaves the others", () => {
  const texts = Array.from(
    { length: 32 },
    (_, i) => `{"all":${i},"once${i}":1${i < 2 ? ',"two":0' : ""}}`,
  );
  const columns = split(texts);
  assert.deepEqual([...columns.keys()], ["attr.all", "attr.two", "attributes"]);
  assert.deepEqual(joined(texts)[0], '{"all":0,"two":0,"once0":1}');
});

Deno.test("splitAttributes() gives at most 64 names a column, the commonest", () => {
  const names = Array.from({ length: 100 }, (_, i) => `n${i}`);
  const object = (list: string[]) => `{${list.map((name) => `"${name}":1`).join()}}`;
  const texts = [object(names), object(names), object(names.slice(36))];
  const columns = split(texts);
  assert.equal(columns.size, 65);
  for (const name of names.slice(36)) assert(columns.has(`attr.${name}`), name);
});

Deno.test("splitAttributes() leaves rows whole that it could not put together again", () => {
  const texts = [
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061":2}',
    '{"\\ud800":1,"a":1}',
    "not JSON",
    '{"a":1',
    '{"a"}',
    '{"a":1}}',
    "{}",
    "{ }",
    '{"a":3}',
    '{"a":4}',
  ];
  assert.deepEqual(joined(texts), texts);
  assert(split(texts).has("attr.a"));
});

Deno.test("splitAttributes() keeps __proto__ and empty names", () => {
  const text = '{"__proto__":{"x":1},"":2,"constructor":3}';
  assert.deepEqual([...split([text, text]).keys()], [
    "attr.__proto__",
    "attr.",
    "attr.constructor",
    "attributes",
  ]);
  assert.deepEqual(joined([text, text]), [text, text]);
});

Deno.test("splitAttributes() knows which columns are ASCII", () => {
  const columns = split(['{"a":"x","b":"ü"}', '{"a":"y","b":"z"}']);
  assert.equal(columns.get("attr.a")!.ascii, true);
  assert.equal(columns.get("attr.b")!.ascii, false);
});
