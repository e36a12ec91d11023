/** @module What the tests of this folder share. */

import { RecordBatch, type RowRef, type SeverityCode, type Stream, textAt } from "../record.ts";
import { InlineBuilder } from "./builder.ts";
import type { Commit, Database, Entry } from "./database.ts";
import { openDenoKv } from "./disk/deno_kv.ts";
import type { IndexEntry } from "./index_entry.ts";
import type { Key, KeyRange, SegmentKind } from "./keys.ts";
import { type EngineOptions, EngineStore } from "./store.ts";
import type { OrderedScanSpec, Store } from "./types.ts";

export const NOON = Date.UTC(2026, 9, 31, 12);

/** Opens a store on which nothing happens by itself. */
export async function openTestStore(options: Partial<EngineOptions> = {}): Promise<EngineStore> {
  return await EngineStore.open({
    database: options.database ?? await openDenoKv(":memory:"),
    builder: new InlineBuilder(),
    background: false,
    now: () => NOON,
    wait: () => Promise.resolve(),
    ...options,
  });
}

/** Records of one stream, a millisecond apart. */
export function batchOf(
  count: number,
  firstMs = NOON,
  service = "auth",
  severity: SeverityCode = 2,
): RecordBatch {
  const batch = new RecordBatch();
  for (let i = 0; i < count; i++) {
    batch.append(firstMs + i, 0, service, severity, `message ${i} of ${service}`);
  }
  return batch;
}

/** An index entry whose fields matter only as far as they are given. */
export function indexEntryOf(
  id: number,
  fields: Partial<IndexEntry> & { kind: SegmentKind },
): IndexEntry {
  const { firstMs = NOON, lastMs = firstMs } = fields;
  return {
    id,
    node: 0,
    level: 0,
    born: 1,
    dead: undefined,
    count: 1,
    firstNs: 0,
    lastNs: 999_999,
    firstReceivedMs: NOON,
    lastReceivedMs: NOON,
    firstId: id,
    lastId: id,
    storedBytes: 1,
    messageBytes: 1,
    filterChecksum: undefined,
    stream: fields.kind === "single" ? { service: "a", severity: 2 } : undefined,
    ...fields,
    firstMs,
    lastMs,
  };
}

/** Every row that a scan of the store finds now. */
export async function allRows(
  store: Store,
  spec: Partial<OrderedScanSpec> = {},
): Promise<RowRef[]> {
  const snapshot = store.snapshot();
  try {
    return await snapshot.scan({ order: "asc", ...spec }).next(1e9);
  } finally {
    snapshot.release();
  }
}

/** The ids of every record that a scan of the store finds now. */
export async function allIds(store: Store, spec: Partial<OrderedScanSpec> = {}): Promise<number[]> {
  return (await allRows(store, spec)).map(({ columns, row }) => columns.ids[row]!);
}

/** The sum of the store's totals. */
export function totalCount(store: Store): number {
  const snapshot = store.snapshot();
  snapshot.release();
  return snapshot.streamTotals().reduce((sum, { count }) => sum + count, 0);
}

/** What a test compares of a record. */
interface StoredRecord extends Stream {
  readonly id: number;
  readonly ms: number;
}

export function storedRecord({ columns, row }: RowRef): StoredRecord {
  const { service, severity } = columns.streams[columns.streamOf[row]!]!;
  return { id: columns.ids[row]!, ms: columns.timestampMs[row]!, service, severity };
}

export function messageOf({ columns, row }: RowRef): string {
  const messages = columns.texts.get("message");
  return messages === undefined ? "" : textAt(messages, row);
}

/** A database in memory that stays when a store on it is closed, and into which a test can reach. */
export class TestDatabase implements Database {
  readonly #database: Database;
  /** Called before each commit; what it throws is what the store gets. */
  beforeCommit: (commit: Commit) => void | Promise<void> = () => {};
  /** Called after each commit that was applied. */
  afterCommit: (commit: Commit) => void = () => {};
  /** Called before each read. */
  beforeRead: (key: Key) => void | Promise<void> = () => {};

  private constructor(database: Database) {
    this.#database = database;
  }

  static async open(): Promise<TestDatabase> {
    return new TestDatabase(await openDenoKv(":memory:"));
  }

  async get(key: Key): Promise<Entry | undefined> {
    await this.beforeRead(key);
    return await this.#database.get(key);
  }

  async getMany(keys: readonly Key[]): Promise<(Entry | undefined)[]> {
    for (const key of keys) await this.beforeRead(key);
    return await this.#database.getMany(keys);
  }

  async list(range: KeyRange, options?: { limit?: number; reverse?: boolean }): Promise<Entry[]> {
    await this.beforeRead(range.start);
    return await this.#database.list(range, options);
  }

  async commit(commit: Commit): Promise<string | undefined> {
    await this.beforeCommit(commit);
    const stamp = await this.#database.commit(commit);
    this.afterCommit(commit);
    return stamp;
  }

  /** What a store calls when it is closed. */
  close(): void {}

  /** What the test calls in the end. */
  end(): void {
    this.#database.close();
  }
}

/** The second part of every key that a commit sets. */
export function kindsSet({ sets = [] }: Commit): Set<unknown> {
  return new Set(sets.map(([key]) => key[1]));
}
