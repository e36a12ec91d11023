import assert from "node:assert/strict";
import { FakeClock } from "./_fake_clock.ts";
import { Backoff, retryAfterMs } from "./backoff.ts";
import { Random } from "./random.ts";

function backoff(clock: FakeClock, stop?: AbortSignal): Backoff {
  const options = { clock, random: new Random(1), patienceMs: 60_000 };
  return new Backoff(stop === undefined ? options : { ...options, stop });
}

Deno.test("Backoff waits twice as long each time, with jitter, up to its bound", async () => {
  const clock = new FakeClock();
  const subject = backoff(clock);
  for (let failure = 0; failure < 9; failure++) assert.equal(await subject.failed(), true);
  clock.waits.forEach((ms, failure) => {
    const pause = Math.min(5_000, 100 * 2 ** failure);
    assert.ok(ms >= pause / 2 && ms <= pause, `wait ${failure}: ${ms} ms`);
  });
});

Deno.test("Backoff ends when patience does, and begins anew after a success", async () => {
  const clock = new FakeClock();
  const subject = backoff(clock);
  const startMs = clock.now();
  while (await subject.failed());
  assert.equal(clock.now() - startMs, 60_000);
  subject.succeeded();
  assert.equal(await subject.failed(), true);
  assert.ok(clock.waits.at(-1)! <= 100);
});

Deno.test("Backoff waits at least what the server asks for", async () => {
  const clock = new FakeClock();
  await backoff(clock).failed(7_000);
  assert.ok(clock.waits[0]! >= 7_000 && clock.waits[0]! < 7_100, `${clock.waits[0]}`);
});

Deno.test("Backoff leaves a few seconds once the run is to stop", async () => {
  const clock = new FakeClock();
  const stop = new AbortController();
  const subject = backoff(clock, stop.signal);
  await subject.failed();
  stop.abort();
  const stoppedMs = clock.now();
  while (await subject.failed());
  assert.equal(clock.now() - stoppedMs, 5_000);
});

Deno.test("retryAfterMs() reads seconds and dates, and takes anything else for nothing", () => {
  const now = Date.UTC(2025, 3, 1, 12);
  assert.equal(retryAfterMs("3", now), 3_000);
  assert.equal(retryAfterMs("Tue, 01 Apr 2025 12:00:05 GMT", now), 5_000);
  assert.equal(retryAfterMs("Tue, 01 Apr 2025 11:00:00 GMT", now), 0);
  assert.equal(retryAfterMs("soon", now), 0);
  assert.equal(retryAfterMs(null, now), 0);
});
