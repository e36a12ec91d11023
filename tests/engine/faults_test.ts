/**
 * @module A database that fails, or stops for good, at every single operation of a script. Whatever it does: what was
 * acknowledged is there exactly once, what was refused is not there, nothing is there in part, and the store goes on.
 */

import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { InlineBuilder } from "../../src/storage/builder.ts";
import type { Database } from "../../src/storage/database.ts";
import { openDenoKv } from "../../src/storage/disk/deno_kv.ts";
import {
  type Appended,
  type DeleteSpec,
  EngineStore,
  type IdempotencyKey,
  OverloadedError,
} from "../../src/storage/mod.ts";
import { type Counted, type Fault, FaultyDatabase } from "./_databases.ts";
import { inspect } from "./_inspect.ts";
import { batchOf, compareInstants, isSelected, type NewRecord, recordOf } from "./_model.ts";
import { Random } from "./_random.ts";

const NOON = Date.UTC(2026, 9, 31, 12);
const HOUR_MS = 60 * 60 * 1000;

/** What became of a request: `unknown` if the database stopped before there was an answer. */
type Outcome = "done" | "refused" | "unknown";

type Event =
  | {
    readonly kind: "batch";
    readonly records: readonly NewRecord[];
    outcome: Outcome;
    firstId: number | undefined;
  }
  | { readonly kind: "deletion"; readonly spec: DeleteSpec; outcome: Outcome };

/** The end of a script whose database has stopped. */
class Stopped extends Error {}

/** Lets everything run that can. */
async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await setImmediate();
}

/** A store under a script, and what was promised to its clients. */
class Patient {
  #database: FaultyDatabase;
  readonly #events: Event[] = [];
  store!: EngineStore;
  #idMax = 0;

  constructor(database: FaultyDatabase) {
    this.#database = database;
  }

  async open(): Promise<void> {
    this.store = await this.#again(() => this.#open());
  }

  #open(background = false): Promise<EngineStore> {
    const database = this.#database;
    return EngineStore.open({
      database,
      builder: new InlineBuilder(),
      background,
      now: () => NOON,
      // Whoever waits for a database that is gone waits for ever.
      wait: () => database.stopped ? new Promise(() => {}) : settle(),
    });
  }

  /** Goes on as a new process on what the database holds. */
  async reopen(database: Database): Promise<void> {
    this.#database = new FaultyDatabase(database);
    await this.open();
  }

  /** Opens as a server does, which removes what is left of the journal. */
  async reopenInBackground(): Promise<void> {
    await this.store.close();
    this.store = await this.#open(true);
    await this.store.close();
  }

  async append(records: readonly NewRecord[], idempotency?: IdempotencyKey): Promise<void> {
    const event: Event = { kind: "batch", records, outcome: "unknown", firstId: undefined };
    this.#events.push(event);
    await this.#orStopped(async () => {
      try {
        const answer = await this.store.append(batchOf(records), idempotency);
        event.outcome = "done";
        event.firstId = answer.firstId;
        this.#sawIds(answer);
      } catch (error) {
        if (error instanceof OverloadedError) event.outcome = "refused";
        else assert.ok(this.#database.struck, `append() failed without a cause: ${error}`);
      }
    });
  }

  /** Sends a batch with a key until it is acknowledged, as a client would; it must be stored once all the same. */
  async appendAgain(records: readonly NewRecord[], idempotency: IdempotencyKey): Promise<void> {
    let event = this.#events.find((one) => one.kind === "batch" && one.records === records);
    if (event === undefined || event.kind !== "batch") {
      event = { kind: "batch", records, outcome: "unknown", firstId: undefined };
      this.#events.push(event);
    }
    const answer = await this.store.append(batchOf(records), idempotency);
    if (event.firstId !== undefined) assert.equal(answer.firstId, event.firstId, "the same answer");
    event.firstId = answer.firstId;
    event.outcome = "done";
    this.#idMax = Math.max(this.#idMax, answer.firstId + answer.count - 1);
  }

  #sawIds({ firstId, count }: Appended): void {
    assert.ok(firstId > this.#idMax, `id ${firstId} was given out before`);
    this.#idMax = firstId + count - 1;
  }

  async delete(spec: DeleteSpec): Promise<void> {
    for (let tries = 0; tries < 2; tries++) {
      const event: Event = { kind: "deletion", spec, outcome: "unknown" };
      this.#events.push(event);
      await this.#orStopped(async () => {
        try {
          await this.store.delete(spec);
          event.outcome = "done";
        } catch (error) {
          assert.ok(this.#database.struck, `delete() failed without a cause: ${error}`);
          event.outcome = "refused";
        }
      });
      if (event.outcome === "done") return;
    }
    assert.fail("delete() failed a second time");
  }

  async flush(): Promise<void> {
    await this.#again(() => this.store.flush());
  }

  async maintain(): Promise<void> {
    while (await this.#again(() => this.store.maintain()));
  }

  async restart(): Promise<void> {
    await this.#orStopped(() => this.store.close());
    await this.open();
  }

  /** A step that may fail once, because of the fault. */
  async #again<T>(step: () => Promise<T>): Promise<T> {
    try {
      return await this.#orStopped(step);
    } catch (error) {
      if (error instanceof Stopped || !this.#database.struck) throw error;
      return await this.#orStopped(step);
    }
  }

  /** @throws {Stopped} the database has stopped for good */
  async #orStopped<T>(step: () => Promise<T>): Promise<T> {
    const stopped = this.#database.down.then(settle).then(() => {
      throw new Stopped();
    });
    const done = step();
    try {
      return await Promise.race([done, stopped]);
    } catch (error) {
      if (this.#database.stopped) throw new Stopped();
      throw error;
    } finally {
      stopped.catch(() => {/* nobody waits for it any more */});
      done.catch(() => {/* it may fail when nobody waits for it any more */});
      if (this.#database.stopped) {
        await settle();
        // deno-lint-ignore no-unsafe-finally
        throw new Stopped();
      }
    }
  }

  /** Holds what the store has against what was promised. */
  async verify(): Promise<void> {
    const snapshot = this.store.snapshot();
    const found = (await snapshot.scan({ order: "asc" }).next(1e6)).map(recordOf);
    const messages = found.map(({ message }) => message).sort();
    const worlds = this.#worlds();
    const world = worlds.find((one) =>
      one.length === messages.length && one.every((message, i) => message === messages[i])
    );
    if (world === undefined) {
      const short = (texts: string[]) => texts.map((text) => text.slice(0, 30));
      assert.deepEqual(short(messages), short(worlds[0]!), "what was promised");
    }
    const ids = found.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length, "ids are unique");
    for (const id of ids) assert.ok(id < snapshot.nextId);
    const total = snapshot.streamTotals().reduce((sum, { count }) => sum + count, 0);
    assert.equal(total, found.length, "streamTotals() is what a scan finds");
    let visited = 0;
    await snapshot.visit({}, [], {
      whole: ({ count }) => (visited += count, true),
      rows: (_, rows) => visited += rows.length,
    });
    assert.equal(visited, found.length, "visit() counts what a scan finds");
    for (const record of found.slice(0, 3)) {
      const ref = await snapshot.get(record.id);
      assert.deepEqual(ref && recordOf(ref), record);
    }
    for (const event of this.#events) {
      if (event.kind !== "batch" || event.firstId === undefined) continue;
      event.records.forEach(({ message }, i) => {
        const record = found.find((one) => one.message === message);
        if (record !== undefined) assert.equal(record.id, event.firstId! + i);
      });
    }
    this.#idMax = Math.max(this.#idMax, ...ids);
    assert.deepEqual(snapshot.damage, []);
    snapshot.release();
  }

  /** Every state that the promises allow, as sorted messages: what has no answer happened, or did not. */
  #worlds(): string[][] {
    let worlds: NewRecord[][] = [[]];
    for (const event of this.#events) {
      if (event.outcome === "refused") continue;
      const after = worlds.map((records) =>
        event.kind === "batch"
          ? [...records, ...event.records]
          : records.filter((record) =>
            compareInstants(record, event.spec.before) >= 0 ||
            !isSelected({ ...event.spec }, { ...record, id: 0, receivedMs: 0 })
          )
      );
      worlds = event.outcome === "unknown" ? [...worlds, ...after] : after;
    }
    return worlds.map((records) => records.map(({ message }) => message).sort());
  }
}

let batches = 0;

/** Records with messages that no other batch has. */
function records(count: number, fields: Partial<NewRecord> = {}): NewRecord[] {
  const batch = ++batches;
  return Array.from({ length: count }, (_, i) => ({
    ms: NOON + i,
    ns: i % 3,
    service: "auth",
    severity: 2,
    attributes: i % 2 === 0 ? `{"i":${i}}` : "",
    traceId: "",
    severityText: "",
    message: `batch ${batch} record ${i}`,
    ...fields,
  }));
}

const KEY = { key: new Uint8Array(32).fill(7), body: new Uint8Array(32).fill(8) };

/** Small batches through everything that a store does with them. */
async function everything(patient: Patient): Promise<void> {
  await patient.open();
  await patient.append(records(3));
  for (let i = 0; i < 8; i++) {
    await patient.append(records(4, { ms: NOON + i * 10 }));
    if (i % 4 === 0) await patient.append(records(2, { service: "payment", severity: 4 }));
    await patient.flush();
  }
  await patient.append(records(3));
  await patient.delete({ before: { ms: NOON + 50, ns: 0 }, services: ["auth"] });
  await patient.append(records(2, { ms: NOON - HOUR_MS }));
  await patient.maintain();
  await Promise.all([patient.append(records(2)), patient.append(records(2, { service: "x" }))]);
  const repeated = records(2);
  await patient.append(repeated, KEY);
  await patient.restart();
  await patient.append(records(2));
  await patient.delete({ before: { ms: NOON + 65, ns: 0 } });
  await patient.maintain();
  await patient.append(records(1));
  await patient.flush();
}

/** Text that does not get smaller: a batch of it takes several commits. */
const INCOMPRESSIBLE = (() => {
  const random = new Random(1);
  return Array.from({ length: 20 }, () => {
    const codes = Array.from({ length: 60_000 }, () => random.int(48, 122));
    return String.fromCharCode(...codes);
  });
})();

/** A batch of so many parts of about 47 KB; above 16 it takes two commits of parts. */
const large = (parts: number) =>
  records(parts).map((record, i) => ({
    ...record,
    message: `${record.message} ${INCOMPRESSIBLE[i]}`,
  }));

/** Batches that take more than one commit, of different sizes, one after the other. */
async function largeBatches(patient: Patient): Promise<void> {
  await patient.open();
  await patient.append(records(1));
  await patient.append(large(20));
  await patient.append(large(10));
  await patient.append(records(1));
  await patient.restart();
  await patient.append(large(3));
  await patient.flush();
  await patient.append(records(1));
}

/** Parts that a crash has left must not get into a smaller batch at the same position. */
async function largeAgain(patient: Patient): Promise<void> {
  await patient.append(large(10));
  await patient.restart();
  await patient.verify();
}

interface Case {
  readonly script: (patient: Patient) => Promise<void>;
  /** What is done first after the fault. */
  readonly after?: (patient: Patient) => Promise<void>;
}

const CASES: Readonly<Record<string, Case>> = {
  "small batches": { script: everything },
  "large batches": { script: largeBatches, after: largeAgain },
};

/** Runs a script with one fault, then checks, goes on and checks again. */
async function treat({ script, after }: Case, fault: Fault, at: number, counted: Counted) {
  batches = 0;
  const database = await openDenoKv(":memory:");
  const faulty = new FaultyDatabase(database, fault, at, counted);
  const patient = new Patient(faulty);
  try {
    try {
      await script(patient);
      await patient.verify();
      await patient.store.close();
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
    }
    assert.ok(faulty.struck, "the fault was reached");
    await patient.reopen(database);
    await patient.verify();
    await after?.(patient);
    await goOn(patient);
    const { tombstones } = await inspect(database);
    assert.equal(tombstones, 0);
    await patient.reopenInBackground();
    const { coveredJournalKeys } = await inspect(database);
    assert.equal(coveredJournalKeys, 0, "a start removes what is left of the journal");
  } catch (error) {
    throw new Error(`Fault "${fault}" at operation ${at} (${counted})`, { cause: error });
  } finally {
    database.close();
  }
}

/** Everything must still work. */
async function goOn(patient: Patient): Promise<void> {
  const repeated = records(2);
  const idempotency = { key: new Uint8Array(32).fill(9), body: KEY.body };
  await patient.appendAgain(repeated, idempotency);
  await patient.appendAgain(repeated, idempotency);
  await patient.flush();
  await patient.append(records(5, { service: "payment" }));
  await patient.delete({ before: { ms: NOON + 3, ns: 0 } });
  await patient.maintain();
  await patient.verify();
}

/** The number of operations that a script takes when nothing goes wrong. */
async function countOperations({ script }: Case, counted: Counted): Promise<number> {
  const database = await openDenoKv(":memory:");
  const faulty = new FaultyDatabase(database, undefined, undefined, counted);
  const patient = new Patient(faulty);
  await script(patient);
  const { operations } = faulty;
  await patient.verify();
  await patient.store.close();
  database.close();
  return operations;
}

for (const [name, one] of Object.entries(CASES)) {
  for (const fault of ["refused", "in doubt", "dead", "silent"] as const) {
    Deno.test(`${name}: a database that is ${fault} at any operation loses nothing`, async () => {
      // A read that fails has no effect, so that only a store that goes on can tell it from a commit that fails.
      const counted = fault === "refused" ? "all" : "commits";
      const operations = await countOperations(one, counted);
      for (let at = 0; at < operations; at++) await treat(one, fault, at, counted);
    });
  }
}
