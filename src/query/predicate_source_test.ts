import assert from "node:assert/strict";
import fc from "fast-check";
import { packTexts, RecordBatch, sealBatches, type TextColumnName } from "../record.ts";
import type { RowPredicate, SearchedColumns } from "../storage/mod.ts";
import { parseLogFilters } from "./filters.ts";
import { planPredicate } from "./plan.ts";
import { type PredicateSource, searchFrom } from "./predicate_source.ts";
import { allOf } from "./predicates.ts";

const MESSAGES = [
  "timeout of login",
  "LOGIN failed",
  "xtimeouty",
  "",
  "Zeit abgelaufen: über 5 s",
  "a",
];
const ATTRIBUTES = ['{"user":"bob"}', undefined, '{"user":"Anne","code":5}', '{"code":"5"}'];
const TRACE_IDS = ["t1", undefined, "t2"];

/** What no predicate with a source looks at. */
const NO_COLUMNS = sealBatches([new RecordBatch()], 1, 0);

function pick<T>(values: readonly T[], count: number): T[] {
  return Array.from({ length: count }, (_, i) => values[i % values.length]!);
}

const COUNT = MESSAGES.length * ATTRIBUTES.length * TRACE_IDS.length;
const COLUMNS: SearchedColumns = {
  count: COUNT,
  texts: new Map<TextColumnName, ReturnType<typeof packTexts>>([
    ["message", packTexts(pick(MESSAGES, COUNT), COUNT)],
    ["attributes", packTexts(pick(ATTRIBUTES, COUNT), COUNT)],
    ["trace_id", packTexts(pick(TRACE_IDS, COUNT), COUNT)],
  ]),
};

const ALL = Uint32Array.from({ length: COUNT }, (_, row) => row);

const oneParameter = fc.constantFrom<[string, string]>(
  ["q", "login"],
  ["q", "*imeo* -xtimeouty"],
  ["q", '"of login" tim*'],
  ["q", "/Time.ut|FAILED/i"],
  ["q", "/ti(me)?out/ /o/"],
  ["q", "attr.user:bo*"],
  ["q", "attr.code:/^5$/ über"],
  ["trace_id", "t1"],
  ["attr.user", "bob"],
  ["attr.code", "5"],
  ["not_attr.user", "Anne"],
);

Deno.test("what is made of a copy of a predicate's source takes the same rows", () => {
  const parameters = fc.uniqueArray(oneParameter, { minLength: 1, selector: ([name]) => name });
  fc.assert(fc.property(parameters, (chosen) => {
    const predicate = planPredicate(parseLogFilters(new URLSearchParams(chosen)))!;
    const search = searchFrom(structuredClone(predicate.source) as PredicateSource);
    const columns = { ...NO_COLUMNS, ...COLUMNS };
    assert.deepEqual(search(COLUMNS, ALL), predicate.select(columns, ALL));
  }));
});

Deno.test("allOf() has a source only if each of its predicates has one", () => {
  const withSource = planPredicate(parseLogFilters(new URLSearchParams([["trace_id", "t1"]])))!;
  const without: RowPredicate = { columns: [], requiredTokens: [], select: (_, rows) => rows };
  assert.notEqual(allOf([withSource, withSource])!.source, undefined);
  assert.equal(allOf([withSource, without])!.source, undefined);
});
