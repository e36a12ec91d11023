import { deepEqual, equal, notDeepEqual, ok } from "node:assert/strict";
import { DAY_START_MS, generateRecords, SERVICES } from "./generate.ts";
import { ABSENT_PHRASE, RARE_WORD } from "./_templates.ts";

const SAMPLE = 100_000;
const sample = [...generateRecords(SAMPLE)];

Deno.test("generateRecords() gives the same records for the same seed only", () => {
  deepEqual([...generateRecords(500)], [...generateRecords(500)]);
  notDeepEqual([...generateRecords(500, 1)], [...generateRecords(500, 2)]);
});

Deno.test("generateRecords() spreads timestamps evenly over one day, in order", () => {
  const times = sample.map(({ timestamp }) => Date.parse(timestamp));
  equal(times[0], DAY_START_MS);
  for (const index of [1, 5000, SAMPLE - 1]) {
    equal(times[index], DAY_START_MS + Math.floor(index * 86_400_000 / SAMPLE));
  }
});

Deno.test("generateRecords() gives severities and services their shares", () => {
  const share = (matches: (record: typeof sample[number]) => boolean) => {
    return sample.filter(matches).length / SAMPLE;
  };
  const severities = { DEBUG: 0.15, INFO: 0.7, WARNING: 0.1, ERROR: 0.05 };
  for (const [severity, expected] of Object.entries(severities)) {
    const found = share((record) => record.severity === severity);
    ok(Math.abs(found - expected) < 0.006, `${severity}: ${found}`);
  }
  // The sum of 1/k up to 20 is 3.598.
  for (const [index, service] of SERVICES.entries()) {
    const found = share((record) => record.service === service);
    ok(Math.abs(found - 1 / (index + 1) / 3.598) < 0.006, `${service}: ${found}`);
  }
});

Deno.test("generateRecords() writes messages of about 105 bytes without unfilled fields", () => {
  const bytes = sample.reduce((sum, { message }) => sum + message.length, 0) / SAMPLE;
  ok(bytes > 100 && bytes < 110, `${bytes} bytes a message`);
  equal(sample.find(({ message }) => /[{}]|undefined|NaN/.test(message)), undefined);
});

Deno.test("generateRecords() writes the rare word once in 50,000 and the absent phrase never", () => {
  equal(sample.filter(({ message }) => message.includes(RARE_WORD)).length, 2);
  equal(sample.filter(({ message }) => message.includes(ABSENT_PHRASE)).length, 0);
});
