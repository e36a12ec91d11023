/** @module Loki's `PushRequest` in protobuf: github.com/grafana/loki, pkg/push/push.proto. */

import { type Instant, TIMESTAMP_MS_MAX, TIMESTAMP_MS_MIN } from "../record.ts";
import { type Label, parseLabels } from "./_loki_labels.ts";
import type { LokiRecords } from "./_loki_records.ts";
import { ProtobufReader } from "./_protobuf_reader.ts";

// Tags: field number << 3 | wire type.
const STREAMS = 0x0a; // 1, bytes

const LABELS = 0x0a; // 1, bytes
const ENTRIES = 0x12; // 2, bytes

const TIMESTAMP = 0x0a; // 1, bytes
const LINE = 0x12; // 2, bytes
const METADATA = 0x1a; // 3, bytes
const PARSED = 0x22; // 4, bytes

const NAME = 0x0a; // 1, bytes
const VALUE = 0x12; // 2, bytes

const SECONDS = 0x08; // 1, varint
const NANOS = 0x10; // 2, varint

const TWO_32 = 4_294_967_296;

/** Reads a whole request into `records`. */
export function readPushProtobuf(body: Uint8Array, now: Instant, records: LokiRecords): void {
  const reader = new ProtobufReader(body);
  while (reader.at < reader.end) {
    const tag = reader.tag();
    if (tag === STREAMS) readStream(reader, now, records);
    else reader.skip(tag);
  }
}

/** Twice through: the labels may stand after the entries. */
function readStream(reader: ProtobufReader, now: Instant, records: LokiRecords): void {
  const outer = reader.enter();
  const start = reader.at;
  let labels = "{}";
  while (reader.at < reader.end) {
    const tag = reader.tag();
    if (tag === LABELS) labels = reader.text();
    else reader.skip(tag);
  }
  // Some clients put values into the text without escaping them: what cannot be read is kept as it is.
  records.startStream(parseLabels(labels) ?? [["labels", labels]]);
  reader.at = start;
  while (reader.at < reader.end) {
    const tag = reader.tag();
    if (tag === ENTRIES) readEntry(reader, now, records);
    else reader.skip(tag);
  }
  reader.leave(outer);
}

/** Where the current timestamp is read to: an object an entry would be wasted. */
const time = { ms: 0, ns: 0 };

function readEntry(reader: ProtobufReader, now: Instant, records: LokiRecords): void {
  const outer = reader.enter();
  let line = "";
  let metadata: Label[] | undefined;
  let outside: string | undefined;
  let hasTime = false;
  while (reader.at < reader.end) {
    const tag = reader.tag();
    switch (tag) {
      case TIMESTAMP:
        outside = readTimestamp(reader);
        hasTime = outside === undefined;
        break;
      case LINE:
        line = reader.text();
        break;
      case METADATA:
      case PARSED:
        (metadata ??= []).push(readLabel(reader));
        break;
      default:
        reader.skip(tag);
    }
  }
  reader.leave(outer);
  if (outside !== undefined) (metadata ??= []).push(["timestamp", outside]);
  const { ms, ns } = hasTime ? time : now;
  records.add(ms, ns, line, metadata);
}

function readLabel(reader: ProtobufReader): Label {
  const outer = reader.enter();
  let name = "";
  let value = "";
  while (reader.at < reader.end) {
    const tag = reader.tag();
    if (tag === NAME) name = reader.text();
    else if (tag === VALUE) value = reader.text();
    else reader.skip(tag);
  }
  reader.leave(outer);
  return [name, value];
}

/** Reads a `google.protobuf.Timestamp` into `time`; gives it as text if it is outside the years 0001 to 9999. */
function readTimestamp(reader: ProtobufReader): string | undefined {
  const outer = reader.enter();
  let seconds = 0;
  let nanos = 0;
  while (reader.at < reader.end) {
    const tag = reader.tag();
    if (tag === SECONDS) {
      reader.varint();
      seconds = (reader.high | 0) * TWO_32 + reader.low;
    } else if (tag === NANOS) {
      reader.varint();
      nanos = reader.low | 0;
    } else {
      reader.skip(tag);
    }
  }
  reader.leave(outer);
  // Nanoseconds are within the second; those that are not count on.
  const millis = Math.floor(nanos / 1_000_000);
  const ms = seconds * 1000 + millis;
  if (!(ms >= TIMESTAMP_MS_MIN && ms <= TIMESTAMP_MS_MAX)) return `${seconds} s, ${nanos} ns`;
  time.ms = ms;
  time.ns = nanos - millis * 1_000_000;
  return undefined;
}
