import assert from "node:assert/strict";
import fc from "fast-check";
import {
  assertWithinLimits,
  bytesOf,
  NOW,
  NOW_TEXT,
  rowsOf,
  type TestRow,
} from "./_lenient_test_rows.ts";
import { decodeClef } from "./clef.ts";
import { BadBodyError } from "./errors.ts";

function decode(...events: unknown[]): TestRow[] {
  const body = events.map((event) => typeof event === "string" ? event : JSON.stringify(event))
    .join("\r\n");
  return rowsOf(decodeClef(bytesOf(body), "application/vnd.serilog.clef", NOW, "token-service"));
}

const BARE = { time: NOW_TEXT, service: "token-service", severity: "INFO" };

Deno.test("decodeClef() renders a template, and keeps it and its properties", () => {
  assert.deepEqual(
    decode({ "@t": "2016-06-07T03:44:57.8532799Z", "@mt": "Hello, {User}", User: "nblumhardt" }),
    [{
      ...BARE,
      time: "2016-06-07T03:44:57.8532799Z",
      message: "Hello, nblumhardt",
      attributes: { "@mt": "Hello, {User}", User: "nblumhardt" },
    }],
  );
});

Deno.test("decodeClef() maps every member that CLEF defines", () => {
  const event = {
    "@t": "2025-04-01T14:00:00.5+02:00",
    "@m": "rendered",
    "@mt": "rend{X}",
    "@l": "Fatal",
    "@x": "Error: x\n at y",
    "@i": "5e3a",
    "@r": ["ered"],
    "@tr": "0af7651916cd43dd8448eb211c80319c",
    "@sp": "b7ad6b7169203331",
    "@ps": "b7ad6b7169203330",
    Application: "auth",
    "@@odd": 1,
    X: "ered",
  };
  assert.deepEqual(decode(event), [{
    time: "2025-04-01T12:00:00.500Z",
    service: "auth",
    severity: "FATAL",
    message: "rendered\nError: x\n at y",
    trace_id: event["@tr"],
    span_id: event["@sp"],
    attributes: {
      "@mt": "rend{X}",
      "@i": "5e3a",
      "@r": ["ered"],
      "@ps": "b7ad6b7169203330",
      X: "ered",
      "@odd": 1,
    },
  }]);
});

Deno.test("decodeClef() fills holes with texts, JSON, alignment and CLEF's renderings", () => {
  const cases: [string, Record<string, unknown>, string][] = [
    ["{A} and {B}", { A: "x", B: 1.5 }, "x and 1.5"],
    ["{@A} {$B} {C}", { A: { b: [1] }, B: "s", C: null }, '{"b":[1]} s null'],
    ["{0} {1}", { 0: "zero", 1: "one" }, "zero one"],
    ["{{A}} {A} }} {Missing}", { A: 1 }, "{A} 1 } {Missing}"],
    ["[{A,4}] [{A,-4}] [{A,x}]", { A: "é" }, "[   é] [é   ] [é]"],
    ["{Item} cost ${Amount:0.00} or {Amount:0}", {
      Item: "apple",
      Amount: 3.2,
      "@r": ["3.20", "3"],
    }, "apple cost $3.20 or 3"],
    ["{Amount:0.00}", { Amount: 3.2 }, "3.2"],
    ["{unclosed {A", { A: 1 }, "{unclosed {A"],
    ["{@} {} {:x}", {}, "{@} {} {:x}"],
    ["{@odd}", { "@@odd": 1 }, "{@odd}"],
  ];
  for (const [template, properties, message] of cases) {
    assert.equal(decode({ "@mt": template, ...properties })[0]?.message, message, template);
  }
});

Deno.test("decodeClef() does not let a template repeat a long text without end", () => {
  const [row] = decode({ "@mt": "{A}".repeat(100_000), A: "x".repeat(60_000) });
  assert.equal(row?.message.length, 65_536);
  assert.ok(Number(row?.attributes?.message_truncated_bytes) < 500_000);
});

Deno.test("decodeClef() takes the message for the template if there is nothing to fill in", () => {
  assert.deepEqual(decode({ "@mt": "Starting up", "@l": "Verbose" }), [{
    ...BARE,
    severity: "TRACE",
    severity_text: "Verbose",
    message: "Starting up",
  }]);
  assert.deepEqual(decode({ "@m": "a", "@mt": "a" }), [{ ...BARE, message: "a" }]);
});

Deno.test("decodeClef() reads the events of Seq's older API as its Node.js client sends them", () => {
  const body = {
    Events: [
      {
        Timestamp: "2025-04-01T12:00:00.000Z",
        Level: "Warning",
        MessageTemplate: "Hi {Name}",
        Exception: "E",
        TraceId: "t",
        Properties: { Name: "n", Application: "web", "@t": 1, Level: 2 },
      },
      { MessageTemplate: "b", Properties: null, Other: 1 },
    ],
  };
  assert.deepEqual(
    decode(body),
    [
      {
        time: NOW_TEXT,
        service: "web",
        severity: "WARNING",
        message: "Hi n\nE",
        trace_id: "t",
        attributes: { "@mt": "Hi {Name}", Name: "n", Level: 2, "@t": 1 },
      },
      { ...BARE, message: "b", attributes: { Properties: null, Other: 1 } },
    ],
  );
});

Deno.test("decodeClef() finds the service in Application, service.name and the resource", () => {
  const service = (event: Record<string, unknown>) => decode(event)[0]?.service;
  assert.equal(service({ Application: "a", "service.name": "b" }), "a");
  assert.equal(service({ "service.name": "b" }), "b");
  assert.equal(service({ "@ra": { service: { name: "c" } } }), "c");
  assert.equal(service({ "@ra": { "service.name": "d" } }), "d");
  assert.equal(service({ "@ra": { service: 1 }, Application: 7 }), "token-service");
});

Deno.test("decodeClef() keeps what is not what it should be", () => {
  const odd = { "@t": "today", "@l": {}, "@mt": 5, "@tr": 1, "@r": "x" };
  assert.deepEqual(decode(odd), [{ ...BARE, message: "", attributes: odd }]);
  assert.deepEqual(decode({ "@m": { a: 1 }, "@x": { b: 1 }, "@l": "Laut" }), [{
    ...BARE,
    severity_text: "Laut",
    message: '{"a":1}\n{"b":1}',
  }]);
});

Deno.test("decodeClef() refuses what is no event", () => {
  for (const body of ["x", "5", '"a"', "[[]]", '{"Events":[1]}', '{"@m":"a"}\nnull']) {
    assert.throws(() => decode(body), BadBodyError, body);
  }
  assert.deepEqual(decode(""), []);
  assert.deepEqual(decode({ Events: [] }), []);
});

Deno.test("decodeClef() gives records within the limits, or a BadBodyError, for any events", () => {
  const name = fc.oneof(
    fc.constantFrom(
      "@t",
      "@l",
      "@m",
      "@mt",
      "@x",
      "@r",
      "@ra",
      "@tr",
      "@@t",
      "@@@",
      "A",
      "Application",
      "Timestamp",
      "Properties",
      "__proto__",
    ),
    fc.string({ unit: "binary" }),
  );
  const value = fc.oneof(
    fc.jsonValue(),
    fc.string({ unit: "binary" }),
    fc.constantFrom("{A}", "{@A:0}", "{{{A,9}}}", "{@t}"),
  );
  const event = fc.dictionary(name, value);
  const body = fc.oneof(
    fc.array(event),
    fc.record({
      Events: fc.array(fc.oneof(event, fc.record({ Properties: event, MessageTemplate: value }))),
    }),
  );
  fc.assert(
    fc.property(
      fc.oneof(body.map((value) => bytesOf(JSON.stringify(value))), fc.uint8Array()),
      (bytes) => {
        try {
          assertWithinLimits(decodeClef(bytes, undefined, NOW, "s"), assert.ok);
        } catch (error) {
          if (!(error instanceof BadBodyError)) {
            throw error;
          }
        }
      },
    ),
    { numRuns: 500 },
  );
});
