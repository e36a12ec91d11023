/**
 * @module Random operations against a naive model. A failure prints its seed; `SENTINEL_TEST_SEED=<seed>` runs it alone,
 * `SENTINEL_TEST_RUNS=100` runs a hundred times as many.
 */

import assert from "node:assert/strict";
import type { RecordColumns, SeverityCode } from "../../src/record.ts";
import { InlineBuilder } from "../../src/storage/builder.ts";
import type { Database } from "../../src/storage/database.ts";
import { openDenoKv } from "../../src/storage/deno_kv.ts";
import {
  EngineStore,
  type OrderedScanSpec,
  type RowPredicate,
  type Snapshot,
  type WholeRun,
} from "../../src/storage/mod.ts";
import { textAt } from "../../src/record.ts";
import { Handle } from "./_databases.ts";
import {
  batchOf,
  compareInstants,
  compareRecords,
  isSelected,
  Model,
  type ModelFilter,
  type ModelRecord,
  recordOf,
  scanModel,
  totalsOfModel,
} from "./_model.ts";
import { onlySeed, Random, testRuns } from "./_random.ts";
import { anyService, type Flavour, randomFlavour, randomRecords, WORDS } from "./_records.ts";

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

interface Held {
  readonly snapshot: Snapshot;
  readonly records: readonly ModelRecord[];
}

/** One run: a store, its model, and what happens to both. */
class Run {
  readonly #random: Random;
  readonly #ground: Ground;
  readonly #flavour: Flavour;
  readonly #model = new Model();
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
      before: this.#somewhen(),
      services: random.chance(0.5) ? this.#someServices() : undefined,
      severities: random.chance(0.4) ? random.some([0, 1, 2, 3, 4, 5], 0, 5) : undefined,
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

  /** A moment at, just before or just after a record, or anywhere. */
  #somewhen(records = this.#model.records) {
    const random = this.#random;
    if (records.length === 0 || random.chance(0.15)) {
      return { ms: this.#nowMs - random.int(-DAY_MS, 10 * DAY_MS), ns: 0 };
    }
    const { ms, ns } = random.pick(records);
    return random.pick([
      { ms, ns },
      { ms, ns: 0 },
      { ms, ns: 999_999 },
      { ms, ns: Math.min(ns + 1, 999_999) },
      { ms: ms + random.int(-2000, 2000), ns },
    ]);
  }

  #someServices(): string[] {
    const random = this.#random;
    const chosen = Array.from(
      { length: random.weighted([[1, 0], [6, 1], [3, 3], [2, 9]]) },
      () => anyService(random, this.#flavour),
    );
    // More than the catalog looks up one by one.
    if (random.chance(0.2)) { for (let i = 0; i < 25; i++) chosen.push(`nobody-${i}`); }
    return [...new Set(chosen)];
  }

  #someSpec(records: readonly ModelRecord[]): OrderedScanSpec {
    const random = this.#random;
    const one = records.length === 0 ? undefined : random.pick(records);
    const other = records.length === 0 ? undefined : random.pick(records);
    return {
      order: random.pick(["asc", "desc"]),
      from: random.chance(0.4) ? this.#somewhen(records) : undefined,
      to: random.chance(0.4) ? this.#somewhen(records) : undefined,
      services: random.chance(0.4) ? this.#someServices() : undefined,
      severities: random.chance(0.3) ? random.some([0, 1, 2, 3, 4, 5], 0, 5) : undefined,
      idFrom: random.chance(0.1) ? one?.id : undefined,
      idTo: random.chance(0.1) ? other?.id : undefined,
      receivedFromMs: random.chance(0.1) ? one?.receivedMs : undefined,
      receivedToMs: random.chance(0.1) ? other?.receivedMs : undefined,
      after: random.chance(0.3) && one !== undefined
        ? { ...this.#somewhen(records), id: one.id }
        : undefined,
    };
  }

  #somePredicate(): { predicate?: RowPredicate; filter?: ModelFilter } {
    if (this.#random.chance(0.7)) return {};
    const word = this.#random.pick(WORDS);
    const predicate: RowPredicate = {
      columns: ["message"],
      requiredTokens: this.#random.chance(0.5) ? [word.toLowerCase()] : [],
      select: (columns, rows) => {
        const messages = columns.texts.get("message");
        if (messages === undefined) return new Uint32Array();
        return rows.filter((row) => textAt(messages, row).split(" ").includes(word));
      },
    };
    return { predicate, filter: ({ message }) => message.split(" ").includes(word) };
  }

  /** Compares a snapshot with the records that it must have, then releases it. */
  async #check({ snapshot, records }: Held, queries: number): Promise<void> {
    this.#checkTotals(snapshot, records);
    await this.#checkScan(snapshot, records, { order: this.#random.pick(["asc", "desc"]) });
    for (let i = 0; i < queries; i++) {
      const spec = this.#someSpec(records);
      const { predicate, filter } = this.#somePredicate();
      await this.#checkScan(snapshot, records, { ...spec, predicate }, filter);
      await this.#checkVisit(snapshot, records, { ...spec, predicate }, filter);
      await this.#checkGet(snapshot, records);
    }
    assert.deepEqual(snapshot.damage, []);
    assert.deepEqual(this.#complaints, []);
    snapshot.release();
  }

  #checkTotals(snapshot: Snapshot, records: readonly ModelRecord[]): void {
    const found = new Map(
      snapshot.streamTotals().map(({ service, severity, count, last }) => [
        `${severity} ${service}`,
        { count, last: { ms: last.ms, ns: last.ns } },
      ]),
    );
    assert.deepEqual(sorted(found), sorted(totalsOfModel(records)), "streamTotals()");
  }

  async #checkScan(
    snapshot: Snapshot,
    records: readonly ModelRecord[],
    spec: OrderedScanSpec,
    filter?: ModelFilter,
  ): Promise<void> {
    const expected = scanModel(records, spec, filter);
    const scan = snapshot.scan(spec);
    const limit = this.#random.pick([1000, 1000, 100, 7]);
    const most = limit === 7 ? 49 : Infinity;
    const found: ModelRecord[] = [];
    while (found.length < most) {
      const page = await scan.next(limit);
      assert.ok(page.length <= limit);
      found.push(...page.map(recordOf));
      if (page.length < limit) {
        assert.deepEqual(await scan.next(limit), [], "nothing comes after the end");
        break;
      }
    }
    assertSame(found, expected.slice(0, most), spec);
  }

  async #checkVisit(
    snapshot: Snapshot,
    records: readonly ModelRecord[],
    spec: OrderedScanSpec,
    filter: ModelFilter = () => true,
  ): Promise<void> {
    const { after: _, ...bounds } = spec;
    const expected = records.filter((record) => isSelected(bounds, record) && filter(record));
    const counts = new Map<string, number>();
    const add = (service: string, severity: SeverityCode, count: number) => {
      const key = `${severity} ${service}`;
      counts.set(key, (counts.get(key) ?? 0) + count);
    };
    const ids = new Set<number>();
    const rows = (columns: RecordColumns, selected: Uint32Array) => {
      for (const row of selected) {
        const { service, severity } = columns.streams[columns.streamOf[row]!]!;
        assert.ok(!ids.has(columns.ids[row]!), `record ${columns.ids[row]} was shown twice`);
        ids.add(columns.ids[row]!);
        add(service, severity, 1);
      }
    };
    const whole = (run: WholeRun) => {
      assert.ok(run.count > 0 && compareInstants(run.first, run.last) <= 0);
      if (this.#random.chance(0.3)) return false;
      add(run.service, run.severity, run.count);
      return true;
    };
    const withWhole = this.#random.chance(0.7);
    const names = this.#random.chance(0.5) ? ["message" as const] : [];
    await snapshot.visit(bounds, names, withWhole ? { rows, whole } : { rows });
    const wanted = new Map([...totalsOfModel(expected)].map(([key, { count }]) => [key, count]));
    assert.deepEqual(sorted(counts), sorted(wanted), `visit() of ${JSON.stringify(spec)}`);
    if (!withWhole) assert.equal(ids.size, expected.length);
    await this.#checkDigests(snapshot, expected, bounds);
  }

  async #checkDigests(
    snapshot: Snapshot,
    expected: readonly ModelRecord[],
    bounds: Omit<OrderedScanSpec, "after">,
  ): Promise<void> {
    const found: string[] = [];
    await snapshot.visitDigests(bounds, {
      key: "ids and messages",
      columns: ["message"],
      make({ count, ids, texts }) {
        const message = texts.get("message")!;
        const all = Array.from(
          { length: count },
          (_, row) => `${ids[row]} ${textAt(message, row)}`,
        );
        return { all, bytes: 20 * count };
      },
      rows({ all }, rows) {
        found.push(...(rows === undefined ? all : Array.from(rows, (row) => all[row]!)));
      },
    });
    const wanted = expected.map(({ id, message }) => `${id} ${message}`);
    assert.deepEqual(found.sort(), wanted.sort(), `visitDigests() of ${JSON.stringify(bounds)}`);
  }

  async #checkGet(snapshot: Snapshot, records: readonly ModelRecord[]): Promise<void> {
    const id = this.#random.int(0, this.#model.nextId + 1);
    const found = await snapshot.get(id);
    const expected = records.find((record) => record.id === id);
    assert.deepEqual(found && recordOf(found), expected, `get(${id})`);
  }
}

function sorted<T>(map: Map<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => a < b ? -1 : 1);
}

/** As `deepEqual`, but says where two long lists part. */
function assertSame(found: ModelRecord[], expected: ModelRecord[], spec: OrderedScanSpec): void {
  const at = expected.findIndex((record, i) =>
    found[i] === undefined || compareRecords(found[i], record) !== 0
  );
  const where = `scan() of ${JSON.stringify(spec)}`;
  if (at >= 0) assert.deepEqual(found[at], expected[at], `record ${at} of ${where}`);
  assert.equal(found.length, expected.length, where);
  assert.deepEqual(found, expected, where);
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
