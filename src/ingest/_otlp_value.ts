/** @module What the decoders of OTLP's two encodings share about `AnyValue`: opentelemetry-proto, common/v1. */

import { BadBodyError } from "./errors.ts";
import { jsonText } from "./_json_text.ts";

/**
 * Lists inside each other in one value. Parsers of protobuf refuse more than 100 messages inside each other, and a list is at
 * least two: nothing that they take is refused here.
 */
const LISTS_MAX = 100;

/** How many lists are around one that becomes text, where none does: what is text in the end. */
export const NEVER = Infinity;

/** Takes an attribute: its name, and its value as JSON. */
export type AddAttribute = (name: string, json: string) => void;

/**
 * An array or an object as JSON, or as a string of its JSON where it is deeper than attributes may be.
 * @param lists how many are around it
 * @param textFrom with how many around it a list becomes text
 * @param render gives the JSON; its argument is `textFrom` for what is inside
 * @throws {BadBodyError} more are around it than anyone can mean
 */
export function listJson(
  lists: number,
  textFrom: number,
  render: (textFrom: number) => string,
): string {
  if (lists > LISTS_MAX) {
    throw new BadBodyError(
      `Cannot read a value nested more than ${LISTS_MAX} levels deep: send it as text`,
    );
  }
  if (lists !== textFrom) return render(textFrom);
  // Inside a text there is no other: escapes of escapes would double with each level.
  return JSON.stringify(render(NEVER));
}

/** An object's members as JSON; a name given twice is kept as `name_1`, `name_2`… */
export class ObjectText {
  #text = "";
  /** For each name used the last suffix tried. */
  readonly #suffixes = new Map<string, number>();

  /** @param name well-formed */
  add(name: string, json: string): void {
    let free = name;
    let suffix = this.#suffixes.get(name);
    if (suffix !== undefined) {
      do free = `${name}_${++suffix}`; while (this.#suffixes.has(free));
      this.#suffixes.set(name, suffix);
    }
    this.#suffixes.set(free, 0);
    // Pieces are appended, never joined: a join at each level would copy what is inside once for each.
    this.#text += `${this.#text === "" ? "" : ","}${jsonText(free)}:${json}`;
  }

  get text(): string {
    return `{${this.#text}}`;
  }
}

/** A value's JSON as the message of a record: a string itself, nothing for null, anything else as JSON. */
export function messageOf(json: string): string {
  if (json === "null") return "";
  return json.startsWith('"') ? JSON.parse(json) as string : json;
}
