import assert from "node:assert/strict";
import { severityName, type SeverityReading } from "../record.ts";
import {
  severityOfLoggerValue,
  severityOfName,
  severityOfOtelNumber,
  severityOfSyslogNumber,
} from "./_lenient_severity.ts";

function show(reading: SeverityReading | undefined): string | undefined {
  if (reading === undefined) return undefined;
  return [severityName(reading.code), reading.text, reading.number].filter(Boolean).join(" ");
}

Deno.test("severityOfLoggerValue() reads names, and pino's and bunyan's numbers, also as digits", () => {
  const cases: [unknown, string | undefined][] = [
    ["info", "INFO"],
    ["WARN", "WARNING"],
    ["[error]", "ERROR"],
    ["panic", "FATAL panic"],
    [10, "TRACE"],
    [20, "DEBUG"],
    [30, "INFO"],
    [40, "WARNING"],
    [50, "ERROR"],
    [60, "FATAL"],
    ["30", "INFO"],
    [35, "INFO 35"],
    [70, "FATAL 70"],
    [9, "INFO"],
    [17, "ERROR"],
    [18, "ERROR 18"],
    [24, "FATAL 24"],
    [0, "INFO 0"],
    [-5, "INFO -5"],
    [3.5, "INFO 3.5"],
    [null, undefined],
    [true, undefined],
    [{}, undefined],
    [undefined, undefined],
  ];
  for (const [value, expected] of cases) {
    assert.equal(show(severityOfLoggerValue(value)), expected, String(value));
  }
});

Deno.test("severityOfName() keeps a name that it does not know beside INFO", () => {
  assert.equal(show(severityOfName("Sternstunde")), "INFO Sternstunde");
  assert.equal(show(severityOfName("  ")), "INFO");
  const long = "x".repeat(1_000_000);
  assert.equal(severityOfName(long).text, long);
  for (let i = 0; i < 1000; i++) assert.equal(severityOfName(`level ${i}`).text, `level ${i}`);
});

Deno.test("severityOfSyslogNumber() and severityOfOtelNumber() keep what the severity alone would lose", () => {
  const names = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((number) => show(severityOfSyslogNumber(number)));
  assert.deepEqual(names, [
    "FATAL emerg",
    "ERROR alert 19",
    "ERROR crit 18",
    "ERROR",
    "WARNING",
    "INFO notice 10",
    "INFO",
    "DEBUG",
    "INFO 8",
  ]);
  assert.deepEqual([0, 9, 10, 25].map((n) => show(severityOfOtelNumber(n))), [
    "INFO 0",
    "INFO",
    "INFO 10",
    "FATAL 25",
  ]);
});
