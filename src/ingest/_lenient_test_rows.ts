import { formatInstant, type RecordBatch, severityName } from "../record.ts";

/** A record of a batch as tests compare it: without what it does not have. */
export interface TestRow {
  time: string;
  service: string;
  severity: string;
  message: string;
  attributes?: Record<string, unknown>;
  trace_id?: string;
  span_id?: string;
  severity_text?: string;
  severity_number?: string;
}

/** The records of a batch. */
export function rowsOf(batch: RecordBatch): TestRow[] {
  return batch.messages.map((message, i) => {
    const stream = batch.streams[batch.streamOf[i]!]!;
    const row: TestRow = {
      time: formatInstant(batch.timestampMs[i]!, batch.timestampNs[i]!),
      service: stream.service,
      severity: severityName(stream.severity),
      message,
    };
    for (const [name, column] of batch.optional) {
      const text = column[i];
      if (text !== undefined) row[name] = name === "attributes" ? JSON.parse(text) : text;
    }
    return row;
  });
}

/** The time of receipt in tests. */
export const NOW = { ms: Date.UTC(2025, 3, 1, 12, 0, 0), ns: 0 };
/** The same as a record has it. */
export const NOW_TEXT = "2025-04-01T12:00:00.000Z";

/** Bytes of a text. */
export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** What records must hold, whatever they were made of: the limits of a record, and JSON as `JSON.stringify` writes it. */
export function assertWithinLimits(
  batch: RecordBatch,
  assert: (fine: boolean, what: string) => void,
): void {
  batch.messages.forEach((message, i) => {
    const { service } = batch.streams[batch.streamOf[i]!]!;
    assert(message.isWellFormed() && bytesOf(message).length <= 65_536, "message");
    assert(service.isWellFormed() && service !== "" && [...service].length <= 128, "service");
    // deno-lint-ignore no-control-regex -- they are what is looked for
    assert(!/[\u0000-\u001f\u007f-\u009f]/.test(service), "service");
    formatInstant(batch.timestampMs[i]!, batch.timestampNs[i]!);
    for (const [name, column] of batch.optional) {
      const text = column[i];
      if (text === undefined) continue;
      assert(text.isWellFormed() && text !== "", name);
      if (name !== "attributes") {
        assert(text.length <= 128, name);
        continue;
      }
      const value = JSON.parse(text);
      assert(JSON.stringify(value) === text, "attributes are not as JSON.stringify writes them");
      assert(bytesOf(text).length <= 65_536, "attributes are too long");
      assert(Object.keys(value).length <= 256, "attributes have too many names");
      assert(depthOf(value) <= 8, "attributes are too deep");
      assert(!/\\ud[89a-f]/i.test(text.replaceAll("\\\\", "")), "attributes have a lone surrogate");
    }
  });
}

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}
