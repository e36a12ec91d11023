import type { TextColumn } from "../record.ts";
import type { ByteSink } from "./_byte_sink.ts";
import { InstantWriter } from "./_instant_writer.ts";
import { hasText, type RowPlan } from "./_row_plan.ts";

const encoder = new TextEncoder();

const ID = encoder.encode('{"id":');
const TIMESTAMP = encoder.encode(',"timestamp":"');
const RECEIVED_AT = encoder.encode('","received_at":"');
const ATTRIBUTES = encoder.encode(',"attributes":');
const TRACE_ID = encoder.encode(',"trace_id":"');
const SPAN_ID = encoder.encode(',"span_id":"');
const SEVERITY_NUMBER = encoder.encode(',"severity_number":');
const SEVERITY_TEXT = encoder.encode(',"severity_text":"');

const COMMA = 0x2c;
const QUOTE = 0x22;

/** Writes records as JSON objects. */
export class JsonRows {
  readonly #timestamps = new InstantWriter();
  readonly #received = new InstantWriter();

  write(sink: ByteSink, plan: RowPlan, row: number): void {
    const { columns } = plan;
    sink.copy(ID);
    sink.integer(columns.ids[row]!);
    sink.copy(TIMESTAMP);
    this.#timestamps.write(sink, columns.timestampMs[row]!, columns.timestampNs?.[row] ?? 0);
    sink.copy(plan.jsonStream(row));
    plan.writeJsonMessage(sink, row);
    sink.copy(RECEIVED_AT);
    this.#received.write(sink, columns.receivedMs[row]!, 0);
    sink.byte(QUOTE);
    if (plan.anyOptional) writeOptional(sink, plan, row);
    sink.byte(0x7d);
  }
}

function writeOptional(sink: ByteSink, plan: RowPlan, row: number): void {
  if (hasAttributes(plan, row)) {
    sink.copy(ATTRIBUTES);
    writeAttributes(sink, plan, row);
  }
  writeString(sink, TRACE_ID, plan.traceIds, row);
  writeString(sink, SPAN_ID, plan.spanIds, row);
  if (hasText(plan.severityNumbers, row)) {
    const { bytes, offsets } = plan.severityNumbers;
    sink.copy(SEVERITY_NUMBER);
    sink.copyRange(bytes, offsets[row]!, offsets[row + 1]!);
  }
  writeString(sink, SEVERITY_TEXT, plan.severityTexts, row);
}

function writeString(
  sink: ByteSink,
  key: Uint8Array,
  column: TextColumn | undefined,
  row: number,
): void {
  if (!hasText(column, row)) return;
  sink.copy(key);
  sink.jsonText(column.bytes, column.offsets[row]!, column.offsets[row + 1]!);
  sink.byte(QUOTE);
}

/** Whether a row has attributes in any of their columns. */
export function hasAttributes(plan: RowPlan, row: number): boolean {
  if (hasText(plan.otherAttributes, row)) return true;
  for (const { values } of plan.attributeColumns) if (hasText(values, row)) return true;
  return false;
}

/** Writes the attributes from all their columns as one JSON object. */
export function writeAttributes(sink: ByteSink, plan: RowPlan, row: number): void {
  sink.byte(0x7b);
  const start = sink.length;
  for (const { key, values } of plan.attributeColumns) {
    if (!hasText(values, row)) continue;
    if (sink.length > start) sink.byte(COMMA);
    sink.copy(key);
    sink.copyRange(values.bytes, values.offsets[row]!, values.offsets[row + 1]!);
  }
  const others = plan.otherAttributes;
  if (others !== undefined) {
    // Without the braces around them.
    const from = others.offsets[row]! + 1;
    const to = others.offsets[row + 1]! - 1;
    if (from < to) {
      if (sink.length > start) sink.byte(COMMA);
      sink.copyRange(others.bytes, from, to);
    }
  }
  sink.byte(0x7d);
}
