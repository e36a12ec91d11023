import assert from "node:assert/strict";
import { parseDeletion } from "./deletion.ts";

function parse(query: string, services?: string[]) {
  return parseDeletion(new URLSearchParams(query), { services });
}

Deno.test("parseDeletion() reads the time and what to match", () => {
  const before = { ms: 1_000, ns: 1 };
  const time = "before=1970-01-01T00:00:01.000000001Z";
  assert.deepEqual(parse(time), { before, services: undefined, severities: undefined });
  assert.deepEqual(parse(`${time}&service=a&service=b&severity=warn`), {
    before,
    services: ["a", "b"],
    severities: [3],
  });
  assert.deepEqual(parse(`${time}&id_before=7&at_most=0`), {
    before,
    services: undefined,
    severities: undefined,
    idBefore: 7,
    countMax: 0,
  });
});

Deno.test("parseDeletion() leaves alone what is beyond the scope", () => {
  const time = "before=1970-01-01T00:00:01Z";
  assert.deepEqual(parse(time, ["a"]).services, ["a"]);
  assert.deepEqual(parse(`${time}&service=b`, ["a"]).services, []);
});

Deno.test("parseDeletion() rejects everything it would have to ignore", () => {
  assert.throws(() => parse(""), /"before": it is missing/);
  assert.throws(() => parse("before=now"), /"now" is not an RFC 3339 time/);
  assert.throws(
    () => parse("before=1970-01-01T00:00:01Z&q=secret"),
    /"q": it is unknown; known are before, service, severity, id_before, at_most/,
  );
  assert.throws(() => parse("before=1970-01-01T00:00:01Z&id_before=0"), /"0" is not an integer/);
  assert.throws(() => parse("before=1970-01-01T00:00:01Z&at_most=few"), /"few" is not an integer/);
});
