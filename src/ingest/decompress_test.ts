import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { constants, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { decompressBody } from "./decompress.ts";
import { BadBodyError, BodyTooLargeError, UnsupportedEncodingError } from "./errors.ts";

const MAX = 1 << 20;

const encoders: Record<string, (bytes: Uint8Array) => Uint8Array> = {
  gzip: (bytes) => gzipSync(bytes),
  "x-gzip": (bytes) => gzipSync(bytes, { level: 1 }),
  deflate: (bytes) => deflateSync(bytes),
  Deflate: (bytes) => deflateRawSync(bytes),
  zstd: (bytes) => zstdCompressSync(bytes),
  ZSTD: (bytes) =>
    zstdCompressSync(bytes, {
      params: { [constants.ZSTD_c_checksumFlag]: 1, [constants.ZSTD_c_contentSizeFlag]: 0 },
    }),
  identity: (bytes) => bytes,
};
const encoding = fc.constantFrom(...Object.keys(encoders));
const body = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 9000 }))
    .map(([part, count]) => new Uint8Array(Buffer.concat(new Array(count).fill(part)))),
);

Deno.test("decompressBody() undoes every coding and chains of two", () => {
  fc.assert(
    fc.property(body, fc.array(encoding, { maxLength: 2 }), (bytes, encodings) => {
      let encoded: Uint8Array = bytes;
      for (const name of encodings) encoded = encoders[name]!(encoded);
      const decoded = decompressBody(encoded, encodings.join(" , "), MAX);
      assert.ok(Buffer.from(bytes).equals(decoded));
    }),
    { numRuns: 300 },
  );
});

Deno.test("decompressBody() gives the body itself where nothing is encoded", () => {
  const bytes = new Uint8Array([1, 2]);
  assert.equal(decompressBody(bytes, undefined, 2), bytes);
  assert.equal(decompressBody(bytes, "identity, identity, ", 2), bytes);
  assert.throws(() => decompressBody(bytes, undefined, 1), BodyTooLargeError);
});

Deno.test("decompressBody() stops at the limit, to the byte", () => {
  const bytes = new Uint8Array(100_000);
  for (const [name, encode] of Object.entries(encoders)) {
    const encoded = encode(bytes);
    assert.equal(decompressBody(encoded, name, 100_000).length, 100_000);
    assert.throws(() => decompressBody(encoded, name, 99_999), BodyTooLargeError, name);
  }
});

Deno.test("decompressBody() stops at a bomb within a chain", () => {
  const bomb = gzipSync(new Uint8Array(64 * MAX));
  assert.throws(() => decompressBody(bomb, "gzip", MAX), BodyTooLargeError);
  assert.throws(() => decompressBody(gzipSync(bomb), "gzip, gzip", MAX), BodyTooLargeError);
  assert.throws(() => decompressBody(zstdCompressSync(bomb), "gzip, zstd", MAX), BodyTooLargeError);
});

Deno.test("decompressBody() refuses every truncation", () => {
  const bytes = new TextEncoder().encode(
    "a body that is long enough to be worth some bytes ".repeat(9),
  );
  for (const [name, encode] of Object.entries(encoders)) {
    if (name === "identity") continue;
    const encoded = encode(bytes);
    for (let end = 1; end < encoded.length; end++) {
      assert.throws(() => decompressBody(encoded.subarray(0, end), name, MAX), BadBodyError, name);
    }
  }
});

Deno.test("decompressBody() reads all members of gzip and all frames of zstd", () => {
  const parts = ["one, ", "", "two, ", "three"].map((text) => new TextEncoder().encode(text));
  for (const name of ["gzip", "zstd", "ZSTD"]) {
    const encoded = Buffer.concat(parts.map(encoders[name]!));
    assert.equal(new TextDecoder().decode(decompressBody(encoded, name, 15)), "one, two, three");
    assert.throws(() => decompressBody(encoded, name, 14), BodyTooLargeError);
  }
  const skippable = new Uint8Array([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 9, 9, 9]);
  const frame = zstdCompressSync(parts[0]!);
  const withSkipped = Buffer.concat([skippable, frame, skippable]);
  assert.deepEqual(decompressBody(withSkipped, "zstd", 5), decompressBody(frame, "zstd", 5));
});

Deno.test("decompressBody() refuses zstd of more frames than it would take time for", () => {
  const empty = zstdCompressSync(new Uint8Array(0));
  const frames = (count: number) => Buffer.concat(new Array(count).fill(empty));
  assert.equal(decompressBody(frames(1024), "zstd", MAX).length, 0);
  assert.throws(() => decompressBody(frames(1025), "zstd", MAX), /more than 1024 frames/);
});

Deno.test("decompressBody() refuses zstd that wants a huge window", () => {
  const frame = new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x88, 0x09, 0x00, 0x00, 0x61]);
  assert.throws(() => decompressBody(frame, "zstd", MAX), BadBodyError);
  frame[5] = 0x58;
  assert.deepEqual(Uint8Array.from(decompressBody(frame, "zstd", MAX)), new Uint8Array([0x61]));
});

Deno.test("decompressBody() refuses bytes after the end", () => {
  const bytes = new TextEncoder().encode("a body");
  for (const name of ["gzip", "deflate", "Deflate", "zstd"]) {
    const encoded = Buffer.concat([encoders[name]!(bytes), new Uint8Array([1, 2, 3, 4, 5])]);
    assert.throws(() => decompressBody(encoded, name, MAX), BadBodyError, name);
  }
});

Deno.test("decompressBody() names the codings it knows and takes at most two", () => {
  for (const name of ["br", "compress", "gzip;q=1", "gzip gzip"]) {
    assert.throws(
      () => decompressBody(new Uint8Array(1), name, MAX),
      (error) =>
        error instanceof UnsupportedEncodingError && /use gzip, deflate, zstd/.test(error.message),
    );
  }
  assert.throws(
    () => decompressBody(new Uint8Array(1), "gzip, gzip, gzip", MAX),
    UnsupportedEncodingError,
  );
});

Deno.test("decompressBody() throws its own errors alone, whatever the bytes", () => {
  const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 3 });
  const inputs = fc.oneof(
    fc.tuple(encoding, fc.uint8Array({ maxLength: 60 })),
    fc.tuple(encoding, body, changes).map(([name, bytes, edits]): [string, Uint8Array] => {
      const encoded = Uint8Array.from(encoders[name]!(bytes));
      for (const [at, byte] of edits) {
        if (encoded.length > 0) encoded[at % encoded.length] = byte;
      }
      return [name, encoded];
    }),
    fc.uint8Array({ maxLength: 40 }).map((tail): [string, Uint8Array] => [
      "zstd",
      new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, ...tail]),
    ]),
  );
  fc.assert(
    fc.property(inputs, ([name, bytes]) => {
      try {
        assert.ok(decompressBody(bytes, name, 50_000).length <= 50_000);
      } catch (error) {
        const known = error instanceof BadBodyError || error instanceof BodyTooLargeError;
        assert.ok(known, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});
