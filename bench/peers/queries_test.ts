import { equal, match } from "node:assert/strict";
import { expectedAnswers } from "../expected.ts";
import { generateRecords } from "../generate.ts";
import type { Query } from "../measure_queries.ts";
import { flaskQueries } from "./flask_queries.ts";
import { lokiQueries } from "./loki_queries.ts";
import { QUERY_ROWS } from "./rows.ts";
import { victoriaQueries } from "./victoria_queries.ts";

// So many that two have the rare word: one stranger is a wrong answer to everything.
const expected = expectedAnswers(generateRecords(70_000));
const base = new URL("http://127.0.0.1:1");

/** The queries of each server, and a well-formed answer of its that is wrong for every one. */
const SERVERS: readonly [name: string, queries: readonly Query[], wrong: string][] = [
  ["VictoriaLogs", victoriaQueries(base, expected), '{"service":"audit","hits":"1"}\n'],
  [
    "Loki",
    lokiQueries(base, expected),
    JSON.stringify({
      data: { result: [{ metric: {}, value: [0, "1"], values: [["0", "stranger"]] }] },
    }),
  ],
  ["Flask", flaskQueries(base, "t", expected), '[{"service":"audit","count":1}]'],
];

for (const [name, queries, wrong] of SERVERS) {
  Deno.test(`every query of ${name} has a row of the table and rejects a wrong answer`, () => {
    for (const { row, check } of queries) {
      equal(QUERY_ROWS.filter(({ key }) => key === row).length, 1, row);
      match(check(new TextEncoder().encode(wrong)) ?? "", /expected/, row);
    }
  });
}
