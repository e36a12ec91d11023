/**
 * @module Readers beside a writer, deletions, flushes and compactions, all on one event loop: whatever a snapshot is asked,
 * in whatever order and however long it takes, it answers from one version.
 *
 * A record follows from its id, and deletions only concern what was written well before, so that what a snapshot must hold
 * follows from its `nextId` and from the deletions that were done when it was taken.
 */

import assert from "node:assert/strict";
import {
  RecordBatch,
  type RecordColumns,
  type RowRef,
  type SeverityCode,
} from "../../src/record.ts";
import { type Builder, InlineBuilder, WorkerBuilder } from "../../src/storage/builder.ts";
import { openDenoKv } from "../../src/storage/disk/deno_kv.ts";
import { EngineStore, type Snapshot } from "../../src/storage/mod.ts";
import { inspect } from "./_inspect.ts";
import { Handle } from "./_databases.ts";
import { Random, testRuns } from "./_random.ts";

const BASE = Date.UTC(2026, 9, 31, 23, 55);
const STEP_MS = 20;
/** Timestamps are at most this far from the order of ids; deletions stay further behind. */
const JITTER_MS = 4000;
const SERVICES = ["auth", "payment", "ship", "__proto__"];

interface Shape {
  readonly ms: number;
  readonly service: string;
  readonly severity: SeverityCode;
}

/** The record that has this id. */
function shapeOf(id: number): Shape {
  const mixed = Math.imul(id, 0x9e3779b1) >>> 0;
  return {
    ms: BASE + id * STEP_MS + mixed % JITTER_MS,
    // One stream is busy enough for segments of its own.
    service: mixed % 10 < 7 ? "auth" : SERVICES[mixed % SERVICES.length]!,
    severity: (mixed % 10 < 7 ? 2 : mixed % 6) as SeverityCode,
  };
}

interface Deletion {
  readonly beforeMs: number;
  readonly service: string | undefined;
}

const isHit = ({ beforeMs, service }: Deletion, shape: Shape) =>
  shape.ms < beforeMs && (service === undefined || shape.service === service);

/** What happens to one store, and what must be seen of it. */
class Scene {
  readonly #random: Random;
  readonly #store: EngineStore;
  /** The ids of all that was sent, without what deletions that are done have hit. */
  #alive: number[] = [];
  /** A deletion that is under way: it is seen, or not yet. */
  #pending: Deletion | undefined;
  #nextId = 1;
  #over = false;
  snapshots = 0;

  constructor(random: Random, store: EngineStore) {
    this.#random = random;
    this.#store = store;
  }

  get version(): number {
    return this.#store.figures().version!;
  }

  /** Lets everyone loose until the store has published so many versions. */
  async play(versions: number, maintain: boolean): Promise<void> {
    const write = async () => {
      while (!this.#over && this.version < versions) await this.#write();
      this.#over = true;
    };
    const readers = Array.from({ length: 4 }, () => this.#read());
    const upkeep = maintain ? [this.#maintain()] : [];
    const tasks = [write(), this.#delete(), ...upkeep, ...readers];
    try {
      await Promise.all(tasks);
    } finally {
      this.#over = true;
      await Promise.allSettled(tasks);
    }
  }

  async #write(): Promise<void> {
    const batch = new RecordBatch();
    for (let left = this.#random.int(1, 40); left > 0; left--) {
      const id = this.#nextId++;
      const { ms, service, severity } = shapeOf(id);
      batch.append(ms, 0, service, severity, `record ${id}`);
      this.#alive.push(id);
    }
    await this.#store.append(batch);
    if (this.#random.chance(0.7)) await this.#pause();
  }

  async #maintain(): Promise<void> {
    while (!this.#over) {
      if (this.#random.chance(0.5)) await this.#store.flush();
      else await this.#store.maintain();
      await this.#pause();
    }
  }

  async #delete(): Promise<void> {
    while (!this.#over) {
      const newest = BASE + this.#store.figures().next_id! * STEP_MS;
      const beforeMs = newest - 2 * JITTER_MS - this.#random.int(0, 1000 * STEP_MS);
      const service = this.#random.chance(0.5) ? this.#random.pick(SERVICES) : undefined;
      const deletion = this.#pending = { beforeMs, service };
      await this.#store.delete({
        before: { ms: beforeMs, ns: 0 },
        services: service === undefined ? undefined : [service],
      });
      this.#alive = this.#alive.filter((id) => !isHit(deletion, shapeOf(id)));
      this.#pending = undefined;
      for (let i = this.#random.int(0, 30); i > 0 && !this.#over; i--) await this.#pause();
    }
  }

  async #read(): Promise<void> {
    while (!this.#over) {
      await this.#question(this.#store.snapshot());
      await this.#pause();
    }
  }

  /** Lets the others run; what they wait for is the database, most of the time. */
  async #pause(): Promise<void> {
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
  }

  async #question(snapshot: Snapshot): Promise<void> {
    this.snapshots++;
    const { nextId } = snapshot;
    const alive = this.#alive.filter((id) => id < nextId);
    const candidates = [new Set(alive)];
    const pending = this.#pending;
    if (pending !== undefined) {
      candidates.push(new Set(alive.filter((id) => !isHit(pending, shapeOf(id)))));
    }
    const total = snapshot.streamTotals().reduce((sum, { count }) => sum + count, 0);
    const expected = candidates.find((ids) => ids.size === total);
    if (expected === undefined) {
      assert.equal(total, candidates[0]!.size, "streamTotals() counts another number of records");
    }
    const questions = this.#random.some(
      [this.#scanAll, this.#scanSome, this.#visit, this.#get],
      1,
      3,
    );
    for (const ask of questions) await ask.call(this, snapshot, expected!);
    assert.deepEqual(snapshot.damage, []);
    snapshot.release();
  }

  async #scanAll(snapshot: Snapshot, expected: ReadonlySet<number>): Promise<void> {
    const order = this.#random.pick(["asc", "desc"] as const);
    const scan = snapshot.scan({ order });
    const limit = this.#random.pick([50, 500, 100_000]);
    const found: number[] = [];
    let last = order === "asc" ? -Infinity : Infinity;
    while (true) {
      const page = await scan.next(limit);
      for (const { columns, row } of page) {
        const ms = columns.timestampMs[row]!;
        assert.ok(order === "asc" ? ms >= last : ms <= last, "out of order");
        last = ms;
        found.push(columns.ids[row]!);
        assertIs(columns, row);
      }
      if (page.length < limit) break;
    }
    assertIds(found, expected, `a scan (${order})`);
  }

  async #scanSome(snapshot: Snapshot, expected: ReadonlySet<number>): Promise<void> {
    const newest = BASE + snapshot.nextId * STEP_MS;
    const from = { ms: newest - this.#random.int(0, 3000 * STEP_MS), ns: 0 };
    const to = { ms: from.ms + this.#random.int(0, 2000 * STEP_MS), ns: 0 };
    const services = [this.#random.pick(SERVICES)];
    const rows: RowRef[] = await snapshot.scan({ order: "desc", from, to, services }).next(1e6);
    const wanted = new Set([...expected].filter((id) => {
      const { ms, service } = shapeOf(id);
      return ms >= from.ms && ms <= to.ms && services.includes(service);
    }));
    assertIds(rows.map(({ columns, row }) => columns.ids[row]!), wanted, "a filtered scan");
  }

  async #visit(snapshot: Snapshot, expected: ReadonlySet<number>): Promise<void> {
    let count = 0;
    const rows = (_: RecordColumns, selected: Uint32Array) => {
      count += selected.length;
    };
    const whole = (run: { count: number }) => {
      count += run.count;
      return true;
    };
    await snapshot.visit({}, [], this.#random.chance(0.7) ? { rows, whole } : { rows });
    assert.equal(count, expected.size, "visit() counts another number of records");
  }

  async #get(snapshot: Snapshot, expected: ReadonlySet<number>): Promise<void> {
    for (let i = 0; i < 3; i++) {
      const id = this.#random.int(1, snapshot.nextId);
      const found = await snapshot.get(id);
      assert.equal(found !== undefined, expected.has(id), `get(${id})`);
      if (found !== undefined) assertIs(found.columns, found.row);
    }
  }
}

function assertIs(columns: RecordColumns, row: number): void {
  const { service, severity } = columns.streams[columns.streamOf[row]!]!;
  const shape = shapeOf(columns.ids[row]!);
  const ms = columns.timestampMs[row]!;
  assert.ok(ms === shape.ms && service === shape.service && severity === shape.severity);
}

function assertIds(found: readonly number[], expected: ReadonlySet<number>, what: string): void {
  const ids = new Set(found);
  assert.equal(ids.size, found.length, `${what} shows a record twice`);
  const missing = [...expected].filter((id) => !ids.has(id));
  const surplus = found.filter((id) => !expected.has(id));
  assert.deepEqual({ missing, surplus }, { missing: [], surplus: [] }, what);
}

async function play(
  { versions, builder, background }: { versions: number; builder: Builder; background: boolean },
): Promise<void> {
  const database = await openDenoKv(":memory:");
  const store = await EngineStore.open({
    database: new Handle(database),
    builder,
    background,
    flushRecords: 150,
    wait: () => new Promise((resolve) => setTimeout(resolve, 0)),
  });
  const scene = new Scene(new Random(7), store);
  await scene.play(versions, !background);
  assert.ok(scene.snapshots > versions / 20, `${scene.snapshots} snapshots`);
  if (!background) {
    while (await store.maintain());
    await inspect(database);
  }
  await store.close();
  database.close();
}

Deno.test("every snapshot sees one version while two thousand are published", async () => {
  const versions = Math.ceil(2000 * testRuns());
  await play({ versions, builder: new InlineBuilder(), background: false });
});

Deno.test("every snapshot sees one version beside the real background work", async () => {
  const versions = Math.ceil(150 * testRuns());
  await play({ versions, builder: new WorkerBuilder(), background: true });
});
