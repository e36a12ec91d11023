import assert from "node:assert/strict";
import fc from "fast-check";
import { packTexts, type RecordColumns, type TextColumn, type TextColumnName } from "../record.ts";
import { assertDamageIsNoticed, assertForgeriesAreSurvived } from "./_test_damage.ts";
import { anyRow, anyText, columnsOf, numbered } from "./_test_rows.ts";
import { buildBucketFilter, sliceMayContain, sliceOf } from "./_bucket_filter.ts";
import { addAttribute, addWords, namePrefix } from "./_token_scan.ts";
import { TokenSet } from "./_token_set.ts";
import { splitAttributes } from "./attributes.ts";
import { CorruptDataError } from "./errors.ts";
import { attributeToken, attributeWordToken, hashToken, traceToken, wordsOf } from "./token.ts";
import { buildTokenFilter, openTokenFilter } from "./token_filter.ts";

function withTexts(texts: Record<string, string[]>): RecordColumns {
  const count = Object.values(texts)[0]!.length;
  const columns = new Map<TextColumnName, TextColumn>();
  for (const [name, values] of Object.entries(texts)) {
    columns.set(name as TextColumnName, packTexts(values, count));
  }
  return { ...columnsOf([]), count, texts: columns };
}

function hashesOf(tokens: Iterable<string>): string[] {
  return [...new Set(Array.from(tokens, (token) => JSON.stringify(hashToken(token))))].sort();
}

function hashesIn(set: TokenSet): string[] {
  const pairs = set.toPairs();
  const hashes = Array.from(
    { length: set.size },
    (_, i) => JSON.stringify({ high: pairs[2 * i], low: pairs[2 * i + 1] }),
  );
  return hashes.sort();
}

const asciiText = fc.string({ unit: "binary-ascii", maxLength: 60 });

Deno.test("scanning bytes finds the words of wordsOf(), no more and no fewer", () => {
  fc.assert(fc.property(fc.oneof(asciiText, anyText), (text) => {
    const set = new TokenSet(1000);
    addWords(set, packTexts([text], 1), 1);
    assert.deepEqual(hashesIn(set), hashesOf(wordsOf(text)));
  }));
});

Deno.test("scanning a JSON value finds the tokens of its text", () => {
  const value = fc.oneof(
    asciiText,
    anyText,
    fc.integer(),
    fc.double({ noNaN: true }),
    fc.jsonValue(),
  );
  fc.assert(fc.property(value, fc.string({ unit: "binary", maxLength: 8 }), (value, name) => {
    const json = JSON.stringify(value);
    const text = typeof value === "string" ? value : json;
    const words = wordsOf(text).map((word) => attributeWordToken(name, word));
    const set = new TokenSet(1000);
    const { bytes } = packTexts([json], 1);
    addAttribute(set, namePrefix(name), bytes, 0, bytes.length);
    assert.deepEqual(hashesIn(set), hashesOf([attributeToken(name, text), ...words]));
  }));
});

Deno.test("a token filter contains every token of its records, split or not", () => {
  fc.assert(fc.property(fc.array(anyRow, { minLength: 1, maxLength: 30 }), (rows) => {
    const columns = columnsOf(numbered(rows, 1));
    const whole = columns.texts.get("attributes");
    const texts = new Map([
      ...columns.texts,
      ...(whole ? splitAttributes(whole, rows.length) : []),
    ]);
    for (const indexed of [columns, { ...columns, texts }]) {
      const filter = openTokenFilter(buildTokenFilter(indexed));
      for (const { texts } of rows) {
        for (const word of wordsOf(texts["message"] ?? "")) assert(filter.mayContain(word), word);
        if (texts["trace_id"] !== undefined) {
          assert(filter.mayContain(traceToken(texts["trace_id"])));
        }
        for (const [name, value] of Object.entries(JSON.parse(texts["attributes"] ?? "{}"))) {
          const text = typeof value === "string" ? value : JSON.stringify(value);
          assert(filter.mayContain(attributeToken(name, text)), `${name}=${text}`);
          for (const word of wordsOf(text)) {
            assert(filter.mayContain(attributeWordToken(name, word)), `${name}:${word}`);
          }
        }
      }
    }
  }));
});

Deno.test("a token filter of few tokens contains no others", () => {
  const filter = openTokenFilter(
    buildTokenFilter(withTexts({ message: ["User logged in", "user out"] })),
  );
  for (const word of ["user", "logged", "in", "out"]) assert(filter.mayContain(word), word);
  for (const word of ["User", "log", "logge", "", "users"]) assert(!filter.mayContain(word), word);
});

Deno.test("a token filter of no tokens contains none", () => {
  const filter = openTokenFilter(buildTokenFilter(withTexts({ message: ["", "..."] })));
  assert(!filter.mayContain("a"));
});

Deno.test("a token filter of many tokens takes 10 to 11 bits for each and errs once in 200", () => {
  const message = Array.from({ length: 4096 }, (_, i) => `request id_${i} took ${i * 7}ms`);
  const bytes = buildTokenFilter(withTexts({ message }));
  const bitsPerToken = bytes.length * 8 / (2 * 4096 + 2);
  assert(bitsPerToken < 11, `${bitsPerToken} bits`);
  const filter = openTokenFilter(bytes);
  for (let i = 0; i < 4096; i++) {
    assert(filter.mayContain(`id_${i}`) && filter.mayContain(`${i * 7}ms`));
  }
  let wrong = 0;
  for (let i = 0; i < 50_000; i++) if (filter.mayContain(`other_${i}`)) wrong++;
  assert(wrong > 150 && wrong < 350, `${wrong} of 50000`);
});

Deno.test("a bucket filter can be built of any number of keys and never misses one", () => {
  const keyOf = (i: number) => hashToken(`key ${i}`);
  for (const count of [0, 1, 2, 3, 31, 64, 100, 999, 5000, 60_000]) {
    const pairs = Int32Array.from(
      { length: 2 * count },
      (_, i) => i % 2 === 0 ? keyOf(i >> 1).high : keyOf(i >> 1).low,
    );
    const { slices, buckets } = buildBucketFilter(pairs);
    for (let i = 0; i < count; i++) {
      const { high, low } = keyOf(i);
      assert(sliceMayContain(slices[sliceOf(high)]!, buckets, high, low), `key ${i} of ${count}`);
    }
  }
});

Deno.test("past a million tokens a token filter says yes to everything", () => {
  const message: string[] = [];
  for (let i = 0; i < 1 << 20; i += 64) {
    message.push(Array.from({ length: 64 }, (_, j) => (i + j).toString(36)).join(" "));
  }
  const full = buildTokenFilter(withTexts({ message }));
  assert(full.length > 1_000_000);
  assert(
    !openTokenFilter(full).mayContain("absent") || !openTokenFilter(full).mayContain("missing"),
  );
  const over = buildTokenFilter(withTexts({ message: [...message, "one_more"] }));
  assert(over.length < 20);
  assert(openTokenFilter(over).mayContain("absent") && openTokenFilter(over).mayContain("missing"));
});

Deno.test("openTokenFilter() notices every damaged byte and survives forged ones", () => {
  const message = Array.from({ length: 30 }, (_, i) => `word${i}`);
  for (const texts of [message, message.slice(0, 3)]) {
    const bytes = buildTokenFilter(withTexts({ message: texts }));
    assertDamageIsNoticed(bytes, openTokenFilter);
    assertForgeriesAreSurvived(bytes, (bytes) => openTokenFilter(bytes).mayContain("word1"));
  }
});

Deno.test("openTokenFilter() survives random bytes", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
    assert.throws(() => openTokenFilter(bytes), CorruptDataError);
  }));
});
