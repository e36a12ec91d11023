import assert from "node:assert/strict";
import { attributeToken, attributeWordToken, hashToken, traceToken, wordsOf } from "./token.ts";

Deno.test("wordsOf() gives the runs of letters, digits and _ in lower case", () => {
  assert.deepEqual(wordsOf("GET /api/v1?user_id=42 → 200"), [
    "get",
    "api",
    "v1",
    "user_id",
    "42",
    "200",
  ]);
  assert.deepEqual(wordsOf("Größe-ПРИВЕТ日本語, x\0y"), ["größe", "привет日本語", "x", "y"]);
  assert.deepEqual(wordsOf("..."), []);
  assert.deepEqual(wordsOf(""), []);
});

Deno.test("wordsOf() cuts the lower-cased text, whatever lower-casing adds", () => {
  assert.deepEqual(wordsOf("İx"), wordsOf("İx".toLowerCase()));
  assert.deepEqual(wordsOf("\u212aelvin"), ["kelvin"]);
});

Deno.test("tokens of traces and attributes are the same in any case", () => {
  assert.equal(traceToken("ABC"), traceToken("abc"));
  assert.equal(attributeToken("Method", "GET"), attributeToken("Method", "get"));
  assert.notEqual(attributeToken("Method", "get"), attributeToken("method", "get"));
  assert.equal(attributeWordToken("m", "get"), attributeToken("m", "GET"));
});

Deno.test("hashToken() tells 200,000 alike tokens apart", () => {
  const seen = new Set<string>();
  for (let i = 0; i < 100_000; i++) {
    for (const token of [`${i}`, `request_${i.toString(16)}`]) {
      const { high, low } = hashToken(token);
      seen.add(`${high} ${low}`);
    }
  }
  assert.equal(seen.size, 200_000);
});

Deno.test("hashToken() is what stored filters were built with", () => {
  // A change of these values needs a new HASH_VERSION.
  assert.deepEqual(hashToken(""), { high: 0x2545f491, low: 0x1b873593 });
  assert.deepEqual(hashToken("timeout"), { high: 1244123098, low: 1775156530 });
  assert.deepEqual(hashToken("größe"), { high: -1598861512, low: -231740160 });
});
