import assert from "node:assert/strict";
import fc from "fast-check";
import { cutAtMatches, highlightPattern, searchedTexts } from "./highlight.ts";
import { attributesLine, shownMessage } from "./message_text.ts";
import { bytesText, compact, percentText, whole } from "./numbers.ts";

Deno.test("searchedTexts() gives the plain words and phrases that a message must contain", () => {
  const q =
    'timeout "connection refused" -health attr.user:alice /took \\d+/i time* *meou* "a \\" b"';
  assert.deepEqual(searchedTexts(q), [
    "timeout",
    "connection refused",
    "time",
    "meou",
    'a " b',
  ]);
});

Deno.test("cutAtMatches() loses nothing of a text, and every second piece matches", () => {
  fc.assert(fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 60 }), (q, text) => {
    const pieces = cutAtMatches(text, highlightPattern(q));
    assert.equal(pieces.join(""), text);
    assert.equal(pieces.length % 2, 1);
  }));
  assert.deepEqual(cutAtMatches("a Timeout!", highlightPattern("timeout")), ["a ", "Timeout", "!"]);
});

Deno.test("a long message is cut, never within a surrogate pair", () => {
  const { text, isCut } = shownMessage("x".repeat(599) + "😀".repeat(10), false);
  assert.equal(isCut, true);
  assert.ok(text.isWellFormed());
  assert.deepEqual(shownMessage("short", false), { text: "short", isCut: false });
  assert.deepEqual(shownMessage("two\nlines", false), { text: "two ⏎ lines", isCut: true });
  assert.deepEqual(shownMessage("two\nlines", true), { text: "two\nlines", isCut: false });
  assert.equal(shownMessage("line\n".repeat(50), true).isCut, true);
});

Deno.test("attributesLine() stays short whatever the attributes", () => {
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`n${i}`, "v".repeat(50)]));
  assert.ok(attributesLine(many).length < 310);
  assert.equal(attributesLine({ a: 1, b: { c: "d" }, e: "f g" }), 'a=1  b={"c":"d"}  e=f g');
});

Deno.test("numbers are grouped and shortened as Intl does it", () => {
  const grouped = new Intl.NumberFormat("en");
  fc.assert(fc.property(fc.nat(), (n) => assert.equal(whole(n), grouped.format(n))));
  const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
  fc.assert(
    fc.property(
      fc.integer({ min: 10_000, max: 2e9 }),
      (n) => assert.equal(compact(n), short.format(n)),
    ),
  );
  assert.equal(compact(9_999), "9,999");
});

Deno.test("bytes and shares are said with few digits", () => {
  assert.equal(bytesText(0), "0 B");
  assert.equal(bytesText(1_536), "1.5 KiB");
  assert.equal(bytesText(5e9), "4.7 GiB");
  assert.equal(percentText(0), "0 %");
  assert.equal(percentText(1e-6), "< 0.1 %");
  assert.equal(percentText(0.034), "3.4 %");
  assert.equal(percentText(0.5), "50 %");
});
