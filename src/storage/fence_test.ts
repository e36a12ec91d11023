import assert from "node:assert/strict";
import { TestDatabase } from "./_test_store.ts";
import { FencedDatabase, FenceLostError } from "./fence.ts";

const VALUE = Uint8Array.of(1);

Deno.test("who takes a node fences off who held it, and nobody else", async () => {
  const database = await TestDatabase.open();
  const old = await FencedDatabase.take(database, 0, 1);
  const neighbour = await FencedDatabase.take(database, 1, 1);
  assert.ok(await old.commit({ sets: [[["a"], VALUE]] }));
  const young = await FencedDatabase.take(database, 0, 1);
  await assert.rejects(old.commit({ sets: [[["b"], VALUE]] }), FenceLostError);
  await assert.rejects(old.commit({ deletes: [["a"]] }), FenceLostError);
  assert.equal(await database.get(["b"]), undefined);
  assert.ok(await young.get(["a"]));
  assert.ok(await young.commit({ deletes: [["a"]] }));
  assert.ok(await neighbour.commit({ sets: [[["c"], VALUE]] }));
  database.end();
});

Deno.test("a check that does not hold is told apart from a lost fence", async () => {
  const database = await TestDatabase.open();
  const fenced = await FencedDatabase.take(database, 0, 1);
  await fenced.commit({ sets: [[["a"], VALUE]] });
  const commit = { checks: [{ key: ["a"], versionstamp: null }], sets: [] };
  assert.equal(await fenced.commit(commit), undefined);
  assert.equal(fenced.lost, false);
  database.end();
});
