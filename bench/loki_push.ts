/**
 * @module A push to Loki as its own clients send it: the message PushRequest in protobuf, in the block format of snappy.
 *
 * | field          | of         | is                                    |
 * | -------------- | ---------- | ------------------------------------- |
 * | 1 streams      | the push   | a stream, repeated                    |
 * | 1 labels       | a stream   | text: `{service="a", severity="INFO"}` |
 * | 2 entries      | a stream   | an entry, repeated                    |
 * | 1 timestamp    | an entry   | 1 seconds, 2 nanoseconds              |
 * | 2 line         | an entry   | text                                  |
 *
 * https://github.com/grafana/loki/blob/main/pkg/push/push.proto, https://protobuf.dev/programming-guides/encoding/
 */

import type { GeneratedRecord } from "./generate.ts";
import { streamKey } from "./questions.ts";

/** The wire types of protobuf that are used here. */
const VARINT = 0;
const BYTES = 2;

/** Snappy's tag of a literal whose length less one follows in two bytes. */
const LITERAL_TAG = 61 << 2;
const LITERAL_BYTES_MAX = 1 << 16;

const encoder = new TextEncoder();

/** The records as the body of a push, grouped by stream. */
export function encodeLokiPush(records: readonly GeneratedRecord[]): Uint8Array {
  const streams = Map.groupBy(records, streamKey);
  return snappyLiterals(concatenate(Array.from(streams.values(), encodeStream)));
}

function encodeStream(records: readonly GeneratedRecord[]): Uint8Array {
  const { service, severity } = records[0]!;
  const labels = `{service=${JSON.stringify(service)}, severity=${JSON.stringify(severity)}}`;
  return field(1, concatenate([field(1, encoder.encode(labels)), ...records.map(encodeEntry)]));
}

function encodeEntry({ timestamp, message }: GeneratedRecord): Uint8Array {
  const ms = Date.parse(timestamp);
  const time = [1 << 3 | VARINT, ...varint(Math.floor(ms / 1000))];
  time.push(2 << 3 | VARINT, ...varint((ms % 1000) * 1e6));
  return field(
    2,
    concatenate([field(1, Uint8Array.from(time)), field(2, encoder.encode(message))]),
  );
}

function field(number: number, content: Uint8Array): Uint8Array {
  return concatenate([
    Uint8Array.from([number << 3 | BYTES, ...varint(content.length)]),
    content,
  ]);
}

/** Seven bits a byte, the lowest first. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push(value % 128 | 128);
  bytes.push(value);
  return bytes;
}

/**
 * A snappy block of literals alone, which is a valid one: on one machine there is no network to save, and the server is
 * spared the copies.
 */
function snappyLiterals(content: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.from(varint(content.length))];
  for (let start = 0; start < content.length; start += LITERAL_BYTES_MAX) {
    const literal = content.subarray(start, start + LITERAL_BYTES_MAX);
    const last = literal.length - 1;
    parts.push(Uint8Array.of(LITERAL_TAG, last & 255, last >> 8), literal);
  }
  return concatenate(parts);
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
