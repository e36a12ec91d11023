import assert from "node:assert/strict";
import { NOON } from "./_test_store.ts";
import { CompactionPlanner } from "./compaction_planner.ts";
import type { IndexEntry } from "./index_entry.ts";
import {
  COMPACTION_CANDIDATES_MAX,
  COMPACTION_FAN_IN,
  COMPACTION_INPUTS_MAX,
  COMPACTION_RECORDS_MAX,
  COMPACTION_TEXT_BYTES_MAX,
  DAY_MS,
  SEGMENT_RECORDS_MAX,
} from "./limits.ts";

let ids = 0;

function entry(fields: Partial<IndexEntry> = {}): IndexEntry {
  const firstMs = fields.firstMs ?? NOON;
  return {
    id: ++ids,
    kind: "single",
    stream: { service: "a", severity: 2 },
    node: 0,
    level: 0,
    born: 1,
    dead: undefined,
    count: 600,
    firstMs,
    firstNs: 0,
    lastMs: firstMs + 1000,
    lastNs: 0,
    firstReceivedMs: 0,
    lastReceivedMs: 0,
    firstId: 1,
    lastId: 2,
    filterChecksum: undefined,
    storedBytes: 1000,
    messageBytes: 1000,
    ...fields,
  };
}

function plannerOf(entries: readonly IndexEntry[]): CompactionPlanner {
  const planner = new CompactionPlanner();
  for (const one of entries) planner.add(one);
  return planner;
}

const times = <T>(count: number, make: (i: number) => T) =>
  Array.from({ length: count }, (_, i) => make(i));

Deno.test("small segments of a stream and day are merged, oldest first, once there are enough", () => {
  const entries = times(COMPACTION_FAN_IN, (i) => entry({ firstMs: NOON - i * 1000 }));
  const planner = plannerOf(entries.slice(1));
  assert.equal(planner.next(), undefined);
  planner.add(entries[0]!);
  assert.deepEqual(planner.next(), entries.toReversed());
  // It stays the answer until the step is done.
  assert.deepEqual(planner.next(), entries.toReversed());
  for (const one of entries) planner.remove(one);
  assert.equal(planner.next(), undefined);
  assert.equal(planner.candidates, 0);
});

Deno.test("segments of different streams, days, kinds or levels are not merged", () => {
  const variants: Partial<IndexEntry>[] = [
    {},
    { stream: { service: "b", severity: 2 } },
    { stream: { service: "a", severity: 3 } },
    { firstMs: NOON + DAY_MS },
    { kind: "mixed", stream: undefined },
    { level: 1 },
  ];
  const planner = plannerOf(
    variants.flatMap((fields) => times(COMPACTION_FAN_IN - 1, () => entry(fields))),
  );
  assert.equal(planner.next(), undefined);
  assert.equal(planner.candidates, 6 * (COMPACTION_FAN_IN - 1));
});

Deno.test("full segments one after the other are left alone, overlapping ones are merged", () => {
  const full = { count: SEGMENT_RECORDS_MAX };
  const apart = plannerOf(times(20, (i) => entry({ ...full, firstMs: NOON + i * 1000 })));
  assert.equal(apart.next(), undefined);
  const overlapping = times(
    COMPACTION_FAN_IN,
    (i) => entry({ ...full, firstMs: NOON + i * 10, lastMs: NOON + 5000 }),
  );
  const beside = entry({ ...full, firstMs: NOON + 5000 });
  const chosen = plannerOf([beside, ...overlapping]).next();
  const fitting = Math.floor(COMPACTION_RECORDS_MAX / SEGMENT_RECORDS_MAX);
  assert.deepEqual(chosen, overlapping.slice(0, fitting));
});

Deno.test("segments that span days are merged whatever their days", () => {
  const spans = times(
    8,
    (i) => entry({ kind: "span", stream: undefined, firstMs: NOON - i * 5 * DAY_MS }),
  );
  assert.equal(plannerOf(spans).next()!.length, 8);
});

Deno.test("a step takes no more inputs, records and bytes than it may", () => {
  const many = plannerOf(times(100, () => entry({ kind: "mixed", stream: undefined, count: 10 })));
  assert.equal(many.next()!.length, COMPACTION_INPUTS_MAX);
  const wide = plannerOf(times(30, () => entry({ kind: "mixed", stream: undefined, count: 4000 })));
  const records = wide.next()!.reduce((sum, { count }) => sum + count, 0);
  assert.ok(records <= COMPACTION_RECORDS_MAX && records > COMPACTION_RECORDS_MAX - 4000);
  const heavy = plannerOf(
    times(30, () => entry({ kind: "mixed", stream: undefined, messageBytes: 1_000_000 })),
  );
  const bytes = heavy.next()!.reduce((sum, { messageBytes }) => sum + messageBytes, 0);
  assert.ok(bytes <= COMPACTION_TEXT_BYTES_MAX && bytes > COMPACTION_TEXT_BYTES_MAX - 1_000_000);
});

Deno.test("inputs of which no two fit a step are left alone", () => {
  const huge = times(
    8,
    () => entry({ kind: "mixed", stream: undefined, messageBytes: COMPACTION_TEXT_BYTES_MAX }),
  );
  assert.equal(plannerOf(huge).next(), undefined);
});

Deno.test("the planner remembers a bounded number of segments, and each once", () => {
  const planner = new CompactionPlanner();
  for (let i = 0; i < COMPACTION_CANDIDATES_MAX + 500; i++) {
    planner.add(entry({ stream: { service: `${i}`, severity: 2 } }));
  }
  assert.equal(planner.candidates, COMPACTION_CANDIDATES_MAX);
  const busy = new CompactionPlanner();
  for (let i = 0; i < 500; i++) {
    busy.add(entry({ count: SEGMENT_RECORDS_MAX, firstMs: NOON + i * 1000 }));
  }
  assert.ok(busy.candidates <= 64, `${busy.candidates}`);
  const one = entry();
  assert.equal(plannerOf([one, one, { ...one }]).candidates, 1);
});

Deno.test("merging comes to an end: each step gives segments of the next level", () => {
  const planner = new CompactionPlanner();
  const total = 600;
  let steps = 0;
  for (let i = 0; i < total; i++) {
    planner.add(entry({ kind: "mixed", stream: undefined, count: 10 }));
    for (let inputs = planner.next(); inputs !== undefined; inputs = planner.next()) {
      assert.ok(++steps < total, "it does not end");
      for (const input of inputs) planner.remove(input);
      const count = inputs.reduce((sum, input) => sum + input.count, 0);
      planner.add(entry({ kind: "mixed", stream: undefined, count, level: inputs[0]!.level + 1 }));
    }
  }
  let expected = 0;
  for (let left = total; left >= COMPACTION_FAN_IN;) {
    left = Math.floor(left / COMPACTION_FAN_IN);
    expected += left;
  }
  assert.equal(steps, expected);
});
