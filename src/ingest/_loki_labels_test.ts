import assert from "node:assert/strict";
import { parseLabels } from "./_loki_labels.ts";

Deno.test("parseLabels() reads labels as Loki and its clients write them", () => {
  assert.deepEqual(parseLabels("{}"), []);
  assert.deepEqual(parseLabels(' { a = "b" , c="d", } '), [["a", "b"], ["c", "d"]]);
  assert.deepEqual(parseLabels('{a=\'x\', b=`y\\n`, "quoted.name"="z", c.d=""}'), [
    ["a", "x"],
    ["b", "y\\n"],
    ["quoted.name", "z"],
    ["c.d", ""],
  ]);
  assert.deepEqual(parseLabels('{a="}", b=","}'), [["a", "}"], ["b", ","]]);
});

Deno.test("parseLabels() undoes the escapes of Go's strings", () => {
  const text = String.raw`{a="\"\\\n\t\a\x41\101\u00e9\U0001F389 \q"}`;
  assert.deepEqual(parseLabels(text), [["a", '"\\\n\t\x07AAé🎉 q']]);
  assert.deepEqual(parseLabels(String.raw`{a="\UFFFFFFFF\ud800"}`), [["a", "\ufffd\ufffd"]]);
});

Deno.test("parseLabels() gives nothing for what is no set of labels", () => {
  const bad = [
    "",
    "a",
    '{a="b"',
    '{a="b"} x',
    "{a=b}",
    '{="b"}',
    '{a="b" c="d"}',
    '{a="say "hi""}',
  ];
  for (const text of bad) assert.equal(parseLabels(text), undefined, text);
});

Deno.test("parseLabels() takes linear time for what almost is one", () => {
  assert.equal(parseLabels(`{a="${'\\"'.repeat(500_000)}`), undefined);
  assert.equal(parseLabels(`{${" ".repeat(500_000)}`), undefined);
});
