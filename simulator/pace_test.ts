import assert from "node:assert/strict";
import fc from "fast-check";
import { FakeClock } from "./_fake_clock.ts";
import { LINGER_MS } from "./limits.ts";
import { Pace, worldOf } from "./pace.ts";
import type { ServiceTask } from "./service_task.ts";

function task(clock: FakeClock, rate: number, batch: number, durationMs: number): ServiceTask {
  return {
    url: "",
    format: "native",
    syslog: { hostname: "127.0.0.1", port: 1 },
    token: "",
    service: "auth-service",
    kind: 0,
    cell: 0,
    seed: 1,
    run: "r",
    rate,
    batch,
    dayMs: durationMs,
    startMs: clock.now(),
    endMs: clock.now() + durationMs,
    canary: false,
    keys: 0,
  };
}

Deno.test("Pace asks for exactly rate times duration records, in full batches or lingering ones", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2_000 }),
      fc.integer({ min: 1, max: 500 }),
      fc.integer({ min: 1, max: 20 }),
      (rate, batch, seconds) => {
        const clock = new FakeClock();
        const options = task(clock, rate, batch, seconds * 1000);
        const world = worldOf(options);
        const pace = new Pace(options, clock, world);
        let made = 0;
        for (let step = pace.next(0); !("end" in step); step = pace.next(made)) {
          if ("waitMs" in step) {
            assert.ok(step.waitMs >= 1);
            clock.pass(step.waitMs);
            continue;
          }
          assert.ok(step.send >= 1 && step.send <= batch);
          const oldestMs = options.startMs + world.dayTimeOf(made) * options.dayMs;
          assert.ok(clock.now() - oldestMs <= LINGER_MS + 1);
          made += step.send;
          assert.ok(made <= world.slotsBefore((clock.now() - options.startMs) / options.dayMs));
        }
        assert.equal(made, rate * seconds);
        assert.equal(pace.delayed, 0);
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("Pace of a service that the server keeps waiting stays bounded, and what is missed is counted", () => {
  const clock = new FakeClock();
  const options = task(clock, 1_000, 10, 20_000);
  const pace = new Pace(options, clock, worldOf(options));
  let made = 0;
  // Every batch of 10 takes 50 ms: a fifth of what the rate asks for.
  for (let step = pace.next(0); !("end" in step); step = pace.next(made)) {
    if ("send" in step) made += step.send;
    clock.pass("send" in step ? 50 : step.waitMs);
  }
  assert.equal(made + pace.delayed, 20_000);
  assert.ok(made >= 3_900 && made <= 4_250, `${made} made`);
});
