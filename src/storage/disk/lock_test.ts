import assert from "node:assert/strict";
import { OpenError } from "../errors.ts";
import { DataLock, lockPath, readLockHolder } from "./lock.ts";
import { openStore } from "../store.ts";

async function withFolder(work: (path: string) => Promise<void> | void): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "sentinel-lock-" });
  try {
    await work(`${folder}/data.kv`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a data file has one holder, whose process and address others are told", async () => {
  await withFolder((path) => {
    assert.equal(readLockHolder(path), undefined);
    const lock = DataLock.acquire(path);
    assert.deepEqual(readLockHolder(path), { pid: Deno.pid });
    lock.describe({ pid: Deno.pid, url: "http://127.0.0.1:5000" });
    assert.deepEqual(readLockHolder(path), { pid: Deno.pid, url: "http://127.0.0.1:5000" });
    assert.throws(() => DataLock.acquire(path), (error: Error) => {
      assert.ok(error instanceof OpenError);
      return error.message.includes(`process ${Deno.pid} (a server at http://127.0.0.1:5000)`);
    });
    // Who was refused has not overwritten it.
    assert.equal(readLockHolder(path)!.url, "http://127.0.0.1:5000");
    lock.release();
    assert.equal(readLockHolder(path)!.url, undefined);
    DataLock.acquire(path).release();
  });
});

Deno.test("the lock of a process that died is free", async () => {
  await withFolder((path) => {
    Deno.writeTextFileSync(lockPath(path), '{"pid":1,"url":"http://127.0.0.1:1"}\n');
    DataLock.acquire(path).release();
    Deno.writeTextFileSync(lockPath(path), "{torn");
    assert.equal(readLockHolder(path), undefined);
    DataLock.acquire(path).release();
  });
});

Deno.test("openStore() refuses a file in use and frees it when it is closed", async () => {
  await withFolder(async (path) => {
    const store = await openStore({ path });
    await assert.rejects(openStore({ path }), OpenError);
    store.announce("http://127.0.0.1:5000");
    assert.equal(readLockHolder(path)!.url, "http://127.0.0.1:5000");
    await store.close();
    await (await openStore({ path })).close();
  });
});
