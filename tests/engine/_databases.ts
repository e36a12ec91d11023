/** @module Databases for tests: one that outlives the stores on it. */

import type { Commit, Database, Entry } from "../../src/storage/database.ts";
import type { Key, KeyRange } from "../../src/storage/keys.ts";

/** A way to a database that can be closed alone: the database stays. */
export class Handle implements Database {
  readonly #database: Database;
  #closed = false;

  constructor(database: Database) {
    this.#database = database;
  }

  async get(key: Key): Promise<Entry | undefined> {
    this.#check();
    return await this.#database.get(key);
  }

  async getMany(keys: readonly Key[]): Promise<(Entry | undefined)[]> {
    this.#check();
    return await this.#database.getMany(keys);
  }

  async list(range: KeyRange, options?: { limit?: number; reverse?: boolean }): Promise<Entry[]> {
    this.#check();
    return await this.#database.list(range, options);
  }

  async commit(commit: Commit): Promise<string | undefined> {
    this.#check();
    return await this.#database.commit(commit);
  }

  close(): void {
    this.#check();
    this.#closed = true;
  }

  #check(): void {
    if (this.#closed) throw new Error("This database was closed");
  }
}

/** What goes wrong with an operation of the database. */
export type Fault =
  /** It fails and nothing was applied. */
  | "refused"
  /** It fails, yet it was applied. */
  | "in doubt"
  /** It fails, and so does everything after it. */
  | "dead"
  /** It is applied and never answered, and nothing after it is. */
  | "silent";

/** Which operations have a number. */
export type Counted = "all" | "commits";

/** Thrown in place of an answer. */
export class InjectedFault extends Error {
  override readonly name = "InjectedFault";
}

/** A database of which one operation goes wrong, by its number, counted from 0. */
export class FaultyDatabase implements Database {
  readonly #database: Database;
  readonly #fault: Fault | undefined;
  readonly #at: number;
  readonly #counted: Counted;
  readonly #down = Promise.withResolvers<void>();
  /** Operations so far, of those that count. */
  operations = 0;
  /** Whether the fault has happened. */
  struck = false;

  constructor(
    database: Database,
    fault?: Fault,
    at: number = Infinity,
    counted: Counted = "all",
  ) {
    this.#database = database;
    this.#fault = fault;
    this.#at = at;
    this.#counted = counted;
  }

  /** Resolves when the database has stopped for good. */
  get down(): Promise<void> {
    return this.#down.promise;
  }

  /** Whether it has stopped for good. */
  get stopped(): boolean {
    return this.struck && (this.#fault === "dead" || this.#fault === "silent");
  }

  get(key: Key): Promise<Entry | undefined> {
    return this.#operate(() => this.#database.get(key), this.#counted === "all");
  }

  getMany(keys: readonly Key[]): Promise<(Entry | undefined)[]> {
    return this.#operate(() => this.#database.getMany(keys), this.#counted === "all");
  }

  list(range: KeyRange, options?: { limit?: number; reverse?: boolean }): Promise<Entry[]> {
    return this.#operate(() => this.#database.list(range, options), this.#counted === "all");
  }

  commit(commit: Commit): Promise<string | undefined> {
    return this.#operate(() => this.#database.commit(commit), true);
  }

  close(): void {}

  async #operate<T>(work: () => Promise<T>, counts: boolean): Promise<T> {
    if (this.stopped) return await this.#refuse();
    if (!counts || this.operations++ !== this.#at || this.#fault === undefined) return await work();
    if (this.#fault === "in doubt" || this.#fault === "silent") await work();
    this.struck = true;
    if (this.stopped) this.#down.resolve();
    return await this.#refuse();
  }

  #refuse(): Promise<never> {
    if (this.#fault === "silent") return new Promise(() => {});
    return Promise.reject(new InjectedFault(`operation ${this.#at} (${this.#fault})`));
  }
}
