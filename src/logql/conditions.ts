/** @module Conditions on the value of one label, compiled. */

import type { SeverityCode } from "../record.ts";
import type { LabelFilter, Matcher } from "./ast.ts";
import { isLevelLabel, LEVELS, levelsNamed, levelsThatPass } from "./levels.ts";
import type { Regexes } from "./regexes.ts";
import { parseBytes, parseNumber, parseSeconds } from "./units.ts";

/** A condition on the value of one label; an absent label has the empty value. */
export interface Condition {
  readonly name: string;
  readonly passes: (value: string) => boolean;
  /** The one value that passes, where that is known and not empty. */
  readonly only: string | undefined;
}

/** Compiles a comparison of texts. @throws {LogqlError} for a bad regular expression */
export function compileMatcher({ name, op, value }: Matcher, regexes: Regexes): Condition {
  const isRegex = op === "=~" || op === "!~";
  const isNegative = op === "!=" || op === "!~";
  const equals = isRegex ? regexes.whole(value) : (other: string) => other === value;
  const only = op === "=" && value !== "" ? value : undefined;
  const passes = isNegative ? (other: string) => !equals(other) : equals;
  if (!isLevelLabel(name)) return { name, passes, only };
  // A record's level passes under whatever name its severity has.
  const codes = isRegex ? levelsThatPass(equals) : levelsNamed(value);
  const named = new Set(codes.map((code) => LEVELS[code] as string));
  return {
    name,
    passes: (other) =>
      (LEVELS as readonly string[]).includes(other)
        ? named.has(other) !== isNegative
        : passes(other),
    only: undefined,
  };
}

/** The severities that a condition on `level` lets through. */
export function passingLevels({ passes }: Condition): SeverityCode[] {
  return LEVELS.flatMap((level, code) => passes(level) ? [code as SeverityCode] : []);
}

/** Where a filter reads labels, and says that a value is no number. */
export interface FilteredLabels {
  get(name: string): string;
  fail(error: string, details: string): void;
}

/** A compiled filter of labels. */
export type LabelTest = (labels: FilteredLabels) => boolean;

/** The value of `__error__` where a label is compared with a number and has none. */
export const FILTER_ERROR = "LabelFilterErr";

/** Compiles a filter of labels. @throws {LogqlError} for a bad regular expression */
export function compileLabelFilter(filter: LabelFilter, regexes: Regexes): LabelTest {
  if (filter.kind === "match") {
    const { name, passes } = compileMatcher(filter.matcher, regexes);
    return (labels) => passes(labels.get(name));
  }
  if (filter.kind === "compare") return compileComparison(filter);
  const left = compileLabelFilter(filter.left, regexes);
  const right = compileLabelFilter(filter.right, regexes);
  return filter.kind === "and"
    ? (labels) => left(labels) && right(labels)
    : (labels) => left(labels) || right(labels);
}

const PARSERS = { number: parseNumber, duration: parseSeconds, bytes: parseBytes } as const;

function compileComparison(filter: LabelFilter & { kind: "compare" }): LabelTest {
  const { name, value, unit, op } = filter;
  const parse = PARSERS[unit];
  return (labels) => {
    const text = labels.get(name);
    if (text === "") return false;
    const number = parse(text);
    if (number !== undefined) return compare(number, op, value);
    // What cannot be compared is kept and says so, for | __error__="" to filter.
    labels.fail(FILTER_ERROR, `${JSON.stringify(text)} of ${name} is no ${unit}`);
    return true;
  };
}

/** Whether a comparison of two numbers holds. */
export function compare(left: number, op: string, right: number): boolean {
  switch (op) {
    case "==":
      return left === right;
    case "!=":
      return left !== right;
    case ">":
      return left > right;
    case ">=":
      return left >= right;
    case "<":
      return left < right;
    default:
      return left <= right;
  }
}

/** The names of the labels that a filter reads. */
export function labelsOfFilter(filter: LabelFilter): string[] {
  if (filter.kind === "match") return [filter.matcher.name];
  if (filter.kind === "compare") return [filter.name];
  return [...labelsOfFilter(filter.left), ...labelsOfFilter(filter.right)];
}
