/** @module Who wants to know of each commit, for tails. */

import type { RecordColumns } from "../record.ts";

/**
 * Takes the records of one commit, in the same synchronous step in which they become visible. Must be quick: every
 * request of the commit waits for it. The columns never change and may be kept.
 */
export type CommitListener = (columns: RecordColumns) => void;

/** The listeners of a store. */
export class Subscriptions {
  readonly #listeners = new Set<CommitListener>();
  readonly #failed: (error: unknown) => void;

  /** @param failed gets what a listener threw: the records are stored all the same */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  /** Adds a listener; the function that it gives removes it. */
  add(listener: CommitListener): () => void {
    // A function of its own: the same listener may be there twice.
    const one: CommitListener = (columns) => listener(columns);
    this.#listeners.add(one);
    return () => void this.#listeners.delete(one);
  }

  /** Whether there are listeners. */
  get any(): boolean {
    return this.#listeners.size > 0;
  }

  /** Tells every listener of a commit that has records. */
  tell(columns: RecordColumns): void {
    if (columns.count === 0) return;
    for (const listener of this.#listeners) {
      try {
        listener(columns);
      } catch (error) {
        this.#failed(error);
      }
    }
  }
}
