import assert from "node:assert/strict";
import { EventReader } from "./_test_events.ts";
import { jsonPost, recordAt, type TestApp, testApp } from "./_test_app.ts";
import { SESSION_TAIL_MS_MAX, TAIL_HEARTBEAT_MS, TAILS_MAX } from "./limits.ts";

async function open(
  { call }: TestApp,
  query = "",
  headers: Record<string, string> = {},
  token = "reader",
): Promise<EventReader> {
  const response = await call(`/logs/tail${query}`, { headers }, token);
  assert.equal(response.status, 200);
  return new EventReader(response);
}

function idsOf(events: { id: number | undefined }[]): (number | undefined)[] {
  return events.map(({ id }) => id);
}

Deno.test("a tail gives what is stored from now on, exactly as GET /logs gives it", async () => {
  const test = await testApp();
  await test.post(recordAt(1), recordAt(2));
  const tail = await open(test);
  assert.equal(await tail.start(), 2);
  await test.post(recordAt(3, { a: 1, message: "line\nfeed \u2028 \r" }), recordAt(0));
  await test.post(recordAt(4));
  const events = await tail.take(3);
  assert.deepEqual(events.map(({ type }) => type), ["log", "log", "log"]);
  assert.deepEqual(idsOf(events), [3, 4, 5]);
  const records = await (await test.call("/logs?limit=100")).json();
  for (const { id, data } of events) {
    assert.deepEqual(data, records.find((one: { id: number }) => one.id === id));
  }
  await tail.cancel();
  assert.equal(test.store.listeners, 0);
});

Deno.test("a tail's answer is an event stream that nothing keeps, changes or holds back", async () => {
  const { call } = await testApp();
  const response = await call("/logs/tail");
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  assert.match(response.headers.get("cache-control")!, /no-store.*no-transform/);
  assert.equal(response.headers.get("x-accel-buffering"), "no");
  await response.body!.cancel();
});

Deno.test("tails with other filters get other records of the same commits", async () => {
  const test = await testApp();
  const queries = [
    "?q=even",
    "?min_severity=ERROR",
    "?service=other",
    "?attr.n=4&q=even",
    "?q=even",
  ];
  const tails = await Promise.all(queries.map((query) => open(test, query)));
  for (let n = 1; n <= 6; n++) {
    await test.post(recordAt(n, {
      message: n % 2 === 0 ? "even" : "odd",
      severity: n > 4 ? "ERROR" : "INFO",
      service: n === 3 ? "other" : "auth",
      n,
    }));
  }
  const expected = [[2, 4, 6], [5, 6], [3], [4], [2, 4, 6]];
  for (const [i, tail] of tails.entries()) {
    assert.deepEqual(idsOf(await tail.take(expected[i]!.length)), expected[i], queries[i]);
    await tail.cancel();
  }
});

Deno.test("a tail goes on after an id, which the header or else the parameter gives", async () => {
  const test = await testApp();
  for (let n = 1; n <= 5; n++) await test.post(recordAt(n));
  const cases: [string, Record<string, string>, number[]][] = [
    ["", { "last-event-id": "3" }, [4, 5]],
    ["?last_event_id=4", {}, [5]],
    ["?last_event_id=1", { "last-event-id": "4" }, [5]],
    ["?last_event_id=2", { "last-event-id": "" }, [3, 4, 5]],
    ["?last_event_id=0", {}, [1, 2, 3, 4, 5]],
    ["?last_event_id=0&q=4", {}, [4]],
  ];
  for (const [query, headers, expected] of cases) {
    const tail = await open(test, query, headers);
    assert.deepEqual(idsOf(await tail.take(expected.length)), expected, query);
    await tail.cancel();
    assert.equal(test.store.openSnapshots, 0);
  }
});

Deno.test("a tail that goes on gets what is stored meanwhile once, after what it missed", async () => {
  const test = await testApp();
  for (let n = 1; n <= 2_500; n++) await test.store.append((await batchOf(test, n))!);
  const { promise, resolve } = Promise.withResolvers<void>();
  test.store.beforeRead = () => promise;
  const tail = await open(test, "?last_event_id=10");
  const first = tail.next();
  for (let n = 0; n < 20; n++) await test.post(recordAt(n));
  resolve();
  assert.equal((await first)!.id, 11);
  for (let n = 0; n < 20; n++) await test.post(recordAt(n));
  const ids = idsOf(await tail.take(2_529));
  assert.deepEqual(ids, Array.from({ length: 2_529 }, (_, i) => 12 + i));
  await tail.cancel();
  assert.equal(test.store.openSnapshots, 0);
});

/** A batch of one record, without the cost of a request. */
async function batchOf({ store, post }: TestApp, n: number) {
  if (store.batches.length === 0) await post(recordAt(n));
  return store.batches[0];
}

Deno.test("a tail that goes on gets at once what is more than may wait", async () => {
  const test = await testApp();
  const message = "x".repeat(30_000);
  await test.post(...Array.from({ length: 150 }, (_, n) => recordAt(n, { message })));
  const begun = performance.now();
  const tail = await open(test, "?last_event_id=0");
  const ids = idsOf(await tail.take(150));
  assert.deepEqual(ids, Array.from({ length: 150 }, (_, i) => 1 + i));
  // What is stuck would come with the next sign of life.
  assert.ok(performance.now() - begun < TAIL_HEARTBEAT_MS / 2);
  await tail.cancel();
});

Deno.test("an id that was never given is one of another store: the tail starts at now", async () => {
  const test = await testApp();
  await test.post(recordAt(1));
  const tail = await open(test, "?last_event_id=1000");
  assert.equal(await tail.start(), 1);
  await test.post(recordAt(2));
  assert.deepEqual(idsOf(await tail.take(1)), [2]);
  await tail.cancel();
});

Deno.test("what was deleted meanwhile is not given to a tail that goes on", async () => {
  const test = await testApp();
  await test.post(recordAt(1), recordAt(2), recordAt(3));
  await test.call("/logs?before=2025-04-01T12:00:03Z", { method: "DELETE" });
  const tail = await open(test, "?last_event_id=0");
  assert.deepEqual(idsOf(await tail.take(1)), [3]);
  await tail.cancel();
});

Deno.test("a slow reader is told how many it missed, and then follows again", async () => {
  const test = await testApp();
  const tail = await open(test, "?q=big");
  const message = `big ${"x".repeat(50_000)}`;
  for (let n = 0; n < 200; n++) await test.post(recordAt(n, { message }), recordAt(n));
  let waiting = 0;
  while (waiting < 500_000) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    waiting = await waitingBytes(test);
  }
  assert.ok(waiting < 1_100_000, `${waiting} bytes wait`);
  const events: { type: string; id: number | undefined; data: { count: number } }[] = [];
  do events.push((await tail.next())!); while (events.at(-1)!.type === "log");
  const missed = events.pop()!;
  assert.equal(missed.type, "missed");
  assert.deepEqual(missed.data, { count: 200 - events.length, through_id: 400 });
  assert.equal(missed.id, 400);
  assert.deepEqual(idsOf(events), events.map((_, i) => 1 + i * 2));
  await test.post(recordAt(1, { message }));
  assert.equal((await tail.next())!.id, 401);
  await tail.cancel();
  assert.equal(await waitingBytes(test), 0);
});

async function waitingBytes({ call }: TestApp): Promise<number> {
  const text = await (await call("/metrics")).text();
  return Number(/^sentinel_http_tails_bytes_waiting (\d+)$/m.exec(text)![1]);
}

Deno.test("a burst larger than what may wait loses nothing for a reader that takes it", async () => {
  const test = await testApp();
  const tail = await open(test);
  const message = "x".repeat(30_000);
  await test.post(...Array.from({ length: 100 }, (_, n) => recordAt(n, { message })));
  await test.post(recordAt(1));
  const events = await tail.take(101);
  assert.deepEqual(idsOf(events), events.map((_, i) => i + 1));
  assert.ok(events.every(({ type }) => type === "log"));
  await tail.cancel();
});

Deno.test("a tail ends when its token is revoked or expires", async () => {
  const test = await testApp();
  const { registry, clock } = test;
  const grants = { write: [], read: true, delete: false, admin: false };
  const expiresAtMs = clock.nowMs + 1_000;
  const lasting = await registry.create({ name: "kim", ...grants });
  const expiring = await registry.create({ name: "lee", ...grants, expiresAtMs });
  const revoked = await open(test, "", {}, lasting);
  const expired = await open(test, "", {}, expiring);
  await registry.revoke("kim");
  clock.nowMs = expiresAtMs;
  await test.post(recordAt(1));
  assert.equal(await revoked.next(), undefined);
  assert.equal(await expired.next(), undefined);
  assert.equal(test.store.listeners, 0);
});

Deno.test("a session's tail ends when it is signed out, and now and then, so that the session is renewed", async () => {
  const test = await testApp();
  const signIn = async () => {
    const response = await test.call("/session", jsonPost({ token: "reader" }), null);
    return response.headers.get("set-cookie")!.replace(/;.*/, "");
  };
  const openWith = async (cookie: string) =>
    new EventReader(await test.call("/logs/tail", { headers: { cookie } }, null));
  const first = await signIn();
  const signedOut = await openWith(first);
  const lasting = await openWith(await signIn());
  await test.call("/session", {
    method: "DELETE",
    headers: { cookie: first, "x-sentinel-request": "1" },
  }, null);
  await test.post(recordAt(1));
  assert.equal(await signedOut.next(), undefined);
  assert.equal((await lasting.next())!.id, 1);
  test.clock.nowMs += SESSION_TAIL_MS_MAX;
  await test.post(recordAt(2));
  assert.equal(await lasting.next(), undefined);
});

Deno.test("all tails end when the server is asked to stop, with everything stored before; no new one begins", async () => {
  const test = await testApp();
  const tails = await Promise.all([open(test), open(test, "?service=auth"), open(test, "?q=none")]);
  await test.post(recordAt(1));
  const firsts = tails.slice(0, 2).map((tail) => tail.next());
  test.app.drain.begin();
  for (const first of firsts) assert.equal((await first)!.id, 1);
  for (const tail of tails) assert.equal(await tail.next(), undefined);
  assert.equal((await test.call("/logs/tail")).status, 503);
  assert.equal(test.store.listeners, 0);
});

Deno.test("a tail is refused without the right to read, with a bad filter, id or type", async () => {
  const { call } = await testApp();
  const cases: [string, Record<string, string>, string | null, number, RegExp][] = [
    ["", {}, null, 401, /Who are you/],
    ["", {}, "writer", 403, /"read"/],
    ["?limit=5", {}, "reader", 400, /limit/],
    ["?q=%22", {}, "reader", 400, /q/],
    ["?last_event_id=x", {}, "reader", 400, /last_event_id "x".*integer/],
    ["", { "last-event-id": "-1" }, "reader", 400, /Last-Event-ID "-1"/],
    ["", { accept: "application/json" }, "reader", 406, /text\/event-stream/],
  ];
  for (const [query, headers, token, status, message] of cases) {
    const response = await call(`/logs/tail${query}`, { headers }, token);
    assert.equal(response.status, status, query);
    assert.match((await response.json()).error, message);
  }
});

Deno.test("no more tails are open than there may be", async () => {
  const { call } = await testApp();
  const open = await Promise.all(Array.from({ length: TAILS_MAX }, () => call("/logs/tail")));
  const refused = await call("/logs/tail");
  assert.equal(refused.status, 503);
  assert.ok(Number(refused.headers.get("retry-after")) >= 1);
  await open[0]!.body!.cancel();
  const again = await call("/logs/tail");
  assert.equal(again.status, 200);
  for (const { body } of [...open.slice(1), again]) await body!.cancel();
});

Deno.test("what had to be left out because it is damaged is told once, among what was missed", async () => {
  const test = await testApp();
  // More than is read from the store at once.
  const count = 2_500;
  await test.post(...Array.from({ length: count }, (_, n) => recordAt(n)));
  test.store.damage.push("segment 7 is damaged");
  const tail = await open(test, "?last_event_id=0");
  const [told, ...rest] = await tail.take(1 + count);
  assert.deepEqual([told!.type, told!.data], ["incomplete", { error: "segment 7 is damaged" }]);
  assert.deepEqual(idsOf(rest), Array.from({ length: count }, (_, i) => 1 + i));
  await tail.cancel();
});

Deno.test("a tail that cannot be read from the store ends, and the fault is logged", async () => {
  const test = await testApp();
  for (let n = 1; n <= 3; n++) await test.post(recordAt(n));
  test.store.beforeRead = () => {
    throw new Error("the disk is gone");
  };
  const tail = await open(test, "?last_event_id=0");
  assert.equal(await tail.next(), undefined);
  assert.match(test.lines.join(), /Internal error in a tail: Error: the disk is gone/);
  assert.equal(test.store.openSnapshots, 0);
  assert.equal(test.store.listeners, 0);
});
