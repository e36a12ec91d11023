import assert from "node:assert/strict";
import { measureDataFiles } from "./data_files.ts";

Deno.test("measureDataFiles() adds up the database and its write-ahead log", async () => {
  const dir = await Deno.makeTempDir({ prefix: "sentinel_test_" });
  const path = `${dir}/logs.kv`;
  await assert.rejects(measureDataFiles(path), Deno.errors.NotFound);
  await Deno.writeFile(path, new Uint8Array(1000));
  assert.equal((await measureDataFiles(path)).dataBytes, 1000);
  await Deno.writeFile(`${path}-wal`, new Uint8Array(30));
  await Deno.writeFile(`${path}.lock`, new Uint8Array(5000));
  const { dataBytes, freeBytes } = await measureDataFiles(path);
  assert.equal(dataBytes, 1030);
  assert.ok(freeBytes! > 0);
  await Deno.remove(dir, { recursive: true });
});
