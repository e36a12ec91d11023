import assert from "node:assert/strict";
import { SEARCHES_IN_HAND_MAX, SEARCHES_IN_MESSAGE_MAX } from "./limits.ts";
import type { SearchReply, SearchRequest } from "./search_messages.ts";
import { SearchPool, type SearchWorker } from "./search_pool.ts";

/** A Worker that answers when the test says. It finds row numbers that are the count of the segment. */
class FakeWorker implements SearchWorker {
  onmessage: SearchWorker["onmessage"] = null;
  onerror: SearchWorker["onerror"] = null;
  readonly messages: (readonly SearchRequest[])[] = [];
  isEnded = false;

  postMessage(requests: readonly SearchRequest[]): void {
    this.messages.push(requests);
  }

  say(data: SearchReply): void {
    this.onmessage!(new MessageEvent("message", { data }));
  }

  /** Answers the oldest message. */
  answer(): void {
    this.say(this.messages.shift()!.map(({ count }) => Uint32Array.of(count)));
  }

  die(): void {
    this.onerror!(new ErrorEvent("error", { message: "it has died" }));
  }

  terminate(): void {
    this.isEnded = true;
  }
}

/** A pool of fake Workers, which are ready. */
class Ground {
  readonly workers: FakeWorker[] = [];
  readonly log: string[] = [];
  readonly pool: SearchPool;

  constructor(options: { workers?: number; idleMs?: number } = {}) {
    this.pool = new SearchPool({
      startWorker: () => {
        const worker = new FakeWorker();
        this.workers.push(worker);
        return worker;
      },
      log: (_, line) => this.log.push(line),
      workers: 2,
      ...options,
    });
  }

  /** Has as many Workers started as there may be. */
  ready(): void {
    assert.equal(this.pool.ready(), false);
    for (const worker of this.workers) {
      worker.say("ready");
      assert.equal(this.pool.ready(), true);
    }
  }

  get messages(): number {
    return this.workers.reduce((sum, { messages }) => sum + messages.length, 0);
  }

  get requests(): number {
    return this.workers.reduce((sum, { messages }) => sum + messages.flat().length, 0);
  }

  search(count: number): Promise<Uint32Array | undefined> {
    return this.pool.search(() => Promise.resolve(requestOf(count)));
  }
}

function requestOf(count: number): SearchRequest {
  return { scan: 1, source: "anything", count, rows: undefined, columns: [] };
}

/** Lets everything go on that waits for nothing but its turn. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

Deno.test("SearchPool starts no Worker before it is asked, and answers nothing before one is ready", async () => {
  const ground = new Ground();
  assert.equal(ground.workers.length, 0);
  assert.equal(await ground.search(1), undefined);
  ground.ready();
  assert.equal(ground.pool.workers, 2);
  ground.pool.close();
});

Deno.test("SearchPool starts one Worker at a time, and the second takes over what waits for the first", async () => {
  const ground = new Ground();
  assert.equal(ground.pool.ready(), false);
  assert.equal(ground.pool.ready(), false);
  assert.equal(ground.workers.length, 1);
  ground.workers[0]!.say("ready");
  assert.equal(ground.pool.ready(), true);
  assert.equal(ground.workers.length, 2);
  const searches = Array.from({ length: SEARCHES_IN_HAND_MAX + 1 }, (_, i) => ground.search(i));
  await settle();
  ground.workers[1]!.say("ready");
  await settle();
  ground.workers[1]!.answer();
  assert.deepEqual(await searches.at(-1), Uint32Array.of(SEARCHES_IN_HAND_MAX));
  ground.pool.close();
  await Promise.all(searches);
});

Deno.test("SearchPool gives each caller its own answer, in whatever order Workers answer", async () => {
  const ground = new Ground();
  ground.ready();
  const searches = Array.from({ length: 100 }, (_, i) => ground.search(i));
  for (let i = 0; ground.requests > 0 || i < 2; i++) {
    await settle();
    const worker = ground.workers[i % 2]!;
    if (worker.messages.length > 0) worker.answer();
  }
  const found = await Promise.all(searches);
  assert.deepEqual(found.map((rows) => rows![0]), [...found.keys()]);
  assert.equal(ground.pool.searched, 100);
  ground.pool.close();
});

Deno.test("SearchPool has Workers hold a bounded number of segments, and read for no more", async () => {
  const ground = new Ground();
  ground.ready();
  let loaded = 0;
  const searches = Array.from({ length: 1000 }, (_, i) =>
    ground.pool.search(() => {
      loaded++;
      return Promise.resolve(requestOf(i));
    }));
  await settle();
  assert.equal(loaded, 2 * SEARCHES_IN_HAND_MAX);
  assert.ok(ground.messages <= 4);
  for (const { messages } of ground.workers) {
    for (const message of messages) assert.ok(message.length <= SEARCHES_IN_MESSAGE_MAX);
  }
  ground.pool.close();
  for (const rows of await Promise.all(searches)) assert.equal(rows, undefined);
});

Deno.test("a Worker that dies gives back what it has, and those who wait are not kept", async () => {
  const ground = new Ground();
  ground.ready();
  const searches = Array.from({ length: 100 }, (_, i) => ground.search(i));
  await settle();
  ground.workers[1]!.die();
  for (const rows of await Promise.all(searches)) assert.equal(rows, undefined);
  assert.deepEqual(ground.log, ["A Worker that searches segments failed: it has died"]);
  assert.deepEqual(ground.workers.map(({ isEnded }) => isEnded), [true, true]);
  // It is not started again and again.
  assert.equal(ground.pool.ready(), false);
  assert.equal(ground.workers.length, 2);
  ground.pool.close();
});

Deno.test("a Worker that cannot be started is survived", async () => {
  const log: string[] = [];
  const pool = new SearchPool({
    startWorker: () => {
      throw new Error("no threads left");
    },
    log: (_, line) => log.push(line),
  });
  assert.equal(pool.ready(), false);
  assert.equal(await pool.search(() => Promise.resolve(requestOf(1))), undefined);
  assert.deepEqual(log, ["A Worker that searches segments failed: no threads left"]);
  pool.close();
});

Deno.test("a request that cannot be made is its caller's, and its place is another's", async () => {
  const ground = new Ground({ workers: 1 });
  ground.ready();
  for (let i = 0; i < 2 * SEARCHES_IN_HAND_MAX; i++) {
    const failing = ground.pool.search(() => Promise.reject(new Error("nobody wants it")));
    await assert.rejects(failing, /nobody wants it/);
  }
  const search = ground.search(7);
  await settle();
  ground.workers[0]!.answer();
  assert.deepEqual(await search, Uint32Array.of(7));
  ground.pool.close();
});

Deno.test("SearchPool ends its Workers when nobody has asked for long, and starts them again", async () => {
  const ground = new Ground({ idleMs: 0 });
  ground.ready();
  const search = ground.search(7);
  await settle();
  assert.equal(ground.pool.workers, 2);
  ground.workers.find(({ messages }) => messages.length > 0)!.answer();
  await search;
  // Timers fire in order: this one comes behind the pool's.
  while (ground.pool.workers > 0) await new Promise((resolve) => setTimeout(resolve, 0));
  assert.deepEqual(ground.workers.map(({ isEnded }) => isEnded), [true, true]);
  assert.equal(ground.pool.ready(), false);
  assert.equal(ground.workers.length, 3);
  ground.pool.close();
  assert.equal(ground.pool.workers, 0);
  // Once closed it stays so.
  assert.equal(ground.pool.ready(), false);
  assert.equal(ground.workers.length, 3);
});
