/** @module The batch that wire-format decoders append to: columns of plain values, no object per record. */

import type { SeverityCode } from "./severity.ts";
import { TextList } from "./text_list.ts";

/** A stream: the records of one service with one severity. The unit that segments are made of. */
export interface Stream {
  readonly service: string;
  readonly severity: SeverityCode;
}

/** The text columns that a record may lack. `attributes` holds a JSON object as text. */
export type OptionalColumnName =
  | "attributes"
  | "trace_id"
  | "span_id"
  | "severity_number"
  | "severity_text";

const OPTIONAL_COLUMN_NAMES: readonly OptionalColumnName[] = [
  "attributes",
  "trace_id",
  "span_id",
  "severity_number",
  "severity_text",
];

/** What a record may carry beside its required fields; absent and `undefined` are the same. */
export type OptionalFields = { readonly [name in OptionalColumnName]?: string | undefined };

/** Records in order of arrival, as parallel arrays, not yet numbered and not yet durable. */
export class RecordBatch {
  /** The distinct streams, in order of first appearance. */
  readonly streams: Stream[] = [];
  /** For each record the index of its stream in {@linkcode streams}. */
  readonly streamOf: number[] = [];
  /** Milliseconds since the Unix epoch, floored; negative before 1970. */
  readonly timestampMs: number[] = [];
  /** Nanoseconds within that millisecond, 0 to 999,999. */
  readonly timestampNs: number[] = [];
  /** The messages; whoever writes one to its storage calls `appendRow` then. */
  readonly texts = new TextList();
  /** A sparse array for each optional column that any record uses. */
  readonly optional: Map<OptionalColumnName, (string | undefined)[]> = new Map();
  /** UTF-16 units of every text appended: what queues count. */
  textUnits = 0;
  /** For each service the index of its stream of each severity, or -1. */
  readonly #indexes: Map<string, number[]> = new Map();
  #lastService = "";
  #lastSeverity: SeverityCode | -1 = -1;
  #lastStream = -1;

  get length(): number {
    return this.streamOf.length;
  }

  /** The messages as strings, made anew if they came as bytes. */
  get messages(): readonly string[] {
    return this.texts.toStrings();
  }

  /** Appends one record that has been checked already. */
  append(
    timestampMs: number,
    timestampNs: number,
    service: string,
    severity: SeverityCode,
    message: string,
    optional?: OptionalFields,
  ): void {
    this.texts.push(message);
    this.appendRow(timestampMs, timestampNs, service, severity, message.length, optional);
  }

  /** Appends what belongs to a message of so many UTF-16 units (or bytes) that `texts` has got already. */
  appendRow(
    timestampMs: number,
    timestampNs: number,
    service: string,
    severity: SeverityCode,
    messageUnits: number,
    optional?: OptionalFields,
  ): void {
    if (service !== this.#lastService || severity !== this.#lastSeverity) {
      this.#lastStream = this.#streamFor(service, severity);
      this.#lastService = service;
      this.#lastSeverity = severity;
    }
    const row = this.streamOf.length;
    this.streamOf.push(this.#lastStream);
    this.timestampMs.push(timestampMs);
    this.timestampNs.push(timestampNs);
    this.textUnits += messageUnits;
    if (optional !== undefined) this.#appendOptional(row, optional);
  }

  #appendOptional(row: number, optional: OptionalFields): void {
    for (const name of OPTIONAL_COLUMN_NAMES) {
      const text = optional[name];
      if (text === undefined) continue;
      let column = this.optional.get(name);
      if (column === undefined) this.optional.set(name, column = []);
      column[row] = text;
      this.textUnits += text.length;
    }
  }

  #streamFor(service: string, severity: SeverityCode): number {
    let indexes = this.#indexes.get(service);
    if (indexes === undefined) this.#indexes.set(service, indexes = [-1, -1, -1, -1, -1, -1]);
    let index = indexes[severity]!;
    if (index < 0) {
      indexes[severity] = index = this.streams.length;
      this.streams.push({ service, severity });
    }
    return index;
  }
}
