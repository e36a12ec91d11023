import assert from "node:assert/strict";
import fc from "fast-check";
import { attributesText, type Members } from "./_lenient_attributes.ts";
import { bytesOf } from "./_lenient_test_rows.ts";

function read(members: Members): Record<string, unknown> {
  return JSON.parse(attributesText(members) ?? "{}");
}

Deno.test("attributesText() is JSON.stringify() of what is within the limits", () => {
  const value = fc.jsonValue({ maxDepth: 5 });
  fc.assert(
    fc.property(fc.dictionary(fc.string(), value), (members) => {
      const expected = JSON.stringify(members);
      assert.equal(
        attributesText({ ...members, gone: undefined }),
        expected === "{}" ? undefined : expected,
      );
    }),
  );
});

Deno.test("attributesText() keeps what is nested too deeply as its JSON text, however deep", () => {
  const nested = (depth: number) => JSON.parse(`${"[".repeat(depth)}"é"${"]".repeat(depth)}`);
  assert.deepEqual(read({ a: nested(7) }), { a: nested(7) });
  assert.deepEqual(read({ a: nested(9) }), { a: [[[[[[['[["é"]]']]]]]]] });
  const text = JSON.stringify(read({ a: nested(20_000) }));
  assert.equal(text.match(/\[/g)?.length, 20_000);
  assert.deepEqual(read({ a: { b: { c: { d: { e: { f: { g: { h: { i: 1 } } } } } } } } }), {
    a: { b: { c: { d: { e: { f: { g: { h: '{"i":1}' } } } } } } },
  });
});

Deno.test("attributesText() keeps every one of a thousand names", () => {
  const members: Members = {};
  for (let i = 0; i < 1000; i++) members[`name ${i}`] = i;
  const { more_attributes: more, ...kept } = read(members);
  assert.equal(Object.keys(kept).length, 255);
  assert.deepEqual({ ...kept, ...more as Members }, members);
});

Deno.test("attributesText() keeps exactly 256 names as they are", () => {
  const members: Members = { dropped: undefined };
  for (let i = 0; i < 256; i++) members[`name ${i}`] = i;
  assert.equal(attributesText(members), JSON.stringify(members));
});

Deno.test("attributesText() cuts only the longest values and says by how much", () => {
  const members = { short: "s".repeat(20_000), long: "é\n".repeat(30_000), object: { a: 1 } };
  const text = attributesText(members)!;
  const { short, long, object, attributes_truncated_bytes: lost } = JSON.parse(text);
  assert.equal(short, members.short);
  assert.deepEqual(object, members.object);
  assert.ok(members.long.startsWith(long) && long.length > 10_000);
  const size = bytesOf(text).length;
  assert.ok(size <= 65_536 && size > 65_000, String(size));
  assert.equal(
    lost,
    bytesOf(JSON.stringify(members.long)).length - bytesOf(JSON.stringify(long)).length,
  );
});

Deno.test("attributesText() cuts names that are too long, and tells those apart that begin alike", () => {
  const members: Members = {};
  for (let i = 0; i < 200; i++) members[`${"n".repeat(1000)}${i}`] = i;
  const read200 = read(members);
  assert.equal(Object.keys(read200).length, 201);
  assert.deepEqual(Object.values(read200).slice(0, 200), Object.values(members));
});

Deno.test("attributesText() replaces lone surrogates in names and values, and keeps all names", () => {
  const members = Object.fromEntries([["a\ud800", "\udfff"], ["a\ud801", ["\ud800"]], [
    "a\ufffd",
    "\\ud800",
  ]]);
  assert.deepEqual(read(members), {
    "a\ufffd": "\ufffd",
    "a\ufffd_1": ["\ufffd"],
    "a\ufffd_2": "\\ud800",
  });
});

Deno.test("attributesText() replaces lone surrogates in what it cuts, and cuts values that are no texts as JSON", () => {
  const { text, list } = read({
    text: "\ud800".repeat(70_000),
    list: Array(70_000).fill("\ud800"),
  });
  assert.match(String(text), /^\ufffd{10000,}$/);
  assert.match(String(list), /^\["\\ud800",/);
});

Deno.test("attributesText() keeps numbers beyond a double's range as text", () => {
  assert.deepEqual(read({ a: [JSON.parse("1e999")], b: -Infinity }), {
    a: ["Infinity"],
    b: "-Infinity",
  });
});

Deno.test("attributesText() keeps members called __proto__", () => {
  const members = JSON.parse('{"__proto__":{"a":"\\ud800"},"b":1}');
  assert.equal(attributesText(members), '{"__proto__":{"a":"\ufffd"},"b":1}');
});

Deno.test("attributesText() takes linear time for names that become the same", () => {
  const members: Members = {};
  for (let i = 0; i < 100_000; i++) {
    const units = [i & 1023, (i >> 10) & 1023].map((bits) => 0xdc00 + bits);
    members[String.fromCharCode(...units)] = i;
  }
  assert.ok(bytesOf(attributesText(members)!).length <= 65_536);
});
