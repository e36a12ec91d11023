import type { Commit, Database, Entry } from "../../src/storage/database.ts";
import type { Key, KeyRange } from "../../src/storage/keys.ts";
import type { Counts } from "./_counts.ts";

/** A database that counts what it is asked, by the kind of key. */
export class CountingDatabase implements Database {
  readonly #database: Database;
  readonly #counts: Counts;

  constructor(database: Database, counts: Counts) {
    this.#database = database;
    this.#counts = counts;
  }

  async get(key: Key): Promise<Entry | undefined> {
    this.#counts.add(`get ${kindOf(key)}`);
    return this.#read(await this.#database.get(key));
  }

  async getMany(keys: readonly Key[]): Promise<(Entry | undefined)[]> {
    for (const key of keys) this.#counts.add(`get ${kindOf(key)}`);
    return (await this.#database.getMany(keys)).map((entry) => this.#read(entry));
  }

  async list(range: KeyRange, options?: { limit?: number; reverse?: boolean }): Promise<Entry[]> {
    this.#counts.add(`list ${kindOf(range.start)}`);
    const entries = await this.#database.list(range, options);
    for (const entry of entries) this.#read(entry);
    this.#counts.add(`listed ${kindOf(range.start)}`, entries.length);
    return entries;
  }

  async commit(commit: Commit): Promise<string | undefined> {
    this.#counts.add("commits");
    for (const [key, value] of commit.sets ?? []) {
      this.#counts.add(`set ${kindOf(key)}`);
      this.#counts.add("bytes written", value.length);
    }
    for (const key of commit.deletes ?? []) this.#counts.add(`delete ${kindOf(key)}`);
    return await this.#database.commit(commit);
  }

  close(): void {
    this.#database.close();
  }

  #read(entry: Entry | undefined): Entry | undefined {
    this.#counts.add("bytes read", entry?.value.length ?? 0);
    return entry;
  }
}

/** What a key holds, in a word or two: `journal`, `segment head`, `by_time`. */
function kindOf(key: Key): string {
  const [, kind, , part] = key;
  return kind === "segment" && typeof part === "string" ? `segment ${part}` : String(kind);
}
