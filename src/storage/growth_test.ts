/** What a question reads must not grow with what is stored beside it. Counted in values, which no other load disturbs. */

import { equal, ok } from "node:assert/strict";
import { batchOf, openTestStore, TestDatabase } from "./_test_store.ts";
import type { EngineStore } from "./store.ts";
import type { Database, Entry } from "./database.ts";
import type { Key, KeyRange } from "./keys.ts";
import { DAY_MS } from "./limits.ts";
import type { OrderedScanSpec, Snapshot } from "./types.ts";

const FIRST_DAY_MS = Date.UTC(2026, 0, 1);

/** Counts the values that are read. */
class CountingDatabase implements Database {
  readonly #database: Database;
  reads = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  get(key: Key): Promise<Entry | undefined> {
    this.reads++;
    return this.#database.get(key);
  }

  getMany(keys: readonly Key[]): Promise<(Entry | undefined)[]> {
    this.reads += keys.length;
    return this.#database.getMany(keys);
  }

  async list(range: KeyRange, options?: { limit?: number; reverse?: boolean }): Promise<Entry[]> {
    const entries = await this.#database.list(range, options);
    // One that finds nothing costs a look as well.
    this.reads += entries.length + 1;
    return entries;
  }

  commit(...args: Parameters<Database["commit"]>): Promise<string | undefined> {
    return this.#database.commit(...args);
  }

  close(): void {}
}

/** Stores some segments of two streams a day. */
async function fill(store: EngineStore, days: number): Promise<void> {
  for (let day = 0; day < days; day++) {
    const from = FIRST_DAY_MS + day * DAY_MS;
    for (const hour of [1, 9, 17]) {
      await store.append(batchOf(600, from + hour * 3_600_000, "auth"));
      await store.append(batchOf(600, from + hour * 3_600_000 + 300, "billing"));
      await store.flush();
    }
  }
}

/** The values that a question reads of a store that was just opened, with so many days in it. */
async function readsAt(days: number, ask: (snapshot: Snapshot) => Promise<unknown>) {
  const database = await TestDatabase.open();
  await fill(await openTestStore({ database }), days);
  const counting = new CountingDatabase(database);
  const store = await openTestStore({ database: counting });
  counting.reads = 0;
  const snapshot = store.snapshot();
  await ask(snapshot);
  snapshot.release();
  await store.close();
  database.end();
  return counting.reads;
}

function asks(name: string, ask: (snapshot: Snapshot) => Promise<unknown>): void {
  Deno.test(`${name} reads the same with five times as many days stored`, async () => {
    const few = await readsAt(8, ask);
    const many = await readsAt(40, ask);
    ok(many <= few + 2, `${few} values of 8 days, ${many} of 40`);
  });
}

const scan = (spec: Partial<OrderedScanSpec>, limit: number) => (snapshot: Snapshot) =>
  snapshot.scan({ order: "desc", ...spec }).next(limit);

/** A day in the middle of what is stored. */
const secondDay = {
  from: { ms: FIRST_DAY_MS + DAY_MS, ns: 0 },
  to: { ms: FIRST_DAY_MS + 2 * DAY_MS - 1, ns: 999_999 },
};

asks("scan() of the newest records", scan({}, 100));
asks("scan() of the oldest records", scan({ order: "asc" }, 100));
asks("scan() of a stream's newest records", scan({ services: ["auth"], severities: [2] }, 100));
asks("scan() of one day", scan(secondDay, 10_000));
asks("visit() of one day", (snapshot) => snapshot.visit(secondDay, [], { rows: () => {} }));
asks("get() of a record", (snapshot) => snapshot.get(2000));

Deno.test("a question that is asked again after each flush does not list the index again", async () => {
  const database = await TestDatabase.open();
  const counting = new CountingDatabase(database);
  const store = await openTestStore({ database: counting });
  await fill(store, 3);
  const newest = async () => {
    const snapshot = store.snapshot();
    const before = counting.reads;
    const rows = await snapshot.scan({ order: "desc" }).next(10);
    snapshot.release();
    return { reads: counting.reads - before, at: rows[0]!.columns.timestampMs[rows[0]!.row]! };
  };
  await newest();
  for (let hour = 1; hour < 20; hour++) {
    const firstMs = FIRST_DAY_MS + 3 * DAY_MS + hour * 3_600_000;
    await store.append(batchOf(600, firstMs));
    await store.flush();
    const { reads, at } = await newest();
    equal(at, firstMs + 599);
    // The new segment's head and messages, and the first time its day.
    ok(hour === 1 || reads <= 4, `${reads} values in hour ${hour}`);
  }
  await store.close();
  database.end();
});
