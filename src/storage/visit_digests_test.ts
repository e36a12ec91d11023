import assert from "node:assert/strict";
import type { RecordColumns } from "../record.ts";
import { batchOf, NOON, openTestStore, TestDatabase } from "./_test_store.ts";
import { listAll } from "./database.ts";
import { DigestCache } from "./digest_cache.ts";
import { DIGEST_BYTES_MAX } from "./limits.ts";
import type { DigestVisitor, ScanSpec, Store } from "./types.ts";

/** A digest that knows how many rows it is of. */
interface Counted {
  readonly count: number;
  readonly bytes: number;
}

/** Counts matches, and how often a digest was made. */
class Counter implements DigestVisitor<Counted> {
  readonly key = "count";
  readonly columns = ["message"] as const;
  made = 0;
  matches = 0;
  wholes = 0;

  readonly make = ({ count, texts }: RecordColumns): Counted => {
    assert.equal(texts.get("message")!.offsets.length, count + 1, "what was asked for is loaded");
    this.made++;
    return { count, bytes: 100 };
  };

  rows({ count }: Counted, rows?: Uint32Array): void {
    if (rows === undefined) this.wholes++;
    this.matches += rows === undefined ? count : rows.length;
  }
}

async function count(store: Store, spec: ScanSpec = {}): Promise<Counter> {
  const counter = new Counter();
  const snapshot = store.snapshot();
  await snapshot.visitDigests(spec, counter);
  snapshot.release();
  return counter;
}

Deno.test("visitDigests() makes the digest of a segment or of a full chunk once", async () => {
  const store = await openTestStore();
  await store.append(batchOf(600));
  await store.flush();
  await store.append(batchOf(700, NOON, "pay"));
  const { made, matches, wholes } = await count(store);
  assert.deepEqual({ made, matches, wholes }, { made: 2, matches: 1_300, wholes: 1 });
  const again = await count(store);
  assert.equal(again.made, 0);
  assert.equal(again.matches, 1_300);
  await store.close();
});

Deno.test("visitDigests() shows the rows within the bounds, and whole segments without their rows", async () => {
  const store = await openTestStore();
  await store.append(batchOf(600));
  await store.append(batchOf(600, NOON, "pay"));
  await store.flush();
  const some = await count(store, { services: ["pay"], from: { ms: NOON + 100, ns: 0 } });
  assert.deepEqual([some.matches, some.wholes], [500, 0]);
  const service = await count(store, { services: ["pay"] });
  assert.deepEqual([service.matches, service.wholes], [600, 1]);
  await store.delete({ before: { ms: NOON + 10, ns: 0 } });
  assert.equal((await count(store)).matches, 1_180);
  await store.close();
});

Deno.test("visitDigests() asks the predicate which rows match", async () => {
  const store = await openTestStore();
  await store.append(batchOf(600));
  await store.flush();
  const predicate = {
    columns: [],
    requiredTokens: [],
    select: (_: RecordColumns, rows: Uint32Array) => rows.filter((row) => row % 3 === 0),
  };
  assert.equal((await count(store, { predicate })).matches, 200);
  await store.close();
});

Deno.test("visitDigests() leaves out a damaged segment and says so", async () => {
  const database = await TestDatabase.open();
  const first = await openTestStore({ database });
  await first.append(batchOf(600));
  await first.flush();
  await first.close();
  for await (
    const { key, value } of listAll(database, { start: [0, "segment"], end: [0, "segmenu"] })
  ) {
    if (!key.includes("message")) continue;
    const bytes = value.slice();
    bytes[8]! ^= 1;
    await database.commit({ sets: [[key, bytes]] });
  }
  const store = await openTestStore({ database });
  const counter = new Counter();
  const snapshot = store.snapshot();
  await snapshot.visitDigests({}, counter);
  assert.equal(counter.matches, 0);
  assert.match(snapshot.damage.join(), /600 records from/);
  snapshot.release();
  await store.close();
  database.end();
});

Deno.test("a DigestCache is bounded in bytes and forgets what was not used for longest", async () => {
  const cache = new DigestCache();
  let made = 0;
  const visitor = {
    key: "large",
    make: () => ({ bytes: DIGEST_BYTES_MAX / 4, made: ++made }),
  };
  const load = () => Promise.resolve({} as RecordColumns);
  for (let id = 1; id <= 5; id++) await cache.ofSegment(id, visitor, load);
  assert.equal(cache.bytes, DIGEST_BYTES_MAX);
  assert.equal((await cache.ofSegment(5, visitor, load)).made, 5);
  assert.equal((await cache.ofSegment(1, visitor, load)).made, 6);
});
