import assert from "node:assert/strict";
import { RecordBatch } from "../record.ts";
import { NOON, openTestStore, TestDatabase } from "./_test_store.ts";
import { listAll } from "./database.ts";
import type { Key } from "./keys.ts";
import { DAY_MS } from "./limits.ts";
import type { EngineStore } from "./store.ts";
import type { RowPredicate } from "./types.ts";

const HOUR_MS = 3_600_000;
const SERVICES = ["a", "b", "c", "d", "e", "f"];

/** Records of which each has a word that no other has: `w` and its number, from `first` on. */
function batchOfWords(first: number, count: number, firstMs: number, service: string, text = "") {
  const batch = new RecordBatch();
  for (let i = 0; i < count; i++) batch.append(firstMs + i, 0, service, 2, `w${first + i} ${text}`);
  return batch;
}

/** One segment of 512 records a service, of the day before the one of `NOON`; record number i has the word `wI`. */
async function fillDay(store: EngineStore, services = SERVICES): Promise<number> {
  let count = 0;
  for (const service of services) {
    const hour = NOON - DAY_MS + SERVICES.indexOf(service) * HOUR_MS;
    await store.append(batchOfWords(count, 512, hour, service));
    count += 512;
  }
  await store.flush();
  return count;
}

/** What finds a word through filters, and takes every row that it is shown: the filters alone decide. */
function shownFor(word: string): RowPredicate {
  return { columns: [], requiredTokens: [word], select: (_, rows) => rows };
}

/** The services of the segments that filters let pass for a word. */
async function servicesFor(store: EngineStore, word: string): Promise<string[]> {
  const snapshot = store.snapshot();
  try {
    const found = new Set<string>();
    await snapshot.visit({ predicate: shownFor(word) }, [], {
      rows: ({ streams, streamOf }, rows) => {
        for (const row of rows) found.add(streams[streamOf[row]!]!.service);
      },
    });
    assert.deepEqual(snapshot.damage, []);
    return [...found].sort();
  } finally {
    snapshot.release();
  }
}

async function keysOf(database: TestDatabase, kind: string): Promise<Key[]> {
  const keys: Key[] = [];
  for await (const { key } of listAll(database, { start: [0, kind], end: [0, kind, Infinity] })) {
    keys.push(key);
  }
  return keys;
}

async function countsOf(database: TestDatabase): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const kind of ["filter", "filter_page", "filter_group"]) {
    counts[kind] = (await keysOf(database, kind)).length;
  }
  return counts;
}

/** Every segment of the first day answers for its own words; by chance others may too, but not often. */
async function assertSearchable(store: EngineStore, count: number): Promise<void> {
  let strangers = 0;
  for (let i = 0; i < count; i += 101) {
    const found = await servicesFor(store, `w${i}`);
    assert.ok(found.includes(SERVICES[Math.floor(i / 512)]!), `w${i} in ${found}`);
    strangers += found.length - 1;
  }
  assert.ok(strangers < 5, `${strangers} strangers`);
  assert.deepEqual(await servicesFor(store, "absent"), []);
}

Deno.test("the filters of a day are moved into pages when it is over, and answer as before", async () => {
  const database = await TestDatabase.open();
  let nowMs = NOON;
  const store = await openTestStore({ database, now: () => nowMs });
  const count = await fillDay(store);
  while (await store.maintain());
  assert.deepEqual(await countsOf(database), { filter: 6, filter_page: 0, filter_group: 0 });
  await assertSearchable(store, count);
  nowMs += 10 * 60_000;
  while (await store.maintain());
  assert.deepEqual(await countsOf(database), { filter: 0, filter_page: 1, filter_group: 1 });
  await assertSearchable(store, count);
  await store.close();
  const again = await openTestStore({ database });
  await assertSearchable(again, count);
  await again.close();
  database.end();
});

Deno.test("a day is over soon when a later one has begun, but not before its segments are merged", async () => {
  const database = await TestDatabase.open();
  let nowMs = NOON;
  const store = await openTestStore({ database, now: () => nowMs });
  await fillDay(store);
  await store.append(batchOfWords(9000, 1, NOON, "a"));
  await store.flush();
  while (await store.maintain());
  assert.equal((await countsOf(database)).filter_group, 0);
  nowMs += 10_000;
  while (await store.maintain());
  assert.deepEqual(await countsOf(database), { filter: 1, filter_page: 1, filter_group: 1 });
  await store.close();
  database.end();
});

Deno.test("a running day's filters are moved when its lasting segments fill pages", async () => {
  const database = await TestDatabase.open();
  const store = await openTestStore({ database });
  const text = "x".repeat(1100);
  for (let i = 0; i < 130; i++) {
    await store.append(batchOfWords(i * 512, 512, NOON - 4 * HOUR_MS + i * 60_000, "a", text));
    await store.flush();
  }
  await store.append(batchOfWords(99_000, 512, NOON, "a"));
  await store.flush();
  while (await store.maintain());
  const { filter, filter_group } = await countsOf(database);
  assert.deepEqual({ filter, filter_group }, { filter: 3, filter_group: 1 });
  assert.deepEqual(await servicesFor(store, "w99001"), ["a"]);
  await store.close();
  database.end();
});

Deno.test("a reader that began before its filters were moved finds them where they were", async () => {
  const database = await TestDatabase.open();
  let nowMs = NOON;
  const store = await openTestStore({ database, now: () => nowMs });
  await fillDay(store);
  while (await store.maintain());
  const snapshot = store.snapshot();
  nowMs += 10 * 60_000;
  while (await store.maintain());
  assert.deepEqual(await countsOf(database), { filter: 6, filter_page: 1, filter_group: 1 });
  let rows = 0;
  await snapshot.visit({ predicate: shownFor("w3") }, [], {
    rows: (_, some) => rows += some.length,
  });
  assert.equal(rows, 512);
  snapshot.release();
  while (await store.maintain());
  assert.equal((await countsOf(database)).filter, 0);
  await store.close();
  database.end();
});

Deno.test("a group goes with its last segment", async () => {
  const database = await TestDatabase.open();
  let nowMs = NOON;
  const store = await openTestStore({ database, now: () => nowMs });
  await fillDay(store);
  while (await store.maintain());
  nowMs += 10 * 60_000;
  while (await store.maintain());
  await store.delete({ before: { ms: NOON, ns: 0 }, services: ["a", "b"] });
  while (await store.maintain());
  assert.equal((await countsOf(database)).filter_group, 1);
  assert.deepEqual(await servicesFor(store, `w${3 * 512}`), ["d"]);
  await store.delete({ before: { ms: NOON, ns: 0 } });
  while (await store.maintain());
  assert.deepEqual(await countsOf(database), { filter: 0, filter_page: 0, filter_group: 0 });
  await store.close();
  database.end();
});

Deno.test("a crash at any commit while filters are moved or groups removed leaves nothing behind", async () => {
  for (let crashAt = 1;; crashAt++) {
    const database = await TestDatabase.open();
    let nowMs = NOON;
    const first = await openTestStore({ database, now: () => nowMs });
    const count = await fillDay(first);
    while (await first.maintain());
    nowMs += 10 * 60_000;
    let commits = 0;
    database.beforeCommit = () => {
      if (++commits >= crashAt) throw new Error("the database is gone");
    };
    let crashed = false;
    try {
      while (await first.maintain());
      await first.delete({ before: { ms: NOON, ns: 0 }, services: SERVICES.slice(1) });
      while (await first.maintain());
    } catch {
      crashed = true;
    }
    database.beforeCommit = () => {};
    const second = await openTestStore({ database, now: () => nowMs });
    if (crashed) await assertSearchableAsFar(second, count);
    nowMs += 10 * 60_000;
    while (await second.maintain());
    await second.delete({ before: { ms: NOON, ns: 0 } });
    while (await second.maintain());
    const left = await countsOf(database);
    assert.deepEqual(left, { filter: 0, filter_page: 0, filter_group: 0 }, `crash at ${crashAt}`);
    await second.close();
    database.end();
    if (!crashed) {
      assert.ok(crashAt > 10, `${crashAt} commits`);
      return;
    }
  }
});

/** The first service's words are found whatever has been deleted of the others. */
async function assertSearchableAsFar(store: EngineStore, count: number): Promise<void> {
  for (let i = 0; i < 512; i += 101) {
    assert.ok((await servicesFor(store, `w${i}`)).includes("a"), `w${i} of ${count}`);
  }
}

Deno.test("segments are searched without the page that answers for them, if that is damaged", async () => {
  const database = await TestDatabase.open();
  let nowMs = NOON;
  const store = await openTestStore({ database, now: () => nowMs });
  const count = await fillDay(store);
  while (await store.maintain());
  nowMs += 10 * 60_000;
  while (await store.maintain());
  const [key] = await keysOf(database, "filter_page");
  const bytes = (await database.get(key!))!.value.slice();
  bytes[30]! ^= 1;
  await database.commit({ sets: [[key!, bytes]] });
  const snapshot = store.snapshot();
  let rows = 0;
  await snapshot.visit({ predicate: shownFor("w3") }, [], {
    rows: (_, some) => rows += some.length,
  });
  assert.equal(rows, count);
  assert.deepEqual(snapshot.damage, []);
  assert.equal(store.figures().damaged_filters, SERVICES.length);
  snapshot.release();
  await store.close();
  database.end();
});

Deno.test("a damaged filter stays where it is, and keeps no other work from being done", async () => {
  const database = await TestDatabase.open();
  const logged: string[] = [];
  let nowMs = NOON;
  const log = (_: string, message: string) => logged.push(message);
  const store = await openTestStore({ database, now: () => nowMs, log });
  await fillDay(store);
  while (await store.maintain());
  const [key] = await keysOf(database, "filter");
  const bytes = (await database.get(key!))!.value.slice();
  bytes[30]! ^= 1;
  await database.commit({ sets: [[key!, bytes]] });
  nowMs += 10 * 60_000;
  while (await store.maintain());
  assert.deepEqual(await countsOf(database), { filter: 6, filter_page: 0, filter_group: 0 });
  assert.match(logged[0]!, /stay apart: .*a token filter: its checksum/);
  assert.equal(store.figures().background_failing, 0);
  await store.close();
  database.end();
});

Deno.test("a start finds the filters that are not in pages yet", async () => {
  const database = await TestDatabase.open();
  let nowMs = NOON;
  const first = await openTestStore({ database, now: () => nowMs });
  const count = await fillDay(first);
  await first.close();
  const second = await openTestStore({ database, now: () => nowMs });
  while (await second.maintain());
  nowMs += 10 * 60_000;
  while (await second.maintain());
  assert.deepEqual(await countsOf(database), { filter: 0, filter_page: 1, filter_group: 1 });
  await assertSearchable(second, count);
  await second.close();
  database.end();
});
