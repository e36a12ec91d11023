import assert from "node:assert/strict";
import fc from "fast-check";
import { packTexts, textAt, type TextColumn } from "../record.ts";
import { mineTemplates } from "./_template_miner.ts";
import { spansOf } from "./_text_spans.ts";
import { anyText } from "./_test_rows.ts";
import { addWords } from "./_token_scan.ts";
import { TokenSet } from "./_token_set.ts";
import { CorruptDataError } from "./errors.ts";
import { encodeTemplates } from "./template_column.ts";
import { openTemplates, type TemplatedTexts } from "./templated_texts.ts";

/** Words, values and what is between them, so that templates repeat. */
const anyMessage: fc.Arbitrary<string> = fc.array(
  fc.oneof(
    fc.constantFrom("order", "ORDER", "paid", "_", " ", "=", "größe", "Σ", "K", "\0", "a1", "-"),
    fc.nat(2000).map(String),
    fc.constantFrom("4bf92f35-77b3", "10.0.0.1"),
  ),
  { maxLength: 8 },
).map((pieces) => pieces.join(""));

/** Lists with enough repetition to be worth templates, and some without. */
const anyMessages = fc.oneof(
  fc.array(fc.oneof(anyMessage, anyText), { minLength: 1, maxLength: 30 }),
  fc.tuple(fc.array(anyMessage, { minLength: 1, maxLength: 4 }), fc.array(fc.nat(99))).map(
    ([shapes, numbers]) => numbers.map((n, i) => shapes[i % shapes.length] + ` n=${n} ü${n}`),
  ).filter((texts) => texts.length > 0),
);

function open(texts: readonly string[]): TemplatedTexts | undefined {
  const column = packTexts(texts, texts.length);
  const mined = mineTemplates(spansOf(column), texts.length, new TokenSet(1000));
  return mined &&
    openTemplates(encodeTemplates(mined, texts.length), texts.length, "test");
}

function textsOf(column: TextColumn): string[] {
  return Array.from({ length: column.offsets.length - 1 }, (_, row) => textAt(column, row));
}

function tokensOf(set: TokenSet): string[] {
  const pairs = set.toPairs();
  return Array.from({ length: set.size }, (_, i) => `${pairs[2 * i]} ${pairs[2 * i + 1]}`);
}

Deno.test("templates give back every text, all of them or some in any order", () => {
  let templated = 0;
  fc.assert(fc.property(anyMessages, fc.array(fc.nat()), (texts, picks) => {
    const column = open(texts);
    if (column === undefined) return;
    templated++;
    const rows = picks.map((pick) => pick % texts.length);
    assert.deepEqual(textsOf(column.take(Uint32Array.from(rows))), rows.map((row) => texts[row]));
    assert.deepEqual(textsOf(column), texts);
    assert(!column.ascii || !/[^\0-\x7f]/.test(texts.join("")));
  }));
  assert(templated > 20, `${templated} of the lists had templates`);
});

Deno.test("mineTemplates() adds every token that addWords() adds", () => {
  fc.assert(fc.property(anyMessages, (texts) => {
    const column = packTexts(texts, texts.length);
    const mined = new TokenSet(10_000);
    if (mineTemplates(spansOf(column), texts.length, mined) === undefined) return;
    const words = new TokenSet(10_000);
    addWords(words, column, texts.length);
    const found = new Set(tokensOf(mined));
    for (const token of tokensOf(words)) assert(found.has(token));
  }));
});

Deno.test("templates are few where programs print the same sentences, and keep digits out", () => {
  const texts = Array.from({ length: 5000 }, (_, i) => {
    if (i % 2 === 0) {
      return `GET /orders/${i * 7} 200 in ${i % 90} ms id=${(i * 65537).toString(16)}x1`;
    }
    return `User u${i}@mail.example.org has ${i % 5} items`;
  });
  const { templates, rows, values } = open(texts)!;
  assert.equal(templates.count, 2);
  assert.equal(
    new TextDecoder().decode(templates.bytes).replaceAll("\ufffd", "#").match(/[0-9]/),
    null,
  );
  assert.deepEqual([...rows.templateOf.subarray(0, 4)], [0, 1, 0, 1]);
  assert(values.length > 0);
});

Deno.test("mineTemplates() declines texts that repeat nothing", () => {
  const texts = Array.from(
    { length: 600 },
    (_, i) => `${"abcdefghij"[i % 10]!.repeat(1 + i / 10)} x`,
  );
  assert.equal(open(texts), undefined);
});

Deno.test("more than 256 templates keep apart", () => {
  const name = (n: number) =>
    String.fromCharCode(97 + n % 26, 97 + Math.floor(n / 26) % 26) + "z".repeat(1 + n % 3);
  const texts = Array.from(
    { length: 8000 },
    (_, i) => `${name(i % 400)} did ${i} of ${i * i} things`,
  );
  const column = open(texts)!;
  assert(column.templates.count > 256);
  assert.deepEqual(textsOf(column), texts);
});

Deno.test("openTemplates() survives any change of a byte", () => {
  const texts = Array.from(
    { length: 40 },
    (_, i) => `worker ${i} took ${i * i * i} ms${i % 3 ? "" : " ü"}`,
  );
  const column = packTexts(texts, 40);
  const stored = encodeTemplates(mineTemplates(spansOf(column), 40, new TokenSet(1000))!, 40);
  for (let at = 0; at < stored.length; at++) {
    for (const value of [0, 1, 2, 0x7f, 0x80, 0xff]) {
      const changed = stored.slice();
      changed[at] = value;
      try {
        const { bytes, offsets } = openTemplates(changed, 40, "test");
        assert.equal(offsets.length, 41);
        assert.equal(offsets[40], bytes.length);
      } catch (error) {
        assert(error instanceof CorruptDataError, String(error));
      }
    }
    const cut = stored.subarray(0, at);
    assert.throws(() => openTemplates(cut, 40, "test").bytes, CorruptDataError);
  }
});
