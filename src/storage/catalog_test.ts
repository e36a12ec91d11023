import assert from "node:assert/strict";
import fc from "fast-check";
import type { SeverityCode } from "../record.ts";
import { indexEntryOf, NOON } from "./_test_store.ts";
import { type Catalog, listCandidates } from "./catalog.ts";
import { openDenoKv } from "./disk/deno_kv.ts";
import { type IndexEntry, indexMutations } from "./index_entry.ts";
import { dayOf, type SegmentKind } from "./keys.ts";
import { DAY_MS, KEPT_DAY_MAX, NARROW_MS } from "./limits.ts";
import { ListingMemo } from "./listing_memo.ts";
import { makeSelection, overlaps, wantsStream } from "./selection.ts";
import type { ScanSpec } from "./types.ts";

const VERSION = 10;
const SERVICES = ["a", "b", "c"];
const MIDNIGHT = dayOf(NOON) * DAY_MS;

async function withEntries(
  entries: readonly IndexEntry[],
  work: (catalog: Catalog) => Promise<void>,
): Promise<void> {
  const database = await openDenoKv(":memory:");
  try {
    const sets = entries.flatMap(indexMutations);
    for (let i = 0; i < sets.length; i += 500) {
      await database.commit({ sets: sets.slice(i, i + 500) });
    }
    const memo = new ListingMemo();
    memo.published({ version: VERSION, born: [], retired: [] });
    await work({ database, memo, version: VERSION, onDamage: (_, error) => assert.fail(error) });
  } finally {
    database.close();
  }
}

/** Lists, and checks what every batch promises of those that come after it. */
async function list(catalog: Catalog, spec: ScanSpec, order: "asc" | "desc"): Promise<number[]> {
  const selection = makeSelection(spec, []);
  const ids: number[] = [];
  let frontierMs = order === "asc" ? -Infinity : Infinity;
  for await (const batch of listCandidates(catalog, selection, order)) {
    for (const { id, firstMs, lastMs } of batch.entries) {
      ids.push(id);
      const kept = order === "asc" ? firstMs >= frontierMs : lastMs <= frontierMs;
      assert.ok(kept, `segment ${id} lies beyond the frontier ${frontierMs} (${order})`);
    }
    frontierMs = batch.frontierMs;
  }
  assert.equal(new Set(ids).size, ids.length, "a segment comes once");
  return ids.sort((a, b) => a - b);
}

const moments = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: MIDNIGHT - 2 * DAY_MS, max: MIDNIGHT + DAY_MS }) },
  { weight: 2, arbitrary: fc.constantFrom(MIDNIGHT - 1, MIDNIGHT, MIDNIGHT + DAY_MS - 1) },
  { weight: 1, arbitrary: fc.constantFrom(0, -1, -62_135_596_800_000, 253_402_300_799_999) },
);
const spans = fc.constantFrom(0, 1, 1000, NARROW_MS - 1, NARROW_MS, NARROW_MS + 1, 8 * NARROW_MS);
const entries = fc.array(
  fc.record({
    kind: fc.constantFrom<SegmentKind>("single", "single", "single", "mixed", "span"),
    lastMs: moments,
    span: spans,
    service: fc.constantFrom(...SERVICES),
    severity: fc.integer({ min: 0, max: 5 }),
    born: fc.constantFrom(1, 1, 1, VERSION, VERSION + 1),
    dead: fc.constantFrom(undefined, undefined, undefined, VERSION, VERSION + 1),
  }),
  { maxLength: 120 },
).map((all) =>
  all.map(({ kind, lastMs, span, service, severity, born, dead }, i) => {
    // Only span segments cross midnight.
    const least = kind === "span" ? -Infinity : dayOf(lastMs) * DAY_MS;
    return indexEntryOf(i + 1, {
      kind,
      firstMs: Math.max(lastMs - span, least, -62_135_596_800_000),
      lastMs,
      born,
      dead,
      stream: kind === "single" ? { service, severity: severity as SeverityCode } : undefined,
    });
  })
);
const specs = fc.record({
  from: fc.option(fc.record({ ms: moments, ns: fc.constantFrom(0, 5) }), { nil: undefined }),
  to: fc.option(fc.record({ ms: moments, ns: fc.constantFrom(0, 5) }), { nil: undefined }),
  services: fc.option(
    fc.oneof(
      fc.subarray(SERVICES),
      // More than are looked up one by one.
      fc.subarray(SERVICES).map((
        some,
      ) => [...some, ...Array.from({ length: 25 }, (_, i) => `${i}`)]),
    ),
    { nil: undefined },
  ),
  severities: fc.option(fc.subarray([0, 1, 2, 3, 4, 5], { minLength: 1 }), { nil: undefined }),
});

Deno.test("listCandidates() gives what a look at every entry gives, and keeps its frontier", async () => {
  await fc.assert(
    fc.asyncProperty(
      entries,
      fc.array(specs, { minLength: 3, maxLength: 6 }),
      async (all, questions) => {
        await withEntries(all, async (catalog) => {
          for (const spec of questions) {
            const selection = makeSelection(spec, []);
            // A range that ends before it begins has no records, though some segments overlap both ends.
            const isEmpty = selection.from.ms > selection.to.ms;
            const expected = all.filter((entry) =>
              !isEmpty && entry.born <= VERSION &&
              (entry.dead === undefined || entry.dead > VERSION) &&
              overlaps(selection, entry) &&
              (entry.stream === undefined || wantsStream(selection, entry.stream))
            ).map(({ id }) => id);
            for (const order of ["asc", "desc"] as const) {
              assert.deepEqual(await list(catalog, spec, order), expected, JSON.stringify(spec));
            }
          }
        });
      },
    ),
    { numRuns: 60 },
  );
});

/** More segments of one day than are kept in memory, each of a second, some begun minutes before. */
const BUSY_DAY = Array.from({ length: KEPT_DAY_MAX + 100 }, (_, i) =>
  indexEntryOf(i + 1, {
    kind: i % 50 === 0 ? "mixed" : "single",
    firstMs: NOON + i * 1000 - (i % 90) * 60_000,
    lastMs: NOON + i * 1000,
    stream: i % 50 === 0 ? undefined : { service: SERVICES[i % 3]!, severity: 2 },
  }));

Deno.test("listCandidates() reads a busy day page after page, in order", async () => {
  await withEntries(BUSY_DAY, async (catalog) => {
    const ids = BUSY_DAY.map(({ id }) => id);
    for (const order of ["asc", "desc"] as const) {
      assert.deepEqual(await list(catalog, {}, order), ids);
      assert.deepEqual(await list(catalog, { services: SERVICES }, order), ids);
      const some = { from: { ms: NOON + 300_000, ns: 0 }, to: { ms: NOON + 600_000, ns: 0 } };
      const selection = makeSelection(some, []);
      const expected = BUSY_DAY.filter((entry) => overlaps(selection, entry)).map(({ id }) => id);
      assert.deepEqual(await list(catalog, some, order), expected);
    }
  });
});

Deno.test("a scan of the newest reads one small page of a busy day", async () => {
  const narrow = BUSY_DAY.filter(({ kind }) => kind === "single")
    .map((entry) => ({ ...entry, firstMs: entry.lastMs }));
  await withEntries(narrow, async (catalog) => {
    let seen = 0;
    for await (const batch of listCandidates(catalog, makeSelection({}, []), "desc")) {
      seen += batch.entries.length;
      if (batch.frontierMs < Infinity) break;
    }
    assert.ok(seen > 0 && seen <= 32, `${seen} entries`);
  });
});

Deno.test("a reader of an older version is not shown what a newer one has listed", async () => {
  const entries = [
    indexEntryOf(1, { kind: "mixed", born: 1, dead: VERSION + 1 }),
    indexEntryOf(2, { kind: "mixed", born: VERSION + 1 }),
    indexEntryOf(3, { kind: "span", born: VERSION + 1 }),
    indexEntryOf(4, { kind: "single", born: 1, firstMs: NOON - DAY_MS }),
  ];
  await withEntries(entries, async (catalog) => {
    const newer = { ...catalog, version: VERSION + 1 };
    assert.deepEqual(await list(catalog, {}, "asc"), [1, 4]);
    const [retired, ...born] = entries.slice(0, 3) as [IndexEntry, IndexEntry, IndexEntry];
    catalog.memo.published({ version: VERSION + 1, born, retired: [retired] });
    assert.deepEqual(await list(newer, {}, "desc"), [2, 3, 4]);
    assert.deepEqual(await list(catalog, {}, "desc"), [1, 4]);
    assert.deepEqual(await list(newer, {}, "asc"), [2, 3, 4]);
  });
});

Deno.test("an empty range lists nothing", async () => {
  await withEntries([indexEntryOf(1, { kind: "mixed" })], async (catalog) => {
    const spec = { from: { ms: NOON + 1, ns: 0 }, to: { ms: NOON - 1, ns: 0 } };
    assert.deepEqual(await list(catalog, spec, "asc"), []);
    assert.deepEqual(await list(catalog, spec, "desc"), []);
  });
});
