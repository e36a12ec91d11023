import { deepEqual, throws } from "node:assert/strict";
import { retention, retentionBytes } from "./_retention.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const DEBUG = 1;

Deno.test("retention() reads a time for everything, for services, for severities and for both", () => {
  deepEqual(retention("30d"), { everythingMs: 30 * DAY_MS, rules: [] });
  deepEqual(retention("auth-service=90d, DEBUG=3d,30d,auth-service/DEBUG=1d,audit=forever"), {
    everythingMs: 30 * DAY_MS,
    rules: [
      { service: "auth-service", keepMs: 90 * DAY_MS },
      { severity: DEBUG, keepMs: 3 * DAY_MS },
      { service: "auth-service", severity: DEBUG, keepMs: DAY_MS },
      { service: "audit", keepMs: Infinity },
    ],
  });
  deepEqual(retention("forever,DEBUG=12h").everythingMs, undefined);
});

Deno.test("retention() reads services whose names look like something else", () => {
  const subjects = {
    "service:DEBUG": { service: "DEBUG" },
    "service:debug/DEBUG": { service: "debug", severity: DEBUG },
    "a/b": { service: "a/b" },
    "a/b/DEBUG": { service: "a/b", severity: DEBUG },
    "a%2FDEBUG": { service: "a/DEBUG" },
    "a%2Cb%3Dc%25": { service: "a,b=c%" },
    "a=b": { service: "a=b" },
  };
  for (const [text, subject] of Object.entries(subjects)) {
    deepEqual(retention(`${text}=1d`).rules, [{ ...subject, keepMs: DAY_MS }], text);
  }
});

Deno.test("retention() says what is wrong and what would be right", () => {
  const wrong: readonly [string, RegExp][] = [
    ["", /has no time; give a duration such as 30d, or forever/],
    ["30d,", /"" has no time/],
    ["auth-service", /"auth-service" has no time/],
    ["auth-service=0d", /has no time/],
    ["30d,90d", /Give one time for everything, not two/],
    ["DEBUG=1d,DEBUG=2d", /Give one time for DEBUG, not two/],
    ["debug=3d", /may be a severity or a service; write DEBUG or service:debug/],
    ["WARN=3d", /write WARNING or service:WARN/],
    ["=3d", /names no service/],
    ["/DEBUG=3d", /names no service/],
    ["a%zz=3d", /names no service; give its name, with %2C for a comma/],
    [Array.from({ length: 101 }, (_, i) => `s${i}=1d`).join(","), /at most 100 rules/],
  ];
  for (const [text, message] of wrong) throws(() => retention(text), message, text);
});

Deno.test("retentionBytes() reads bytes in powers of 1024 and of 1000", () => {
  deepEqual(
    ["10GiB", "1.5 GB", "16777216", "20MB", "2TiB"].map(retentionBytes),
    [10 * 2 ** 30, 1.5e9, 16777216, 20e6, 2 * 2 ** 40],
  );
  for (const text of ["", "ten", "10", "15MiB", "-1GiB", "1e9", "10gib", "9999999TiB"]) {
    throws(() => retentionBytes(text), /Give a number of bytes such as .*, at least 16MiB/, text);
  }
});
