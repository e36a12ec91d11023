import assert from "node:assert/strict";
import fc from "fast-check";
import type { RecordBatch } from "../record.ts";
import { BadBodyError, UnsupportedMediaTypeError } from "./errors.ts";
import { decodeNative } from "./native.ts";

const GOOD = {
  timestamp: "2025-04-01T12:00:00.000Z",
  service: "auth-service",
  severity: "INFO",
  message: "hello",
};
const NOW = { ms: 0, ns: 0 };
const LINES = "application/x-ndjson";

function decode(body: unknown, contentType: string | undefined = "application/json"): RecordBatch {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const bytes = body instanceof Uint8Array ? body : new TextEncoder().encode(text);
  return decodeNative(bytes, contentType, NOW);
}

function errorOf(body: unknown, contentType?: string): BadBodyError {
  try {
    decode(body, contentType);
  } catch (error) {
    assert.ok(error instanceof BadBodyError, String(error));
    return error;
  }
  throw new Error("the body was accepted");
}

/** A record's JSON with a member more. */
function withMember(member: string): string {
  return JSON.stringify(GOOD).replace("}", `,${member}}`);
}

function attributesOf(batch: RecordBatch): unknown {
  return JSON.parse(batch.optional.get("attributes")?.[0] ?? "null");
}

Deno.test("decodeNative() reads one record and an array of them", () => {
  assert.deepEqual(decode(GOOD).messages, ["hello"]);
  assert.deepEqual(decode([GOOD, { ...GOOD, message: "ö" }]).messages, ["hello", "ö"]);
  assert.equal(decode([]).length, 0);
  assert.equal(decode("\ufeff  [ ]\r\n").length, 0);
});

Deno.test("decodeNative() reads a record on each line and skips empty ones", () => {
  const line = JSON.stringify(GOOD);
  for (const type of [LINES, "application/ndjson", "application/jsonl; charset=utf-8"]) {
    assert.equal(decode(`${line}\n\r\n  \n${line}\r\n${line}`, type).length, 3);
    assert.equal(decode("", type).length, 0);
    assert.equal(decode("\n\n", type).length, 0);
  }
});

Deno.test("decodeNative() takes JSON under its names, and refuses other types and charsets", () => {
  const good = [
    undefined,
    "",
    "application/json",
    'Application/JSON; Charset="UTF-8"',
    "application/vnd.api+json",
  ];
  for (const type of good) {
    assert.equal(decodeNative(new TextEncoder().encode("[]"), type, NOW).length, 0);
  }
  const bad = [
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/x-protobuf",
    "application/json; charset=latin1",
    "json",
  ];
  for (const type of bad) {
    assert.throws(() => decode([], type), UnsupportedMediaTypeError, type);
  }
});

Deno.test("decodeNative() says what is wrong with a body that is no JSON, and where", () => {
  assert.match(errorOf(`{"a":1,}`).message, /^The body is not valid JSON: .*position 7/);
  assert.match(errorOf("").message, /it is empty; expected a record or an array/);
  assert.match(errorOf("5").message, /it is a number; expected a record or an array/);
  assert.match(errorOf("null").message, /it is null/);
  assert.match(errorOf(`\n{"a":1}}`, LINES).message, /^Line 2 is not valid JSON: .*position 7$/);
  assert.equal(errorOf(`{"a":1,}`).details, undefined);
});

Deno.test("decodeNative() refuses what is not UTF-8 and names the byte", () => {
  const body = (...tail: number[]) => new Uint8Array([...new Array(9000).fill(0x20), ...tail]);
  assert.match(errorOf(body(0x5b, 0xff, 0x5d)).message, /not valid UTF-8 at byte 9001$/);
  assert.match(errorOf(body(0xe2, 0x82)).message, /not valid UTF-8 at byte 9002$/);
  assert.match(errorOf(new Uint8Array([0xc0, 0x80])).message, /at byte 0$/);
  assert.match(errorOf(new Uint8Array([0xed, 0xa0, 0x80])).message, /at byte 1$/);
});

Deno.test("decodeNative() refuses all records if one is bad, and tells which and why", () => {
  const error = errorOf([GOOD, { ...GOOD, severity: "loud" }, GOOD, { ...GOOD, service: "" }]);
  assert.match(
    error.message,
    /^Cannot store the record at index 1: "severity" is "loud"; expected TRACE, .* \(and 1 more/,
  );
  assert.deepEqual(error.details?.map(({ index, field }) => [index, field]), [
    [1, "severity"],
    [3, "service"],
  ]);
  assert.match(
    errorOf({ ...GOOD, message: 5 }).message,
    /^Cannot store the record: "message" is 5;/,
  );
  const lines = `\n${JSON.stringify(GOOD)}\n[]\n`;
  assert.match(errorOf(lines, LINES).message, /^Cannot store the record on line 3: A record is an/);
});

Deno.test("decodeNative() lists at most 100 problems", () => {
  const error = errorOf(new Array(1000).fill({}));
  assert.equal(error.details?.length, 100);
  assert.match(error.message, /and at least 99 more/);
  assert.equal(errorOf(`{}\n`.repeat(1000), LINES).details?.length, 100);
});

Deno.test("decodeNative() refuses more than a million records", () => {
  const line = JSON.stringify({
    ...GOOD,
    timestamp: "2025-04-01T12:00:00",
    service: "a",
    message: "",
  });
  const body = `${line}\n`.repeat(1_000_001);
  assert.match(errorOf(body, LINES).message, /more than 1000000 records/);
});

Deno.test("decodeNative() keeps integers beyond 2^53 as text, in attributes alone", () => {
  const member =
    `"attributes":{"a":9007199254740991,"b":9007199254740992,"c":[-9007199254740993,1],` +
    `"d":"123456789012345678","e":1234567890.1234567890,"f":1e20,"g\\\\\\"":12345678901234567890},` +
    `"top":{"n":18446744073709551615}`;
  const expected = {
    a: 9007199254740991,
    b: "9007199254740992",
    c: ["-9007199254740993", 1],
    d: "123456789012345678",
    e: 1234567890.123456789,
    f: 1e20,
    'g\\"': "12345678901234567890",
    top: { n: "18446744073709551615" },
  };
  assert.deepEqual(attributesOf(decode(withMember(member))), expected);
  assert.deepEqual(attributesOf(decode(`[${withMember(member)}]`)), expected);
  assert.deepEqual(attributesOf(decode(withMember(member), LINES)), expected);
});

Deno.test("decodeNative() takes no long number for a text", () => {
  for (const field of ["timestamp", "service", "message", "trace_id", "attributes", "severity"]) {
    const error = errorOf(withMember(`"${field}":1700000000000000000`));
    assert.deepEqual(error.details?.map((detail) => detail.field), [field]);
  }
  assert.equal(decode(withMember(`"id":18446744073709551615`)).length, 1);
});

Deno.test("decodeNative() keeps every integer exactly, wherever it stands", () => {
  const integer = fc.oneof(
    fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
    fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 3n }),
    fc.bigInt({ min: -(2n ** 53n) - 3n, max: -(2n ** 53n) + 3n }),
    fc.bigInt({ min: 0n, max: 9n }),
  );
  const text = fc.string({ unit: fc.constantFrom("\\", '"', "1234567890123456", ":", "é") });
  fc.assert(fc.property(fc.array(fc.tuple(text, integer), { maxLength: 5 }), (members) => {
    const unique = new Map(members);
    const json = [...unique].map(([name, value]) =>
      `${JSON.stringify(name)}:[${value},"${value}"]`
    );
    const attributes = attributesOf(decode(withMember(`"attributes":{${json.join(",")}}`)));
    const expected = [...unique].map(([name, value]) => {
      const safe = value >= -(2n ** 53n) + 1n && value <= 2n ** 53n - 1n;
      return [name, [safe ? Number(value) : String(value), String(value)]];
    });
    assert.deepEqual(attributes ?? {}, Object.fromEntries(expected));
  }));
});

Deno.test("decodeNative() survives nesting of any depth", () => {
  const open = 100_000;
  for (const digits of ["1", "12345678901234567890"]) {
    const deep = "[".repeat(open) + digits + "]".repeat(open);
    assert.equal(errorOf(deep).details?.[0]?.field, "");
    assert.equal(errorOf(withMember(`"a":${deep}`)).details?.[0]?.field, "a");
    assert.equal(errorOf(withMember(`"message":${deep}`)).details?.[0]?.field, "message");
    const members = `{"a":`.repeat(open) + digits + "}".repeat(open);
    assert.equal(errorOf(members).details?.length, 4 + 1);
    assert.equal(
      errorOf(withMember(`"attributes":${members}`)).details?.[0]?.field,
      "attributes.a",
    );
  }
  assert.match(errorOf("[".repeat(open)).message, /not valid JSON/);
});

Deno.test("decodeNative() throws its own errors alone, whatever the bytes", () => {
  const json = new TextEncoder().encode(
    `[${withMember(`"attributes":{"a":[12345678901234567890]}`)}]`,
  );
  const damaged = fc.array(fc.tuple(fc.nat(json.length - 1), fc.integer({ min: 0, max: 255 })), {
    maxLength: 4,
  }).map((changes) => {
    const bytes = json.slice();
    for (const [at, byte] of changes) bytes[at] = byte;
    return bytes;
  });
  const types = fc.constantFrom("application/json", LINES);
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), damaged), types, (bytes, type) => {
      try {
        decode(bytes, type);
      } catch (error) {
        assert.ok(error instanceof BadBodyError, String(error));
      }
    }),
    { numRuns: 3000 },
  );
});
