/** @module `AnyValue` in OTLP/JSON, as JSON text: proto3's JSON mapping with the deviations of OTLP's specification. */

import { ATTRIBUTE_DEPTH_MAX } from "../record.ts";
import type { JsonFields } from "./_json_fields.ts";
import { jsonNumber, jsonText } from "./_json_text.ts";
import { type AddAttribute, listJson, messageOf, NEVER, ObjectText } from "./_otlp_value.ts";

/**
 * An `AnyValue` as compact JSON, by the rules of `readValueJson` for protobuf. Members that are not known are ignored.
 * @param lists how many arrays and objects are around it in the JSON
 * @param textFrom with how many around it a list becomes text
 */
export function valueJson(
  fields: JsonFields,
  value: unknown,
  lists: number,
  textFrom = ATTRIBUTE_DEPTH_MAX,
): string {
  const any = fields.object(value, "value");
  const { stringValue, intValue, boolValue, doubleValue } = any;
  if (typeof stringValue === "string") return jsonText(stringValue);
  if (isGiven(intValue)) return fields.int64Json(intValue, "intValue");
  if (typeof boolValue === "boolean") return boolValue ? "true" : "false";
  if (isGiven(doubleValue)) return doubleJson(fields, doubleValue);
  const { arrayValue, kvlistValue, bytesValue } = any;
  if (isGiven(arrayValue)) {
    return listJson(lists, textFrom, (inner) => arrayJson(fields, arrayValue, lists + 1, inner));
  }
  if (isGiven(kvlistValue)) {
    return listJson(lists, textFrom, (inner) => objectJson(fields, kvlistValue, lists + 1, inner));
  }
  // Bytes are in base64 already. What is left has another type than its name says: kept as text.
  const other = bytesValue ?? stringValue ?? boolValue;
  return isGiven(other) ? jsonText(fields.text(other, "value")) : "null";
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** A double; a string of one where it is none that JSON has, or an integer that had been quoted to keep its digits. */
function doubleJson(fields: JsonFields, value: unknown): string {
  if (typeof value === "number") return jsonNumber(value);
  const text = fields.text(value, "doubleValue");
  const number = text === "" ? NaN : Number(text);
  return Number.isFinite(number) ? jsonNumber(number) : jsonText(text);
}

function arrayJson(fields: JsonFields, array: unknown, lists: number, textFrom: number): string {
  const { values } = fields.object(array, "arrayValue");
  let text = "";
  for (const value of fields.array(values, "values")) {
    text += (text === "" ? "" : ",") + valueJson(fields, value, lists, textFrom);
  }
  return `[${text}]`;
}

function objectJson(fields: JsonFields, kvlist: unknown, lists: number, textFrom: number): string {
  const object = new ObjectText();
  const add = (name: string, json: string) => object.add(name, json);
  const { values } = fields.object(kvlist, "kvlistValue");
  addKeyValues(fields, values, lists, add, textFrom);
  return object.text;
}

/**
 * Passes on the `KeyValue`s of an array.
 * @param lists how many arrays and objects are around their values; 1 for attributes
 */
export function addKeyValues(
  fields: JsonFields,
  keyValues: unknown,
  lists: number,
  add: AddAttribute,
  textFrom = ATTRIBUTE_DEPTH_MAX,
): void {
  for (const keyValue of fields.array(keyValues, "attributes")) {
    const { key, value } = fields.object(keyValue, "attributes");
    add(fields.text(key, "key"), valueJson(fields, value, lists, textFrom));
  }
}

/** A record's body as its message: a string itself, bytes in base64, a structure as JSON. */
export function bodyMessage(fields: JsonFields, body: unknown): string {
  const { stringValue } = fields.object(body, "body");
  return typeof stringValue === "string"
    ? stringValue
    : messageOf(valueJson(fields, body, 0, NEVER));
}
