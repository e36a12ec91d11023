/** @module The fields of a record found in a JSON object by the names that loggers give them. */

import type { Instant, SeverityReading } from "../record.ts";
import type { Members } from "./_lenient_attributes.ts";
import { deepJson } from "./_lenient_deep_json.ts";
import type { LenientRecord } from "./_lenient_record.ts";
import { PLAIN_INFO } from "./_lenient_severity.ts";
import { timeFromValue } from "./_lenient_time.ts";

/**
 * The names of each field, best first. `name.inner` stands for a member of that name and for the member `inner` of an object
 * `name`.
 */
export interface FieldNames {
  readonly time: readonly string[];
  readonly severity: readonly string[];
  readonly service: readonly string[];
  readonly message: readonly string[];
  readonly traceId: readonly string[];
  readonly spanId: readonly string[];
}

/** Reads a JSON value as a severity; `undefined` if it can be none. */
export type SeverityReader = (value: unknown) => SeverityReading | undefined;

const TIME = 0;
const SEVERITY = 1;
const SERVICE = 2;
const MESSAGE = 3;
const TRACE_ID = 4;
const SPAN_ID = 5;
/** The fields in the order of the numbers above. */
const ROLES = ["time", "severity", "service", "message", "traceId", "spanId"] as const;

/** A member that may be a field. */
interface Slot {
  /** One of the numbers above. */
  readonly role: number;
  /** Its place among the names of the role, 0 the best. */
  readonly rank: number;
  readonly name: string;
  /** The member of the object `name` that is meant. */
  readonly inner: string | undefined;
}

/** Worse than any name's rank: messages that are no text are taken only if there is no other. */
const LAST_RESORT = 1000;
const NONE = 10_000;

/** Finds the fields of records that come from one kind of client. */
export class FieldFinder {
  readonly #slots = new Map<string, readonly Slot[]>();
  readonly #readSeverity: SeverityReader;
  /** The best slots found in the record at hand, and their ranks, by role. */
  readonly #found: (Slot | undefined)[] = ROLES.map(() => undefined);
  readonly #ranks = new Int32Array(ROLES.length).fill(NONE);

  constructor(names: FieldNames, readSeverity: SeverityReader) {
    this.#readSeverity = readSeverity;
    ROLES.forEach((field, role) => {
      names[field].forEach((name, rank) => {
        this.#add({ role, rank, name, inner: undefined });
        const dot = name.indexOf(".");
        if (dot > 0) {
          this.#add({ role, rank, name: name.slice(0, dot), inner: name.slice(dot + 1) });
        }
      });
    });
  }

  #add(slot: Slot): void {
    this.#slots.set(slot.name, [...this.#slots.get(slot.name) ?? [], slot]);
  }

  /**
   * Fills `out` from an object that `JSON.parse` gave: fields that are found are set to `undefined` in it, and what is left
   * is `out.attributes`. Without a time it is `now`; without a service `defaultService`; without a message the empty text.
   */
  find(members: Members, now: Instant, defaultService: string, out: LenientRecord): void {
    out.ms = now.ms;
    out.ns = now.ns;
    out.severity = PLAIN_INFO;
    out.service = defaultService;
    out.message = "";
    out.traceId = undefined;
    out.spanId = undefined;
    const ranks = this.#ranks;
    const found = this.#found;
    const names = Object.keys(members);
    for (const name of names) {
      const slots = this.#slots.get(name);
      if (slots === undefined) continue;
      const outer = members[name];
      for (const slot of slots) {
        if (slot.rank >= ranks[slot.role]!) continue;
        const rank = this.#offer(slot, outer, out);
        if (rank === NONE) continue;
        ranks[slot.role] = rank;
        found[slot.role] = slot;
      }
    }
    let taken = 0;
    for (let role = 0; role < ROLES.length; role++) {
      const slot = found[role];
      if (slot === undefined) continue;
      if (take(slot, members)) taken++;
      found[role] = undefined;
      ranks[role] = NONE;
    }
    out.attributes = taken === names.length ? undefined : members;
  }

  /** Takes a member's value, if it can be what its slot says; gives its rank then, else `NONE`. */
  #offer({ role, rank, inner }: Slot, outer: unknown, out: LenientRecord): number {
    const value = inner === undefined ? outer : innerOf(outer, inner);
    switch (role) {
      case TIME:
        return timeFromValue(value, out) ? rank : NONE;
      case SEVERITY: {
        const reading = this.#readSeverity(value);
        if (reading === undefined) return NONE;
        out.severity = reading;
        return rank;
      }
      case MESSAGE:
        return this.#offerMessage(value, rank, out);
      default:
        if (typeof value !== "string" || isBlankText(value)) return NONE;
        if (role === SERVICE) out.service = value;
        else if (role === TRACE_ID) out.traceId = value;
        else if (role === SPAN_ID) out.spanId = value;
        return rank;
    }
  }

  #offerMessage(value: unknown, rank: number, out: LenientRecord): number {
    if (typeof value === "string") {
      out.message = value;
      return rank;
    }
    if (value === undefined || value === null) return NONE;
    // Only what is sure to be meant as the message may be an object: `log` and `body` often hold other things.
    if (typeof value === "object" && rank > 0) return NONE;
    if (rank + LAST_RESORT >= this.#ranks[MESSAGE]!) return NONE;
    out.message = textOf(value);
    return rank + LAST_RESORT;
  }
}

/** Whether there is nothing but white space; without a copy where the first character tells. */
function isBlankText(text: string): boolean {
  return text === "" || (text.charCodeAt(0) <= 0x20 && text.trim() === "");
}

function innerOf(outer: unknown, inner: string): unknown {
  if (typeof outer !== "object" || outer === null || !Object.hasOwn(outer, inner)) return undefined;
  return (outer as Members)[inner];
}

/** Removes a field that was found; whether that leaves nothing of its member. */
function take({ name, inner }: Slot, members: Members): boolean {
  if (inner !== undefined) {
    const outer = members[name] as Members | undefined;
    // Another field may have emptied it already.
    if (outer === undefined) return false;
    outer[inner] = undefined;
    if (Object.values(outer).some((value) => value !== undefined)) return false;
  }
  members[name] = undefined;
  return true;
}

/** A JSON value as a message: a text as it is, anything else as its JSON text. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "object" ? deepJson(value) : String(value);
}
