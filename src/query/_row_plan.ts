import { ChosenTexts } from "../codec/mod.ts";
import { type RecordColumns, SEVERITIES, type TextColumn } from "../record.ts";
import { ByteSink } from "./_byte_sink.ts";
import { JsonTexts } from "./_json_templates.ts";

const encoder = new TextEncoder();

/** One attribute that has a column of its own. */
export interface AttributeColumn {
  /** `"NAME":` as JSON. */
  readonly key: Uint8Array;
  readonly values: TextColumn;
}

/** What writing rows of some columns needs to know, found once for all their rows. */
export class RowPlan {
  readonly message: TextColumn | undefined;
  /** The attributes without columns of their own, as JSON objects. */
  readonly otherAttributes: TextColumn | undefined;
  readonly attributeColumns: readonly AttributeColumn[];
  readonly traceIds: TextColumn | undefined;
  readonly spanIds: TextColumn | undefined;
  readonly severityNumbers: TextColumn | undefined;
  readonly severityTexts: TextColumn | undefined;
  /** Whether rows may have more than the fields that every record has. */
  readonly anyOptional: boolean;
  #jsonMessages: JsonTexts | undefined;
  readonly #csvStreams: (Uint8Array | undefined)[] = [];
  readonly #jsonStreams: (Uint8Array | undefined)[] = [];

  constructor(readonly columns: RecordColumns) {
    const texts = columns.texts;
    this.message = texts.get("message");
    this.otherAttributes = texts.get("attributes");
    this.traceIds = texts.get("trace_id");
    this.spanIds = texts.get("span_id");
    this.severityNumbers = texts.get("severity_number");
    this.severityTexts = texts.get("severity_text");
    const attributeColumns: AttributeColumn[] = [];
    for (const [name, values] of texts) {
      if (!name.startsWith("attr.")) continue;
      const key = encoder.encode(`${JSON.stringify(name.slice("attr.".length))}:`);
      attributeColumns.push({ key, values });
    }
    this.attributeColumns = attributeColumns;
    this.anyOptional = texts.size > (this.message === undefined ? 0 : 1);
  }

  /** Writes a row's message as the inside of a JSON string. */
  writeJsonMessage(sink: ByteSink, row: number): void {
    const { message } = this;
    if (message instanceof ChosenTexts) {
      this.#jsonMessages ??= new JsonTexts(message);
      this.#jsonMessages.write(sink, row);
    } else if (message !== undefined) {
      sink.jsonText(message.bytes, message.offsets[row]!, message.offsets[row + 1]!);
    }
  }

  /** A row's `","service":"…","severity":"…","message":"`, which is the same for its whole stream. */
  jsonStream(row: number): Uint8Array {
    const index = this.columns.streamOf[row]!;
    return this.#jsonStreams[index] ??= this.#encodeJsonStream(index);
  }

  /** A row's `,SERVICE,SEVERITY,` as CSV. */
  csvStream(row: number): Uint8Array {
    const index = this.columns.streamOf[row]!;
    return this.#csvStreams[index] ??= this.#encodeCsvStream(index);
  }

  #encodeCsvStream(index: number): Uint8Array {
    const { service, severity } = this.columns.streams[index]!;
    const sink = new ByteSink(256);
    const text = encoder.encode(service);
    sink.byte(0x2c);
    sink.csvField(text, 0, text.length);
    sink.copy(encoder.encode(`,${SEVERITIES[severity]},`));
    return sink.take();
  }

  #encodeJsonStream(index: number): Uint8Array {
    const { service, severity } = this.columns.streams[index]!;
    const fields = `"service":${JSON.stringify(service)},"severity":"${SEVERITIES[severity]}"`;
    return encoder.encode(`",${fields},"message":"`);
  }
}

/** Whether a row has a text in a column. */
export function hasText(column: TextColumn | undefined, row: number): column is TextColumn {
  return column !== undefined && column.offsets[row + 1]! > column.offsets[row]!;
}
