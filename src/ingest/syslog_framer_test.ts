import assert from "node:assert/strict";
import fc from "fast-check";
import { bytesOf } from "./_lenient_test_rows.ts";
import { SYSLOG_FRAME_BYTES_MAX, SyslogFramer } from "./syslog_framer.ts";

const decoder = new TextDecoder();

/** The messages of a stream, sent in pieces of a size. */
function frames(stream: string, piece = stream.length || 1): string[] {
  const framer = new SyslogFramer();
  const bytes = bytesOf(stream);
  const found = [];
  for (let at = 0; at < bytes.length; at += piece) {
    found.push(...framer.push(bytes.subarray(at, at + piece)));
  }
  found.push(...framer.finish());
  return found.map(({ bytes, lostBytes }) => {
    assert.equal(lostBytes, 0);
    return decoder.decode(bytes);
  });
}

const CASES: [string, string, string[]][] = [
  ["octet counts, line feeds inside", "8 <34>1 a\n6 <1>é\n", ["<34>1 a\n", "<1>é\n"]],
  ["line feeds", "<34>a\n<34>b\n", ["<34>a", "<34>b"]],
  ["carriage returns and blank lines", "<34>a\r\n\r\n\n<34>b\r\n", ["<34>a", "<34>b"]],
  ["no end", "<34>a\n<34>b", ["<34>a", "<34>b"]],
  ["both kinds, and line feeds between", "<34>a\n6 <34>bc\n<34>d\n\n5 <34>e", [
    "<34>a",
    "<34>bc",
    "<34>d",
    "<34>e",
  ]],
  ["lines that begin with digits", "2025-04-01 a\n12 monkeys\n99999999 <1>\n0 <1>\n7\n", [
    "2025-04-01 a",
    "12 monkeys",
    "99999999 <1>",
    "0 <1>",
    "7",
  ]],
  ["a count that is never filled", "500 <34>cut off", ["<34>cut off"]],
  ["a count alone", "500", ["500"]],
  ["NUL as Python sends it, line feeds inside", "<34>a\nb\0<34>c\0", ["<34>a\nb", "<34>c"]],
  ["NUL and line feeds before another message", "<34>a\0<34>b\n<34>c\nd\0", [
    "<34>a",
    "<34>b",
    "<34>c\nd",
  ]],
];

for (const [name, stream, expected] of CASES) {
  Deno.test(`SyslogFramer finds messages: ${name}`, () => {
    assert.deepEqual(frames(stream), expected);
  });
}

Deno.test("SyslogFramer finds the same messages in pieces of any size, unless a NUL comes after its line feed", () => {
  for (const [name, stream, expected] of CASES) {
    if (stream.includes("\0") && name.includes("inside")) continue;
    for (let piece = 1; piece < stream.length; piece++) {
      assert.deepEqual(frames(stream, piece), expected, `${name}, ${piece}`);
    }
  }
});

Deno.test("SyslogFramer gives back any messages that were counted", () => {
  const message = fc.string({ unit: "binary-ascii" }).map((text) => `<1>${text}`);
  fc.assert(fc.property(fc.array(message), fc.integer({ min: 1, max: 40 }), (messages, piece) => {
    assert.deepEqual(
      frames(messages.map((text) => `${text.length} ${text}`).join(""), piece),
      messages,
    );
  }));
});

Deno.test("SyslogFramer loses no byte but those of the frames, for any bytes", () => {
  const bytes = fc.array(fc.oneof(fc.constantFrom(0, 10, 13, 0x20, 0x31, 0x3c), fc.nat(255)), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(bytes, fc.integer({ min: 1, max: 9 }), (values, piece) => {
      const framer = new SyslogFramer();
      const found = [];
      for (let at = 0; at < values.length; at += piece) {
        found.push(...framer.push(Uint8Array.from(values.slice(at, at + piece))));
      }
      found.push(...framer.finish());
      assert.deepEqual(framer.finish(), []);
      // Counts and ends aside, everything comes back in its order.
      const meat = (list: number[]) =>
        list.filter((byte) => !(byte <= 0x20 || (byte >= 0x30 && byte <= 0x39)));
      assert.deepEqual(meat(found.flatMap((frame) => [...frame.bytes])), meat(values));
    }),
    { numRuns: 2000 },
  );
});

Deno.test("SyslogFramer cuts messages that are too long, counts what is lost and goes on behind them", () => {
  const text = "<1>" + "x".repeat(SYSLOG_FRAME_BYTES_MAX + 100_000 - 3);
  for (
    const stream of [
      `${text.length} ${text}<2>b\n`,
      `${text}\n<2>b\n`,
      `<0>\0${text}\0<2>b\0`,
      `<0>\0${text}\n<2>b\n`,
    ]
  ) {
    for (const piece of [1000, 65_536, stream.length]) {
      const framer = new SyslogFramer();
      const found = [];
      const bytes = bytesOf(stream);
      for (let at = 0; at < bytes.length; at += piece) {
        found.push(...framer.push(bytes.subarray(at, at + piece)));
      }
      found.push(...framer.finish());
      const [long, next] = found.slice(-2);
      assert.deepEqual([long?.bytes.length, long?.lostBytes], [SYSLOG_FRAME_BYTES_MAX, 100_000]);
      assert.equal(decoder.decode(next?.bytes).trim(), "<2>b");
    }
  }
});
