import assert from "node:assert/strict";
import fc from "fast-check";
import { numberText } from "./loki_json.ts";

Deno.test("numberText() writes numbers as Go's FormatFloat does, never with an exponent", () => {
  assert.equal(numberText(1267.1266666666666), "1267.1266666666666");
  assert.equal(numberText(3), "3");
  assert.equal(numberText(-0.5), "-0.5");
  assert.equal(numberText(1e23), "100000000000000000000000");
  assert.equal(numberText(1.5e-9), "0.0000000015");
  assert.equal(numberText(-2e21), "-2000000000000000000000");
  assert.equal(numberText(NaN), "NaN");
  assert.equal(numberText(Infinity), "+Inf");
  assert.equal(numberText(-Infinity), "-Inf");
  fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
    assert.match(numberText(value), /^-?[0-9]+(\.[0-9]+)?$/);
    assert.equal(Number(numberText(value)), value === 0 ? 0 : value);
  }));
});
