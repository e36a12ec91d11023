import assert from "node:assert/strict";
import type { Commit } from "../../src/storage/database.ts";
import { openDenoKv } from "../../src/storage/disk/deno_kv.ts";
import type { Key } from "../../src/storage/keys.ts";
import { Random } from "../engine/_random.ts";
import { accepted, Disk } from "./_disk.ts";

const PARTS: readonly Key[number][] = [
  0,
  -0.5,
  1,
  -1,
  255,
  256,
  2 ** 53 - 1,
  -(2 ** 40),
  Infinity,
  -Infinity,
  "",
  "a",
  "a\0",
  "a\0b",
  "aa",
  "é",
  "🚀",
  new Uint8Array(),
  new Uint8Array([0]),
  new Uint8Array([0, 255]),
  new Uint8Array([255]),
];

Deno.test("the simulated disk answers as Deno KV does, whatever the keys", async () => {
  const random = new Random(1);
  const disk = new Disk();
  const kv = await openDenoKv(":memory:");
  const someKey = (): Key => Array.from({ length: random.int(1, 3) }, () => random.pick(PARTS));
  const stamps = new Map<string, string>();
  for (let i = 0; i < 400; i++) {
    const checked = random.chance(0.3) ? [someKey()] : [];
    const change = {
      sets: Array.from(
        { length: random.int(0, 3) },
        () => [someKey(), new Uint8Array([i])] as const,
      ),
      deletes: Array.from({ length: random.int(0, 2) }, someKey),
    };
    const checks = async (get: (key: Key) => unknown) => {
      const found = await Promise.all(checked.map((key) => get(key) as { versionstamp: string }));
      return checked.map((key, at) => ({ key, versionstamp: found[at]?.versionstamp ?? null }));
    };
    const stamp = disk.apply({ ...change, checks: await checks((key) => disk.get(key)) });
    const kvStamp = await kv.commit({ ...change, checks: await checks((key) => kv.get(key)) });
    assert.equal(stamp === undefined, kvStamp === undefined);
    stamps.set(stamp!, kvStamp!);
    const [start, end] = [someKey(), someKey()];
    const limit = random.int(1, 20);
    const reverse = random.chance(0.5);
    const listed = await kv.list({ start, end }, { limit, reverse }).catch(() => []);
    const ours = disk.list({ start, end }, limit, reverse);
    assert.deepEqual(
      ours.map(({ key, value }) => [key, value]),
      listed.map(({ key, value }) => [key, value]),
    );
    for (const [at, { versionstamp }] of ours.entries()) {
      assert.equal(stamps.get(versionstamp), listed[at]!.versionstamp);
    }
  }
  kv.close();
});

Deno.test("a check that does not hold keeps the simulated disk as it is", () => {
  const disk = new Disk();
  const stamp = disk.apply({ sets: [[["a"], new Uint8Array([1])]] })!;
  const change: Commit = { sets: [[["b"], new Uint8Array()]], deletes: [["a"]] };
  assert.equal(disk.apply({ ...change, checks: [{ key: ["a"], versionstamp: null }] }), undefined);
  assert.equal(disk.get(["b"]), undefined);
  assert.ok(disk.apply({ ...change, checks: [{ key: ["a"], versionstamp: stamp }] }));
  assert.equal(disk.get(["a"]), undefined);
});

Deno.test("a commit beyond the limits of Deno KV is refused, and one within is as it was when it was asked for", () => {
  const refused = (commit: Commit) => assert.throws(() => accepted(commit), TypeError);
  const sets = (count: number, bytes: number): Commit => ({
    sets: Array.from({ length: count }, (_, i) => [[i], new Uint8Array(bytes)]),
  });
  refused(sets(1, 65_537));
  refused(sets(1001, 1));
  refused(sets(13, 65_000));
  refused({ deletes: [["x".repeat(2049)]] });
  refused({ checks: Array.from({ length: 11 }, (_, i) => ({ key: [i], versionstamp: null })) });
  const value = new Uint8Array([1]);
  const kept = accepted({ sets: [[["a"], value]] });
  value[0] = 2;
  assert.deepEqual(kept.sets, [[["a"], new Uint8Array([1])]]);
});
