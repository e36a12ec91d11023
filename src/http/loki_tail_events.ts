import {
  parseInstant,
  parseSeverity,
  RecordBatch,
  type RecordColumns,
  sealBatches,
} from "../record.ts";

/** What a piece of a tail's events says. */
export interface TailNews {
  /** Records, in order; `undefined` for none. */
  readonly columns: RecordColumns | undefined;
  /** How many records were passed over before them. */
  readonly missed: number;
  /** When the last of the records was accepted, in milliseconds since the Unix epoch. */
  readonly receivedMs: number;
}

/** A record as the tail's events have it. */
interface TailRecord {
  readonly timestamp: string;
  readonly service: string;
  readonly severity: string;
  readonly message: string;
  readonly received_at: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly trace_id?: string;
  readonly span_id?: string;
  readonly severity_number?: number;
  readonly severity_text?: string;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Reads the events of a tail back as records: who speaks to its reader in another form shares the hub's channels and bounds.
 * @param bytes whole events, as a tail gives them
 */
export function readTailEvents(bytes: Uint8Array): TailNews {
  const batch = new RecordBatch();
  let missed = 0;
  let receivedMs = -Infinity;
  for (const event of decoder.decode(bytes).split("\n\n")) {
    const data = fieldOf(event, "data");
    if (data === undefined) continue;
    const type = fieldOf(event, "event");
    if (type === "missed") missed += (JSON.parse(data) as { count: number }).count;
    if (type !== "log") continue;
    const record = JSON.parse(data) as TailRecord;
    receivedMs = parseInstant(record.received_at)!.ms;
    append(batch, record);
  }
  const columns = batch.length === 0 ? undefined : sealBatches([batch], 1, receivedMs);
  return { columns, missed, receivedMs };
}

/** A field's value. Not by an expression with `^` and `$`: to them other characters end a line, too. */
function fieldOf(event: string, name: string): string | undefined {
  const start = `${name}: `;
  return event.split("\n").find((line) => line.startsWith(start))?.slice(start.length);
}

function append(batch: RecordBatch, record: TailRecord): void {
  const { ms, ns } = parseInstant(record.timestamp)!;
  const { attributes, severity_number: number } = record;
  batch.append(ms, ns, record.service, parseSeverity(record.severity)!, record.message, {
    attributes: attributes === undefined ? undefined : JSON.stringify(attributes),
    trace_id: record.trace_id,
    span_id: record.span_id,
    severity_number: number === undefined ? undefined : String(number),
    severity_text: record.severity_text,
  });
}
