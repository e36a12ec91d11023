/** @module Server-sent events (HTML standard, section 9.2) as a tail sends them. */

import type { RowWriter } from "../query/mod.ts";
import type { RecordColumns, RowRef } from "../record.ts";

const encoder = new TextEncoder();
const LINE_FEED = 0x0a;

/** `id`, `event`, `data` and line feeds around a record, and what the record has beside its texts. */
const EVENT_OVERHEAD_BYTES = 200;

/** About how many bytes a record's event has: what bounds count with, before it is made. */
export function estimateEvent({ texts }: RecordColumns, row: number): number {
  let bytes = EVENT_OVERHEAD_BYTES;
  for (const { offsets } of texts.values()) bytes += offsets[row + 1]! - offsets[row]!;
  return bytes;
}

/**
 * Each row as an event of type `log` with its id and its JSON.
 * @param writer of `ndjson`, with nothing written to it
 */
export function encodeEvents(writer: RowWriter, rows: readonly RowRef[]): Uint8Array[] {
  const ends = rows.map((row) => {
    writer.write([row]);
    return writer.byteLength;
  });
  const lines = writer.take();
  const heads = rows.map(({ columns, row }) =>
    encoder.encode(`id: ${columns.ids[row]}\nevent: log\ndata: `)
  );
  const bytes = new Uint8Array(
    lines.length + heads.reduce((sum, { length }) => sum + length + 1, 0),
  );
  let at = 0;
  return heads.map((head, i) => {
    const start = at;
    bytes.set(head, at);
    const line = lines.subarray(i === 0 ? 0 : ends[i - 1], ends[i]);
    bytes.set(line, at += head.length);
    at += line.length;
    bytes[at++] = LINE_FEED;
    return bytes.subarray(start, at);
  });
}

/** Moves the reader's last id without an event: everything up to it was sent or does not match. */
export function idEvent(id: number): Uint8Array {
  return encoder.encode(`id: ${id}\n\n`);
}

/** The beginning of every tail: where it starts, and how soon to come back. */
export function firstEvent(id: number, retryMs: number): Uint8Array {
  return encoder.encode(`retry: ${retryMs}\nid: ${id}\n\n`);
}

/** Tells a slow reader how many records up to an id were passed over. */
export function missedEvent(count: number, throughId: number): Uint8Array {
  const data = JSON.stringify({ count, through_id: throughId });
  return encoder.encode(`id: ${throughId}\nevent: missed\ndata: ${data}\n\n`);
}

/** Tells what had to be left out because it is damaged on disk. */
export function incompleteEvent(what: readonly string[]): Uint8Array {
  return encoder.encode(
    `event: incomplete\ndata: ${JSON.stringify({ error: what.join("; ") })}\n\n`,
  );
}

/** Pieces end to end. */
export function joinEvents(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

/** The records of one commit, whose events are made once however many tails want them. */
export class CommitEvents {
  readonly #events: (Uint8Array | undefined)[];
  readonly #writer: RowWriter;
  /** About how many bytes it holds. */
  readonly bytes: number;

  /** @param writer of `ndjson`; may be shared */
  constructor(readonly columns: RecordColumns, writer: RowWriter) {
    this.#writer = writer;
    this.#events = new Array(columns.count);
    let bytes = columns.count * EVENT_OVERHEAD_BYTES;
    for (const text of columns.texts.values()) bytes += text.bytes.length;
    this.bytes = bytes;
  }

  /** The id of its last record. */
  get lastId(): number {
    return this.columns.ids[this.columns.count - 1]!;
  }

  /** The events of some rows. */
  events(rows: Uint32Array): Uint8Array[] {
    const { columns } = this;
    const missing = [...rows].filter((row) => this.#events[row] === undefined);
    if (missing.length > 0) {
      const made = encodeEvents(this.#writer, missing.map((row) => ({ columns, row })));
      missing.forEach((row, i) => this.#events[row] = made[i]);
    }
    return Array.from(rows, (row) => this.#events[row]!);
  }
}
