import assert from "node:assert/strict";
import { encodeDocument } from "../codec/mod.ts";
import { RecordBatch } from "../record.ts";
import { allIds, batchOf, NOON, openTestStore, TestDatabase } from "./_test_store.ts";
import { listAll } from "./database.ts";
import { IdempotencyConflictError, OverloadedError } from "./errors.ts";
import { idempotencyCountKey, prefixRange } from "./keys.ts";
import { GROUP_IDEMPOTENT_MAX, IDEMPOTENCY_KEYS_MAX, IDEMPOTENCY_MS } from "./limits.ts";

const HOUR_MS = 60 * 60 * 1000;

function keyOf(number: number, body = 0) {
  const key = new Uint8Array(32);
  new DataView(key.buffer).setUint32(0, number);
  return { key, body: new Uint8Array(32).fill(body) };
}

async function countKeys(database: TestDatabase): Promise<number> {
  let count = 0;
  for (const kind of ["idempotency", "idempotency_by_hour", "idempotency_count"]) {
    for await (const _ of listAll(database, prefixRange([0, kind]))) count++;
  }
  return count;
}

Deno.test("the same key and body are answered as the first time and store nothing", async () => {
  const database = await TestDatabase.open();
  let store = await openTestStore({ database });
  await store.append(batchOf(5));
  const first = await store.append(batchOf(3), keyOf(1));
  assert.deepEqual(first, { firstId: 6, count: 3 });
  assert.deepEqual(await store.append(batchOf(3), keyOf(1)), first);
  await store.flush();
  assert.deepEqual(await store.append(batchOf(3), keyOf(1)), first);
  await store.close();
  store = await openTestStore({ database });
  assert.deepEqual(await store.append(batchOf(3), keyOf(1)), first);
  assert.equal((await allIds(store)).length, 8);
  await store.close();
  database.end();
});

Deno.test("the same key with another body is refused, and stores nothing", async () => {
  const store = await openTestStore();
  const running = store.append(batchOf(1), keyOf(1, 1));
  await assert.rejects(store.append(batchOf(1), keyOf(1, 2)), IdempotencyConflictError);
  await running;
  await assert.rejects(store.append(batchOf(1), keyOf(1, 2)), IdempotencyConflictError);
  assert.equal((await allIds(store)).length, 1);
  await store.close();
});

Deno.test("retries that overtake their original share its answer", async () => {
  const store = await openTestStore();
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => store.append(batchOf(2), keyOf(7))),
  );
  for (const answer of answers) assert.deepEqual(answer, { firstId: 1, count: 2 });
  assert.equal((await allIds(store)).length, 2);
  await store.close();
});

Deno.test("an empty batch with a key is remembered too", async () => {
  const database = await TestDatabase.open();
  let store = await openTestStore({ database });
  assert.equal((await store.append(new RecordBatch(), keyOf(1))).count, 0);
  await assert.rejects(store.append(batchOf(1), keyOf(1, 1)), IdempotencyConflictError);
  await store.close();
  store = await openTestStore({ database });
  assert.equal((await store.append(new RecordBatch(), keyOf(1))).count, 0);
  assert.equal(await store.flush(), true);
  assert.deepEqual(await store.append(batchOf(1)), { firstId: 1, count: 1 });
  await store.close();
  database.end();
});

Deno.test("a request that failed is not remembered", async () => {
  const database = await TestDatabase.open();
  const store = await openTestStore({ database });
  database.beforeCommit = () => {
    throw new Error("database or disk is full");
  };
  await assert.rejects(store.append(batchOf(1), keyOf(1)), OverloadedError);
  database.beforeCommit = () => {};
  assert.deepEqual(await store.append(batchOf(2), keyOf(1, 9)), { firstId: 1, count: 2 });
  await store.close();
  database.end();
});

Deno.test("a key is remembered for 24 hours to the millisecond, and its space is freed after", async () => {
  const database = await TestDatabase.open();
  let nowMs = NOON + HOUR_MS / 2;
  const firstUsedMs = nowMs;
  const store = await openTestStore({ database, now: () => nowMs });
  await store.append(batchOf(1), keyOf(1));
  await store.append(batchOf(1), keyOf(2));
  nowMs = firstUsedMs + IDEMPOTENCY_MS;
  while (await store.maintain());
  assert.equal((await store.append(batchOf(1), keyOf(1))).firstId, 1);
  nowMs++;
  // Used again: remembered for another 24 hours, whatever becomes of the first time.
  assert.equal((await store.append(batchOf(1), keyOf(1, 5))).firstId, 3);
  const againMs = nowMs;
  nowMs += HOUR_MS;
  while (await store.maintain());
  assert.equal((await store.append(batchOf(1), keyOf(1, 5))).firstId, 3);
  assert.equal((await store.append(batchOf(1), keyOf(2))).firstId, 4);
  nowMs = againMs + IDEMPOTENCY_MS + 3 * HOUR_MS;
  while (await store.maintain());
  assert.equal(await countKeys(database), 0);
  await store.close();
  database.end();
});

Deno.test("many keys share commits, and all of them are freed", async () => {
  const database = await TestDatabase.open();
  let nowMs = NOON;
  const store = await openTestStore({ database, now: () => nowMs });
  const count = 3 * GROUP_IDEMPOTENT_MAX + 7;
  await Promise.all(Array.from({ length: count }, (_, i) => store.append(batchOf(1), keyOf(i))));
  assert.equal((await allIds(store)).length, count);
  assert.equal(await countKeys(database), 2 * count + 1);
  nowMs += IDEMPOTENCY_MS + 2 * HOUR_MS;
  while (await store.maintain());
  assert.equal(await countKeys(database), 0);
  await store.close();
  database.end();
});

Deno.test("past a million keys of the last 24 hours new ones are refused with 429", async () => {
  const database = await TestDatabase.open();
  const hour = Math.floor(NOON / HOUR_MS);
  await database.commit({
    sets: [[idempotencyCountKey(hour), encodeDocument(IDEMPOTENCY_KEYS_MAX - 1)]],
  });
  const store = await openTestStore({ database });
  const last = await store.append(batchOf(1), keyOf(1));
  await assert.rejects(store.append(batchOf(1), keyOf(2)), (error: Error) => {
    assert.ok(error instanceof OverloadedError);
    assert.equal(error.status, 429);
    return error.message.includes("1000000");
  });
  // A key that is known, and requests without one, are served.
  assert.deepEqual(await store.append(batchOf(1), keyOf(1)), last);
  await store.append(batchOf(1));
  assert.equal((await allIds(store)).length, 2);
  await store.close();
  database.end();
});

Deno.test("keys of a clock that was ahead by years are remembered for a day more, not for years", async () => {
  const database = await TestDatabase.open();
  let nowMs = NOON + 10 * 365 * 24 * HOUR_MS;
  const store = await openTestStore({ database, now: () => nowMs });
  await store.append(batchOf(1), keyOf(1));
  for (const ms of [NOON, NOON + IDEMPOTENCY_MS]) {
    nowMs = ms;
    while (await store.maintain());
    assert.equal((await store.append(batchOf(1), keyOf(1))).firstId, 1);
  }
  nowMs++;
  while (await store.maintain());
  assert.equal((await store.append(batchOf(1), keyOf(1))).firstId, 2);
  assert.equal(await countKeys(database), 3, "only those of this time");
  await store.close();
  database.end();
});
