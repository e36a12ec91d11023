/** @module Questions as a person asks them: pages by cursor while everything goes on, a histogram, counts. */

import assert from "node:assert/strict";
import { parseLogFilters, readHistogram, readPage, readStats } from "../../src/query/mod.ts";
import { formatInstant, SEVERITIES } from "../../src/record.ts";
import type { Position, ScanSpec } from "../../src/storage/mod.ts";
import {
  isSelected,
  type ModelFilter,
  type ModelRecord,
  recordOf,
  scanModel,
} from "../engine/_model.ts";
import type { Random } from "../engine/_random.ts";
import { anyService, type Flavour, WORDS } from "../engine/_records.ts";
import type { Ledger } from "./_ledger.ts";
import type { Process } from "./_process.ts";
import type { WallClock } from "./_wall_clock.ts";

const MINUTE_MS = 60_000;
const EVERYTHING = {};

/** What is asked, as parameters and as the model understands it. */
interface Asked {
  readonly params: URLSearchParams;
  readonly spec: ScanSpec;
  readonly filter: ModelFilter;
}

/** Reads as the page in the browser does. */
export class Pages {
  readonly #random: Random;
  readonly #ledger: Ledger;
  readonly #flavour: Flavour;
  readonly #clock: WallClock;

  constructor(random: Random, ledger: Ledger, flavour: Flavour, clock: WallClock) {
    this.#random = random;
    this.#ledger = ledger;
    this.#flavour = flavour;
    this.#clock = clock;
  }

  async read(process: Process): Promise<void> {
    const asked = this.#someQuestion();
    const ask = this.#random.pick([this.#readPages, this.#readPages, this.#histogram, this.#stats]);
    await ask.call(this, process, asked);
  }

  #someQuestion(): Asked {
    const random = this.#random;
    const params = new URLSearchParams();
    const service = random.chance(0.4) ? anyService(random, this.#flavour) : undefined;
    const least = random.chance(0.3) ? random.int(0, 5) : undefined;
    const word = random.chance(0.3) ? random.pick(WORDS) : undefined;
    const toMs = this.#clock.now();
    const fromMs = toMs - random.pick([3, 60, 600]) * MINUTE_MS;
    const inRange = random.chance(0.5);
    if (service !== undefined) params.set("service", service);
    if (least !== undefined) params.set("min_severity", SEVERITIES[least]!);
    if (word !== undefined) params.set("q", word);
    if (inRange) {
      params.set("timestamp_start", formatInstant(fromMs, 0));
      params.set("timestamp_end", formatInstant(toMs, 0));
    }
    return {
      params,
      spec: {
        services: service === undefined ? undefined : [service],
        severities: least === undefined ? undefined : [0, 1, 2, 3, 4, 5].slice(least),
        ...inRange && { from: { ms: fromMs, ns: 0 }, to: { ms: toMs, ns: 0 } },
      },
      filter: ({ message }) => word === undefined || message.split(" ").includes(word),
    };
  }

  /** Page after page, each of the store as it is by then, none of what came after the first. */
  async #readPages(process: Process, { params, spec, filter }: Asked): Promise<void> {
    const filters = parseLogFilters(params);
    const order = this.#random.pick(["asc", "desc"] as const);
    const limit = this.#random.pick([3, 20, 100]);
    let cursor: string | undefined;
    let after: Position | undefined;
    let nextId: number | undefined;
    for (let page = 0; page < 5; page++) {
      const { records } = this.#ledger.model;
      const snapshot = process.store.snapshot();
      nextId ??= snapshot.nextId;
      try {
        const { rows, nextCursor } = await readPage(snapshot, filters, EVERYTHING, {
          limit,
          order,
          cursor,
        });
        const expected = scanModel(records, { ...spec, order, after, idTo: nextId - 1 }, filter);
        const found = rows.map(recordOf);
        const what = `page ${page} of ${params} (${order})`;
        assert.deepEqual(found, expected.slice(0, limit), what);
        assert.equal(nextCursor !== undefined, expected.length > limit, `the end of ${what}`);
        cursor = nextCursor;
        after = found.at(-1);
      } finally {
        snapshot.release();
      }
      if (cursor === undefined) return;
      await process.sleep(this.#random.next() * 3000);
    }
  }

  async #histogram(process: Process, { params, spec, filter }: Asked): Promise<void> {
    const toMs = this.#clock.now();
    const fromMs = toMs - 600 * MINUTE_MS;
    params.set("timestamp_start", formatInstant(fromMs, 0));
    params.set("timestamp_end", formatInstant(toMs, 0));
    const bounds = { ...spec, from: { ms: fromMs, ns: 0 }, to: { ms: toMs, ns: 0 } };
    const { records } = this.#ledger.model;
    const intervalMs = 10 * MINUTE_MS;
    const snapshot = process.store.snapshot();
    try {
      const { buckets } = await readHistogram(snapshot, parseLogFilters(params), EVERYTHING, {
        intervalMs,
        by: "severity",
      });
      const found = buckets.flatMap(({ start, counts }) =>
        Object.entries(counts).map(([severity, count]) => `${start} ${severity} ${count}`)
      );
      const expected = countBy(matching(records, bounds, filter), ({ ms, severity }) => {
        const startMs = Math.floor(ms / intervalMs) * intervalMs;
        return `${formatInstant(startMs, 0)} ${SEVERITIES[severity]}`;
      });
      assert.deepEqual(found.sort(), expected, `the histogram of ${params}`);
    } finally {
      snapshot.release();
    }
  }

  async #stats(process: Process, { params, spec, filter }: Asked): Promise<void> {
    const { records } = this.#ledger.model;
    const snapshot = process.store.snapshot();
    try {
      const { logs_per_service } = await readStats(snapshot, parseLogFilters(params), EVERYTHING);
      const found = Object.entries(logs_per_service).map(([service, count]) =>
        `${service} ${count}`
      );
      const expected = countBy(matching(records, spec, filter), ({ service }) => service);
      assert.deepEqual(found.sort(), expected, `the counts of ${params}`);
    } finally {
      snapshot.release();
    }
  }
}

function matching(records: readonly ModelRecord[], spec: ScanSpec, filter: ModelFilter) {
  return records.filter((record) => isSelected(spec, record) && filter(record));
}

/** Lines of a name and how many records have it, in alphabetical order. */
function countBy(records: readonly ModelRecord[], name: (one: ModelRecord) => string): string[] {
  const counts = new Map<string, number>();
  for (const record of records) counts.set(name(record), (counts.get(name(record)) ?? 0) + 1);
  return [...counts].map(([of, count]) => `${of} ${count}`).sort();
}
