import assert from "node:assert/strict";
import fc from "fast-check";
import {
  extraSeverityNumber,
  extraSeverityText,
  parseSeverity,
  readSeverity,
  SEVERITIES,
  type SeverityCode,
  severityFromNumber,
  severityFromSyslog,
  severityName,
} from "./severity.ts";

const aliases: Record<string, string> = {
  TRACE: "trace trce trc t verbose finest trace2 trace4",
  DEBUG: "debug dbug dbg d fine config debug2 debug4",
  INFO: "info information informational inf i notice success info2 info4",
  WARNING: "warning warn wrn w warn2 warn4",
  ERROR: "error err e severe crit alert error2 error4",
  FATAL: "fatal ftl f critical emergency emerg panic fatal2 fatal4",
};

Deno.test("parseSeverity() knows loggers' names in any case", () => {
  for (const [severity, names] of Object.entries(aliases)) {
    for (const name of names.split(" ")) {
      fc.assert(
        fc.property(fc.mixedCase(fc.constant(name)), (spelling) => {
          const code = parseSeverity(spelling);
          assert.equal(code === undefined ? undefined : severityName(code), severity, spelling);
        }),
        { numRuns: 8 },
      );
    }
  }
});

Deno.test("parseSeverity() rejects what is not a level", () => {
  const bad = ["", " ", "loud", "info ", "0", "25", "01", "1.0", "-1", "constructor", "__proto__"];
  for (const text of [...bad, "ınfo", "ERROR".repeat(1000)]) {
    assert.equal(parseSeverity(text), undefined, text);
  }
});

Deno.test("readSeverity() takes OpenTelemetry's numbers 1 to 24 and no others", () => {
  for (let number = 1; number <= 24; number++) {
    const code = Math.floor((number - 1) / 4);
    const expected = {
      code,
      text: undefined,
      number: number % 4 === 1 ? undefined : String(number),
    };
    assert.deepEqual(readSeverity(number), expected);
    assert.deepEqual(readSeverity(String(number)), expected);
  }
  for (const number of [0, 25, -1, 1.5, NaN, Infinity, 2 ** 32 + 1]) {
    assert.equal(readSeverity(number), undefined, String(number));
  }
});

Deno.test("readSeverity() keeps a text that says more than the severity, as it was written", () => {
  for (const text of ["notice", "Critical", "WARN2", "cRiT", "severe", "panic"]) {
    assert.equal(readSeverity(text)?.text, text);
  }
  for (const text of ["ERROR", "err", "Warn", "warning", "wArN", "informational"]) {
    assert.equal(readSeverity(text)?.text, undefined);
  }
});

Deno.test("severityFromSyslog() follows syslog's order", () => {
  const names = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => severityName(severityFromSyslog(n)));
  assert.deepEqual(names, [
    "FATAL",
    "ERROR",
    "ERROR",
    "ERROR",
    "WARNING",
    "INFO",
    "INFO",
    "DEBUG",
  ]);
  assert.equal(severityName(severityFromSyslog(8)), "INFO");
});

Deno.test("syslog's names and numbers mean the same", () => {
  const names = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];
  names.forEach((name, n) => assert.equal(parseSeverity(name), severityFromSyslog(n), name));
});

Deno.test("severityFromNumber() is total", () => {
  fc.assert(fc.property(fc.double(), (n) => {
    assert.notEqual(SEVERITIES[severityFromNumber(n)], undefined);
  }));
  assert.equal(severityFromNumber(0), 2);
  assert.equal(severityFromNumber(99), 5);
});

Deno.test("extraSeverityText() and extraSeverityNumber() drop only what the severity says", () => {
  const error: SeverityCode = 4;
  assert.equal(extraSeverityText("Err", error), undefined);
  assert.equal(extraSeverityText("", error), undefined);
  assert.equal(extraSeverityText("info", error), "info");
  assert.equal(extraSeverityText("Fehler", error), "Fehler");
  assert.equal(extraSeverityNumber(17, error), undefined);
  assert.equal(extraSeverityNumber(18, error), "18");
  assert.equal(extraSeverityNumber(9, error), "9");
  assert.equal(extraSeverityNumber(0, error), undefined);
});
