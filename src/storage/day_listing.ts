import type { IndexEntry } from "./index_entry.ts";

/** The segments of one day under one index: every one that some reader may see, in the orders of scans. */
export class DayListing {
  readonly #entries = new Map<number, IndexEntry>();
  #descending: readonly IndexEntry[] | undefined;
  #ascending: readonly IndexEntry[] | undefined;

  constructor(entries: Iterable<IndexEntry>) {
    for (const entry of entries) this.#entries.set(entry.id, entry);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Adds a segment, or replaces what was known of it. */
  set(entry: IndexEntry): void {
    this.#entries.set(entry.id, entry);
    this.#descending = this.#ascending = undefined;
  }

  delete(id: number): void {
    if (this.#entries.delete(id)) this.#descending = this.#ascending = undefined;
  }

  /** From the last `lastMs` down, or from the first `firstMs` up. The array never changes. */
  inOrder(order: "asc" | "desc"): readonly IndexEntry[] {
    const all = this.#entries.values();
    return order === "desc"
      ? this.#descending ??= [...all].sort((a, b) => b.lastMs - a.lastMs)
      : this.#ascending ??= [...all].sort((a, b) => a.firstMs - b.firstMs);
  }
}
