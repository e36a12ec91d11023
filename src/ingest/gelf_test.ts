import assert from "node:assert/strict";
import { deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { RecordBatch } from "../record.ts";
import {
  assertWithinLimits,
  bytesOf,
  NOW,
  NOW_TEXT,
  rowsOf,
  type TestRow,
} from "./_lenient_test_rows.ts";
import { BadBodyError } from "./errors.ts";
import { decodeGelf, decodeGelfMessage, gelfContentEncoding } from "./gelf.ts";
import { GELF_FRAME_BYTES_MAX, GelfFramer } from "./gelf_framer.ts";

function decode(...messages: unknown[]): TestRow[] {
  const body = messages.map((message) => JSON.stringify(message)).join("\n");
  return rowsOf(decodeGelf(bytesOf(body), NOW, "token-service"));
}

function decodeFrame(text: string, lostBytes = 0): TestRow {
  const batch = new RecordBatch();
  decodeGelfMessage({ bytes: bytesOf(text), lostBytes }, NOW, "gelf", batch);
  return rowsOf(batch)[0]!;
}

Deno.test("decodeGelf() reads the example of GELF 1.1", () => {
  assert.deepEqual(
    decode({
      version: "1.1",
      host: "example.org",
      short_message: "A short message that helps you identify what is going on",
      full_message: "Backtrace here\n\nmore stuff",
      timestamp: 1385053862.3072,
      level: 1,
      _user_id: 9001,
      _some_info: "foo",
      _some_env_var: "bar",
    }),
    [{
      time: "2013-11-21T17:11:02.3072Z",
      service: "example.org",
      severity: "ERROR",
      severity_text: "alert",
      severity_number: "19",
      message: "A short message that helps you identify what is going on",
      attributes: {
        full_message: "Backtrace here\n\nmore stuff",
        user_id: 9001,
        some_info: "foo",
        some_env_var: "bar",
      },
    }],
  );
});

Deno.test("decodeGelf() takes the full message if it begins with the short one", () => {
  assert.deepEqual(
    decode({
      version: "1.1",
      host: "h",
      short_message: "Error: x",
      full_message: "Error: x\n  at y",
      level: "3",
      _service: "auth",
    }),
    [{
      time: NOW_TEXT,
      service: "auth",
      severity: "ERROR",
      message: "Error: x\n  at y",
      attributes: { host: "h" },
    }],
  );
});

Deno.test("decodeGelf() keeps an additional field that meets another member under another name", () => {
  assert.deepEqual(
    decode({
      short_message: "m",
      line: 1,
      _line: 2,
      version: "2.0",
      _: 3,
      facility: "f",
      level: 9,
      ___proto__: 4,
    }),
    [{
      time: NOW_TEXT,
      service: "f",
      severity: "INFO",
      severity_text: "9",
      message: "m",
      attributes: JSON.parse('{"line":1,"version":"2.0","_":3,"line_1":2,"__proto__":4}'),
    }],
  );
});

Deno.test("decodeGelf() takes several messages, and refuses what is no message", () => {
  assert.deepEqual(
    decode({ short_message: "a" }, [{ short_message: "b" }]).map((row) => row.message),
    ["a", "b"],
  );
  for (const body of ["x", "1", "[1]", '{"short_message":']) {
    assert.throws(() => decodeGelf(bytesOf(body), NOW, "s"), BadBodyError, body);
  }
});

Deno.test("decodeGelfMessage() keeps what is no message, or was cut, as a message of its own", () => {
  const bare = { time: NOW_TEXT, service: "gelf", severity: "INFO" };
  assert.deepEqual(decodeFrame("nonsense"), { ...bare, message: "nonsense" });
  assert.deepEqual(decodeFrame("[]"), { ...bare, message: "[]" });
  assert.deepEqual(decodeFrame('{"short_message":"a"}', 5), {
    ...bare,
    message: '{"short_message":"a"}',
    attributes: { message_truncated_bytes: 5 },
  });
  assert.deepEqual(decodeFrame('{"short_message":"a"}'), { ...bare, message: "a" });
});

Deno.test("gelfContentEncoding() tells zlib and gzip from JSON", () => {
  for (const level of [0, 1, 6, 9]) {
    assert.equal(gelfContentEncoding(deflateSync("{}", { level })), "deflate");
    assert.equal(gelfContentEncoding(gzipSync("{}", { level })), "gzip");
  }
  for (const text of ["", "{", '{"a":1}', "[", " {", "\n"]) {
    assert.equal(gelfContentEncoding(bytesOf(text)), "identity");
  }
});

Deno.test("decodeGelfMessage() gives one record within the limits for any bytes", () => {
  const name = fc.constantFrom(
    "short_message",
    "full_message",
    "level",
    "timestamp",
    "host",
    "_service",
    "_a",
    "a",
    "_",
    "version",
    "___proto__",
    "_trace_id",
  );
  const object = fc.dictionary(name, fc.oneof(fc.jsonValue(), fc.string({ unit: "binary" }))).map((
    value,
  ) => bytesOf(JSON.stringify(value)));
  fc.assert(
    fc.property(fc.oneof(object, fc.uint8Array()), fc.constantFrom(0, 0, 7), (bytes, lostBytes) => {
      const batch = new RecordBatch();
      decodeGelfMessage({ bytes, lostBytes }, NOW, "s", batch);
      assert.equal(batch.length, 1);
      assertWithinLimits(batch, assert.ok);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("GelfFramer gives the messages between NULs whatever the pieces, but for empty ones", () => {
  const messages = fc.array(fc.array(fc.integer({ min: 1, max: 255 }), { maxLength: 5 }));
  fc.assert(
    fc.property(messages, fc.integer({ min: 1, max: 9 }), fc.boolean(), (all, piece, isEnded) => {
      const stream = Uint8Array.from(
        all.flatMap((message, i) => isEnded || i < all.length - 1 ? [...message, 0] : message),
      );
      const framer = new GelfFramer();
      const found = [];
      for (let at = 0; at < stream.length; at += piece) {
        found.push(...framer.push(stream.subarray(at, at + piece)));
      }
      found.push(...framer.finish());
      assert.deepEqual(
        found.map((frame) => [...frame.bytes]),
        all.filter((message) => message.length > 0),
      );
      assert.ok(found.every((frame) => frame.lostBytes === 0));
    }),
  );
});

Deno.test("GelfFramer cuts messages that are too long, counts what is lost and goes on behind them", () => {
  const stream = new Uint8Array(GELF_FRAME_BYTES_MAX + 50_000 + 3).fill(0x78);
  stream[GELF_FRAME_BYTES_MAX + 50_000] = 0;
  for (const piece of [65_536, stream.length]) {
    const framer = new GelfFramer();
    const found = [];
    for (let at = 0; at < stream.length; at += piece) {
      found.push(...framer.push(stream.subarray(at, at + piece)));
    }
    found.push(...framer.finish());
    assert.deepEqual(found.map((frame) => [frame.bytes.length, frame.lostBytes]), [[
      GELF_FRAME_BYTES_MAX,
      50_000,
    ], [2, 0]]);
  }
});
