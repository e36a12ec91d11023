/** @module What is known to be damaged: told in the log once, counted for operators, and said in answers. */

import { CorruptDataError } from "../../codec/mod.ts";

/** What a damaged value is; the names that metrics have. */
export const DAMAGED_KINDS = [
  "segments",
  "index_entries",
  "filters",
  "id_blocks",
  "totals",
  "journal_entries",
  "others",
] as const;

/** A kind of damaged value. */
export type DamagedKind = typeof DAMAGED_KINDS[number];

/** Damaged values that are told apart; there being more is no news, and they are told of as often as they are met. */
const KNOWN_MAX = 10_000;

/** Sentences that every answer carries. */
const SENTENCES_MAX = 100;

/** Remembers what is damaged, from the start of the server on. */
export class DamageRegister {
  readonly #log: (level: "error" | "info", message: string) => void;
  readonly #known = new Map<string, DamagedKind>();
  /** What no answer can have, whatever is asked for. */
  readonly #leftOut = new Map<string, string>();

  constructor(log: (level: "error" | "info", message: string) => void = () => {}) {
    this.#log = log;
  }

  /** What every answer has to leave out, as sentences. */
  get leftOut(): readonly string[] {
    return [...this.#leftOut.values()];
  }

  /** Notes a damaged value by its name, and logs it when it is new. */
  note(kind: DamagedKind, name: string, what: string): void {
    const known = `${kind} ${name}`;
    if (this.#known.has(known)) return;
    if (this.#known.size < KNOWN_MAX) this.#known.set(known, kind);
    this.#log("error", `Damage found: ${what}`);
  }

  /** Notes one that every answer has to leave out. */
  leaveOut(kind: DamagedKind, name: string, what: string): void {
    this.note(kind, name, what);
    if (this.#leftOut.size < SENTENCES_MAX) this.#leftOut.set(`${kind} ${name}`, what);
  }

  /** Notes that a value was made anew from others, or is gone; says so if it was known to be damaged. */
  repaired(kind: DamagedKind, name: string): boolean {
    this.#leftOut.delete(`${kind} ${name}`);
    return this.#known.delete(`${kind} ${name}`);
  }

  /** The same for all values of a kind. */
  repairedAll(kind: DamagedKind): void {
    for (const [name, of] of this.#known) {
      if (of !== kind) continue;
      this.#known.delete(name);
      this.#leftOut.delete(name);
    }
  }

  /** Whether a value is known to be damaged. */
  has(kind: DamagedKind, name: string): boolean {
    return this.#known.has(`${kind} ${name}`);
  }

  /** How many of a kind are known. */
  count(kind: DamagedKind): number {
    let count = 0;
    for (const known of this.#known.values()) if (known === kind) count++;
    return count;
  }

  /** What is known, in a sentence; `undefined` if nothing is. */
  get summary(): string | undefined {
    const counts = DAMAGED_KINDS.map((kind) => ({ kind, count: this.count(kind) }))
      .filter(({ count }) => count > 0)
      .map(({ kind, count }) => `${kind.replace("_", " ")}: ${count}`);
    return counts.length === 0 ? undefined : `Damaged on disk: ${counts.join(", ")}`;
  }
}

/** A checksum that does not match, or a sound document that is not of the shape that belongs there. */
export function isDamage(error: unknown): error is Error {
  return error instanceof CorruptDataError || error instanceof TypeError ||
    error instanceof RangeError;
}
