import { PickedTexts } from "../query/mod.ts";
import type { RecordColumns } from "../record.ts";
import { EXTRACTED } from "./label_names.ts";
import { type Labels, RowLabels, STREAM_LABEL } from "./row_labels.ts";

/** The label that says that a stage could not do its work on a line, and the one that says why. */
export const ERROR_LABEL = "__error__";
/** See {@linkcode ERROR_LABEL}. */
export const ERROR_DETAILS_LABEL = "__error_details__";

/**
 * Labels of records that only stand for what the sender did not say itself: one of the same name that a parser finds in the
 * line takes their place, where others keep theirs and the parser's becomes `NAME_extracted`.
 */
const SOFT_LABELS: readonly string[] = ["level", "service", "severity"];

/** The labels of a line by where they come from, each sorted by name. */
export interface CategorizedLabels {
  readonly stream: Labels;
  readonly metadata: Labels;
  readonly parsed: Labels;
}

/** A record on its way through a pipeline: its line and its labels. One object serves some rows, one after another. */
export class Entry {
  readonly #lines: PickedTexts | undefined;
  readonly #rows: Uint32Array;
  readonly #labels: RowLabels;
  readonly #wanted: ReadonlySet<string> | undefined;
  #place = 0;
  #row = 0;
  #line: string | undefined;
  readonly #set = new Map<string, string>();
  readonly #dropped = new Set<string>();
  #kept: ((name: string, value: string) => boolean) | undefined;
  #error = "";
  #errorDetails = "";

  /**
   * @param columns with `message` loaded, if a stage reads the line, and the columns of the labels that are read
   * @param wanted the labels that anybody will ask for; others that a parser finds are left alone. Absent: all
   */
  constructor(columns: RecordColumns, rows: Uint32Array, wanted?: ReadonlySet<string>) {
    this.#wanted = wanted;
    const messages = columns.texts.get("message");
    this.#lines = messages && new PickedTexts(messages, rows);
    this.#rows = rows;
    this.#labels = new RowLabels(columns);
  }

  /** Begins with another record. @param place of its row in the list of rows */
  start(place: number): void {
    this.#place = place;
    this.#row = this.#rows[place]!;
    this.#line = undefined;
    this.#set.clear();
    this.#dropped.clear();
    this.#kept = undefined;
    this.#error = this.#errorDetails = "";
  }

  get line(): string {
    if (this.#line !== undefined) return this.#line;
    if (this.#lines === undefined) throw new TypeError("Cannot read a line: none is loaded");
    return this.#line = this.#lines.at(this.#place);
  }

  set line(text: string) {
    this.#line = text;
  }

  /** The error of a stage; empty if there was none. */
  get error(): string {
    return this.#error;
  }

  /** A label's value; empty if there is none. */
  get(name: string): string {
    if (name === ERROR_LABEL) return this.#error;
    if (name === ERROR_DETAILS_LABEL) return this.#errorDetails;
    return this.#set.get(name) ?? (this.#dropped.has(name) ? "" : this.#stored(name));
  }

  /** Notes that a stage could not do its work. */
  fail(error: string, details: string): void {
    this.#error = error;
    this.#errorDetails = details;
  }

  /** Takes a label that a parser found; the first of a name counts. */
  extract(name: string, value: string): void {
    const wanted = this.#wanted;
    if (wanted !== undefined && !wanted.has(name) && !wanted.has(name + EXTRACTED)) return;
    const isTaken = !SOFT_LABELS.includes(name) && !this.#dropped.has(name) &&
      this.#labels.get(this.#row, name) !== "";
    const label = isTaken ? name + EXTRACTED : name;
    if (!this.#set.has(label)) this.#set.set(label, value);
  }

  /** Gives a label a value, whatever it had. */
  set(name: string, value: string): void {
    if (name === ERROR_LABEL) this.#error = value;
    else if (name === ERROR_DETAILS_LABEL) this.#errorDetails = value;
    else this.#set.set(name, value);
  }

  /** Takes a label away. */
  drop(name: string): void {
    if (name === ERROR_LABEL) this.#error = "";
    else if (name === ERROR_DETAILS_LABEL) this.#errorDetails = "";
    else {
      this.#set.delete(name);
      this.#dropped.add(name);
    }
  }

  /** Takes every label away that does not pass. */
  keep(passes: (name: string, value: string) => boolean): void {
    for (const [name, value] of this.#set) if (!passes(name, value)) this.#set.delete(name);
    const before = this.#kept;
    this.#kept = before === undefined
      ? passes
      : (name, value) => before(name, value) && passes(name, value);
  }

  /** Every label, sorted by name; those of errors too. */
  labels(): Map<string, string> {
    const { stream, metadata, parsed } = this.categorized();
    return sorted([...stream, ...metadata, ...parsed]);
  }

  /** Every label by where it comes from. */
  categorized(): CategorizedLabels {
    const stored = [...this.#labels.all(this.#row)].filter(([name, value]) =>
      !this.#set.has(name) && !this.#dropped.has(name) && (this.#kept?.(name, value) ?? true)
    );
    const parsed = [...this.#set];
    if (this.#error !== "") parsed.push([ERROR_LABEL, this.#error]);
    if (this.#errorDetails !== "") parsed.push([ERROR_DETAILS_LABEL, this.#errorDetails]);
    return {
      stream: sorted(stored.filter(([name]) => name === STREAM_LABEL)),
      metadata: sorted(stored.filter(([name]) => name !== STREAM_LABEL)),
      parsed: sorted(parsed),
    };
  }

  #stored(name: string): string {
    const value = this.#labels.get(this.#row, name);
    return value === "" || (this.#kept?.(name, value) ?? true) ? value : "";
  }
}

function sorted(labels: [string, string][]): Map<string, string> {
  return new Map(labels.sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0));
}
