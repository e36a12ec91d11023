import assert from "node:assert/strict";
import fc from "fast-check";
import { hasLongDigitRun, quoteLongIntegers } from "./_long_integers.ts";

Deno.test("hasLongDigitRun() finds 16 digits together at any place, and no fewer", () => {
  const piece = fc.oneof(
    fc.integer({ min: 1, max: 20 }).map((count) => "7".repeat(count)),
    fc.integer({ min: 1, max: 20 }).map((count) => "x".repeat(count)),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      const text = pieces.join("");
      const found = hasLongDigitRun(new TextEncoder().encode(text));
      assert.equal(found, /[0-9]{16}/.test(text), text);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("quoteLongIntegers() changes only what a double cannot hold", () => {
  const same =
    `{"12345678901234567890":[9007199254740991,-9007199254740991,1.2345678901234567,1e30]}`;
  assert.equal(quoteLongIntegers(same), same);
  assert.equal(
    quoteLongIntegers(`[9007199254740992,-9007199254740992]`),
    `["9007199254740992","-9007199254740992"]`,
  );
});

Deno.test("quoteLongIntegers() leaves the inside of strings alone, whatever they escape", () => {
  const number = 12345678901234567890n;
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("\\", '"', ",", "1234567890") }), (text) => {
      const json = JSON.stringify(text + number);
      assert.equal(quoteLongIntegers(`[${json},${number}]`), `[${json},"${number}"]`);
    }),
  );
});
