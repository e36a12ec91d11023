/** @module The only file that names Deno.openKv: a database in one file. */

import { DatabaseError } from "./errors.ts";
import type { Commit, Database, Entry } from "./database.ts";
import type { Key, KeyRange } from "./keys.ts";

/** `getMany` takes at most 10 keys. */
const GET_MANY_KEYS_MAX = 10;

/** `list` reads at most 1,000 entries a batch. */
const LIST_BATCH_MAX = 1000;

/** Opens (or makes) the database in the file at `path`; `":memory:"` for one that is forgotten. */
export async function openDenoKv(path: string): Promise<Database> {
  return new DenoKv(await Deno.openKv(path));
}

class DenoKv implements Database {
  readonly #kv: Deno.Kv;

  constructor(kv: Deno.Kv) {
    this.#kv = kv;
  }

  async get(key: Key): Promise<Entry | undefined> {
    return toEntry(await answer(this.#kv.get<Uint8Array>(key as Deno.KvKey)));
  }

  async getMany(keys: readonly Key[]): Promise<(Entry | undefined)[]> {
    const found: (Entry | undefined)[] = [];
    for (let i = 0; i < keys.length; i += GET_MANY_KEYS_MAX) {
      const some = keys.slice(i, i + GET_MANY_KEYS_MAX) as unknown as Deno.KvKey[];
      for (const entry of await answer(this.#kv.getMany<Uint8Array[]>(some))) {
        found.push(toEntry(entry));
      }
    }
    return found;
  }

  async list(
    range: KeyRange,
    options: { limit?: number; reverse?: boolean } = {},
  ): Promise<Entry[]> {
    const entries: Entry[] = [];
    const iterator = this.#kv.list<Uint8Array>(
      { start: range.start as Deno.KvKey, end: range.end as Deno.KvKey },
      { ...options, batchSize: Math.min(options.limit ?? LIST_BATCH_MAX, LIST_BATCH_MAX) },
    );
    try {
      for await (const entry of iterator) entries.push(entry as Entry);
    } catch (error) {
      throw refused(error);
    }
    return entries;
  }

  async commit(commit: Commit): Promise<string | undefined> {
    const atomic = this.#kv.atomic();
    for (const { key, versionstamp } of commit.checks ?? []) {
      atomic.check({ key: key as Deno.KvKey, versionstamp });
    }
    for (const [key, value] of commit.sets ?? []) atomic.set(key as Deno.KvKey, value);
    for (const key of commit.deletes ?? []) atomic.delete(key as Deno.KvKey);
    const result = await answer(atomic.commit());
    return result.ok ? result.versionstamp : undefined;
  }

  close(): void {
    this.#kv.close();
  }
}

async function answer<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    throw refused(error);
  }
}

function refused(error: unknown): DatabaseError {
  const reason = error instanceof Error ? error.message : String(error);
  return new DatabaseError(`The database refused: ${reason}`, { cause: error });
}

function toEntry(entry: Deno.KvEntryMaybe<Uint8Array>): Entry | undefined {
  return entry.versionstamp === null ? undefined : entry as Entry;
}
