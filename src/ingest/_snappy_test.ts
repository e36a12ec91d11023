import assert from "node:assert/strict";
import fc from "fast-check";
import { uncompressSnappy } from "./_snappy.ts";
import { storedSnappy } from "./_test_protobuf.ts";
import { BadBodyError, BodyTooLargeError } from "./errors.ts";

function uncompress(...bytes: number[]): string {
  return new TextDecoder().decode(uncompressSnappy(Uint8Array.from(bytes), 1000));
}

Deno.test("uncompressSnappy() reads literals and copies of every kind", () => {
  assert.equal(uncompress(0), "");
  assert.equal(uncompress(3, 0x08, 0x61, 0x62, 0x63), "abc");
  // Two bytes of literal, then copies of 4 with an offset of 2: in one, two and four bytes.
  const literal = [0x04, 0x61, 0x62];
  assert.equal(uncompress(6, ...literal, 0x01, 2), "ababab");
  assert.equal(uncompress(6, ...literal, 0x0e, 2, 0), "ababab");
  assert.equal(uncompress(6, ...literal, 0x0f, 2, 0, 0, 0), "ababab");
  assert.equal(uncompress(3, 0xf0, 2, 0x61, 0x62, 0x63), "abc");
});

Deno.test("uncompressSnappy() gives back what was stored, whatever its length", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
    assert.deepEqual(uncompressSnappy(storedSnappy(bytes), 300), bytes);
  }));
});

Deno.test("uncompressSnappy() refuses what is no block, at once", () => {
  const bad = [
    [],
    [0x80],
    [0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
    [5, 0x08, 0x61, 0x62, 0x63], // shorter than it says
    [2, 0x08, 0x61, 0x62, 0x63], // longer
    [3, 0x10, 0x61, 0x62, 0x63], // a literal that ends too early
    [6, 0x04, 0x61, 0x62, 0x01, 3], // a copy from before the beginning
    [6, 0x04, 0x61, 0x62, 0x01, 0], // a copy of itself
    [6, 0x04, 0x61, 0x62, 0x01], // a copy without its offset
    [6, 0x04, 0x61, 0x62, 0x0f, 0xff, 0xff, 0xff, 0xff], // a negative offset, to decoders of 32 bits
    [100, 0xfc, 0xfa, 0xff, 0xff, 0xff, 0, 0, 0, 0], // a negative length
  ];
  for (const bytes of bad) assert.throws(() => uncompress(...bytes), BadBodyError, bytes.join());
  // It claims 999 bytes and has four.
  assert.throws(() => uncompress(0xe7, 0x07, 0x00, 0x61), BadBodyError);
});

Deno.test("uncompressSnappy() refuses a body that is too long before it takes the memory", () => {
  assert.throws(() => uncompress(0xe9, 0x07), BodyTooLargeError);
  assert.throws(() => uncompress(0xff, 0xff, 0xff, 0xff, 0x0f), BodyTooLargeError);
});

Deno.test("uncompressSnappy() is total: any bytes give bytes or one of its errors", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      try {
        uncompressSnappy(bytes, 1000);
      } catch (error) {
        assert.ok(error instanceof BadBodyError || error instanceof BodyTooLargeError);
      }
    }),
    { numRuns: 2000 },
  );
});
