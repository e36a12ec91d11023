import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { openDenoKv } from "./deno_kv.ts";
import { FileSpace } from "./file_space.ts";
import type { Key } from "../keys.ts";

async function withFile(work: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "sentinel_test_" });
  try {
    await work(`${folder}/sentinel.kv`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const value = new Uint8Array(60_000).fill(7);
const key = (i: number): Key => [0, "segment", i, "head"];

Deno.test("a prepared file becomes smaller when what it held is gone, and keeps the rest", async () => {
  await withFile(async (path) => {
    FileSpace.prepare(path);
    const database = await openDenoKv(path);
    const space = new FileSpace(path);
    for (let i = 0; i < 100; i++) await database.commit({ sets: [[key(i), value]] });
    for (let i = 0; i < 90; i++) await database.commit({ deletes: [key(i)] });
    assert.equal(space.giveBack(false), false, "what is free is soon used again");
    let steps = 0;
    while (space.giveBack(true)) steps++;
    assert.ok(steps > 15, `${steps} steps`);
    const { size } = await Deno.stat(path);
    assert.ok(size < 90 * 60_000 / 3, `${size} bytes`);
    assert.equal((await Deno.stat(`${path}-wal`)).size, 0);
    for (let i = 90; i < 100; i++) assert.deepEqual((await database.get(key(i)))?.value, value);
    await database.commit({ sets: [[key(1), value]] });
    assert.deepEqual((await database.get(key(1)))?.value, value);
    space.close();
    database.close();
  });
});

Deno.test("a commit waits for the other connection, as both use one SQLite", async () => {
  await withFile(async (path) => {
    FileSpace.prepare(path);
    const database = await openDenoKv(path);
    await database.commit({ sets: [[key(0), value]] });
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    let done = false;
    const commit = database.commit({ sets: [[key(1), value]] }).then(() => done = true);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(done, false);
    other.exec("COMMIT");
    await commit;
    other.close();
    database.close();
  });
});

Deno.test("a file of an earlier version stays as large as it is", async () => {
  await withFile(async (path) => {
    const database = await openDenoKv(path);
    const space = new FileSpace(path);
    for (let i = 0; i < 40; i++) await database.commit({ sets: [[key(i), value]] });
    for (let i = 0; i < 40; i++) await database.commit({ deletes: [key(i)] });
    assert.equal(space.giveBack(true), false);
    space.close();
    database.close();
  });
});
