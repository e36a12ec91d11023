import assert from "node:assert/strict";
import { parseLogFilters } from "../query/mod.ts";
import { RecordBatch } from "../record.ts";
import { FakeStore } from "./_fake_store.ts";
import { EventReader } from "./_test_events.ts";
import { Drain } from "./drain.ts";
import {
  TAIL_HEARTBEAT_MS,
  TAIL_LAG_BYTES_MAX,
  TAIL_RECENT_COMMITS_MAX,
  TAIL_STALL_MS_MAX,
  TAILS_BYTES_MAX,
} from "./limits.ts";
import { TailHub } from "./tail_hub.ts";

/** A hub whose clock stands still unless the test moves it, so that commits after the first wait to be delivered. */
class Bench {
  readonly store = new FakeStore();
  clockMs = 0;
  reads = 0;
  readonly hub = new TailHub({
    store: this.store,
    drain: new Drain(),
    now: () => 0,
    log: (line) => assert.fail(line),
    clock: () => this.clockMs,
  });

  constructor() {
    this.store.beforeRead = () => void this.reads++;
  }

  async commit(message = "hello"): Promise<void> {
    const batch = new RecordBatch();
    batch.append(0, 0, "a", 2, message);
    await this.store.append(batch);
  }

  stream(afterId?: number): ReadableStream<Uint8Array> {
    const filters = parseLogFilters(new URLSearchParams());
    return this.hub.tail({ key: "", filters, afterId, isAllowed: () => true });
  }

  open(afterId?: number): EventReader {
    const body = this.stream(afterId) as ReadableStream<Uint8Array<ArrayBuffer>>;
    return new EventReader(new Response(body));
  }

  /** Waits for the hub's own timers. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function ids(tail: EventReader, count: number): Promise<(number | undefined)[]> {
  return (await tail.take(count)).map(({ id }) => id);
}

Deno.test("a tail that starts at now gets nothing that was acknowledged before", async () => {
  const bench = new Bench();
  const first = bench.open();
  await bench.commit();
  assert.deepEqual(await ids(first, 1), [1]);
  // This one waits for its delivery when the second tail opens.
  await bench.commit();
  const second = bench.open();
  assert.equal(await second.start(), 2);
  await bench.commit();
  assert.deepEqual(await ids(second, 1), [3]);
  await first.cancel();
  await second.cancel();
});

Deno.test("what is read from the store is not given again when it is delivered", async () => {
  const bench = new Bench();
  await bench.commit();
  const tail = bench.open(0);
  // Committed before the tail reads the store, delivered after it.
  await bench.commit();
  assert.deepEqual(await ids(tail, 2), [1, 2]);
  await bench.commit();
  assert.deepEqual(await ids(tail, 1), [3]);
  await tail.cancel();
});

Deno.test("a tail that is still resuming is passed nothing over, however much comes meanwhile", async () => {
  const bench = new Bench();
  await bench.commit();
  const { promise, resolve } = Promise.withResolvers<void>();
  bench.store.beforeRead = () => promise;
  const tail = bench.open(0);
  const count = 1 + Math.ceil(2 * TAIL_LAG_BYTES_MAX / 60_000);
  const taken = tail.take(count);
  for (let n = 1; n < count; n++) await bench.commit("x".repeat(60_000));
  bench.clockMs += 1_000;
  await bench.until(() => bench.hub.throughId === count);
  resolve();
  const events = await taken;
  assert.deepEqual(events.map(({ id }) => id), Array.from({ length: count }, (_, i) => i + 1));
  assert.ok(events.every(({ type }) => type === "log"));
  assert.equal(bench.hub.missed, 0);
  await tail.cancel();
});

Deno.test("a silent tail says how far it is, so that nobody takes it for dead", async () => {
  const bench = new Bench();
  await bench.commit();
  const reader = bench.stream().getReader();
  assert.match(text(await reader.read()), /^retry: \d+\nid: 1\n\n$/);
  const next = reader.read();
  bench.clockMs += TAIL_HEARTBEAT_MS;
  assert.equal(text(await next), "id: 1\n\n");
  await reader.cancel();
});

function text({ value }: ReadableStreamReadResult<Uint8Array>): string {
  return new TextDecoder().decode(value);
}

Deno.test("a tail whose reader takes nothing for minutes ends", async () => {
  const bench = new Bench();
  const standing = bench.stream();
  const reader = bench.open();
  // It waits for the next event, which is no standstill.
  const next = reader.next();
  await bench.until(() => reader.lastId !== undefined);
  bench.clockMs += TAIL_STALL_MS_MAX + 1;
  await bench.until(() => bench.hub.open === 1);
  await bench.commit();
  assert.equal((await next)!.id, 1);
  await reader.cancel();
  await standing.cancel();
  assert.equal(bench.hub.open, 0);
});

Deno.test("what waits for all readers is bounded, and given back when they leave", async () => {
  const bench = new Bench();
  const message = "x".repeat(60_000);
  const streams = Array.from({ length: 200 }, () => bench.stream());
  // Some sixteen of these are all that one reader may let wait: for two hundred that is too much together.
  for (let n = 0; n < 30; n++) {
    await bench.commit(message);
    bench.clockMs += 1_000;
    await bench.until(() => bench.hub.throughId === n + 1);
  }
  assert.ok(bench.hub.heldBytes > TAILS_BYTES_MAX / 2);
  // The reader that fills it may do so by one piece.
  assert.ok(bench.hub.heldBytes <= TAILS_BYTES_MAX + 100_000, `${bench.hub.heldBytes} bytes`);
  for (const stream of streams) await stream.cancel();
  assert.equal(bench.hub.heldBytes, 0);
  assert.equal(bench.store.listeners, 0);
});

Deno.test("while all readers together let too much wait, each that wants more gets it piece by piece", async () => {
  const bench = new Bench();
  const message = "x".repeat(60_000);
  const streams = Array.from({ length: 200 }, () => bench.stream());
  for (let n = 0; n < 20; n++) {
    await bench.commit(message);
    bench.clockMs += 1_000;
    await bench.until(() => bench.hub.throughId === n + 1);
  }
  assert.ok(bench.hub.isFull);
  // The last one has least.
  const reader = streams.pop()!.getReader();
  let received = "";
  while (!received.includes("id: 20\n")) received += text(await reader.read());
  assert.equal(received.match(/event: log/g)!.length, 20);
  await reader.cancel();
  for (const stream of streams) await stream.cancel();
});

Deno.test("a tail that comes back at once is not read from the store; commits kept for that are bounded", async () => {
  const bench = new Bench();
  const watching = bench.open();
  await watching.start();
  const count = TAIL_RECENT_COMMITS_MAX + 50;
  for (let n = 0; n < count; n++) await bench.commit();
  await ids(watching, count);
  const late = bench.open(count - 10);
  assert.deepEqual((await ids(late, 10)).at(-1), count);
  assert.equal(bench.reads, 0);
  const later = bench.open(10);
  assert.deepEqual((await ids(later, count - 10)).at(-1), count);
  assert.ok(bench.reads > 0);
  for (const tail of [watching, late, later]) await tail.cancel();
});
