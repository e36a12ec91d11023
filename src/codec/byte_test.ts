import assert from "node:assert/strict";
import fc from "fast-check";
import { ByteReader } from "./_byte_reader.ts";
import { ByteWriter } from "./_byte_writer.ts";
import { CorruptDataError } from "./errors.ts";

const edges = [0, 1, 63, 64, 127, 128, 2 ** 30, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53 - 1];

Deno.test("ByteReader reads the integers and texts that ByteWriter wrote", () => {
  const unsigned = fc.oneof(fc.maxSafeNat(), fc.constantFrom(...edges));
  const signed = fc.oneof(fc.maxSafeInteger(), fc.constantFrom(...edges.flatMap((n) => [n, -n])));
  const text = fc.string({ unit: "binary" });
  fc.assert(fc.property(fc.array(fc.tuple(unsigned, signed, text)), (values) => {
    const writer = new ByteWriter(1);
    for (const [a, b, c] of values) {
      writer.varint(a);
      writer.signed(b);
      writer.text(c);
      writer.u32(a % 2 ** 32);
    }
    const reader = new ByteReader(writer.written(), "test");
    for (const [a, b, c] of values) {
      assert.equal(reader.varint(), a);
      assert.equal(reader.signed() + 0, b + 0);
      assert.equal(reader.text(), c);
      assert.equal(reader.u32(), a % 2 ** 32);
    }
    reader.end();
  }));
});

Deno.test("ByteWriter refuses numbers that are not integers of its range", () => {
  const writer = new ByteWriter();
  for (const value of [-1, 0.5, 2 ** 53, NaN, Infinity, -Infinity]) {
    assert.throws(() => writer.varint(value), RangeError);
    if (value !== -1) assert.throws(() => writer.signed(value), RangeError);
  }
});

Deno.test("ByteReader refuses to read past the end or above 2^53", () => {
  const reader = (...bytes: number[]) => new ByteReader(new Uint8Array(bytes), "test");
  assert.throws(() => reader().u8(), CorruptDataError);
  assert.throws(() => reader(1, 2, 3).u32(), CorruptDataError);
  assert.throws(() => reader(0x80).varint(), CorruptDataError);
  assert.throws(() => reader(5, 65).text(), CorruptDataError);
  assert.throws(() => reader(1, 0xff).text(), CorruptDataError);
  assert.throws(() => reader(...new Array(12).fill(0xff), 1).varint(), CorruptDataError);
  assert.throws(() => reader(...new Array(7).fill(0xff), 0x7f).varint(), CorruptDataError);
});
