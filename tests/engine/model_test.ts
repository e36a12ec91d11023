/**
 * @module Random operations against a naive model. A failure prints its seed; `SENTINEL_TEST_SEED=<seed>` runs it alone,
 * `SENTINEL_TEST_RUNS=100` runs a hundred times as many.
 */

import assert from "node:assert/strict";
import { InlineBuilder } from "../../src/storage/builder.ts";
import type { Database } from "../../src/storage/database.ts";
import { openDenoKv } from "../../src/storage/disk/deno_kv.ts";
import { EngineStore } from "../../src/storage/mod.ts";
import { Handle } from "./_databases.ts";
import { batchOf, Model } from "./_model.ts";
import { type Held, Questions } from "./_questions.ts";
import { onlySeed, Random, testRuns } from "./_random.ts";
import { type Flavour, randomFlavour, randomRecords } from "./_records.ts";

const NOON = Date.UTC(2026, 9, 31, 12);
const DAY_MS = 24 * 60 * 60 * 1000;
const FLUSH_RECORDS = 200;
/** Runs and operations of each in the ordinary suite: about 15 s. */
const RUNS = 18;
const OPERATIONS = 70;

/** Where stores are opened again and again. */
interface Ground {
  open(): Promise<Database>;
  end(): Promise<void>;
}

async function memoryGround(): Promise<Ground> {
  const database = await openDenoKv(":memory:");
  return {
    open: () => Promise.resolve(new Handle(database)),
    end: () => Promise.resolve(database.close()),
  };
}

async function fileGround(): Promise<Ground> {
  const folder = await Deno.makeTempDir({ prefix: "sentinel-model-" });
  return {
    open: () => openDenoKv(`${folder}/data.kv`),
    end: () => Deno.remove(folder, { recursive: true }),
  };
}

/** One run: a store, its model, and what happens to both. */
class Run {
  readonly #random: Random;
  readonly #ground: Ground;
  readonly #flavour: Flavour;
  readonly #model = new Model();
  readonly #questions: Questions;
  readonly #held: Held[] = [];
  readonly #retentionMs: number | undefined;
  #store!: EngineStore;
  #nowMs = NOON;
  /** What the log said that must not be said. */
  readonly #complaints: string[] = [];
  /** Records before this moment and with an id below this one are over their time. */
  #retained = { before: -Infinity, id: 0 };

  constructor(random: Random, ground: Ground) {
    this.#random = random;
    this.#ground = ground;
    this.#flavour = randomFlavour(random);
    this.#questions = new Questions(random, this.#flavour, () => this.#nowMs);
    this.#retentionMs = random.chance(0.4) ? random.int(2, 12) * DAY_MS : undefined;
  }

  async play(operations: number): Promise<void> {
    await this.#open();
    for (let i = 0; i < operations; i++) {
      await this.#operate();
      if (i % 3 === 0) await this.#check(this.#snapshot(), 1);
    }
    await this.#maintainToTheEnd();
    await this.#check(this.#snapshot(), 8);
    while (this.#held.length > 0) await this.#letGo();
    await this.#maintainToTheEnd();
    const figures = this.#store.figures();
    assert.equal(figures.tombstones, 0, "tombstones are left");
    assert.equal(figures.segments_to_remove, 0, "garbage is left");
    await this.#restart();
    await this.#check(this.#snapshot(), 8);
    await this.#close();
  }

  async #open(): Promise<void> {
    this.#retained = { before: -Infinity, id: 0 };
    this.#store = await EngineStore.open({
      database: await this.#ground.open(),
      builder: new InlineBuilder(),
      background: false,
      flushRecords: FLUSH_RECORDS,
      retentionMs: this.#retentionMs,
      now: () => this.#nowMs,
      wait: () => Promise.resolve(),
      log: (level, message) => this.#hear(level, message),
    });
  }

  /** Retention says in the log what it deleted, at the moment at which it did. */
  #hear(level: string, message: string): void {
    // The clock is put back, and comes forward again.
    if (/times? of receipt/i.test(message)) return;
    if (level !== "info") {
      // What a store that was fenced off says is expected.
      if (!message.includes("another process")) this.#complaints.push(message);
      return;
    }
    const [, count, before] = /^Retention deleted (\d+) records before (.*)$/.exec(message)!;
    const deleted = this.#model.delete({ before: { ms: Date.parse(before!), ns: 0 } });
    if (Number(count) !== deleted) this.#complaints.push(`${message}, not ${deleted}`);
  }

  #operate(): Promise<void> {
    return this.#random.weighted([
      [30, () => this.#append()],
      [10, () => this.#flush()],
      [8, () => this.#maintain(this.#random.int(1, 4))],
      [4, () => this.#maintainToTheEnd()],
      [5, () => this.#delete()],
      [4, () => this.#moveClock()],
      [3, () => this.#restart()],
      [2, () => this.#crash()],
      [4, () => this.#hold()],
      [3, () => this.#letGo()],
      [1, () => this.#appendNothing()],
    ])();
  }

  /** Some batches at once: they share a commit. */
  async #append(): Promise<void> {
    const random = this.#random;
    const batches = Array.from(
      { length: random.weighted([[5, 1], [2, 3], [1, 9]]) },
      () => randomRecords(random, this.#flavour, this.#nowMs),
    );
    const answers = await Promise.all(batches.map((sent) => this.#store.append(batchOf(sent))));
    answers.forEach((answer, i) => {
      assert.equal(answer.firstId, this.#model.nextId, "ids follow one another");
      assert.equal(answer.count, batches[i]!.length);
      this.#model.append(batches[i]!, answer, this.#nowMs);
    });
  }

  async #appendNothing(): Promise<void> {
    const answer = await this.#store.append(batchOf([]));
    assert.equal(answer.count, 0);
  }

  async #flush(): Promise<void> {
    const waiting = this.#store.figures().memtable_records!;
    const worked = await this.#store.flush();
    assert.ok(worked || waiting === 0);
    assert.equal(this.#store.figures().memtable_records, 0);
  }

  async #maintain(steps: number): Promise<void> {
    for (let i = 0; i < steps; i++) if (!await this.#step()) return;
  }

  async #maintainToTheEnd(): Promise<void> {
    while (await this.#step());
  }

  /** One step; after the last one retention must have been done too. */
  async #step(): Promise<boolean> {
    const retention = this.#retentionMs ?? Infinity;
    const before = Math.floor((this.#nowMs - retention) / DAY_MS) * DAY_MS;
    if (before > this.#retained.before) this.#retained = { before, id: this.#model.nextId };
    if (await this.#store.maintain()) return true;
    const late = this.#model.records.filter(({ ms, id }) =>
      ms < this.#retained.before && id < this.#retained.id
    );
    assert.deepEqual(late, [], "kept longer than retention says");
    return false;
  }

  async #delete(): Promise<void> {
    const random = this.#random;
    const spec = {
      before: this.#questions.somewhen(this.#model.records),
      services: random.chance(0.5) ? this.#questions.someServices() : undefined,
      severities: random.chance(0.4) ? random.some([0, 1, 2, 3, 4, 5], 0, 5) : undefined,
      idBefore: random.chance(0.5) ? random.int(1, this.#model.nextId) : undefined,
    };
    const count = await this.#store.delete(spec);
    assert.equal(count, this.#model.delete(spec), `the count of ${JSON.stringify(spec)}`);
  }

  #moveClock(): Promise<void> {
    this.#nowMs += this.#random.weighted([
      [4, this.#random.int(0, 60_000)],
      [3, this.#random.int(0, DAY_MS)],
      [1, 3 * DAY_MS],
      [1, -60_000],
    ]);
    return Promise.resolve();
  }

  async #restart(): Promise<void> {
    await this.#close();
    await this.#open();
  }

  async #close(): Promise<void> {
    await this.#dropHeld();
    await this.#store.close();
  }

  /** Another process takes the database while this one still believes that it is alive. */
  async #crash(): Promise<void> {
    await this.#dropHeld();
    const old = this.#store;
    await this.#open();
    const sent = randomRecords(this.#random, this.#flavour, this.#nowMs);
    await assert.rejects(old.append(batchOf(sent)), /another process has taken over/);
    await assert.rejects(old.append(batchOf(sent)), /another process has taken over/);
    await assert.rejects(old.tokens.put(new Uint8Array(32), 1), /another process/);
    if (old.figures().memtable_records! > 0) {
      await assert.rejects(old.flush(), /another process has taken over/);
    }
    await old.close();
  }

  #hold(): Promise<void> {
    this.#held.push(this.#snapshot());
    return Promise.resolve();
  }

  async #letGo(): Promise<void> {
    const held = this.#held.shift();
    if (held !== undefined) await this.#check(held, 3);
  }

  async #dropHeld(): Promise<void> {
    for (const held of this.#held.splice(0)) await this.#check(held, 1);
  }

  #snapshot(): Held {
    return { snapshot: this.#store.snapshot(), records: this.#model.records };
  }

  /** Compares a snapshot with the records that it must have, then releases it. */
  async #check(held: Held, queries: number): Promise<void> {
    await this.#questions.check(held, queries);
    assert.deepEqual(this.#complaints, []);
    held.snapshot.release();
  }
}

async function run(seed: number, makeGround: () => Promise<Ground>): Promise<void> {
  const ground = await makeGround();
  try {
    await new Run(new Random(seed), ground).play(OPERATIONS);
  } catch (error) {
    throw new Error(`Replay with SENTINEL_TEST_SEED=${seed}`, { cause: error });
  } finally {
    await ground.end();
  }
}

function seeds(count: number): number[] {
  const only = onlySeed();
  if (only !== undefined) return [only];
  const runs = testRuns();
  // The ordinary suite always looks at the same ones; a longer run looks elsewhere each time.
  const base = runs === 1 ? 1 : crypto.getRandomValues(new Uint32Array(1))[0]!;
  return Array.from({ length: Math.ceil(count * runs) }, (_, i) => (base + i) >>> 0);
}

Deno.test("random operations leave exactly what a naive store has", async () => {
  for (const seed of seeds(RUNS)) await run(seed, memoryGround);
});

Deno.test("random operations leave exactly what a naive store has, in a file", async () => {
  for (const seed of seeds(2)) await run(seed, fileGround);
});
