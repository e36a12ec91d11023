/** @module Line filters: on columns of messages, where the words they need keep whole segments unread, and on single texts. */

import {
  certainWords,
  ExactMatcher,
  exactWords,
  LiteralMatcher,
  PickedTexts,
  type TextRegex,
} from "../query/mod.ts";
import type { TextColumn } from "../record.ts";
import type { LineFilter } from "./ast.ts";
import { literalAlternatives, type Regexes } from "./regexes.ts";

/** A compiled line filter. Reusable, but not for two searches at a time. */
export interface LineTest {
  /** The rows among `rows` (ascending) whose text passes, in the same order. */
  select(column: TextColumn, rows: Uint32Array): Uint32Array;
  passes(line: string): boolean;
  /** Words (lower case) that every text has that passes. */
  readonly words: readonly string[];
}

/** Compiles a filter; `undefined` if every line passes. @throws {LogqlError} for a bad regular expression */
export function compileLineFilter(filter: LineFilter, regexes: Regexes): LineTest | undefined {
  const isRegex = filter.op === "|~" || filter.op === "!~";
  const isNegative = filter.op === "!=" || filter.op === "!~";
  const texts = isRegex ? filter.values.map(literalAlternatives) : filter.values.map((v) => [v]);
  // Every line contains the empty text. Grafana writes |= `` where nothing has been typed yet.
  if (filter.values.includes("")) return isNegative ? nothing : undefined;
  const tests = filter.values.flatMap((value, i) =>
    texts[i]?.every((text) => text !== "")
      ? texts[i].map(exactTest)
      : [regexTest(regexes.search(value))]
  );
  const any = anyOf(tests);
  return isNegative ? not(any) : any;
}

const nothing: LineTest = {
  select: (_, rows) => rows.subarray(0, 0),
  passes: () => false,
  words: [],
};

function exactTest(text: string): LineTest {
  const matcher = new ExactMatcher(text);
  return {
    select: (column, rows) => matcher.select(column, rows),
    passes: (line) => line.includes(text),
    words: exactWords(text),
  };
}

function regexTest(regex: TextRegex): LineTest {
  const { program, required, requiredEverywhere } = regex;
  const candidates = required === undefined ? undefined : new LiteralMatcher(required);
  return {
    select(column, rows) {
      const helps = column.ascii || requiredEverywhere;
      const left = helps && candidates !== undefined ? candidates.select(column, rows) : rows;
      const texts = new PickedTexts(column, left);
      return left.filter((_, i) => program.test(texts.at(i)));
    },
    passes: (line) => program.test(line),
    words: required !== undefined && requiredEverywhere ? certainWords(required) : [],
  };
}

function anyOf(tests: readonly LineTest[]): LineTest {
  if (tests.length === 1) return tests[0]!;
  return {
    select(column, rows) {
      let left = rows;
      const found: Uint32Array[] = [];
      for (const test of tests) {
        if (left.length === 0) break;
        const some = test.select(column, left);
        found.push(some);
        left = without(left, some);
      }
      return left.length === rows.length ? rows.subarray(0, 0) : without(rows, left);
    },
    passes: (line) => tests.some((test) => test.passes(line)),
    words: [],
  };
}

function not(test: LineTest): LineTest {
  return {
    select: (column, rows) => without(rows, test.select(column, rows)),
    passes: (line) => !test.passes(line),
    words: [],
  };
}

/** The rows that are not among `excluded`; both ascend. */
function without(rows: Uint32Array, excluded: Uint32Array): Uint32Array {
  if (excluded.length === 0) return rows;
  let next = 0;
  return rows.filter((row) => {
    if (row !== excluded[next]) return true;
    next++;
    return false;
  });
}
