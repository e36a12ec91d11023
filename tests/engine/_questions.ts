/** @module Random questions to a snapshot: every answer must be what a naive filter over the model's records gives. */

import assert from "node:assert/strict";
import { type RecordColumns, type SeverityCode, textAt } from "../../src/record.ts";
import type {
  Instant,
  OrderedScanSpec,
  RowPredicate,
  Snapshot,
  WholeRun,
} from "../../src/storage/mod.ts";
import {
  compareInstants,
  compareRecords,
  isSelected,
  type ModelFilter,
  type ModelRecord,
  recordOf,
  scanModel,
  totalsOfModel,
} from "./_model.ts";
import type { Random } from "./_random.ts";
import { anyService, type Flavour, WORDS } from "./_records.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** A snapshot, and the records that it must have. */
export interface Held {
  readonly snapshot: Snapshot;
  readonly records: readonly ModelRecord[];
}

/** Asks at random. */
export class Questions {
  readonly #random: Random;
  readonly #flavour: Flavour;
  readonly #now: () => number;

  /** @param now milliseconds since the Unix epoch */
  constructor(random: Random, flavour: Flavour, now: () => number) {
    this.#random = random;
    this.#flavour = flavour;
    this.#now = now;
  }

  /** A moment at, just before or just after a record, or anywhere. */
  somewhen(records: readonly ModelRecord[]): Instant {
    const random = this.#random;
    if (records.length === 0 || random.chance(0.15)) {
      return { ms: this.#now() - random.int(-DAY_MS, 10 * DAY_MS), ns: 0 };
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

  /** Up to a few dozen services, also such as no record has. */
  someServices(): string[] {
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
      from: random.chance(0.4) ? this.somewhen(records) : undefined,
      to: random.chance(0.4) ? this.somewhen(records) : undefined,
      services: random.chance(0.4) ? this.someServices() : undefined,
      severities: random.chance(0.3) ? random.some([0, 1, 2, 3, 4, 5], 0, 5) : undefined,
      idFrom: random.chance(0.1) ? one?.id : undefined,
      idTo: random.chance(0.1) ? other?.id : undefined,
      receivedFromMs: random.chance(0.1) ? one?.receivedMs : undefined,
      receivedToMs: random.chance(0.1) ? other?.receivedMs : undefined,
      after: random.chance(0.3) && one !== undefined
        ? { ...this.somewhen(records), id: one.id }
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

  /**
   * Compares a snapshot with the records that it must have.
   * @param queries how many beside the totals and all records in order
   */
  async check({ snapshot, records }: Held, queries: number): Promise<void> {
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
    const id = this.#random.int(0, snapshot.nextId + 1);
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
