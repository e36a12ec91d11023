/** @module What fields lines have: their structured metadata, and what a parser finds in them. */

import { parseJsonObject } from "./_json_line.ts";
import { logfmtPairs } from "./_logfmt_line.ts";
import { ERROR_DETAILS_LABEL, ERROR_LABEL } from "./entry.ts";
import { eachLabel, labelName } from "./label_names.ts";
import type { LogLine } from "./run_log.ts";
import { parseBytes, parseNumber, parseSeconds } from "./units.ts";

/** A field of lines, as Loki describes it. */
export interface DetectedField {
  readonly label: string;
  readonly type: "string" | "int" | "float" | "boolean" | "duration" | "bytes";
  /** Distinct values. */
  readonly cardinality: number;
  /** What has to stand in a pipeline for it to be a label; `null`: nothing. */
  readonly parsers: readonly string[] | null;
}

/** The fields of some lines, and each one's distinct values. */
export class FieldTally {
  readonly #fields = new Map<
    string,
    { readonly values: Set<string>; readonly parsers: Set<string> }
  >();

  constructor(lines: readonly LogLine[]) {
    for (const { line, labels } of lines) {
      for (const [name, value] of labels.metadata) this.#add(name, value);
      for (const [name, value] of labels.parsed) {
        if (name !== ERROR_LABEL && name !== ERROR_DETAILS_LABEL) this.#add(name, value);
      }
      this.#parse(line);
    }
  }

  /** The fields, sorted by name, at most `limit`. */
  fields(limit: number): DetectedField[] {
    const sorted = [...this.#fields].sort(([a], [b]) => a < b ? -1 : 1).slice(0, limit);
    return sorted.map(([label, { values, parsers }]) => ({
      label,
      type: typeOf([...values]),
      cardinality: values.size,
      parsers: parsers.size === 0 ? null : [...parsers],
    }));
  }

  /** The distinct values of a field, at most `limit`. */
  values(name: string, limit: number): string[] {
    return [...this.#fields.get(name)?.values ?? []].slice(0, limit);
  }

  #add(name: string, value: string, parser?: string): void {
    let field = this.#fields.get(name);
    if (field === undefined) {
      this.#fields.set(name, field = { values: new Set(), parsers: new Set() });
    }
    field.values.add(value);
    if (parser !== undefined) field.parsers.add(parser);
  }

  #parse(line: string): void {
    const object = /^\s*\{/.test(line) ? parseJsonObject(line) : undefined;
    if (object !== undefined) {
      eachLabel("", object, (name, value) => this.#add(name, value, "json"));
      return;
    }
    for (const { key, value } of logfmtPairs(line, () => true)) {
      if (value !== "") this.#add(labelName(key), value, "logfmt");
    }
  }
}

function typeOf(values: readonly string[]): DetectedField["type"] {
  const all = (is: (value: string) => boolean) => values.every(is);
  if (all((value) => /^[+-]?[0-9]+$/.test(value))) return "int";
  if (all((value) => parseNumber(value) !== undefined)) return "float";
  if (all((value) => /^(true|false)$/i.test(value))) return "boolean";
  if (all((value) => parseSeconds(value) !== undefined)) return "duration";
  return all((value) => parseBytes(value) !== undefined) ? "bytes" : "string";
}
