/** @module A record's attributes: checked, joined with the fields that are none of the record's, as JSON text. */

import { cut, describe, excerpt } from "./_describe.ts";
import { hasAtMostBytes } from "./_text_rules.ts";
import { utf8Length } from "./columns.ts";
import { ATTRIBUTE_DEPTH_MAX, ATTRIBUTE_NAMES_MAX, ATTRIBUTES_BYTES_MAX } from "./limits.ts";

/** An object as `JSON.parse` makes it: own properties only, any name, `__proto__` too. Never assigned to by name. */
export type JsonObject = { readonly [name: string]: unknown };

/** Takes a field's name and what is wrong with it. */
export type Report = (field: string, message: string) => void;

/**
 * The attributes of a record as compact JSON; `undefined` if there are none or any was reported as bad.
 * A field `x` that meets an attribute `x` is kept as `x_1`, or the first of `x_2`, `x_3`… that nothing else is called.
 * @param attributes what the record gives as its attributes
 * @param record where the fields are
 * @param fields names of the record's fields that become attributes
 */
export function attributesText(
  attributes: JsonObject | undefined,
  record: JsonObject,
  fields: readonly string[],
  report: Report,
): string | undefined {
  let count = fields.length;
  let fine = true;
  const check = (field: string, name: string, value: unknown) => {
    const fault = name.isWellFormed() ? faultOf(value, 1) : "has a lone surrogate in its name";
    if (fault === undefined) return;
    fine = false;
    const shown = cut(field).toWellFormed();
    report(shown, `"${shown}" ${fault}`);
  };
  if (attributes !== undefined) {
    for (const name of Object.keys(attributes)) {
      if (++count > ATTRIBUTE_NAMES_MAX) break;
      check(`attributes.${name}`, name, attributes[name]);
    }
  }
  if (count > ATTRIBUTE_NAMES_MAX) {
    const message = `"attributes" have more than ${ATTRIBUTE_NAMES_MAX} names, fields that ` +
      `become attributes included; expected at most ${ATTRIBUTE_NAMES_MAX}`;
    report("attributes", message);
    return undefined;
  }
  for (const name of fields) check(name, name, record[name]);
  if (!fine || count === 0) return undefined;
  const text = fields.length === 0
    ? JSON.stringify(attributes)
    : joinedText(attributes ?? {}, record, fields);
  if (hasAtMostBytes(text, ATTRIBUTES_BYTES_MAX)) return text;
  const message = `"attributes" have ${utf8Length(text)} bytes as JSON; expected at most ` +
    `${ATTRIBUTES_BYTES_MAX}`;
  report("attributes", message);
  return undefined;
}

function joinedText(
  attributes: JsonObject,
  record: JsonObject,
  fields: readonly string[],
): string {
  const names = Object.keys(attributes);
  const taken = new Set([...names, ...fields]);
  const own = new Set(names);
  const members = names.map((name) => memberText(name, attributes[name]));
  for (const field of fields) {
    let name = field;
    if (own.has(field)) {
      for (let i = 1; taken.has(name); i++) name = `${field}_${i}`;
      taken.add(name);
    }
    members.push(memberText(name, record[field]));
  }
  return `{${members.join(",")}}`;
}

function memberText(name: string, value: unknown): string {
  return `${JSON.stringify(name)}:${JSON.stringify(value)}`;
}

/**
 * What is wrong with an attribute's value, as the rest of a sentence.
 * @param depth how many objects and arrays are around the value; bounds the recursion
 */
function faultOf(value: unknown, depth: number): string | undefined {
  if (typeof value === "string") {
    return value.isWellFormed() ? undefined : `is ${excerpt(value)}; expected no lone surrogate`;
  }
  if (typeof value === "number") {
    return Number.isFinite(value)
      ? undefined
      : "is beyond the range of numbers; expected at most 1.8e308, or a string";
  }
  if (typeof value === "boolean" || value === null) return undefined;
  if (typeof value !== "object") return `is ${describe(value)}; expected a JSON value`;
  if (depth === ATTRIBUTE_DEPTH_MAX) {
    return `is nested too deeply; expected attributes of at most ${ATTRIBUTE_DEPTH_MAX} levels`;
  }
  return Array.isArray(value)
    ? faultOfItems(value, depth + 1)
    : faultOfMembers(value as JsonObject, depth + 1);
}

function faultOfItems(items: readonly unknown[], depth: number): string | undefined {
  for (const item of items) {
    const fault = faultOf(item, depth);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function faultOfMembers(members: JsonObject, depth: number): string | undefined {
  for (const name of Object.keys(members)) {
    if (!name.isWellFormed()) return "has a lone surrogate in a name inside it";
    const fault = faultOf(members[name], depth);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
