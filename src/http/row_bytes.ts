import { RowWriter } from "../query/mod.ts";
import type { RowRef } from "../record.ts";

const encoder = new TextEncoder();

/** More than most records take as JSON: an answer of few needs no memory for many. */
const ROW_BYTES = 512;

/** Rows as a JSON array. */
export function rowsAsJson(rows: readonly RowRef[]): Uint8Array<ArrayBuffer> {
  const writer = new RowWriter("json", ROW_BYTES * Math.min(rows.length + 1, 100));
  writer.writeArray(rows);
  return writer.written;
}

/** One row as a JSON object. */
export function rowAsJson(row: RowRef): Uint8Array<ArrayBuffer> {
  const writer = new RowWriter("json", ROW_BYTES);
  writer.write([row]);
  return writer.take();
}

/** Bytes and texts end to end. */
export function joinBytes(...parts: readonly (string | Uint8Array)[]): Uint8Array<ArrayBuffer> {
  const pieces = parts.map((part) => typeof part === "string" ? encoder.encode(part) : part);
  const joined = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}
