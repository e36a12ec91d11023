/**
 * @module Whatever happens to one stored value: the store opens, no answer has a wrong record, what it lacks it says, the rest
 * is there, and records are taken, flushed and compacted as before.
 */

import assert from "node:assert/strict";
import { TokenRegistry } from "../../src/auth/mod.ts";
import { joinAttributes } from "../../src/codec/mod.ts";
import { RecordBatch, type RowRef, textAt } from "../../src/record.ts";
import type { EngineStore } from "../../src/storage/store.ts";
import type { RowPredicate, ScanSpec } from "../../src/storage/types.ts";
import { ArrayDatabase } from "./_array_database.ts";
import { damagesOf, shapeOf } from "./_damages.ts";
import { type KnownRecord, openQuiet, wholeStore } from "./_whole_store.ts";

const whole = await wholeStore();

/** Everything after the damage, until it is over. */
const STEPS_MAX = 60;

/** Of the places in a value those that differ in what reads them; which bit it is, `check_test.ts` goes through. */
const FEW = { flippedAt: [1, 0.6], cutTo: [0, 0.5] };

/** Finds a word through filters. */
function withWord(word: string): RowPredicate {
  return {
    columns: ["message"],
    requiredTokens: [word],
    select: (columns, rows) =>
      rows.filter((row) => textAt(columns.texts.get("message")!, row).split(" ").includes(word)),
  };
}

/** Questions through every index, by ids and by time of receipt, and which records answer them. */
const QUESTIONS: readonly {
  readonly spec: ScanSpec;
  readonly wants: (id: number, record: KnownRecord) => boolean;
}[] = [
  { spec: {}, wants: () => true },
  { spec: { services: ["auth"] }, wants: (_, { service }) => service === "auth" },
  { spec: { severities: [2] }, wants: (_, { severity }) => severity === 2 },
  {
    spec: { services: ["auth", "a"], severities: [2, 4] },
    wants: (_, { service, severity }) =>
      ["auth", "a"].includes(service) && [2, 4].includes(severity),
  },
  { spec: { predicate: withWord("large") }, wants: (_, { service }) => service === "large" },
  { spec: { predicate: withWord("b") }, wants: (_, { service }) => service === "b" },
  { spec: { idFrom: 500, idTo: 3000 }, wants: (id) => id >= 500 && id <= 3000 },
  { spec: { receivedFromMs: 1 }, wants: () => true },
];

class Checker {
  readonly store: EngineStore;
  readonly records: ReadonlyMap<number, KnownRecord>;

  constructor(store: EngineStore, records: ReadonlyMap<number, KnownRecord>) {
    this.store = store;
    this.records = records;
  }

  /** @returns how many records answers lacked without saying so */
  async ask(): Promise<number> {
    let unsaid = 0;
    for (const [i, { spec, wants }] of QUESTIONS.entries()) {
      const snapshot = this.store.snapshot();
      const rows = await snapshot.scan({ ...spec, order: i % 2 === 0 ? "asc" : "desc" }).next(1e6);
      snapshot.release();
      const found = new Set<number>();
      for (const row of rows) this.#check(row, found);
      for (const id of found) assert.ok(wants(id, this.records.get(id)!), `${id} does not match`);
      const wanted = [...this.records].filter(([id, record]) => wants(id, record)).length;
      if (snapshot.damage.length === 0) unsaid += wanted - found.size;
    }
    return unsaid + await this.#askForOne() + this.#totals();
  }

  #check({ columns, row }: RowRef, found: Set<number>): void {
    const id = columns.ids[row]!;
    assert.ok(!found.has(id), `record ${id} twice`);
    found.add(id);
    const known = this.records.get(id);
    assert.ok(known !== undefined, `record ${id} is not to be read`);
    const { service, severity } = columns.streams[columns.streamOf[row]!]!;
    const isSame = service === known.service && severity === known.severity &&
      columns.timestampMs[row] === known.ms &&
      textAt(columns.texts.get("message")!, row) === known.message &&
      joinAttributes(columns, row) === known.attributes;
    assert.ok(isSame, `record ${id} is not as it was stored`);
  }

  async #askForOne(): Promise<number> {
    let unsaid = 0;
    const ids = [...this.records.keys()];
    for (let i = 0; i < ids.length; i += 397) {
      const snapshot = this.store.snapshot();
      const row = await snapshot.get(ids[i]!);
      snapshot.release();
      if (row !== undefined) this.#check(row, new Set());
      else if (snapshot.damage.length === 0) unsaid++;
    }
    return unsaid;
  }

  #totals(): number {
    const snapshot = this.store.snapshot();
    snapshot.release();
    const counts = Map.groupBy(this.records.values(), (one) => `${one.severity}${one.service}`);
    let unsaid = 0;
    for (const { service, severity, count } of snapshot.streamTotals()) {
      const real = counts.get(`${severity}${service}`)?.length ?? 0;
      counts.delete(`${severity}${service}`);
      if (count !== real && snapshot.damage.length === 0) unsaid++;
    }
    return snapshot.damage.length === 0 ? unsaid + counts.size : 0;
  }
}

async function append(store: EngineStore, records: Map<number, KnownRecord>): Promise<void> {
  const batch = new RecordBatch();
  const record: KnownRecord = {
    ms: Date.UTC(2026, 9, 31, 20),
    service: "auth",
    severity: 2,
    message: "after the damage",
    attributes: "",
  };
  batch.append(record.ms, 0, record.service, record.severity, record.message);
  const { firstId } = await store.append(batch);
  for (const id of [...records.keys(), ...whole.deleted]) {
    assert.ok(id < firstId, `Id ${id} was given out before ${firstId}`);
  }
  records.set(firstId, record);
}

async function checkTokens(store: EngineStore): Promise<void> {
  const registry = await TokenRegistry.load(store.tokens);
  for (const [name, text] of whole.tokens) {
    const token = registry.authenticate(text, 0);
    if (token !== undefined) assert.equal(token.info.name, name);
  }
}

/** @returns how many records answers lacked without saying so once everything was at rest */
async function live(database: ArrayDatabase): Promise<number> {
  const records = new Map(whole.records);
  let store = await openQuiet({ database });
  const checker = new Checker(store, records);
  await checker.ask();
  await checkTokens(store);
  await append(store, records);
  await store.flush();
  let steps = 0;
  while (await store.maintain()) assert.ok(++steps < STEPS_MAX, "The background work does not end");
  await append(store, records);
  let unsaid = await checker.ask();
  await store.close();
  store = await openQuiet({ database });
  unsaid += await new Checker(store, records).ask();
  await store.close();
  return unsaid;
}

Deno.test("the store of these tests answers every question in full", async () => {
  assert.equal(await live(new ArrayDatabase(whole.entries)), 0);
});

for (const [shape, ofShape] of Map.groupBy(whole.entries, shapeOf)) {
  Deno.test(`a damaged value of ${shape} gives no wrong record, and none is lacking unsaid`, async () => {
    const wrong: string[] = [];
    for (const entry of ofShape.slice(0, 1)) {
      for (const { name, apply } of damagesOf(entry, whole.entries, FEW)) {
        const database = new ArrayDatabase(whole.entries);
        apply(database);
        try {
          const unsaid = await live(database);
          if (unsaid > 0) wrong.push(`${shape}: ${name}: ${unsaid} lacking`);
        } catch (error) {
          const { message, stack } = error as Error;
          if (entry.key[1] === "meta" && message.includes("Cannot open the data")) continue;
          wrong.push(
            `${shape}: ${name}: ${message.slice(0, 300)} ${
              stack?.split("\n").filter((l) => l.includes("/wt/")).slice(0, 4).join("|").replaceAll(
                "file:///tmp/wt/damage/",
                "",
              )
            }`,
          );
        }
      }
    }
    assert.deepEqual(wrong, []);
  });
}
