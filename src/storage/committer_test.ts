import assert from "node:assert/strict";
import { RecordBatch } from "../record.ts";
import { OutcomeUnknownError, OverloadedError } from "./errors.ts";
import { FLUSH_BYTES, MEMTABLE_BYTES_MAX, QUEUE_BYTES_MAX, STREAMS_MAX } from "./limits.ts";
import { allIds, batchOf, kindsSet, NOON, openTestStore, TestDatabase } from "./_test_store.ts";

Deno.test("append() is served whenever it is called while a commit comes to its end", async () => {
  // However many turns of the microtask queue after the commit: none may find nobody who takes it on.
  for (let turns = 0; turns < 40; turns++) {
    const database = await TestDatabase.open();
    const store = await openTestStore({ database });
    let second: Promise<unknown> | undefined;
    database.afterCommit = (commit) => {
      if (!kindsSet(commit).has("journal") || second !== undefined) return;
      second = (async () => {
        for (let i = 0; i < turns; i++) await Promise.resolve();
        await store.append(batchOf(1));
      })();
    };
    await store.append(batchOf(1));
    const { promise: late, resolve } = Promise.withResolvers<string>();
    const timer = setTimeout(() => resolve("forgotten"), 1000);
    assert.equal(await Promise.race([second!.then(() => "stored"), late]), "stored", `${turns}`);
    clearTimeout(timer);
    await store.close();
    database.end();
  }
});

Deno.test("what arrives during a commit shares the next one", async () => {
  const database = await TestDatabase.open();
  const store = await openTestStore({ database });
  let commits = 0;
  database.afterCommit = (commit) => {
    if (kindsSet(commit).has("journal")) commits++;
  };
  const first = store.append(batchOf(2));
  await Promise.resolve();
  await Promise.resolve();
  const rest = Array.from({ length: 100 }, () => store.append(batchOf(3)));
  assert.deepEqual(await first, { firstId: 1, count: 2 });
  const answers = await Promise.all(rest);
  assert.deepEqual(answers.map(({ firstId }) => firstId), answers.map((_, i) => 3 + 3 * i));
  assert.equal(commits, 2);
  await store.close();
  database.end();
});

/** A batch of so many bytes of text. */
function heavyBatch(bytes: number): RecordBatch {
  const batch = new RecordBatch();
  const message = "m".repeat(65_536);
  for (let left = bytes; left > 0; left -= message.length) {
    batch.append(NOON, 0, "auth", 2, message);
  }
  return batch;
}

Deno.test("past 32 MiB of waiting records append() refuses, and what waits is stored", async () => {
  const database = await TestDatabase.open();
  const store = await openTestStore({ database });
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  database.beforeCommit = () => gate;
  const size = 2 * 1024 * 1024;
  const waiting = Array.from(
    { length: QUEUE_BYTES_MAX / size - 1 },
    () => store.append(heavyBatch(size)),
  );
  await assert.rejects(store.append(heavyBatch(size)), (error: Error) => {
    assert.ok(error instanceof OverloadedError);
    assert.equal(error.status, 503);
    return /33554432 bytes of records are waiting/.test(error.message);
  });
  assert.ok(store.figures().queue_bytes! <= QUEUE_BYTES_MAX);
  open();
  const answers = await Promise.all(waiting);
  assert.equal(answers.at(-1)!.firstId, 1 + 32 * (answers.length - 1));
  assert.equal(store.figures().queue_bytes, 0);
  await store.append(heavyBatch(size));
  await store.close();
  database.end();
});

Deno.test("commits wait while the memtable is full, until a flush", async () => {
  let asked = 0;
  const { promise: waited, resolve } = Promise.withResolvers<void>();
  const store = await openTestStore({
    wait: async () => {
      if (++asked === 3) resolve();
      await new Promise((resolve) => setTimeout(resolve, 0));
    },
  });
  let stored = 0;
  // Each counts with its columns and its compressed journal payload.
  while (store.figures().memtable_bytes! <= MEMTABLE_BYTES_MAX) {
    await store.append(heavyBatch(FLUSH_BYTES / 2));
    stored++;
  }
  const late = store.append(batchOf(1));
  await waited;
  assert.equal(store.figures().next_id, 1 + stored * FLUSH_BYTES / 2 / 65_536);
  await store.flush();
  assert.equal((await late).count, 1);
  await store.close();
});

Deno.test("a commit that fails stores nothing and the next one goes on with the same ids", async () => {
  const database = await TestDatabase.open();
  const store = await openTestStore({ database });
  database.beforeCommit = () => {
    throw new Error("database or disk is full");
  };
  await assert.rejects(store.append(batchOf(2)), (error: Error) => {
    assert.ok(error instanceof OverloadedError);
    return /nothing was stored/.test(error.message);
  });
  assert.equal(store.notReady, undefined);
  database.beforeCommit = () => {};
  assert.deepEqual(await store.append(batchOf(1)), { firstId: 1, count: 1 });
  assert.deepEqual(await allIds(store), [1]);
  await store.close();
  database.end();
});

Deno.test("append() refuses the stream beyond 10,000 with 429 and takes those that exist", async () => {
  const store = await openTestStore();
  const batch = new RecordBatch();
  for (let i = 0; i < STREAMS_MAX - 1; i++) batch.append(NOON, 0, `service-${i}`, 2, "x");
  await store.append(batch);
  const one = store.append(batchOf(1, NOON, "last"));
  // The last place is taken while the one that takes it still waits.
  await assert.rejects(store.append(batchOf(1, NOON, "too many")), (error: Error) => {
    assert.ok(error instanceof OverloadedError);
    assert.equal(error.status, 429);
    return /10000 streams/.test(error.message);
  });
  await one;
  await assert.rejects(store.append(batchOf(1, NOON, "too many")), OverloadedError);
  await store.append(batchOf(1, NOON, "service-5"));
  await store.delete({ before: { ms: NOON + 1, ns: 0 }, services: ["service-7"] });
  await store.append(batchOf(1, NOON, "now there is room"));
  await store.close();
});

/** A batch of a few values of the journal: text that does not get smaller. */
function largeBatch(): RecordBatch {
  const batch = new RecordBatch();
  for (let i = 0; i < 4; i++) {
    const noise = crypto.getRandomValues(new Uint8Array(48_000));
    batch.append(NOON, 0, "auth", 2, noise.toBase64());
  }
  return batch;
}

Deno.test("nothing is written over a batch of which nobody knows whether it is stored", async () => {
  const database = await TestDatabase.open();
  const store = await openTestStore({
    database,
    wait: () => new Promise((resolve) => setTimeout(resolve, 0)),
  });
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  database.afterCommit = (commit) => {
    if (!kindsSet(commit).has("next")) return;
    database.afterCommit = () => {};
    database.beforeRead = () => {
      resolve();
      throw new Error("nothing can be read");
    };
    throw new Error("no answer");
  };
  const first = store.append(largeBatch());
  await asked;
  const second = store.append(largeBatch());
  const closed = store.close();
  await assert.rejects(first, OutcomeUnknownError);
  await assert.rejects(second, { name: "OverloadedError", reason: "shutting_down" });
  await closed;
  database.beforeRead = () => {};
  const log: string[] = [];
  const next = await openTestStore({ database, log: (_, message) => log.push(message) });
  assert.deepEqual(await allIds(next), [1, 2, 3, 4]);
  assert.deepEqual(log, []);
  await next.close();
  database.end();
});
