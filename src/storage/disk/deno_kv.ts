/** @module The only file that names Deno.openKv: a database in one file. */

import { DatabaseError } from "../errors.ts";
import type { Commit, Database, Entry } from "../database.ts";
import type { Key, KeyRange } from "../keys.ts";

/** `getMany` takes at most 10 keys. */
const GET_MANY_KEYS_MAX = 10;

/** `list` reads at most 1,000 entries a batch. */
const LIST_BATCH_MAX = 1000;

/** Opens (or makes) the database in the file at `path`; `":memory:"` for one that is forgotten. */
export async function openDenoKv(path: string): Promise<Database> {
  const writer = await Deno.openKv(path);
  // Another name for the same memory there is not.
  if (path === ":memory:") return new DenoKv(writer, writer);
  try {
    return new DenoKv(writer, await Deno.openKv(path));
  } catch (error) {
    writer.close();
    throw error;
  }
}

/**
 * Each handle does one thing at a time, a sync included: with one for both, a read waits for the commit under way. With a
 * disk that takes 50 ms to sync, a tenth of all reads were seen to take as long.
 */
class DenoKv implements Database {
  readonly #writer: Deno.Kv;
  readonly #reader: Deno.Kv;
  /** Whether the last commit failed: it may still be under way, and only what comes after it there can tell. */
  #inDoubt = false;

  constructor(writer: Deno.Kv, reader: Deno.Kv) {
    this.#writer = writer;
    this.#reader = reader;
  }

  async get(key: Key): Promise<Entry | undefined> {
    return toEntry(await answer(this.#readable.get<Uint8Array>(key as Deno.KvKey)));
  }

  async getMany(keys: readonly Key[]): Promise<(Entry | undefined)[]> {
    const found: (Entry | undefined)[] = [];
    for (let i = 0; i < keys.length; i += GET_MANY_KEYS_MAX) {
      const some = keys.slice(i, i + GET_MANY_KEYS_MAX) as unknown as Deno.KvKey[];
      for (const entry of await answer(this.#readable.getMany<Uint8Array[]>(some))) {
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
    const iterator = this.#readable.list<Uint8Array>(
      { start: range.start as Deno.KvKey, end: range.end as Deno.KvKey },
      { ...options, batchSize: Math.min(options.limit ?? LIST_BATCH_MAX, LIST_BATCH_MAX) },
    );
    try {
      for await (const entry of iterator) entries.push(withBytes(entry));
    } catch (error) {
      throw refused(error);
    }
    return entries;
  }

  async commit(commit: Commit): Promise<string | undefined> {
    const atomic = this.#writer.atomic();
    for (const { key, versionstamp } of commit.checks ?? []) {
      atomic.check({ key: key as Deno.KvKey, versionstamp });
    }
    for (const [key, value] of commit.sets ?? []) atomic.set(key as Deno.KvKey, value);
    for (const key of commit.deletes ?? []) atomic.delete(key as Deno.KvKey);
    try {
      const result = await answer(atomic.commit());
      this.#inDoubt = false;
      return result.ok ? result.versionstamp : undefined;
    } catch (error) {
      this.#inDoubt = true;
      throw error;
    }
  }

  close(): void {
    if (this.#reader !== this.#writer) this.#reader.close();
    this.#writer.close();
  }

  get #readable(): Deno.Kv {
    return this.#inDoubt ? this.#writer : this.#reader;
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
  return entry.versionstamp === null ? undefined : withBytes(entry);
}

/** An entry as it is; with no bytes, which nothing takes for a value of ours, if its value is of another type. */
function withBytes(entry: Deno.KvEntry<unknown>): Entry {
  const isBytes = entry.value instanceof Uint8Array;
  return (isBytes ? entry : { ...entry, value: new Uint8Array() }) as Entry;
}
