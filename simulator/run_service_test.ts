import assert from "node:assert/strict";
import { FakeClock } from "./_fake_clock.ts";
import { FakeServer, type FakeServerOptions, type StoredRecord } from "./_fake_server.ts";
import type { Fetch } from "./api.ts";
import { counted } from "./counters.ts";
import { runService, type ServiceEnd } from "./run_service.ts";
import type { ServiceTask } from "./service_task.ts";

/** Runs payment-service for 10 seconds of a fake clock, 5 records a second, against a fake server. */
async function run(
  server: FakeServerOptions,
  change: Partial<ServiceTask> = {},
  wrap: (fetch: Fetch, clock: FakeClock) => Fetch = (fetch) => fetch,
  stop = new AbortController().signal,
): Promise<{ end: ServiceEnd; server: FakeServer; clock: FakeClock; notes: string[] }> {
  await using fake = new FakeServer(server);
  const clock = new FakeClock();
  const notes: string[] = [];
  const task: ServiceTask = {
    url: fake.url,
    format: "native",
    syslog: { hostname: "127.0.0.1", port: 1 },
    token: "t",
    service: "payment-service",
    kind: 1,
    cell: 0,
    seed: 9,
    run: "r1",
    rate: 5,
    batch: 20,
    dayMs: 10_000,
    startMs: clock.now(),
    endMs: clock.now() + 10_000,
    canary: false,
    keys: 1_000,
    ...change,
  };
  const end = await runService(task, {
    clock,
    fetch: wrap(fetch, clock),
    stop,
    report: () => {},
    note: (text) => notes.push(text),
  });
  return { end, server: fake, clock, notes };
}

function unavailable(retryAfter: string): Response {
  return Response.json({ error: "The disk is full" }, {
    status: 503,
    headers: { "retry-after": retryAfter },
  });
}

Deno.test("runService() sends exactly rate times duration records, each once", async () => {
  const { end, server } = await run({});
  assert.equal(end.failure, undefined);
  assert.equal(server.stored.length, 50);
  assert.equal(counted(end.counters, "sent"), 50);
  assert.equal(counted(end.counters, "accepted"), 50);
  assert.equal(counted(end.counters, "delayed"), 0);
  assert.equal(new Set(server.posted.map(({ key }) => key)).size, server.posted.length);
  assert.ok(server.posted.every(({ token }) => token === "Token t"));
});

Deno.test("runService() tries a batch again after a 503, with the same key and body", async () => {
  const { end, server, clock, notes } = await run({
    answer: (_, attempt) => attempt === 0 ? unavailable("1") : undefined,
  });
  assert.equal(server.posted[1]?.key, server.posted[0]?.key);
  assert.equal(server.posted[1]?.body, server.posted[0]?.body);
  assert.ok(server.posted[0]?.key);
  assert.ok(clock.waits.some((ms) => ms >= 1_000 && ms < 1_100));
  assert.equal(counted(end.counters, "retries"), 1);
  assert.equal(counted(end.counters, "accepted"), server.stored.length);
  assert.deepEqual(notes, ["payment-service: trying a batch again: HTTP 503: The disk is full"]);
});

Deno.test("runService() stores nothing twice when an answer is lost", async () => {
  let lost = 0;
  const { end, server } = await run({}, {}, (fetch) => async (url, init) => {
    const response = await fetch(url, init);
    if (lost++ > 0) return response;
    await response.body?.cancel();
    throw new TypeError("connection reset");
  });
  assert.equal(counted(end.counters, "retries"), 1);
  assert.equal(server.stored.length, 50);
  assert.equal(counted(end.counters, "accepted"), 50);
});

Deno.test("runService() counts what a waiting service did not make as delayed, and does not catch up", async () => {
  const { end, server } = await run({
    answer: (_, attempt) => attempt === 0 ? unavailable("6") : undefined,
  });
  const delayed = counted(end.counters, "delayed");
  assert.ok(delayed >= 10 && delayed <= 40, `${delayed} delayed`);
  assert.equal(server.stored.length + delayed, 50);
});

Deno.test("runService() gives up after a minute without an answer", async () => {
  const { end, clock } = await run(
    {},
    { endMs: Infinity },
    () => () => Promise.reject(new TypeError("connection refused")),
  );
  assert.equal(end.failure, "gave up: connection refused");
  assert.equal(counted(end.counters, "accepted"), 0);
  assert.equal(counted(end.counters, "unconfirmed"), counted(end.counters, "sent"));
  assert.ok(clock.waits.reduce((sum, ms) => sum + ms, 0) < 65_000);
});

Deno.test("runService() goes on after a refused batch and says the reason once", async () => {
  const { end, server, notes } = await run({
    answer: (_, attempt) =>
      attempt < 3 ? Response.json({ error: "No" }, { status: 400 }) : undefined,
  }, { canary: true });
  assert.equal(end.failure, undefined);
  assert.deepEqual(notes, ["payment-service: a batch was refused: HTTP 400: No"]);
  assert.ok(counted(end.counters, "refused") > 0);
  assert.equal(counted(end.counters, "retries"), 0);
  const numbers = server.stored.map(({ attributes }) => attributes["canary_seq"]);
  assert.deepEqual(numbers, numbers.map((_, index) => index));
});

Deno.test("runService() stops after ten refused batches in a row", async () => {
  const { end, server } = await run({
    answer: () => Response.json({ error: "Who are you?" }, { status: 401 }),
  }, { endMs: Infinity });
  assert.equal(server.posted.length, 10);
  assert.equal(
    end.failure,
    "stopped after 10 refused batches in a row: HTTP 401: Who are you?",
  );
});

Deno.test("runService() does not send a batch without a key again when its fate is unknown", async () => {
  let lost = 0;
  const { end, server } = await run({}, { keys: 0 }, (fetch) => async (url, init) => {
    const response = await fetch(url, init);
    if (lost++ > 0) return response;
    await response.body?.cancel();
    throw new TypeError("connection reset");
  });
  assert.ok(server.posted.every(({ key }) => key === null));
  assert.equal(server.stored.length, 50);
  assert.ok(counted(end.counters, "unconfirmed") > 0);
  assert.equal(counted(end.counters, "accepted") + counted(end.counters, "unconfirmed"), 50);
  assert.equal(counted(end.counters, "retries"), 0);
});

Deno.test("runService() at rate 0 sends full batches until its end", async () => {
  const { server } = await run({}, { rate: 0, batch: 7 }, (fetch, clock) => (url, init) => {
    clock.pass(1_000);
    return fetch(url, init);
  });
  assert.equal(server.posted.length, 10);
  const sizes = server.posted.map(({ body }) => (JSON.parse(body) as StoredRecord[]).length);
  assert.deepEqual(new Set(sizes), new Set([7]));
});

Deno.test("runService() finishes the batch in flight when it is to stop", async () => {
  const stop = new AbortController();
  const { end, server } = await run(
    {},
    { rate: 0, endMs: Infinity },
    (fetch) => (url, init) => {
      stop.abort();
      return fetch(url, init);
    },
    stop.signal,
  );
  assert.equal(end.failure, undefined);
  assert.equal(server.stored.length, 20);
  assert.equal(counted(end.counters, "accepted"), 20);
});
