/**
 * @module The labels of stored records.
 *
 * | label | what |
 * | --- | --- |
 * | `service_name` (in queries also `service`) | the service; the one label of the stream, as Loki counts |
 * | `level`, `detected_level` (in queries also `severity`) | the severity: trace, debug, info, warn, error or fatal |
 * | `trace_id`, `span_id`, `severity_text`, `severity_number` | the fields of these names |
 * | any other | the attribute of that name; characters that no label may have are `_`, and so is what parts the names of objects within one another |
 *
 * An attribute that has one of the names above is `NAME_extracted`.
 */

import { type RecordColumns, textAt, type TextColumn, type TextColumnName } from "../record.ts";
import { eachLabel, EXTRACTED, labelName } from "./label_names.ts";
import { isLevelLabel, LEVELS } from "./levels.ts";

/** Labels by their names. */
export type Labels = ReadonlyMap<string, string>;

/** The label by which records make streams. */
export const STREAM_LABEL = "service_name";

const FIELDS = ["trace_id", "span_id", "severity_text", "severity_number"] as const;

/** Whether a label is the service. */
export function isServiceLabel(name: string): boolean {
  return name === STREAM_LABEL || name === "service";
}

/** Whether a label is known of a stream as a whole: its service or its severity. */
export function isStreamLabel(name: string): boolean {
  return isServiceLabel(name) || isLevelLabel(name);
}

/** The text columns that must be loaded for a label to be read. */
export function columnsOfLabel(name: string): TextColumnName[] {
  if (isStreamLabel(name)) return [];
  const field = FIELDS.find((one) => one === name);
  if (field !== undefined) return [field];
  const attribute = attributeLabel(name);
  return [isPlainName(attribute) ? `attr.${attribute}` : "attributes"];
}

/** Whether only an attribute of this very name has such a label: one with `_` may be that of `a.b`, or of `b` within `a`. */
export function isPlainName(name: string): boolean {
  return /^[A-Za-z0-9]+$/.test(name) && !isOwnLabel(name);
}

/** The text columns that must be loaded for all labels to be read. */
export const ALL_LABEL_COLUMNS: readonly TextColumnName[] = ["attributes", ...FIELDS];

/** The label that the attribute has by its name alone of which a label is. */
function attributeLabel(name: string): string {
  const base = name.endsWith(EXTRACTED) ? name.slice(0, -EXTRACTED.length) : name;
  return isOwnLabel(base) ? base : name;
}

/** Whether a label is not made of attributes, whatever they are called. */
function isOwnLabel(name: string): boolean {
  return isStreamLabel(name) || (FIELDS as readonly string[]).includes(name);
}

/** Reads labels from columns of records. */
export class RowLabels {
  readonly #columns: RecordColumns;
  readonly #readers = new Map<string, AttributeLabel>();
  readonly #fields: readonly (readonly [string, TextColumn])[];
  readonly #attributes: readonly (readonly [string, TextColumn])[];

  constructor(columns: RecordColumns) {
    this.#columns = columns;
    this.#fields = FIELDS.flatMap((name) => {
      const column = columns.texts.get(name);
      return column === undefined ? [] : [[name, column] as const];
    });
    this.#attributes = [...columns.texts].flatMap(([name, column]) =>
      name === "attributes"
        ? [["", column] as const]
        : name.startsWith("attr.")
        ? [[labelName(name.slice("attr.".length)), column] as const]
        : []
    );
  }

  /** A label of a row; empty if it has none. */
  get(row: number, name: string): string {
    const { streams, streamOf } = this.#columns;
    if (isServiceLabel(name)) return streams[streamOf[row]!]!.service;
    if (isLevelLabel(name)) return LEVELS[streams[streamOf[row]!]!.severity];
    if (!isOwnLabel(name)) return this.#attribute(row, name);
    const field = this.#fields.find(([one]) => one === name);
    return field === undefined ? "" : textAt(field[1], row);
  }

  /** Every label of a row, without those that only queries use. */
  all(row: number): Map<string, string> {
    const { streams, streamOf } = this.#columns;
    const { service, severity } = streams[streamOf[row]!]!;
    const labels = new Map([
      [STREAM_LABEL, service],
      ["level", LEVELS[severity]],
      ["detected_level", LEVELS[severity]],
    ]);
    for (const [name, column] of this.#fields) {
      const text = textAt(column, row);
      if (text !== "") labels.set(name, text);
    }
    for (const [prefix, column] of this.#attributes) {
      const json = textAt(column, row);
      if (json === "") continue;
      eachLabel(
        prefix,
        JSON.parse(json),
        (name, value) => addLabel(labels, name, value),
        arrayText,
      );
    }
    return labels;
  }

  #attribute(row: number, name: string): string {
    let reader = this.#readers.get(name);
    if (reader === undefined) {
      reader = new AttributeLabel(attributeLabel(name), this.#attributes);
      this.#readers.set(name, reader);
    }
    return reader.read(row);
  }
}

function addLabel(labels: Map<string, string>, name: string, value: string): void {
  const before = labels.get(name);
  // An empty label is none.
  if (before === value || value === "") return;
  if (before === undefined && !isOwnLabel(name)) labels.set(name, value);
  else if (!labels.has(name + EXTRACTED)) labels.set(name + EXTRACTED, value);
}

function arrayText(value: readonly unknown[]): string {
  return JSON.stringify(value);
}

/** Reads one label that is made of attributes. */
class AttributeLabel {
  readonly #name: string;
  readonly #columns: readonly (readonly [string, TextColumn])[];
  /** Without one of these a JSON text has no such label. */
  readonly #parts: readonly string[];

  constructor(name: string, columns: readonly (readonly [string, TextColumn])[]) {
    this.#name = name;
    this.#columns = columns.filter(([prefix]) =>
      prefix === "" || prefix === name || name.startsWith(`${prefix}_`)
    );
    this.#parts = name.match(/[A-Za-z0-9]+/g) ?? [];
  }

  read(row: number): string {
    for (const [prefix, column] of this.#columns) {
      if (column.offsets[row] === column.offsets[row + 1]) continue;
      const value = this.#readFrom(prefix, textAt(column, row));
      if (value !== "") return value;
    }
    return "";
  }

  #readFrom(prefix: string, json: string): string {
    if (prefix === this.#name) {
      const scalar = scalarText(json);
      if (scalar !== undefined) return scalar;
    } else if (prefix === "" && !this.#parts.every((part) => json.includes(part))) return "";
    let found = "";
    eachLabel(prefix, JSON.parse(json), (name, value) => {
      if (found === "" && name === this.#name) found = value;
    }, arrayText);
    return found;
  }
}

/** The text of a JSON value that is no object; `undefined` if it is one, and where only a parser can tell. */
function scalarText(json: string): string | undefined {
  switch (json.charCodeAt(0)) {
    case 0x22: // "
      return json.includes("\\") ? undefined : json.slice(1, -1);
    case 0x7b: // {
      return undefined;
    case 0x6e: // null
      return "";
    default:
      return json;
  }
}
