/**
 * @module Running totals of every stream.
 *
 * Two layers: what segments hold (stored, with every publication that changes it) and, on top, what the memtable holds.
 * A stored value carries the totals at two versions, so that a publication can write its own before it becomes visible
 * and a start after a crash takes the other: only one publication is under way at a time.
 */

import { CorruptDataError, decodeDocument, encodeDocument } from "../codec/mod.ts";
import type { SeverityCode, Stream } from "../record.ts";
import type { Entry } from "./database.ts";
import { type Key, streamKey } from "./keys.ts";
import type { Instant, StreamTotal } from "./types.ts";

/** What is known of a stream's records. */
export interface Total {
  readonly count: number;
  /** The newest timestamp; meaningless while the count is 0. */
  readonly last: Instant;
}

const NONE: Total = { count: 0, last: { ms: -Infinity, ns: 0 } };

/** Adds two disjoint sets of records. */
export function addTotals(a: Total, b: Total): Total {
  if (a.count === 0) return b;
  if (b.count === 0) return a;
  return { count: a.count + b.count, last: later(a.last, b.last) };
}

function later(a: Instant, b: Instant): Instant {
  return a.ms > b.ms || (a.ms === b.ms && a.ns >= b.ns) ? a : b;
}

/** Totals by stream. */
export class TotalsTable {
  readonly #byKey = new Map<string, { readonly stream: Stream; total: Total }>();

  static key(stream: Stream): string {
    return `${stream.severity}${stream.service}`;
  }

  /** The number of streams. */
  get size(): number {
    return this.#byKey.size;
  }

  has(stream: Stream): boolean {
    return this.#byKey.has(TotalsTable.key(stream));
  }

  get(stream: Stream): Total {
    return this.#byKey.get(TotalsTable.key(stream))?.total ?? NONE;
  }

  /** Replaces a stream's total; one without records is forgotten. */
  set(stream: Stream, total: Total): void {
    if (total.count === 0) this.#byKey.delete(TotalsTable.key(stream));
    else this.#byKey.set(TotalsTable.key(stream), { stream, total });
  }

  add(stream: Stream, total: Total): void {
    this.set(stream, addTotals(this.get(stream), total));
  }

  *[Symbol.iterator](): Generator<StreamTotal> {
    for (const { stream, total } of this.#byKey.values()) yield { ...stream, ...total };
  }
}

/** A stream's stored totals: at `version`, and before it. */
interface StoredTotal {
  /** Whose totals they are, as in the key; absent of those written before it was kept. */
  readonly stream?: readonly [service: string, severity: number];
  readonly version: number;
  readonly total: Total;
  readonly previous: Total;
}

/** The mutation that stores a stream's new total, to hold from `version` on. */
export function totalMutation(
  stream: Stream,
  version: number,
  total: Total,
  previous: Total,
): [Key, Uint8Array] {
  const stored: StoredTotal = {
    stream: [stream.service, stream.severity],
    version,
    total: storable(total),
    previous: storable(previous),
  };
  return [streamKey(stream), encodeDocument(stored)];
}

/** JSON has no infinities. */
function storable(total: Total): Total {
  return total.count === 0 ? { count: 0, last: { ms: 0, ns: 0 } } : total;
}

/** The version from which on a stored total holds; of a later one than is visible it was not published. */
export function totalVersion({ value }: Pick<Entry, "value">): number {
  return (decodeDocument(value) as StoredTotal).version;
}

/**
 * Reads a stored total as of `version`.
 *
 * @throws {CorruptDataError} it is damaged, or another stream's
 */
export function decodeTotal({ key, value }: Entry, version: number): StreamTotal {
  const stored = decodeDocument(value) as StoredTotal;
  const service = key[2] as string;
  const severity = key[3] as SeverityCode;
  const [ofService, ofSeverity] = stored.stream ?? [service, severity];
  if (ofService !== service || ofSeverity !== severity) {
    throw new CorruptDataError("Cannot read a stream's totals: they are another stream's");
  }
  const total = stored.version <= version ? stored.total : stored.previous;
  return { service, severity, ...total };
}
