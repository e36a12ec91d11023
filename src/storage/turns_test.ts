import assert from "node:assert/strict";
import { setImmediate } from "node:timers";
import { SLICE_MS } from "./limits.ts";
import { Turns } from "./turns.ts";

/** A clock that a test moves. */
class Clock {
  ms = 0;
  readonly now = () => this.ms;
}

/** Resolves after the next look at what has happened. */
function nextLook(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(() => resolve());
  });
}

Deno.test("a question that is answered within a slice never waits", () => {
  const clock = new Clock();
  const turns = new Turns(clock.now);
  clock.ms = 1000;
  turns.begin();
  for (let i = 0; i < 100; i++) assert.equal(turns.rest(), undefined);
  clock.ms += SLICE_MS - 0.01;
  assert.equal(turns.rest(), undefined);
});

Deno.test("who reads on past a slice lets everything else come first", async () => {
  const clock = new Clock();
  const turns = new Turns(clock.now);
  const done: string[] = [];
  turns.begin();
  clock.ms += SLICE_MS;
  const look = nextLook().then(() => done.push("a request"));
  await turns.rest();
  done.push("the reader");
  assert.equal(turns.rest(), undefined);
  await look;
  assert.deepEqual(done, ["a request", "the reader"]);
});

Deno.test("readers come one at a time, in order, each with a slice of its own and a look between", async () => {
  const clock = new Clock();
  const turns = new Turns(clock.now);
  const done: string[] = [];
  const read = async (name: string) => {
    await turns.rest();
    done.push(name);
    clock.ms += SLICE_MS;
  };
  turns.begin();
  clock.ms += SLICE_MS;
  const reads = ["a", "b", "c"].map(read);
  for (let looks = 0; looks < 3; looks++) {
    await nextLook();
    done.push(`look ${looks}`);
    // A question that begins now does not have the waiting ones wait longer.
    turns.begin();
  }
  await Promise.all(reads);
  assert.deepEqual(done.filter((name) => !name.startsWith("look")), ["a", "b", "c"]);
  assert.ok(done.indexOf("look 0") < done.indexOf("b"));
  assert.ok(done.indexOf("look 1") < done.indexOf("c"));
});
