/** @module Attributes of clients that cannot be told: whatever they hold, brought within the limits with next to no loss. */

import {
  ATTRIBUTE_DEPTH_MAX,
  ATTRIBUTE_NAMES_MAX,
  ATTRIBUTES_BYTES_MAX,
  utf8Length,
} from "../record.ts";
import { limitMembers, type Member, membersText } from "./_attribute_limits.ts";
import { deepJson } from "./_lenient_deep_json.ts";

/** A JSON object that may be changed: own members only. Names from outside are set by {@linkcode setMember}. */
export type Members = Record<string, unknown>;

/**
 * A record's attributes as compact JSON; `undefined` if there are none. Members that are `undefined` are left out.
 *
 * Within the limits it is what `JSON.stringify` gives. Beyond them: a value nested too deeply becomes its JSON text, a
 * number beyond a double's range a string, a lone surrogate U+FFFD; members after the 255th go into the object
 * `more_attributes`; and where all that has more than 64 KiB, the longest values are cut and `attributes_truncated_bytes`
 * says by how many bytes.
 * @param members a plain object of JSON values, as `JSON.parse` gives them
 */
export function attributesText(members: Members): string | undefined {
  if (!isPlain(members, 1)) return carefulText(members);
  const text = JSON.stringify(members);
  if (text === "{}") return undefined;
  if (text.length * 3 > ATTRIBUTES_BYTES_MAX && utf8Length(text) > ATTRIBUTES_BYTES_MAX) {
    return carefulText(members);
  }
  // A lone surrogate is written as an escape; so is the text `\ud`, which the careful way leaves as it is.
  return text.includes("\\ud") ? carefulText(members) : text;
}

/** Whether `JSON.stringify` keeps everything in it, and it is neither too deep nor worth a closer look for its size. */
function isPlain(container: object, depth: number): boolean {
  const count = Array.isArray(container) ? container.length : Object.keys(container).length;
  if (count > ATTRIBUTE_NAMES_MAX) return false;
  for (const value of Object.values(container)) {
    if (typeof value === "number") {
      if (!Number.isFinite(value)) return false;
    } else if (typeof value === "object" && value !== null) {
      if (depth === ATTRIBUTE_DEPTH_MAX || !isPlain(value, depth + 1)) return false;
    }
  }
  return true;
}

function carefulText(members: Members): string | undefined {
  const names = Object.keys(members).filter((name) => members[name] !== undefined);
  if (names.length === 0) return undefined;
  const unique = uniqueNames(names);
  const texts = names.map((name, i): Member => [unique[i]!, valueText(members[name])]);
  return membersText(limitMembers(texts, ATTRIBUTE_NAMES_MAX, ATTRIBUTES_BYTES_MAX));
}

/** The JSON of an attribute's value as a record may have it; of one that is to be cut for its length, any JSON. */
function valueText(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.toWellFormed());
  const text = jsonText(value);
  // So that what is thrown away is not cleaned before: it may be the whole of a body.
  return text.length > ATTRIBUTES_BYTES_MAX ? text : JSON.stringify(clean(value, 1));
}

function jsonText(value: unknown): string {
  // JSON.stringify takes time by the square of the depth, or overflows the stack.
  return isDeep(value, 0) ? deepJson(value) : JSON.stringify(value);
}

/** Whether a value is nested more deeply than a record may have it. @param depth how many objects and arrays are around it */
function isDeep(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (depth === ATTRIBUTE_DEPTH_MAX) return true;
  if (Array.isArray(value)) return value.some((item) => isDeep(item, depth + 1));
  const members = value as Members;
  return Object.keys(members).some((name) => isDeep(members[name], depth + 1));
}

/** The value as a record may have it. @param depth how many objects and arrays are around it */
function clean(value: unknown, depth: number): unknown {
  if (typeof value === "string") return value.toWellFormed();
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth === ATTRIBUTE_DEPTH_MAX) return deepJson(value).toWellFormed();
  if (Array.isArray(value)) return value.map((item) => clean(item, depth + 1));
  return Object.fromEntries(cleanMembers(value as Members, depth + 1));
}

function cleanMembers(members: Members, depth: number): [string, unknown][] {
  const names = Object.keys(members).filter((name) => members[name] !== undefined);
  const unique = uniqueNames(names);
  return names.map((name, i) => [unique[i]!, clean(members[name], depth)]);
}

/** The names without lone surrogates; one that another has already gets the first of `_1`, `_2`… that is free. */
function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  // Where to go on for each name, so that many alike take no more than linear time.
  const suffixes = new Map<string, number>();
  return names.map((name) => {
    const wellFormed = name.toWellFormed();
    let free = wellFormed;
    if (taken.has(free)) {
      let suffix = suffixes.get(wellFormed) ?? 1;
      while (taken.has(free = `${wellFormed}_${suffix}`)) suffix++;
      suffixes.set(wellFormed, suffix + 1);
    }
    taken.add(free);
    return free;
  });
}

/** Adds an attribute under its name, or the first of `name_1`, `name_2`… that is free. */
export function addAttribute(members: Members, name: string, value: unknown): void {
  let free = name;
  for (let i = 1; Object.hasOwn(members, free) && members[free] !== undefined; i++) {
    free = `${name}_${i}`;
  }
  setMember(members, free, value);
}

/** Sets a member of any name. */
export function setMember(members: Members, name: string, value: unknown): void {
  if (name !== "__proto__") {
    members[name] = value;
    return;
  }
  // An assignment would set the object's prototype.
  Object.defineProperty(members, name, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}
