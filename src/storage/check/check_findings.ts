/** @module What a check of a store tells: one finding for each value that is not as it should be. */

import { isDamage } from "../repair/damage.ts";
import type { Entry } from "../database.ts";
import type { IndexEntry } from "../index_entry.ts";
import type { Key } from "../keys.ts";

/** Which part of the store a finding is about. */
export type FindingKind =
  | "file"
  | "format"
  | "index"
  | "segment"
  | "filter"
  | "ids"
  | "totals"
  | "journal"
  | "deletion"
  | "publication"
  | "idempotency"
  | "token"
  | "secret"
  | "unknown";

/** The records that a finding concerns, as far as they are known. Both ends of a range belong to it. */
export interface AffectedRecords {
  readonly records?: number | undefined;
  /** Timestamps, RFC 3339. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly ids?: readonly [first: number, last: number] | undefined;
  readonly service?: string | undefined;
  readonly severity?: number | undefined;
}

/** One thing that is not as it should be. */
export interface CheckFinding extends AffectedRecords {
  readonly kind: FindingKind;
  /** The value's key as JSON; byte strings as hexadecimal digits. */
  readonly key?: string | undefined;
  /** A sentence. */
  readonly what: string;
}

/** What a segment's entry says of the records in it. */
export function recordsOf(entry: IndexEntry): AffectedRecords {
  return {
    records: entry.count,
    from: momentText(entry.firstMs),
    to: momentText(entry.lastMs),
    ids: [entry.firstId, entry.lastId],
    service: entry.stream?.service,
    severity: entry.stream?.severity,
  };
}

/** A moment as RFC 3339; `undefined` if it is none that a record can have. */
export function momentText(ms: unknown): string | undefined {
  const date = new Date(typeof ms === "number" ? ms : NaN);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

/** A key for people. */
export function keyText(key: Key): string {
  return JSON.stringify(key.map((part) => part instanceof Uint8Array ? part.toHex() : part));
}

/** One line for people: what was found, and which records it concerns. */
export function findingText(finding: CheckFinding): string {
  const { kind, what, key, records, from, to, ids, service, severity } = finding;
  const about = [
    records === undefined ? undefined : `${records} records`,
    service === undefined ? undefined : `of ${service}`,
    severity === undefined ? undefined : `severity ${severity}`,
    from === undefined ? undefined : `from ${from}`,
    to === undefined ? undefined : `to ${to}`,
    ids === undefined ? undefined : `ids ${ids[0]} to ${ids[1]}`,
    key,
  ].filter((part) => part !== undefined);
  return `${kind}: ${what}${about.length === 0 ? "" : ` (${about.join(", ")})`}`;
}

/** Passes findings on, and counts them. */
export class Findings {
  readonly #tell: (finding: CheckFinding) => void;
  count = 0;
  readonly #kinds = new Map<FindingKind, number>();

  constructor(tell: (finding: CheckFinding) => void = () => {}) {
    this.#tell = tell;
  }

  add(finding: CheckFinding): void {
    this.count++;
    this.#kinds.set(finding.kind, this.ofKind(finding.kind) + 1);
    this.#tell(finding);
  }

  /** How many of a kind there were. */
  ofKind(kind: FindingKind): number {
    return this.#kinds.get(kind) ?? 0;
  }

  /** What `read` gives; `undefined` if it says that a value is damaged, which is a finding then. */
  async tried<T>(
    kind: FindingKind,
    { key }: Pick<Entry, "key">,
    read: () => T | Promise<T>,
    about: Partial<CheckFinding> = {},
  ): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.add({ kind, what: error.message, ...about, key: keyText(key) });
      return undefined;
    }
  }
}
