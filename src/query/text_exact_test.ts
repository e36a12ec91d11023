import assert from "node:assert/strict";
import fc from "fast-check";
import { packTexts } from "../record.ts";
import { ExactMatcher, exactWords } from "./text_exact.ts";
import { wordsOf } from "../codec/mod.ts";

const text = fc.string({
  unit: fc.constantFrom("a", "b", "A", " ", "é", "σ", "Σ", "🎉"),
  maxLength: 8,
});

Deno.test("ExactMatcher finds the rows that String.includes finds", () => {
  fc.assert(fc.property(
    fc.array(text, { minLength: 1, maxLength: 20 }),
    text.filter((needle) => needle !== ""),
    fc.infiniteStream(fc.boolean()),
    (texts, needle, wanted) => {
      const column = packTexts(texts, texts.length);
      const rows = Uint32Array.from(texts.keys()).filter(() => wanted.next().value);
      const expected = [...rows].filter((row) => texts[row]!.includes(needle));
      assert.deepEqual([...new ExactMatcher(needle).select(column, rows)], expected);
    },
  ));
});

Deno.test("exactWords() gives only words of texts that contain the text", () => {
  fc.assert(fc.property(text, text, text, (before, needle, after) => {
    const words = new Set(wordsOf(before + needle + after));
    for (const word of exactWords(needle)) assert.ok(words.has(word), word);
  }));
  assert.deepEqual(exactWords('"GET /api/users 200"'), ["get", "api", "users", "200"]);
  assert.deepEqual(exactWords("GET /api/users 200"), ["api", "users"]);
});

Deno.test("ExactMatcher finds a text longer than any expression may be", () => {
  const long = "z".repeat(60_000);
  const column = packTexts([`${long}y`, "z", `x${long}`, "y"], 4);
  assert.deepEqual([...new ExactMatcher(long).select(column, Uint32Array.of(0, 1, 2, 3))], [0, 2]);
});
