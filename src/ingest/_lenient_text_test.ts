import assert from "node:assert/strict";
import { cleanService, cutMessage, UNKNOWN_SERVICE } from "./_lenient_text.ts";

Deno.test("cleanService() leaves a good name and makes any other one", () => {
  assert.equal(cleanService("auth-service"), "auth-service");
  assert.equal(cleanService(" a\n\u0085b\t"), "a b");
  assert.equal(cleanService("\u0000 "), UNKNOWN_SERVICE);
  assert.equal(cleanService(""), UNKNOWN_SERVICE);
  assert.equal(cleanService("\ud800x"), "\ufffdx");
  assert.equal(cleanService("😀".repeat(129)), "😀".repeat(128));
  assert.equal(cleanService("x" + "😀".repeat(200)), "x" + "😀".repeat(127));
  assert.equal(cleanService("x".repeat(127) + " y"), "x".repeat(127));
});

Deno.test("cutMessage() cuts between characters and counts the bytes that are lost", () => {
  assert.deepEqual(cutMessage("a\udc00"), { text: "a\ufffd", lostBytes: 0 });
  assert.deepEqual(cutMessage("x".repeat(65_536)), { text: "x".repeat(65_536), lostBytes: 0 });
  assert.deepEqual(cutMessage("x".repeat(65_537)), { text: "x".repeat(65_536), lostBytes: 1 });
  assert.deepEqual(cutMessage("é".repeat(32_768)).lostBytes, 0);
  const { text, lostBytes } = cutMessage("x" + "😀".repeat(20_000));
  assert.equal(text, "x" + "😀".repeat(16_383));
  assert.equal(lostBytes, (20_000 - 16_383) * 4);
});
