import assert from "node:assert/strict";
import { ByteCache } from "./byte_cache.ts";

function counting(cache: ByteCache) {
  const loads: string[] = [];
  const get = (key: string, bytes = 10) =>
    cache.get(key, () => {
      loads.push(key);
      return Promise.resolve(key.toUpperCase());
    }, () => bytes);
  return { loads, get };
}

Deno.test("what was loaded is kept", async () => {
  const cache = new ByteCache(100);
  const { loads, get } = counting(cache);
  assert.equal(await get("a"), "A");
  assert.equal(await get("a"), "A");
  assert.deepEqual(loads, ["a"]);
  assert.equal(cache.bytes, 10);
});

Deno.test("what was least recently used goes first, and the bytes stay within the bound", async () => {
  const cache = new ByteCache(100);
  const { loads, get } = counting(cache);
  for (let i = 0; i < 10; i++) await get(`${i}`);
  await get("0");
  await get("10");
  assert.equal(cache.bytes, 100);
  await get("0");
  assert.equal(loads.length, 11);
  await get("1");
  assert.equal(loads.length, 12);
  assert.ok(cache.bytes <= 100);
});

Deno.test("what is larger than a quarter of the cache is not kept", async () => {
  const cache = new ByteCache(100);
  const { loads, get } = counting(cache);
  await get("a");
  await get("large", 26);
  await get("large", 26);
  assert.deepEqual(loads, ["a", "large", "large"]);
  assert.equal(cache.bytes, 10);
});

Deno.test("the same key is loaded once at a time", async () => {
  const cache = new ByteCache(100);
  const { promise, resolve } = Promise.withResolvers<number>();
  let loads = 0;
  const get = () =>
    cache.get("a", () => {
      loads++;
      return promise;
    }, () => 1);
  const both = Promise.all([get(), get()]);
  resolve(7);
  assert.deepEqual(await both, [7, 7]);
  assert.equal(loads, 1);
  assert.equal(cache.bytes, 1);
});

Deno.test("a load that fails reaches everyone who waits, and is tried again", async () => {
  const cache = new ByteCache(100);
  let fails = true;
  const get = () =>
    cache.get("a", () => fails ? Promise.reject(new Error("no")) : Promise.resolve(1), () => 1);
  const both = await Promise.allSettled([get(), get()]);
  assert.deepEqual(both.map(({ status }) => status), ["rejected", "rejected"]);
  assert.equal(cache.bytes, 0);
  fails = false;
  assert.equal(await get(), 1);
});
