import assert from "node:assert/strict";
import fc from "fast-check";
import { RecordBatch, sealBatches } from "../record.ts";
import { Entry } from "./entry.ts";
import { LogqlError } from "./errors.ts";
import { parseLogExpr } from "./parse.ts";
import { compilePipeline, runSteps } from "./pipeline.ts";
import { Regexes } from "./regexes.ts";

/** What a pipeline makes of a line: its labels beside those that every record has, and the line. */
function run(pipeline: string, line: string, attributes: object = {}) {
  const { stages } = parseLogExpr(`{a="b"} ${pipeline}`);
  const { steps, lineTests, matchers } = compilePipeline(stages, new Regexes());
  const batch = new RecordBatch();
  batch.append(0, 0, "shop", 2, line, { attributes: JSON.stringify(attributes) });
  const entry = new Entry(sealBatches([batch], 1, 0), Uint32Array.of(0));
  entry.start(0);
  const passes = lineTests.every((test) => test.passes(line)) && runSteps(steps, entry);
  const labels = entry.labels();
  for (const name of ["service_name", "detected_level", ...Object.keys(attributes)]) {
    if (attributes[name as keyof typeof attributes] === undefined) labels.delete(name);
  }
  if (labels.get("level") === "info") labels.delete("level");
  return { passes, line: entry.line, labels: Object.fromEntries(labels), matchers };
}

function labels(pipeline: string, line: string, attributes: object = {}): object {
  return run(pipeline, line, attributes).labels;
}

Deno.test("json makes labels of members, with numbers as they are written", () => {
  const line = '{"a":"x","n":1.50,"big":12345678901234567890,"o":{"p":true,"q":{"r":1e3}},' +
    '"list":[1],"nul":null,"odd key":"y","empty":""}';
  assert.deepEqual(labels("| json", line), {
    a: "x",
    n: "1.50",
    big: "12345678901234567890",
    o_p: "true",
    o_q_r: "1e3",
    odd_key: "y",
    empty: "",
  });
  assert.deepEqual(labels('| json v="o.q.r", l="list[0]", w="[\\"odd key\\"]", gone="x.y"', line), {
    v: "1e3",
    l: "1",
    w: "y",
    gone: "",
  });
});

Deno.test("a parser's label of a name that is taken is NAME_extracted, but its level counts", () => {
  assert.deepEqual(labels("| json", '{"env":"inner","level":"error"}', { env: "outer" }), {
    env: "outer",
    env_extracted: "inner",
    level: "error",
  });
});

Deno.test("json says that a line is damaged only if it begins as an object", () => {
  assert.deepEqual(labels("| json", "plain text"), {});
  const damaged = labels("| json", '{"a":') as Record<string, string>;
  assert.equal(damaged.__error__, "JSONParserErr");
  assert.deepEqual(labels("| json | drop __error__, __error_details__", '{"a":'), {});
  assert.equal(run('| json | __error__=""', '{"a":').passes, false);
  assert.equal(run('| json | __error__=""', "plain text").passes, true);
});

Deno.test("logfmt makes labels of pairs", () => {
  const line = 'a=1 b="two \\"words\\"" c.d=x lone e= f="" a=2 "g"=h';
  assert.deepEqual(labels("| logfmt", line), { a: "1", b: 'two "words"', c_d: "x" });
  assert.deepEqual(labels("| logfmt --keep-empty", "a=1 lone e="), { a: "1", lone: "", e: "" });
  assert.deepEqual(labels('| logfmt a, z="c.d", gone', line), { a: "1", z: "x", gone: "" });
  const strict = labels("| logfmt --strict", "a=1 =x b=2") as Record<string, string>;
  assert.equal(strict.__error__, "LogfmtParserErr");
  assert.equal(strict.b, undefined);
});

Deno.test("pattern and regexp make labels of what they find", () => {
  const line = "GET /api/users 200 took 12ms";
  assert.deepEqual(labels('| pattern "<method> <path> <status> took <_>"', line), {
    method: "GET",
    path: "/api/users",
    status: "200",
  });
  assert.deepEqual(labels('| pattern "<method> nowhere <rest>"', line), { method: line });
  assert.deepEqual(labels('| pattern "POST <path> <_>"', line), {});
  assert.deepEqual(labels("| regexp `(?P<code>\\d{3}) took (?P<ms>\\d+)(?P<no>x)?`", line), {
    code: "200",
    ms: "12",
    no: "",
  });
});

Deno.test("line_format, label_format and decolorize change lines and labels", () => {
  const format = '| line_format "{{.a | upper}}: {{ __line__ }} {{- .gone }}!"';
  assert.equal(run(format, "hello", { a: "x" }).line, "X: hello!");
  assert.deepEqual(labels('| label_format b=a, c="<{{.a}}>"', "x", { a: "1" }), {
    b: "1",
    c: "<>",
  });
  assert.equal(run("| decolorize", "\u001b[31mred\u001b[0m text").line, "red text");
  assert.equal(run('| decolorize |= "red t"', "\u001b[31mred\u001b[0m text").passes, true);
  assert.equal(run('| line_format "y" |= "x"', "x").passes, false);
});

Deno.test("unpack takes apart what promtail packed, and nothing else", () => {
  const packed = run("| unpack", '{"_entry":"the line","pod":"p1"}');
  assert.equal(packed.line, "the line");
  assert.deepEqual(packed.labels, { pod: "p1" });
  assert.deepEqual(labels("| unpack", '{"pod":"p1"}'), {});
});

Deno.test("drop and keep choose labels by name and by value", () => {
  const line = "a=1 b=2 c=3";
  assert.deepEqual(labels('| logfmt | drop a, b="2", c="9"', line), { c: "3" });
  assert.deepEqual(labels('| logfmt | keep a, b="9"', line), { a: "1" });
  assert.deepEqual(labels("| keep env", line, { env: "prod", app: "x" }), { env: "prod" });
});

Deno.test("labels are compared as texts, numbers, durations and sizes", () => {
  const passes = (filter: string) =>
    run(`| logfmt | ${filter}`, "n=10 d=1m30s s=2KiB t=abc neg=-3").passes;
  for (const filter of ["n > 9", "n >= 10", "n = 10", "n != 11", "d > 1m", "d == 90s", "s > 2KB"]) {
    assert.equal(passes(filter), true, filter);
  }
  for (const filter of ["n > 10", "d < 1m", "s > 2KiB", 't="x"', "gone > 1", "gone != 1"]) {
    assert.equal(passes(filter), false, filter);
  }
  assert.equal(passes('t=~"a.c"'), true);
  assert.equal(passes('t!~"a.*"'), false);
  assert.equal(passes('gone=""'), true);
  assert.equal(passes("neg < 0 and n > 5 or t=`x`"), true);
});

Deno.test("what is no number is kept with an error", () => {
  assert.equal(run("| logfmt | t > 1", "t=abc").passes, true);
  const { __error__: error } = labels("| logfmt | t > 1", "t=abc") as Record<string, string>;
  assert.equal(error, "LabelFilterErr");
  assert.equal(run('| logfmt | t > 1 | __error__=""', "t=abc").passes, false);
});

Deno.test("a level is known under all of its names", () => {
  for (
    const filter of ['level="info"', 'level="INFO"', 'level=~"information|x"', 'level!="warn"']
  ) {
    assert.equal(run(`| json | ${filter}`, "x").passes, true, filter);
  }
  for (const filter of ['level="warn"', 'level=~"warn.*|err"', 'level!~"i.*"']) {
    assert.equal(run(`| json | ${filter}`, "x").passes, false, filter);
  }
});

Deno.test("conditions on stored labels before any parser select records, as matchers do", () => {
  const { matchers } = run('| env="prod" | level="info", x!="y" | json | z="1"', "{}");
  assert.deepEqual(matchers.map(({ name }) => name), ["env", "level", "x"]);
});

Deno.test("a bad pattern, path or template is named", () => {
  const refused = (pipeline: string, reason: RegExp) => {
    assert.throws(() => run(pipeline, ""), (error: Error) => {
      assert.ok(error instanceof LogqlError);
      assert.match(error.message, reason);
      return true;
    });
  };
  refused('| pattern "none"', /^parse error : pattern "none": it has no named capture/);
  refused('| pattern "<a><b>"', /side by side/);
  refused('| pattern "<a> <a>"', /same name/);
  refused('| regexp "(x)"', /it has no named group/);
  refused('| json a="b..c"', /no path such as/);
  refused('| line_format "{{ if .a }}"', /"if .a" is not supported in templates/);
  refused('| line_format "{{.a"', /is not supported in templates/);
  refused('| label_format x="{{ printf .a }}"', /the functions lower/);
});

Deno.test("no line is too odd for a parser", () => {
  const pipelines = [
    "| json",
    '| json a="b.c"',
    "| logfmt",
    "| logfmt --strict --keep-empty",
    "| pattern `<a> <b>=<c>`",
    "| regexp `(?P<x>.+)=`",
    "| unpack",
    "| decolorize",
  ];
  const piece = fc.constantFrom(
    '"',
    "=",
    " ",
    "\\",
    "{",
    "}",
    "[",
    ":",
    ",",
    "a",
    "1",
    "\u001b[",
    "é",
  );
  const line = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(piece).map((pieces) => pieces.join("")),
    fc.json(),
  );
  fc.assert(fc.property(fc.constantFrom(...pipelines), line, (pipeline, text) => {
    assert.ok(run(pipeline, text.toWellFormed()).passes);
  }));
});

Deno.test("what a line holds cannot make a parser slow or fail", () => {
  const deep = '{"a":'.repeat(13_000) + "1" + "}".repeat(13_000);
  const started = performance.now();
  assert.ok(run("| json", deep).passes);
  assert.ok(run('| json b="a"', deep).passes);
  for (const unit of ['"', "=", 'a="', 'a="\\" ', "\u001b;", "a=", "é=\u0001"]) {
    const line = unit.repeat(Math.floor(65_536 / unit.length));
    for (const pipeline of ["| logfmt", "| decolorize", "| pattern `<a>=<b>`", "| json"]) {
      assert.ok(run(pipeline, line).passes);
    }
  }
  // Anything that is not linear takes minutes.
  assert.ok(performance.now() - started < 10_000);
});

Deno.test("a template cannot make a text ever longer", () => {
  const doubling = '| label_format a="{{.a}}{{.a}}"'.repeat(40);
  assert.throws(() => run(doubling, "x", { a: "xx" }), (error: Error) => {
    assert.ok(error instanceof LogqlError);
    return /more than 262144 characters/.test(error.message);
  });
});
