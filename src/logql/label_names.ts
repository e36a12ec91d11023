/** @module Names of labels: letters, digits and `_`, as LogQL writes them, where attributes may have any name. */

import { JSON_DEPTH_MAX } from "./limits.ts";

/** The label that an attribute's or a field's name becomes; empty if there is nothing in it. */
export function labelName(name: string): string {
  const digitFirst = /^[0-9]/.test(name);
  return (digitFirst ? "_" : "") + name.replace(/[^A-Za-z0-9_]/g, "_");
}

/** What a label is called whose name another one has already. */
export const EXTRACTED = "_extracted";

/**
 * Goes through the scalar values of a JSON value: members of objects under the names of all that they are in, with `_`
 * between. What lies too deep is passed over.
 * @param array what to do with an array; absent: it is passed over, as Loki's parser does
 */
export function eachLabel(
  prefix: string,
  value: unknown,
  found: (name: string, value: string) => void,
  array?: (value: readonly unknown[]) => string,
  depth = 0,
): void {
  if (typeof value === "string") found(prefix, value);
  else if (typeof value === "number" || typeof value === "boolean") {
    found(prefix, String(value));
  } else if (Array.isArray(value)) {
    if (array !== undefined) found(prefix, array(value));
  } else if (typeof value === "object" && value !== null && depth < JSON_DEPTH_MAX) {
    for (const [name, member] of Object.entries(value)) {
      const label = labelName(name);
      const inside = prefix === "" ? label : label === "" ? prefix : `${prefix}_${label}`;
      if (inside !== "") eachLabel(inside, member, found, array, depth + 1);
    }
  }
}
