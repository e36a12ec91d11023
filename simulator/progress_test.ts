import assert from "node:assert/strict";
import { count, newCounters } from "./counters.ts";
import type { ServiceState } from "./crew.ts";
import { Progress } from "./progress.ts";

function states(accepted: number): ServiceState[] {
  return ["auth-service", "payment-service"].map((service) => {
    const counters = newCounters();
    count(counters, "sent", accepted);
    count(counters, "accepted", accepted);
    return { service, counters, ended: false };
  });
}

function writer(isTerminal: boolean, rows = 40) {
  const texts: string[] = [];
  const size = () => ({ columns: 120, rows });
  return { texts, isTerminal, size, write: (text: string) => void texts.push(text) };
}

Deno.test("Progress writes a line every five seconds where there is no terminal", () => {
  const out = writer(false);
  const progress = new Progress(out, 0);
  for (let ms = 250; ms <= 10_000; ms += 250) progress.update(states(ms), ms);
  assert.equal(out.texts.length, 2);
  assert.equal(
    out.texts[1],
    "10 s: 20,000 sent, 20,000 accepted, 0 refused, 0 retries, 0 delayed, 2,000/s\n",
  );
});

Deno.test("Progress draws its table over the one before", () => {
  const out = writer(true);
  const progress = new Progress(out, 0);
  progress.update(states(10), 250);
  progress.update(states(20), 500);
  assert.equal(out.texts[0]?.split("\n").length, 5);
  assert.equal(out.texts[1], "\x1b[4A\x1b[J");
  assert.match(out.texts[2]!, /^auth-service +20 +20 /m);
  assert.match(out.texts[2]!, /^all +40 +40 /m);
});

Deno.test("Progress keeps its table within the terminal's rows", () => {
  const out = writer(true, 5);
  new Progress(out, 0).update(states(10), 250);
  assert.equal(out.texts[0]?.trimEnd().split("\n").length, 4);
  assert.match(out.texts[0]!, /^… and 1 more$/m);
});
