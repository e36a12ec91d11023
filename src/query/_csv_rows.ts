import type { TextColumn } from "../record.ts";
import { ByteSink } from "./_byte_sink.ts";
import { InstantWriter } from "./_instant_writer.ts";
import { hasAttributes, writeAttributes } from "./_json_rows.ts";
import type { RowPlan } from "./_row_plan.ts";

const encoder = new TextEncoder();

/** The columns' names, as the first line of a CSV answer. */
export const CSV_HEADER: Uint8Array = encoder.encode(
  "id,timestamp,service,severity,message,received_at,trace_id,span_id,attributes\r\n",
);

const COMMA = 0x2c;

/** Writes records as lines of CSV. */
export class CsvRows {
  readonly #timestamps = new InstantWriter();
  readonly #received = new InstantWriter();
  readonly #attributes = new ByteSink();

  write(sink: ByteSink, plan: RowPlan, row: number): void {
    const { columns } = plan;
    sink.integer(columns.ids[row]!);
    sink.byte(COMMA);
    this.#timestamps.write(sink, columns.timestampMs[row]!, columns.timestampNs?.[row] ?? 0);
    sink.copy(plan.csvStream(row));
    if (plan.message !== undefined) writeText(sink, plan.message, row);
    sink.byte(COMMA);
    this.#received.write(sink, columns.receivedMs[row]!, 0);
    writeField(sink, plan.traceIds, row);
    writeField(sink, plan.spanIds, row);
    sink.byte(COMMA);
    if (hasAttributes(plan, row)) this.#writeAttributes(sink, plan, row);
    sink.byte(0x0d);
    sink.byte(0x0a);
  }

  #writeAttributes(sink: ByteSink, plan: RowPlan, row: number): void {
    const json = this.#attributes;
    json.length = 0;
    writeAttributes(json, plan, row);
    sink.csvField(json.bytes, 0, json.length);
  }
}

function writeField(sink: ByteSink, column: TextColumn | undefined, row: number): void {
  sink.byte(COMMA);
  if (column !== undefined) writeText(sink, column, row);
}

function writeText(sink: ByteSink, column: TextColumn, row: number): void {
  sink.csvField(column.bytes, column.offsets[row]!, column.offsets[row + 1]!);
}
