/** @module `AnyValue` in protobuf, as JSON text. */

import { ATTRIBUTE_DEPTH_MAX, MESSAGE_BYTES_MAX } from "../record.ts";
import { jsonNumber } from "./_json_text.ts";
import { type AddAttribute, listJson, messageOf, NEVER, ObjectText } from "./_otlp_value.ts";
import type { ProtobufReader } from "./_protobuf_reader.ts";
import type { WireRecords } from "./_wire_records.ts";

const STRING = 0x0a; // 1, bytes
const BOOL = 0x10; // 2, varint
const INT = 0x18; // 3, varint
const DOUBLE = 0x21; // 4, fixed64
const ARRAY = 0x2a; // 5, bytes
const KVLIST = 0x32; // 6, bytes
const BYTES = 0x3a; // 7, bytes

/** `values` of `ArrayValue` and of `KeyValueList`, `key` and `value` of `KeyValue`: 1 and 2, bytes. */
const VALUES = 0x0a;
const KEY = 0x0a;
const VALUE = 0x12;

/**
 * Reads an embedded `AnyValue` as compact JSON. Bytes are base64, numbers that JSON has not are strings, nothing is null.
 * A list that is deeper than attributes may be becomes its JSON text.
 * @param lists how many arrays and objects are around it in the JSON
 * @param textFrom with how many around it a list becomes text
 */
export function readValueJson(
  reader: ProtobufReader,
  lists: number,
  textFrom = ATTRIBUTE_DEPTH_MAX,
): string {
  const outer = reader.enter();
  let json = "null";
  // The last one counts: the fields are one oneof.
  while (reader.at < reader.end) {
    const tag = reader.tag();
    switch (tag) {
      case STRING:
        json = reader.textJson();
        break;
      case BOOL:
        json = reader.uint64() === 0 ? "false" : "true";
        break;
      case INT:
        json = reader.int64Json();
        break;
      case DOUBLE:
        json = jsonNumber(reader.double());
        break;
      case BYTES:
        json = `"${reader.encoded("base64")}"`;
        break;
      case ARRAY:
      case KVLIST:
        json = listJson(
          lists,
          textFrom,
          (inner) => (tag === ARRAY ? readArray : readKeyValues)(reader, lists + 1, inner),
        );
        break;
      default:
        reader.skip(tag);
    }
  }
  reader.leave(outer);
  return json;
}

function readArray(reader: ProtobufReader, lists: number, textFrom: number): string {
  const outer = reader.enter();
  let text = "";
  while (reader.at < reader.end) {
    const tag = reader.tag();
    if (tag === VALUES) text += (text === "" ? "" : ",") + readValueJson(reader, lists, textFrom);
    else reader.skip(tag);
  }
  reader.leave(outer);
  return `[${text}]`;
}

function readKeyValues(reader: ProtobufReader, lists: number, textFrom: number): string {
  const outer = reader.enter();
  const object = new ObjectText();
  while (reader.at < reader.end) {
    const tag = reader.tag();
    if (tag === VALUES) {
      readKeyValue(reader, lists, (name, json) => object.add(name, json), textFrom);
    } else {
      reader.skip(tag);
    }
  }
  reader.leave(outer);
  return object.text;
}

/**
 * Reads an embedded `KeyValue` and passes it on.
 * @param lists how many arrays and objects are around its value; 1 for an attribute
 */
export function readKeyValue(
  reader: ProtobufReader,
  lists: number,
  add: AddAttribute,
  textFrom = ATTRIBUTE_DEPTH_MAX,
): void {
  const outer = reader.enter();
  let name = "";
  let json = "null";
  while (reader.at < reader.end) {
    const tag = reader.tag();
    if (tag === KEY) name = reader.sharedText();
    else if (tag === VALUE) json = readValueJson(reader, lists, textFrom);
    else reader.skip(tag);
  }
  reader.leave(outer);
  add(name, json);
}

/** Reads an embedded `AnyValue` as a record's message: a string itself, bytes in base64, a structure as JSON. */
export function readMessage(reader: ProtobufReader, records: WireRecords): void {
  const start = reader.at;
  const outer = reader.enter();
  if (reader.at < reader.end && reader.tag() === STRING) {
    records.startBytes();
    const length = reader.textInto(records.batch.texts, MESSAGE_BYTES_MAX);
    // Nothing after it, as everyone writes it.
    if (length >= 0 && reader.at === reader.end) {
      reader.leave(outer);
      return;
    }
  }
  records.stringInstead();
  reader.at = start;
  reader.end = outer;
  records.message = messageOf(readValueJson(reader, 0, NEVER));
}
