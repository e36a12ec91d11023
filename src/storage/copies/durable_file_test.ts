import assert from "node:assert/strict";
import { fileExists, folderOf, putInPlace, removeFile } from "./durable_file.ts";

Deno.test("folderOf() gives where a file is", () => {
  assert.equal(folderOf("./data/s.kv"), "./data/");
  assert.equal(folderOf("s.kv"), ".");
});

Deno.test("putInPlace() gives a file its name, over what had it", () => {
  const folder = Deno.makeTempDirSync({ prefix: "sentinel_test_" });
  const path = `${folder}/file`;
  Deno.writeTextFileSync(path, "old");
  Deno.writeTextFileSync(`${path}.partial`, "new");
  putInPlace(`${path}.partial`, path);
  assert.equal(Deno.readTextFileSync(path), "new");
  assert.ok(!fileExists(`${path}.partial`));
  removeFile(path);
  removeFile(path);
  assert.ok(!fileExists(path));
  Deno.removeSync(folder);
});
