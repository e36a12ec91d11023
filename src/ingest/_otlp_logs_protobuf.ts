/** @module `ExportLogsServiceRequest` in protobuf: opentelemetry-proto, collector/logs/v1, logs/v1 and resource/v1. */

import { jsonText } from "./_json_text.ts";
import type { OtlpRecords } from "./_otlp_records.ts";
import type { AddAttribute } from "./_otlp_value.ts";
import { readKeyValue, readMessage } from "./_otlp_value_protobuf.ts";
import { ProtobufReader } from "./_protobuf_reader.ts";

// Tags: field number << 3 | wire type.
const RESOURCE_LOGS = 0x0a; // 1, bytes

const RESOURCE = 0x0a; // 1, bytes; a scope in ScopeLogs
const SCOPE_LOGS = 0x12; // 2, bytes
const LOG_RECORDS = 0x12; // 2, bytes
const SCHEMA_URL = 0x1a; // 3, bytes

const RESOURCE_ATTRIBUTES = 0x0a; // 1, bytes
const RESOURCE_DROPPED = 0x10; // 2, varint
const RESOURCE_ENTITIES = 0x1a; // 3, bytes

const ENTITY_SCHEMA_URL = 0x0a; // 1, bytes
const ENTITY_TYPE = 0x12; // 2, bytes
const ENTITY_ID_KEYS = 0x1a; // 3, bytes
const ENTITY_DESCRIPTION_KEYS = 0x22; // 4, bytes

const SCOPE_NAME = 0x0a; // 1, bytes
const SCOPE_VERSION = 0x12; // 2, bytes
const SCOPE_ATTRIBUTES = 0x1a; // 3, bytes
const SCOPE_DROPPED = 0x20; // 4, varint

const TIME = 0x09; // 1, fixed64
const SEVERITY_NUMBER = 0x10; // 2, varint
const SEVERITY_TEXT = 0x1a; // 3, bytes
const BODY = 0x2a; // 5, bytes
const ATTRIBUTES = 0x32; // 6, bytes
const DROPPED = 0x38; // 7, varint
const FLAGS = 0x45; // 8, fixed32
const TRACE_ID = 0x4a; // 9, bytes
const SPAN_ID = 0x52; // 10, bytes
const OBSERVED = 0x59; // 11, fixed64
const EVENT_NAME = 0x62; // 12, bytes

/** Reads a whole request into `records`. */
export function readLogsProtobuf(body: Uint8Array, records: OtlpRecords): void {
  new LogsReader(body, records).readRequest();
}

class LogsReader {
  readonly #reader: ProtobufReader;
  readonly #records: OtlpRecords;
  readonly #addAttribute = (name: string, json: string) => this.#records.wire.add(name, json);
  readonly #addResource = (name: string, json: string) => this.#records.addResource(name, json);
  readonly #addScope = (name: string, json: string) => this.#records.addScope(name, json);

  constructor(body: Uint8Array, records: OtlpRecords) {
    this.#reader = new ProtobufReader(body);
    // Once for all messages.
    records.wire.batch.texts.reserve(body.length);
    this.#records = records;
  }

  readRequest(): void {
    const reader = this.#reader;
    while (reader.at < reader.end) {
      const tag = reader.tag();
      if (tag === RESOURCE_LOGS) this.#readResourceLogs();
      else reader.skip(tag);
    }
    this.#records.wire.batch.texts.trim();
  }

  /** Twice through: what the records share may stand after them. */
  #readResourceLogs(): void {
    const reader = this.#reader;
    const outer = reader.enter();
    const start = reader.at;
    this.#records.startResource();
    while (reader.at < reader.end) {
      const tag = reader.tag();
      if (tag === RESOURCE) this.#readResource();
      else if (tag === SCHEMA_URL) this.#addText("schema_url", this.#addResource);
      else reader.skip(tag);
    }
    reader.at = start;
    while (reader.at < reader.end) {
      const tag = reader.tag();
      if (tag === SCOPE_LOGS) this.#readScopeLogs();
      else reader.skip(tag);
    }
    reader.leave(outer);
  }

  #readResource(): void {
    const reader = this.#reader;
    const outer = reader.enter();
    while (reader.at < reader.end) {
      const tag = reader.tag();
      if (tag === RESOURCE_ATTRIBUTES) readKeyValue(reader, 1, this.#addResource);
      else if (tag === RESOURCE_DROPPED) this.#addCount(this.#addResource);
      else if (tag === RESOURCE_ENTITIES) this.#records.addEntity(this.#readEntity());
      else reader.skip(tag);
    }
    reader.leave(outer);
  }

  /** Adds a string, unless it is empty, which is the same as absent. */
  #addText(name: string, add: AddAttribute): void {
    const text = this.#reader.text();
    if (text !== "") add(name, jsonText(text));
  }

  #addCount(add: AddAttribute): void {
    const count = this.#reader.uint64();
    if (count !== 0) add("dropped_attributes_count", String(count));
  }

  #readEntity(): string {
    const reader = this.#reader;
    const outer = reader.enter();
    let schemaUrl: string | undefined;
    let type: string | undefined;
    const idKeys: string[] = [];
    const descriptionKeys: string[] = [];
    while (reader.at < reader.end) {
      const tag = reader.tag();
      if (tag === ENTITY_SCHEMA_URL) schemaUrl = reader.text();
      else if (tag === ENTITY_TYPE) type = reader.text();
      else if (tag === ENTITY_ID_KEYS) idKeys.push(reader.text());
      else if (tag === ENTITY_DESCRIPTION_KEYS) descriptionKeys.push(reader.text());
      else reader.skip(tag);
    }
    reader.leave(outer);
    return JSON.stringify({ schemaUrl, type, idKeys, descriptionKeys });
  }

  #readScopeLogs(): void {
    const reader = this.#reader;
    const outer = reader.enter();
    const start = reader.at;
    this.#records.startScope();
    while (reader.at < reader.end) {
      const tag = reader.tag();
      if (tag === RESOURCE) this.#readScope();
      else if (tag === SCHEMA_URL) this.#addText("schema_url", this.#addScope);
      else reader.skip(tag);
    }
    reader.at = start;
    let first = true;
    while (reader.at < reader.end) {
      const tag = reader.tag();
      if (tag !== LOG_RECORDS) {
        reader.skip(tag);
        continue;
      }
      if (first) this.#records.startRecords();
      first = false;
      this.#readRecord();
    }
    reader.leave(outer);
  }

  #readScope(): void {
    const reader = this.#reader;
    const outer = reader.enter();
    while (reader.at < reader.end) {
      const tag = reader.tag();
      if (tag === SCOPE_NAME) this.#addText("name", this.#addScope);
      else if (tag === SCOPE_VERSION) this.#addText("version", this.#addScope);
      else if (tag === SCOPE_ATTRIBUTES) readKeyValue(reader, 1, this.#addScope);
      else if (tag === SCOPE_DROPPED) this.#addCount(this.#addScope);
      else reader.skip(tag);
    }
    reader.leave(outer);
  }

  #readRecord(): void {
    const reader = this.#reader;
    const records = this.#records;
    const outer = reader.enter();
    records.startRecord();
    while (reader.at < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case TIME:
          reader.unixNanos();
          records.timeMs = reader.ms;
          records.timeNs = reader.ns;
          break;
        case OBSERVED:
          reader.unixNanos();
          records.observedMs = reader.ms;
          records.observedNs = reader.ns;
          break;
        case SEVERITY_NUMBER:
          reader.varint();
          records.severityNumber = reader.low | 0;
          break;
        case SEVERITY_TEXT:
          records.severityText = reader.text();
          break;
        case BODY:
          readMessage(reader, records.wire);
          break;
        case ATTRIBUTES:
          readKeyValue(reader, 1, this.#addAttribute);
          break;
        case DROPPED:
          records.droppedAttributes = reader.uint64();
          break;
        case FLAGS:
          records.flags = reader.fixed32();
          break;
        case TRACE_ID:
          records.traceId = reader.encoded("hex");
          break;
        case SPAN_ID:
          records.spanId = reader.encoded("hex");
          break;
        case EVENT_NAME:
          records.eventName = reader.text();
          break;
        default:
          reader.skip(tag);
      }
    }
    reader.leave(outer);
    records.endRecord();
  }
}
