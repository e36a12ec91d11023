/** @module Templates of `line_format` and `label_format`, as far as they put labels and the line into a text. */

import type { Entry } from "./entry.ts";
import { LogqlError } from "./errors.ts";
import { TEMPLATE_UNITS_MAX } from "./limits.ts";

/** Puts a text together for a line. */
export type Template = (entry: Entry) => string;

const FUNCTIONS: Readonly<Record<string, (text: string) => string>> = {
  lower: (text) => text.toLowerCase(),
  ToLower: (text) => text.toLowerCase(),
  upper: (text) => text.toUpperCase(),
  ToUpper: (text) => text.toUpperCase(),
  trim: (text) => text.trim(),
  TrimSpace: (text) => text.trim(),
};

const ACTION = /\{\{(-?)([^{}]*?)(-?)\}\}/g;

/** A compiled template and the labels it reads. */
export interface CompiledTemplate {
  readonly render: Template;
  readonly labels: readonly string[];
  readonly readsLine: boolean;
}

/** Reads a template; a string instead says what is wrong with it. */
export function compileTemplate(source: string): CompiledTemplate | string {
  const pieces: Template[] = [];
  const labels: string[] = [];
  let readsLine = false;
  let end = 0;
  let trimNext = false;
  const addText = (text: string) => {
    if (text !== "") pieces.push(() => text);
  };
  for (
    const { 0: whole, 1: trimBefore, 2: body = "", 3: trimAfter, index } of source.matchAll(ACTION)
  ) {
    let text = source.slice(end, index);
    if (trimNext) text = text.trimStart();
    addText(trimBefore === "-" ? text.trimEnd() : text);
    const action = compileAction(body.trim());
    if (typeof action === "string") return action;
    pieces.push(action.render);
    labels.push(...action.labels);
    readsLine ||= action.readsLine;
    trimNext = trimAfter === "-";
    end = index + whole.length;
  }
  const rest = source.slice(end);
  if (rest.includes("{{")) {
    return unsupported(rest.slice(rest.indexOf("{{"), rest.indexOf("{{") + 40));
  }
  addText(trimNext ? rest.trimStart() : rest);
  const render: Template = (entry) => {
    let text = "";
    for (const piece of pieces) {
      text += piece(entry);
      if (text.length > TEMPLATE_UNITS_MAX) throw tooLong();
    }
    return text;
  };
  return { render, labels, readsLine };
}

function tooLong(): LogqlError {
  return new LogqlError(
    `A template makes a text of more than ${TEMPLATE_UNITS_MAX} characters: put less into it`,
  );
}

function compileAction(body: string): CompiledTemplate | string {
  const [operand = "", ...names] = body.split("|").map((part) => part.trim());
  // Both `.a | lower` and `lower .a`.
  const call = /^([A-Za-z]+)\s+(\S+)$/.exec(operand);
  const subject = call?.[2] ?? operand;
  const functions = [...(call === null ? [] : [call[1]!]), ...names].map((name) =>
    Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name]! : undefined
  );
  const label = /^\.([A-Za-z_][A-Za-z0-9_]*)$/.exec(subject)?.[1];
  const readsLine = subject === "__line__";
  if ((label === undefined && !readsLine) || functions.includes(undefined)) {
    return unsupported(body);
  }
  const read: Template = label === undefined ? (entry) => entry.line : (entry) => entry.get(label);
  return {
    render: (entry) => functions.reduce((text, change) => change!(text), read(entry)),
    labels: label === undefined ? [] : [label],
    readsLine,
  };
}

function unsupported(found: string): string {
  return `${
    JSON.stringify(found)
  } is not supported in templates here; there are {{.label}}, {{__line__}}, ` +
    `and behind | the functions ${Object.keys(FUNCTIONS).join(", ")}`;
}
