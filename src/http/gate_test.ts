import assert from "node:assert/strict";
import { OverloadedError } from "../storage/mod.ts";
import { Gate } from "./gate.ts";

const LIMITS = { runningMax: 2, waitingMax: 1, waitMsMax: 60_000 };

Deno.test("a gate lets so many in, makes the next wait, and refuses whoever comes then", async () => {
  const gate = new Gate("queries", LIMITS);
  const leave = await gate.enter();
  await gate.enter();
  let entered = false;
  const third = gate.enter().then((leaveThird) => {
    entered = true;
    return leaveThird;
  });
  await assert.rejects(gate.enter(), OverloadedError);
  assert.deepEqual([gate.running, gate.waiting, entered], [2, 1, false]);
  leave();
  leave();
  const leaveThird = await third;
  assert.deepEqual([gate.running, gate.waiting], [2, 0]);
  leaveThird();
  assert.equal(gate.running, 1);
});

Deno.test("a gate refuses whoever waited too long, and gives the place to nobody else twice", async () => {
  const gate = new Gate("queries", { runningMax: 1, waitingMax: 5, waitMsMax: 1 });
  const leave = await gate.enter();
  await assert.rejects(gate.enter(), OverloadedError);
  leave();
  assert.deepEqual([gate.running, gate.waiting], [0, 0]);
});

Deno.test("run() leaves the gate when its task fails", async () => {
  const gate = new Gate("queries", LIMITS);
  await assert.rejects(gate.run(() => Promise.reject(new Error("no"))), /no/);
  assert.equal(gate.running, 0);
});
