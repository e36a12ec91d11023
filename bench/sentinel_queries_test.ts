import { equal, match } from "node:assert/strict";
import { expectedAnswers } from "./expected.ts";
import { generateRecords } from "./generate.ts";
import { ROWS } from "./rows.ts";
import { sentinelQueries } from "./sentinel_queries.ts";

const expected = expectedAnswers(generateRecords(20_000));
const queries = sentinelQueries(new URL("http://127.0.0.1:1"), "t", expected);

/** Well-formed answers that are wrong for each of the paths. */
const WRONG: Readonly<Record<string, unknown>> = {
  "/logs": [{ message: "stranger" }, { message: "stranger" }],
  "/stats": { logs_per_service: { audit: 1 }, logs_per_severity: {}, counts: [] },
  "/histogram": {
    buckets: Array.from({ length: 96 }, () => ({ start: "", counts: { INFO: 1 } })),
  },
  "/facets": { values: [], others: 0 },
};

Deno.test("every query has a row of the table and rejects a wrong answer", () => {
  for (const { row, request, check } of queries) {
    equal(ROWS.filter(({ key }) => key === row).length, 1, row);
    const path = /^GET (\/\w+)/.exec(new TextDecoder().decode(request))?.[1] ?? "";
    const answer = new TextEncoder().encode(JSON.stringify(WRONG[path]));
    match(check(answer) ?? "", /expected|is not the one/, row);
  }
});

Deno.test("a page with the right number of wrong records is rejected", () => {
  const newest = queries.find(({ row }) => row === "newest100")!;
  const records = expected.newest.map((message) => ({ message }));
  const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  equal(newest.check(encode(records)), undefined);
  match(newest.check(encode(records.toReversed())) ?? "", /record 0 is not/);
});

Deno.test("expectedAnswers() counts what was generated", () => {
  const sum = (counts: ReadonlyMap<string, number>) => [...counts.values()].reduce((a, b) => a + b);
  equal(sum(expected.streams), 20_000);
  equal(sum(expected.services), 20_000);
  equal(sum(expected.severities), 20_000);
  equal(expected.newest.length, 100);
  equal(expected.rareWord, 1);
  equal(expected.rarePartAnyCase, 1);
  // 1/24 of 70% of 1/3.598 of 20,000 are 162.
  equal(expected.hour > 120 && expected.hour < 210, true, `${expected.hour} in the hour`);
});
