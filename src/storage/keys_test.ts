import assert from "node:assert/strict";
import fc from "fast-check";
import type { SeverityCode } from "../record.ts";
import { NOON } from "./_test_store.ts";
import { listAll } from "./database.ts";
import { openDenoKv } from "./disk/deno_kv.ts";
import {
  decodeIndexEntry,
  encodeIndexEntry,
  type IndexEntry,
  indexMutations,
} from "./index_entry.ts";
import { dayOf, indexKeys, journalKey, journalPartKey, journalRange, prefixRange } from "./keys.ts";
import { DAY_MS, NARROW_MS } from "./limits.ts";

const numbers = fc.integer({ min: 0, max: 2 ** 52 });
const entries: fc.Arbitrary<IndexEntry> = fc.record({
  kind: fc.constantFrom("single" as const, "mixed" as const, "span" as const),
  id: numbers,
  node: fc.nat(31),
  level: fc.nat(6),
  born: numbers,
  dead: fc.option(numbers, { nil: undefined }),
  count: numbers,
  firstMs: fc.integer({ min: -62_135_596_800_000, max: NOON }),
  firstNs: fc.nat(999_999),
  lastMs: fc.integer({ min: NOON, max: 253_402_300_799_999 }),
  lastNs: fc.nat(999_999),
  firstReceivedMs: numbers,
  lastReceivedMs: numbers,
  firstId: numbers,
  lastId: numbers,
  storedBytes: numbers,
  messageBytes: numbers,
  filterChecksum: fc.option(fc.nat(), { nil: undefined }),
  stream: fc.record({
    service: fc.string({ unit: "grapheme", minLength: 1 }),
    severity: fc.integer({ min: 0, max: 5 }) as fc.Arbitrary<SeverityCode>,
  }),
}, { noNullPrototype: true }).map((entry) => ({
  ...entry,
  stream: entry.kind === "single" ? { ...entry.stream } : undefined,
}));

Deno.test("an index entry survives its encoding", () => {
  fc.assert(fc.property(entries, (entry) => {
    assert.deepEqual(decodeIndexEntry(encodeIndexEntry(entry)), entry);
  }));
});

Deno.test("a segment of its own has four index keys, a shared one has one", () => {
  const span = {
    id: 1,
    stream: { service: "a", severity: 2 as const },
    firstMs: NOON,
    lastMs: NOON,
  };
  assert.deepEqual(
    indexKeys({ ...span, kind: "single" }).map(([, name]) => name),
    ["by_time", "by_service", "by_severity", "by_service_severity"],
  );
  assert.deepEqual(indexKeys({ ...span, kind: "mixed" }), [[0, "mixed", dayOf(NOON), NOON, 1]]);
  assert.deepEqual(indexKeys({ ...span, kind: "span" }), [[0, "span", NOON, 1]]);
  const wide = (firstMs: number) => indexKeys({ ...span, kind: "single", firstMs })[0]![3];
  assert.equal(wide(NOON - NARROW_MS), 0);
  assert.equal(wide(NOON - NARROW_MS - 1), 1);
});

Deno.test("dayOf() counts UTC days, before 1970 too", () => {
  assert.equal(dayOf(0), 0);
  assert.equal(dayOf(-1), -1);
  assert.equal(dayOf(DAY_MS - 1), 0);
  assert.equal(dayOf(-DAY_MS), -1);
});

Deno.test("the database sorts journal parts behind their header and before the next one", async () => {
  const database = await openDenoKv(":memory:");
  const value = new Uint8Array(1);
  const keys = [
    journalKey(0, 2),
    journalPartKey(0, 2, 0),
    journalPartKey(0, 2, 10),
    journalKey(0, 10),
  ];
  await database.commit({
    sets: [...keys, journalKey(0, 1), journalKey(1, 5)].map((key) => [key, value]),
  });
  for (const page of [1, 2, 100]) {
    const found: unknown[] = [];
    for await (const { key } of listAll(database, journalRange(0, 2), page)) found.push(key);
    assert.deepEqual(found, keys);
  }
  database.close();
});

Deno.test("listAll() gives every key below a prefix once, whatever its last part is", async () => {
  const database = await openDenoKv(":memory:");
  const parts = [
    new Uint8Array(),
    Uint8Array.of(255),
    "",
    "a",
    "\uffff",
    -Infinity,
    -1,
    0,
    Infinity,
  ];
  const keys = parts.map((part) => [0, "x", part]);
  await database.commit({
    sets: [...keys, [0, "x"], [0, "xa", 1], [0, "w", 1]].map((key) => [key, new Uint8Array(1)]),
  });
  for (const page of [1, 2, 4, 100]) {
    const found: unknown[] = [];
    for await (const { key } of listAll(database, prefixRange([0, "x"]), page)) found.push(key);
    assert.deepEqual(found, keys);
  }
  database.close();
});

Deno.test("index entries are found under their keys", async () => {
  const database = await openDenoKv(":memory:");
  const [entry] = fc.sample(entries, { numRuns: 1, seed: 1 });
  const mutations = indexMutations(entry!);
  await database.commit({ sets: mutations });
  for (const [key] of mutations) {
    assert.deepEqual(decodeIndexEntry((await database.get(key))!.value), entry);
  }
  database.close();
});
