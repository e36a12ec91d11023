import assert from "node:assert/strict";
import fc from "fast-check";
import { assertDamageIsNoticed, assertForgeriesAreSurvived } from "./_test_damage.ts";
import { decodeDocument, encodeDocument } from "./document.ts";
import { CorruptDataError } from "./errors.ts";

Deno.test("decodeDocument() gives back any JSON value", () => {
  fc.assert(fc.property(fc.jsonValue({ stringUnit: "binary" }), (value) => {
    const text = JSON.stringify(value);
    assert.equal(JSON.stringify(decodeDocument(encodeDocument(value))), text);
  }));
});

Deno.test("decodeDocument() notices every damaged byte and survives forged ones", () => {
  const bytes = encodeDocument({ count: 12, name: "größe", list: [1, null, true] });
  assertDamageIsNoticed(bytes, decodeDocument);
  assertForgeriesAreSurvived(bytes, decodeDocument);
});

Deno.test("decodeDocument() survives random bytes", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
    assert.throws(() => decodeDocument(bytes), CorruptDataError);
  }));
});

Deno.test("encodeDocument() refuses what JSON cannot hold", () => {
  assert.throws(() => encodeDocument(undefined), TypeError);
  assert.throws(() => encodeDocument(1n), TypeError);
});
