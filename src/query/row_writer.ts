import type { RecordColumns, RowRef } from "../record.ts";
import { ByteSink } from "./_byte_sink.ts";
import { CSV_HEADER, CsvRows } from "./_csv_rows.ts";
import { JsonRows } from "./_json_rows.ts";
import { RowPlan } from "./_row_plan.ts";

/** So many rows tell how long the others of an array will be. */
const SAMPLED_ROWS = 100;
const COMMA = 0x2c;

/** The forms that rows can be written in. */
export type RowFormat = "json" | "ndjson" | "csv";

/**
 * Writes rows as bytes, straight from their columns: no object is made for a record.
 *
 * - `json`: objects with commas between them, also between two calls of `write`; the caller adds `[` and `]`.
 * - `ndjson`: an object and a line feed for each.
 * - `csv`: RFC 4180 with a header line, which is there even without rows. Texts are exact: a spreadsheet may take one
 *   that starts with `=` for a formula.
 */
export class RowWriter {
  readonly #sink: ByteSink;
  readonly #rows: JsonRows | CsvRows;
  readonly #plans = new WeakMap<RecordColumns, RowPlan>();
  #plan: RowPlan | undefined;
  #anyWritten = false;

  /** @param capacity bytes that fit before it has to grow; absent: what suits a page */
  constructor(readonly format: RowFormat, capacity?: number) {
    this.#sink = new ByteSink(capacity);
    this.#rows = format === "csv" ? new CsvRows() : new JsonRows();
    if (format === "csv") this.#sink.copy(CSV_HEADER);
  }

  /** The number of bytes written since the last `take`. */
  get byteLength(): number {
    return this.#sink.length;
  }

  /** Appends rows; every text column of theirs must be loaded. */
  write(rows: readonly RowRef[]): void {
    for (const { columns, row } of rows) {
      if (this.format === "json" && this.#anyWritten) this.#sink.byte(COMMA);
      this.#rows.write(this.#sink, this.#planFor(columns), row);
      if (this.format === "ndjson") this.#sink.byte(0x0a);
      this.#anyWritten = true;
    }
  }

  /** Appends rows as a whole JSON array; of a writer of `json`. */
  writeArray(rows: readonly RowRef[]): void {
    const sink = this.#sink;
    const start = sink.length;
    sink.byte(0x5b);
    this.write(rows.slice(0, SAMPLED_ROWS));
    const left = rows.slice(SAMPLED_ROWS);
    // Growing by doubling would copy all of it twice, through fresh memory.
    sink.reserve(Math.ceil((sink.length - start) / SAMPLED_ROWS * left.length * 1.1));
    this.write(left);
    sink.byte(0x5d);
    this.#anyWritten = false;
  }

  /** The bytes written since the last `take`, in the writer's own memory: until the next call. */
  get written(): Uint8Array<ArrayBuffer> {
    return this.#sink.written;
  }

  /** The bytes written since the last `take`, which the caller owns. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#sink.take();
  }

  #planFor(columns: RecordColumns): RowPlan {
    if (this.#plan?.columns === columns) return this.#plan;
    let plan = this.#plans.get(columns);
    if (plan === undefined) this.#plans.set(columns, plan = new RowPlan(columns));
    return this.#plan = plan;
  }
}
