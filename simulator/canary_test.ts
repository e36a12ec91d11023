import assert from "node:assert/strict";
import { FakeClock } from "./_fake_clock.ts";
import { FakeServer, type StoredRecord } from "./_fake_server.ts";
import { Api, type Fetch } from "./api.ts";
import { Backoff } from "./backoff.ts";
import { type CanaryFinding, hasProblem, readBack, SequenceCheck } from "./canary.ts";
import { SimulationError } from "./errors.ts";
import { Random } from "./random.ts";

/** Stores ten canary records, lets the server answer with a change of them, and reads back. */
async function find(
  read: (records: StoredRecord[]) => StoredRecord[],
  wrap: (fetch: Fetch) => Fetch = (fetch) => fetch,
): Promise<CanaryFinding> {
  await using server = new FakeServer({ read });
  for (let number = 0; number < 10; number++) {
    server.stored.push({
      id: number + 1,
      timestamp: `2025-04-01T12:00:00.00000000${number}Z`,
      service: "auth-service",
      severity: "INFO",
      message: "m",
      attributes: { canary_run: "r1", canary_seq: number },
    });
  }
  const clock = new FakeClock();
  const api = new Api({ url: server.url, token: "t", fetch: wrap(fetch), clock });
  const backoff = new Backoff({ clock, random: new Random(1), patienceMs: 60_000 });
  const expectation = { service: "auth-service", accepted: 10, unconfirmed: 0 };
  return await readBack(api, "r1", expectation, backoff);
}

const clean = {
  service: "auth-service",
  read: 10,
  missing: 0,
  duplicates: 0,
  outOfOrder: 0,
  unexpected: 0,
};

Deno.test("readBack() finds nothing wrong with what is complete", async () => {
  const finding = await find((records) => records);
  assert.deepEqual(finding, clean);
  assert.equal(hasProblem(finding), false);
});

Deno.test("readBack() finds a dropped record", async () => {
  const finding = await find((records) => records.toSpliced(4, 1));
  assert.deepEqual(finding, { ...clean, read: 9, missing: 1 });
  assert.equal(hasProblem(finding), true);
});

Deno.test("readBack() finds a record that is there twice, under a new id", async () => {
  const finding = await find((records) => [...records, { ...records[3]!, id: 11 }]);
  assert.deepEqual(finding, { ...clean, read: 11, duplicates: 1 });
  assert.equal(hasProblem(finding), true);
});

Deno.test("readBack() finds records whose ids do not grow with their numbers", async () => {
  const finding = await find((records) =>
    records.map((record) => ({
      ...record,
      id: record.id === 5 ? 6 : record.id === 6 ? 5 : record.id,
    }))
  );
  assert.deepEqual(finding, { ...clean, outOfOrder: 1 });
  assert.equal(hasProblem(finding), true);
});

Deno.test("readBack() finds records that come in another order than they were sent", async () => {
  const finding = await find((records) => records.with(2, records[7]!).with(7, records[2]!));
  assert.ok(finding.outOfOrder > 0);
  assert.equal(finding.missing + finding.duplicates + finding.unexpected, 0);
});

Deno.test("readBack() starts again when the connection breaks in the middle", async () => {
  let broken = 0;
  const finding = await find((records) => records, (fetch) => async (url, init) => {
    const response = await fetch(url, init);
    if (broken++ > 0) return response;
    const text = await response.text();
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(text.slice(0, text.length / 2)));
        controller.error(new TypeError("connection reset"));
      },
    });
    return new Response(body);
  });
  assert.deepEqual(finding, clean);
  assert.equal(broken, 2);
});

Deno.test("readBack() reports what the server says its answer leaves out", async () => {
  const finding = await find((records) => records, (fetch) => async (url, init) => {
    const response = await fetch(url, init);
    return new Response(response.body, { headers: { "sentinel-incomplete": "segment 7" } });
  });
  assert.equal(finding.incomplete, "segment 7");
  assert.equal(hasProblem(finding), true);
});

Deno.test("readBack() ends with a sentence where the token may not read", async () => {
  await assert.rejects(
    find(
      (records) => records,
      () => () =>
        Promise.resolve(Response.json({ error: "This token may not read" }, { status: 403 })),
    ),
    new SimulationError("Cannot read back auth-service: HTTP 403: This token may not read"),
  );
});

Deno.test("SequenceCheck takes an unconfirmed record for possible and anything beyond for unexpected", () => {
  const check = new SequenceCheck({ service: "s", accepted: 2, unconfirmed: 2 });
  [0, 1, 2, 4, -1, "3", undefined].forEach((sequence, index) => check.add(sequence, index + 1));
  const { missing, unexpected } = check.finding();
  assert.deepEqual({ missing, unexpected }, { missing: 0, unexpected: 4 });
});
