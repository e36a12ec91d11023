/** @module Severities as Loki's clients name them. */

import { parseSeverity, type SeverityCode } from "../record.ts";

/** The value of the labels `level` and `detected_level`, by a severity's code. */
export const LEVELS = ["trace", "debug", "info", "warn", "error", "fatal"] as const;

/** Other names of the same that a query may use. */
const OTHER_NAMES: readonly (readonly string[])[] = [
  [],
  [],
  ["information"],
  ["warning"],
  ["err"],
  ["critical"],
];

/** Every name of a severity, as queries write it. */
const SPELLINGS: readonly (readonly string[])[] = LEVELS.map((level, code) =>
  [level, ...OTHER_NAMES[code]!].flatMap((name) => [
    name,
    name.toUpperCase(),
    name[0]!.toUpperCase() + name.slice(1),
  ])
);

const LEVEL_LABELS: readonly string[] = ["level", "detected_level", "severity"];

/** Whether a label is the severity. */
export function isLevelLabel(name: string): boolean {
  return LEVEL_LABELS.includes(name);
}

/** The severities of which a condition holds for some name. */
export function levelsThatPass(passes: (name: string) => boolean): SeverityCode[] {
  return SPELLINGS.flatMap((names, code) => names.some(passes) ? [code as SeverityCode] : []);
}

/** The severity that a text names, in any spelling; as a list of one, or of none. */
export function levelsNamed(text: string): SeverityCode[] {
  const code = parseSeverity(text);
  return code === undefined ? [] : [code];
}
