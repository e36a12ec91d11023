/** @module The node's lease: every commit checks that no other process has taken its place. */

import type { Commit, Database, Entry } from "./database.ts";
import { type Key, type KeyRange, nodeKey } from "./keys.ts";

/** Another process has taken this node's place: nothing may be written any more. */
export class FenceLostError extends Error {
  override readonly name = "FenceLostError";
}

/** A database whose every commit fails once another process has taken the node. */
export class FencedDatabase implements Database {
  readonly #database: Database;
  readonly #key: Key;
  readonly #stamp: string;
  lost = false;

  private constructor(database: Database, key: Key, stamp: string) {
    this.#database = database;
    this.#key = key;
    this.#stamp = stamp;
  }

  /** Takes the node: what held it before can commit nothing from now on. */
  static async take(database: Database, node: number, now: number): Promise<FencedDatabase> {
    const key = nodeKey(node);
    const value = new TextEncoder().encode(JSON.stringify({ taken: now }));
    const stamp = await database.commit({ sets: [[key, value]] });
    if (stamp === undefined) {
      throw new FenceLostError("Cannot take the node: the commit was refused");
    }
    return new FencedDatabase(database, key, stamp);
  }

  get(key: Key): Promise<Entry | undefined> {
    return this.#database.get(key);
  }

  getMany(keys: readonly Key[]): Promise<(Entry | undefined)[]> {
    return this.#database.getMany(keys);
  }

  list(range: KeyRange, options?: { limit?: number; reverse?: boolean }): Promise<Entry[]> {
    return this.#database.list(range, options);
  }

  /** @throws {FenceLostError} if another process has taken the node */
  async commit(commit: Commit): Promise<string | undefined> {
    const fence = { key: this.#key, versionstamp: this.#stamp };
    const checks = [fence, ...(commit.checks ?? [])];
    const stamp = await this.#database.commit({ ...commit, checks });
    if (stamp !== undefined) return stamp;
    const held = await this.#database.get(this.#key);
    if (held?.versionstamp === this.#stamp) return undefined;
    this.lost = true;
    throw new FenceLostError("Cannot write: another process has taken over this database");
  }

  close(): void {
    this.#database.close();
  }
}
