import assert from "node:assert/strict";
import { FakeServer } from "./_fake_server.ts";
import { simulate, type TextWriter } from "./mod.ts";

function writer(): TextWriter & { text: string } {
  return {
    text: "",
    isTerminal: false,
    write(text) {
      this.text += text;
    },
  };
}

Deno.test("simulate() runs a Worker a service with its own token, stops when told to, and finds all again", async () => {
  const stop = new AbortController();
  await using server = new FakeServer({
    answer: (_, attempt) => {
      if (attempt === 40) stop.abort();
      return undefined;
    },
  });
  const out = writer();
  const err = writer();
  const code = await simulate({
    url: server.url,
    services: 3,
    rate: 0,
    batch: 10,
    canary: true,
    json: true,
    signal: stop.signal,
    out,
    err,
  });
  assert.equal(code, 0, err.text);
  const summary = JSON.parse(out.text);
  assert.equal(summary.ok, true);
  assert.equal(summary.accepted, server.stored.length);
  assert.ok(server.stored.length >= 400);
  assert.deepEqual(
    summary.per_service.map(({ service }: { service: string }) => service),
    ["auth-service", "payment-service", "notification-service"],
  );
  for (const { body, token } of server.posted) {
    assert.equal(token, `Token token-of-simulator-${summary.run}-${JSON.parse(body)[0].service}`);
  }
  assert.equal(server.tokens.size, 0);
  assert.equal(summary.canary.length, 3);
});

Deno.test("simulate() ends with exit code 1 when the canary misses a record", async () => {
  const stop = new AbortController();
  await using server = new FakeServer({
    answer: (_, attempt) => {
      if (attempt === 2) stop.abort();
      return undefined;
    },
    read: (records) => records.slice(1),
  });
  const out = writer();
  const code = await simulate({
    url: server.url,
    services: 1,
    rate: 0,
    canary: true,
    signal: stop.signal,
    out,
    err: writer(),
  });
  assert.equal(code, 1);
  assert.match(
    out.text,
    /^Sent \d+ records from 1 service in \d+\.\d s \([\d,]+\/s\): \d+ accepted, 0 refused, 0 retries\n/,
  );
  assert.match(out.text, /auth-service: 1 missing, 0 duplicate, 0 out of order, 0 unexpected\n/);
  assert.match(out.text, /Canary read back \d+ records: 1 missing,/);
});

Deno.test("simulate() ends with exit code 1 and one line where it may make no tokens", async () => {
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    () => Response.json({ error: "Who are you?" }, { status: 401 }),
  );
  const err = writer();
  const url = `http://127.0.0.1:${server.addr.port}`;
  assert.equal(await simulate({ url, token: "x", services: 2, out: writer(), err }), 1);
  assert.match(err.text, /^Cannot make a token for auth-service: HTTP 401: Who are you\?;.*\n$/);
});

Deno.test("simulate() rejects values that make no sense", async () => {
  const url = "http://127.0.0.1:1";
  for (
    const options of [
      { url: "here" },
      { url, services: 0 },
      { url, services: 1.5 },
      { url, rate: -1 },
      { url, batch: 10_001 },
      { url, durationSeconds: 0 },
      { url, seed: 0.5 },
    ]
  ) {
    await assert.rejects(simulate(options), RangeError, JSON.stringify(options));
  }
});
