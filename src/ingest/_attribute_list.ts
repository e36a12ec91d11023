/**
 * @module A record's attributes put together as JSON text, piece by piece: no object per record. Those that many records
 * share, a resource's or a stream's labels, are the context, which is put together once.
 */

import { ATTRIBUTE_NAMES_MAX, ATTRIBUTES_BYTES_MAX, utf8Length } from "../record.ts";
import { limitMembers, type Member, membersText } from "./_attribute_limits.ts";

/** What a context may take of a record's names and bytes: half, so that no resource leaves its records without room. */
const CONTEXT_NAMES_MAX = ATTRIBUTE_NAMES_MAX / 2;
const CONTEXT_BYTES_MAX = ATTRIBUTES_BYTES_MAX / 2;

/** A name, and where it was used last. */
export interface AttributeName {
  readonly text: string;
  /** As JSON, with the colon. */
  readonly key: string;
  /** The number of the record that has it, and its place there. */
  record: number;
  place: number;
  /** The number of the context that has it, and its value there. */
  context: number;
  contextJson: string;
  /** The last suffix that made a name of this one in `record`. */
  suffix: number;
}

/**
 * Puts attributes together. A name that is given twice with one value is kept once; with another value it is kept as
 * `name_1`, or the first of `name_2`, `name_3`… that is free. What is added first keeps its name, the context before all.
 * One list serves one body: it keeps every name.
 */
export class AttributeList {
  readonly #names = new Map<string, AttributeName>();
  #record = 0;
  #count = 0;
  /** Of the current record, those before `#count`; reused. */
  readonly #used: AttributeName[] = [];
  readonly #jsons: string[] = [];
  readonly #pieces: string[] = [];
  /** The current context's number; 0 is no context's. */
  #context = 1;
  #contextMembers: readonly Member[] = [];
  #contextText: string | undefined;
  /** What follows a record's own attributes. */
  #tail = "}";

  /** The name, to be added by. @param text well-formed */
  name(text: string): AttributeName {
    let name = this.#names.get(text);
    if (name === undefined) {
      name = {
        text,
        key: `${JSON.stringify(text)}:`,
        record: 0,
        place: 0,
        context: 0,
        contextJson: "",
        suffix: 0,
      };
      this.#names.set(text, name);
    }
    return name;
  }

  /** Begins a record. */
  start(): void {
    this.#record++;
    this.#count = 0;
  }

  /** Adds an attribute. @param json its value as `JSON.stringify` writes it */
  add(name: AttributeName, json: string): void {
    if (name.context === this.#context) {
      if (name.contextJson === json) return;
      name = this.#free(name);
    } else if (name.record === this.#record) {
      if (this.#jsons[name.place] === json) return;
      name = this.#free(name);
    }
    name.record = this.#record;
    name.place = this.#count;
    name.suffix = 0;
    this.#used[this.#count] = name;
    this.#jsons[this.#count] = json;
    this.#count++;
  }

  #free(name: AttributeName): AttributeName {
    // A name of the context alone has not been reset for this record yet.
    if (name.record !== this.#record) {
      name.record = this.#record;
      name.place = this.#count;
      name.suffix = 0;
    }
    for (;;) {
      const other = this.name(`${name.text}_${++name.suffix}`);
      if (other.record !== this.#record && other.context !== this.#context) return other;
    }
  }

  /**
   * Makes these attributes the context of the records to come, instead of what was.
   * @returns what is left of them within the limits of a context, under the names that they have there
   */
  setContext(members: readonly Member[]): readonly Member[] {
    this.#context++;
    this.start();
    for (const [text, json] of members) this.add(this.name(text), json);
    const kept = limitMembers(this.#members(), CONTEXT_NAMES_MAX, CONTEXT_BYTES_MAX);
    for (const [text, json] of kept) {
      const name = this.name(text);
      name.context = this.#context;
      name.contextJson = json;
    }
    this.#contextMembers = kept;
    this.#contextText = kept.length === 0 ? undefined : membersText(kept);
    this.#tail = this.#contextText === undefined ? "}" : `,${this.#contextText.slice(1)}`;
    return kept;
  }

  #members(): Member[] {
    return this.#used.slice(0, this.#count).map((name, i) => [name.text, this.#jsons[i]!]);
  }

  /** The JSON text of the record's attributes, its own first; `undefined` if there are none. */
  text(): string | undefined {
    if (this.#count === 0) return this.#contextText;
    const count = this.#count + this.#contextMembers.length;
    if (count <= ATTRIBUTE_NAMES_MAX) {
      const text = this.#joined();
      if (text.length * 3 <= ATTRIBUTES_BYTES_MAX || utf8Length(text) <= ATTRIBUTES_BYTES_MAX) {
        return text;
      }
    }
    const all = [...this.#contextMembers, ...this.#members()];
    return membersText(limitMembers(all, ATTRIBUTE_NAMES_MAX, ATTRIBUTES_BYTES_MAX));
  }

  #joined(): string {
    const pieces = this.#pieces;
    let at = 0;
    for (let i = 0; i < this.#count; i++) {
      pieces[at++] = i === 0 ? "{" : ",";
      pieces[at++] = this.#used[i]!.key;
      pieces[at++] = this.#jsons[i]!;
    }
    pieces[at++] = this.#tail;
    pieces.length = at;
    return pieces.join("");
  }
}
