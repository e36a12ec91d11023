/** @module Regular expressions of text queries: compiled by RE2, so that time is linear in the text, and bounded in size. */

import { RE2JS, RE2JSException } from "re2js";
import { isAscii, literalOf, type TextLiteral } from "./text_words.ts";

/** A compiled regular expression; run on texts as they are, not lower-cased. */
export interface TextRegex {
  readonly kind: "regex";
  readonly pattern: string;
  readonly ignoreCase: boolean;
  readonly program: RE2JS;
  /** A part that every match contains, in some case, where one is easy to see. */
  readonly required: TextLiteral | undefined;
  /** Whether {@linkcode required} also holds for texts that are not ASCII, where letters fold in more ways. */
  readonly requiredEverywhere: boolean;
}

/** UTF-16 units of one pattern: generous for a person, short enough to compile in a few milliseconds. */
export const REGEX_UNITS_MAX = 1_000;

/** The engine keeps up to 8 MiB of automaton states for each: this keeps a query below 64 MiB. */
export const REGEX_TERMS_MAX = 8;

/**
 * Instructions of one compiled pattern. Where the automaton grows too large the engine follows every instruction for
 * every character, at about 10 ns each: 500 of them are 0.3 s for the longest message, the worst there is.
 */
export const REGEX_INSTRUCTIONS_MAX = 500;

/** Compiles a pattern, without its slashes; a string instead says what is wrong with it. */
export function compileTextRegex(pattern: string, ignoreCase: boolean): TextRegex | string {
  let program: RE2JS;
  try {
    program = RE2JS.compile(pattern, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    const reason = error.message.replace(/^error parsing regexp: /, "");
    return `the regular expression is not valid: ${reason}; RE2 syntax is expected`;
  }
  const instructions = program.programSize();
  if (instructions > REGEX_INSTRUCTIONS_MAX) {
    return `the regular expression compiles to ${instructions} instructions; ` +
      `at most ${REGEX_INSTRUCTIONS_MAX} are allowed: repeat less, or split it into several terms`;
  }
  const flags = leadingFlags.exec(pattern)?.[0] ?? "";
  const text = requiredText(pattern.slice(flags.length));
  return {
    kind: "regex",
    pattern,
    ignoreCase,
    program,
    required: text === undefined ? undefined : literalOf(text, { start: false, end: false }),
    requiredEverywhere: !ignoreCase && !flags.includes("i"),
  };
}

/** Flags for all of a pattern, such as `(?i)`. */
const leadingFlags = /^\(\?[imsU]+\)/;

/** What may stand outside of groups and classes; anything else makes {@linkcode requiredText} give up. */
const piece =
  /(?<literal>[A-Za-z0-9_ !"#%&',\-/:;<=>@`~]|\\[^A-Za-z0-9_\s])|(?<other>[.^$]|\P{ASCII}|\\[dDsSwWbBnrt])|(?<group>\((?:\?:)?)|(?<class>\[\^?\]?(?:[^\]\\[]|\\[^pPQ])*\])/suy;
const quantifier = /(?:[*?+]|\{(\d+)(?:,\d*)?\})\??/y;

/**
 * The longest ASCII text that stands plainly in a pattern, outside of groups and alternatives; every match contains
 * it. `undefined` where there is none or the pattern uses anything that this reader does not know.
 */
export function requiredText(pattern: string): string | undefined {
  let best = "";
  let run = "";
  let depth = 0;
  const endRun = () => {
    if (run.length > best.length) best = run;
    run = "";
  };
  for (let at = 0; at < pattern.length;) {
    if (depth > 0 && (pattern[at] === "|" || pattern[at] === ")")) {
      if (pattern[at] === ")") depth--;
      at++;
      if (depth === 0) at += quantifierAt(pattern, at)?.[0].length ?? 0;
      continue;
    }
    piece.lastIndex = at;
    const groups = piece.exec(pattern)?.groups;
    if (groups === undefined) return undefined;
    at = piece.lastIndex;
    if (groups.group !== undefined) depth++;
    const repeat = groups.group === undefined ? quantifierAt(pattern, at) : undefined;
    at += repeat?.[0].length ?? 0;
    if (groups.literal !== undefined && depth === 0) {
      const character = groups.literal.at(-1)!;
      // A character that may be missing or repeated ends the run; "+" promises it once.
      if (repeat === undefined) run += character;
      else {
        if (repeat[0].startsWith("+")) run += character;
        endRun();
      }
    } else endRun();
  }
  endRun();
  return best.length >= 2 && isAscii(best) ? best : undefined;
}

function quantifierAt(pattern: string, at: number): RegExpExecArray | undefined {
  quantifier.lastIndex = at;
  return quantifier.exec(pattern) ?? undefined;
}
