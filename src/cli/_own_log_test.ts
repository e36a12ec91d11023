import assert from "node:assert/strict";
import { type RecordBatch, SEVERITIES } from "../record.ts";
import { OutcomeUnknownError, OverloadedError } from "../storage/mod.ts";
import type { LogEvent } from "./_log.ts";
import { OwnLog } from "./_own_log.ts";

function event(message: string, fields: LogEvent["fields"] = {}): LogEvent {
  return { timeMs: 1_750_000_000_000, level: "warning", message, fields };
}

/** An own log whose pauses end when the test says so, on a store that may fail. */
class Bench {
  readonly batches: RecordBatch[] = [];
  readonly pauses: number[] = [];
  /** Runs in place of a commit. */
  beforeAppend: () => void | Promise<void> = () => {};
  #next = Promise.withResolvers<void>();
  #paused = Promise.withResolvers<void>();
  readonly log = new OwnLog({
    service: "own",
    sleep: (ms, signal) => {
      this.pauses.push(ms);
      this.#paused.resolve();
      signal.addEventListener("abort", () => this.#next.resolve(), { once: true });
      return this.#next.promise;
    },
  });

  open(): void {
    this.log.open({
      append: async (batch) => {
        await this.beforeAppend();
        this.batches.push(batch);
        return { firstId: 1, count: batch.length };
      },
    });
  }

  /** Ends a pause, and waits for the next one, or until nothing waits. */
  async turn(): Promise<void> {
    const { resolve } = this.#next;
    this.#next = Promise.withResolvers();
    this.#paused = Promise.withResolvers();
    resolve();
    const idle = new Promise<void>((done) => setTimeout(done, 1));
    await Promise.race([this.#paused.promise, idle]);
  }

  /** What is stored, as text. */
  get messages(): string[] {
    return this.batches.flatMap(({ messages }) => messages);
  }
}

Deno.test("events become records, those from before the store was open as well", async () => {
  const bench = new Bench();
  bench.log.take(event("early", { count: 3 }));
  bench.open();
  bench.log.take(event("later"));
  await bench.turn();
  assert.deepEqual(bench.messages, ["early", "later"]);
  const [batch] = bench.batches;
  assert.deepEqual(batch!.streams, [{ service: "own", severity: SEVERITIES.indexOf("WARNING") }]);
  assert.deepEqual(batch!.timestampMs, [1_750_000_000_000, 1_750_000_000_000]);
  assert.deepEqual(batch!.optional.get("attributes"), ['{"count":3}']);
  assert.deepEqual([bench.log.stored, bench.log.dropped], [2, 0]);
  await bench.log.close();
});

Deno.test("a failure to store the own log is not logged into itself", async () => {
  const bench = new Bench();
  bench.beforeAppend = () => {
    // As the engine does, in the same step.
    bench.log.take(event("Cannot commit"));
    throw new OverloadedError("The disk is full");
  };
  bench.open();
  bench.log.take(event("first"));
  for (let n = 0; n < 8; n++) await bench.turn();
  assert.deepEqual(bench.messages, []);
  assert.equal(bench.log.dropped, 8);
  // It tries less and less often.
  assert.deepEqual(bench.pauses.slice(0, 9), [1, 2, 4, 8, 16, 32, 60, 60, 60].map((s) => s * 1000));
  bench.beforeAppend = () => {};
  await bench.turn();
  assert.deepEqual(bench.messages, ["first", "8 events of the server's own log were not kept"]);
  await bench.log.close();
});

Deno.test("what comes while a batch is stored follows in the next one", async () => {
  const bench = new Bench();
  bench.beforeAppend = () => {
    bench.beforeAppend = () => {};
    bench.log.take(event("meanwhile"));
  };
  bench.open();
  bench.log.take(event("first"));
  await bench.turn();
  await bench.turn();
  assert.deepEqual(bench.messages, ["first", "meanwhile"]);
  assert.equal(bench.log.dropped, 0);
  await bench.log.close();
});

Deno.test("a flood of events is bounded, counted, and told of; the pause after it is long", async () => {
  const bench = new Bench();
  bench.open();
  for (let n = 0; n < 1_500; n++) bench.log.take(event(`event ${n}`));
  assert.equal(bench.log.dropped, 500);
  await bench.turn();
  assert.equal(bench.messages.length, 1_001);
  assert.equal(bench.messages.at(-1), "500 events of the server's own log were not kept");
  bench.log.take(event("after"));
  await bench.turn();
  assert.equal(bench.messages.at(-1), "after");
  await bench.log.close();
});

Deno.test("texts that no record may have are made such", async () => {
  const bench = new Bench();
  bench.open();
  bench.log.take(event("\ud800" + "x".repeat(100_000), { where: "y".repeat(100_000) }));
  await bench.turn();
  assert.equal(bench.messages[0]!.length, 8_192);
  assert.ok(bench.messages[0]!.isWellFormed());
  assert.ok(bench.batches[0]!.optional.get("attributes")![0]!.length < 10_000);
  await bench.log.close();
});

Deno.test("close() stores what waits, once, and takes nothing more", async () => {
  const bench = new Bench();
  bench.open();
  bench.log.take(event("last words"));
  await bench.log.close();
  assert.deepEqual(bench.messages, ["last words"]);
  bench.log.take(event("too late"));
  assert.equal(bench.log.dropped, 1);
  await bench.log.close();
  assert.equal(bench.batches.length, 1);
});

Deno.test("what may be stored already is not stored again", async () => {
  const bench = new Bench();
  bench.beforeAppend = () => {
    throw new OutcomeUnknownError("The store closed");
  };
  bench.open();
  bench.log.take(event("first"));
  await bench.log.close();
  assert.deepEqual([bench.messages, bench.log.dropped], [[], 1]);
});
