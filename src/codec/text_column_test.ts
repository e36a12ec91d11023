import assert from "node:assert/strict";
import { zstdDecompressSync } from "node:zlib";
import fc from "fast-check";
import { packTexts } from "../record.ts";
import { anyText } from "./_test_rows.ts";
import { CorruptDataError } from "./errors.ts";
import { ColumnEncoding, decodeTextColumn, encodeTextColumn } from "./text_column.ts";

function bodyOf({ stored, rawBytes }: { stored: Uint8Array; rawBytes: number }): Uint8Array {
  return stored.length === rawBytes ? stored : new Uint8Array(zstdDecompressSync(stored));
}

Deno.test("decodeTextColumn() gives back any texts, many or few of them distinct", () => {
  const few = fc.constantFrom("", "a long text that repeats", "ü", "\0");
  const texts = fc.oneof(fc.array(anyText), fc.array(few, { maxLength: 400 }));
  fc.assert(fc.property(texts, (texts) => {
    const column = packTexts(texts, texts.length);
    const encoded = encodeTextColumn(column, texts.length);
    assert.equal(bodyOf(encoded).length, encoded.rawBytes);
    const decoded = decodeTextColumn(encoded.encoding, bodyOf(encoded), texts.length, "test");
    assert.deepEqual(decoded, column);
  }));
});

Deno.test("encodeTextColumn() makes a dictionary of up to 256 texts", () => {
  for (
    const [distinct, encoding] of [[256, ColumnEncoding.dictionary], [257, ColumnEncoding.plain]]
  ) {
    const texts = Array.from({ length: 2000 }, (_, i) => `some text number ${i % distinct!}`);
    const encoded = encodeTextColumn(packTexts(texts, 2000), 2000);
    assert.equal(encoded.encoding, encoding);
    const decoded = decodeTextColumn(encoded.encoding, bodyOf(encoded), 2000, "test");
    assert.deepEqual(decoded, packTexts(texts, 2000));
  }
});

Deno.test("decodeTextColumn() survives any change of a body", () => {
  const texts = Array.from({ length: 12 }, (_, i) => ["warning", "error ü", ""][i % 3]!);
  const bodies = [
    { encoding: ColumnEncoding.plain, body: [0, ...texts.map(() => 2), ...new Array(24).fill(65)] },
    {
      encoding: ColumnEncoding.dictionary,
      body: bodyOf(encodeTextColumn(packTexts(texts, 12), 12)),
    },
  ];
  for (const { encoding, body } of bodies) {
    decodeTextColumn(encoding, Uint8Array.from(body), 12, "test");
    for (let at = 0; at < body.length; at++) {
      for (const value of [0, 1, 2, 0x7f, 0x80, 0xff]) {
        const changed = Uint8Array.from(body);
        changed[at] = value;
        try {
          const { bytes, offsets } = decodeTextColumn(encoding, changed, 12, "test");
          assert.equal(offsets.length, 13);
          assert.equal(offsets[12], bytes.length);
        } catch (error) {
          assert(error instanceof CorruptDataError, String(error));
        }
      }
      const cut = Uint8Array.from(body).subarray(0, at);
      assert.throws(() => decodeTextColumn(encoding, cut, 12, "test"), CorruptDataError);
    }
  }
});

Deno.test("decodeTextColumn() refuses a few bytes that stand for gigabytes", () => {
  // One value of 64 KiB in each of 65,536 rows.
  const value = new Uint8Array(65_536).fill(65);
  const body = Uint8Array.of(1, 1, 0x80, 0x80, 4, ...value);
  assert.throws(
    () => decodeTextColumn(ColumnEncoding.dictionary, body, 65_536, "test"),
    CorruptDataError,
  );
});
