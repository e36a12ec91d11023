/** @module Writes and removes in the background: in commits so small that a journal commit never waits long behind one. */

import type { Commit, Database } from "./database.ts";
import type { Key } from "./keys.ts";
import { BACKGROUND_BYTES_MAX, BACKGROUND_MUTATIONS_MAX } from "./limits.ts";

/** What a key takes in a commit beside its value, about. */
const KEY_BYTES = 100;

/** Commits in pieces. What fails between two of them leaves the first ones done. */
export class BackgroundWriter {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Sets all of them, in their order. */
  async write(mutations: Iterable<[Key, Uint8Array]>): Promise<void> {
    let sets: [Key, Uint8Array][] = [];
    let bytes = 0;
    for (const mutation of mutations) {
      const size = mutation[1].length + KEY_BYTES;
      if (
        sets.length > 0 &&
        (sets.length === BACKGROUND_MUTATIONS_MAX || bytes + size > BACKGROUND_BYTES_MAX)
      ) {
        await this.commit({ sets });
        sets = [];
        bytes = 0;
      }
      sets.push(mutation);
      bytes += size;
    }
    if (sets.length > 0) await this.commit({ sets });
  }

  /** Removes all of them, in their order. */
  async delete(keys: readonly Key[]): Promise<void> {
    for (let i = 0; i < keys.length; i += BACKGROUND_MUTATIONS_MAX) {
      await this.commit({ deletes: keys.slice(i, i + BACKGROUND_MUTATIONS_MAX) });
    }
  }

  /** One commit, which must have no checks. */
  async commit(commit: Commit): Promise<void> {
    const stamp = await this.#database.commit(commit);
    if (stamp === undefined) throw new Error("A commit without checks was refused");
  }
}
