import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { Turns } from "./turns.ts";

Deno.test("the first turn comes at once", async () => {
  const turns = new Turns();
  let taken = false;
  const first = turns.next().then(() => taken = true);
  await Promise.resolve();
  assert.ok(taken);
  await first;
  await setImmediate();
});

Deno.test("turns come in order, with everything else between them", async () => {
  const turns = new Turns();
  const done: string[] = [];
  const all = ["a", "b", "c"].map((name) => turns.next().then(() => done.push(name)));
  assert.equal(turns.waiting, 2);
  for (const seen of ["a", "ab", "abc"]) {
    await Promise.resolve();
    assert.equal(done.join(""), seen, "one turn at a time");
    await setImmediate();
  }
  await Promise.all(all);
  assert.equal(turns.waiting, 0);
});
