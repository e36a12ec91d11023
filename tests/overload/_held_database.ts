import type { Commit, Database, Entry } from "../../src/storage/database.ts";
import type { Key, KeyRange } from "../../src/storage/keys.ts";

/** A database whose commits wait while a test wants them to, as those of a disk that stalls do. Reads go on. */
export class HeldDatabase implements Database {
  readonly #database: Database;
  #gate = Promise.resolve();
  #open = () => {};

  constructor(database: Database) {
    this.#database = database;
  }

  /** From now on no commit begins. */
  hold(): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = promise;
    this.#open = resolve;
  }

  /** Lets all that wait go on. */
  release(): void {
    this.#open();
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

  async commit(commit: Commit): Promise<string | undefined> {
    await this.#gate;
    return await this.#database.commit(commit);
  }

  close(): void {
    this.#database.close();
  }
}
