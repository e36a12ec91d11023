import assert from "node:assert/strict";
import { tombstoneKey } from "./keys.ts";
import {
  concerns,
  covers,
  decodeTombstone,
  encodeTombstone,
  hides,
  makeTombstone,
  touches,
} from "./tombstone.ts";

const BEFORE = { ms: 1000, ns: 5 };

Deno.test("a tombstone survives its encoding", () => {
  for (const services of [undefined, [], ["a", "__proto__"]]) {
    for (const severities of [undefined, [0, 5]]) {
      const tombstone = makeTombstone({ before: BEFORE, services, severities }, 7, 42);
      assert.deepEqual(
        decodeTombstone({ key: tombstoneKey(7), value: encodeTombstone(tombstone) }),
        tombstone,
      );
    }
  }
});

Deno.test("hides() what is earlier, to the nanosecond, and was accepted before the horizon", () => {
  const tombstone = makeTombstone({ before: BEFORE }, 1, 10);
  assert.ok(hides(tombstone, 999, 999_999, 9));
  assert.ok(hides(tombstone, 1000, 4, 9));
  assert.ok(!hides(tombstone, 1000, 5, 9));
  assert.ok(!hides(tombstone, 1001, 0, 9));
  assert.ok(!hides(tombstone, 0, 0, 10));
});

Deno.test("concerns() the streams that all its filters name", () => {
  const stream = { service: "a", severity: 2 } as const;
  const of = (services?: string[], severities?: number[]) =>
    concerns(makeTombstone({ before: BEFORE, services, severities }, 1, 10), stream);
  assert.ok(of());
  assert.ok(of(["b", "a"], [2]));
  assert.ok(!of(["b"]));
  assert.ok(!of(["a"], [3]));
  assert.ok(!of([]));
});

Deno.test("touches() and covers() tell some from all", () => {
  const tombstone = makeTombstone({ before: BEFORE }, 1, 10);
  const extent = { firstMs: 1, firstNs: 0, lastMs: 999, lastNs: 0, firstId: 1, lastId: 9 };
  assert.ok(touches(tombstone, extent) && covers(tombstone, extent));
  for (const beyond of [{ lastMs: 1000, lastNs: 5 }, { lastId: 10 }]) {
    const wider = { ...extent, ...beyond };
    assert.ok(touches(tombstone, wider) && !covers(tombstone, wider));
  }
  assert.ok(!touches(tombstone, { ...extent, firstMs: 1001, lastMs: 2000 }));
  assert.ok(!touches(tombstone, { ...extent, firstId: 10, lastId: 12 }));
});
