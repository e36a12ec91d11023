/** @module A disk that stalls under clients that do not stop sending: every layer but the socket, with commits held back. */

import assert from "node:assert/strict";
import { Sessions, TokenRegistry } from "../../src/auth/mod.ts";
import { createApp, type HttpApp } from "../../src/http/mod.ts";
import { openDenoKv } from "../../src/storage/disk/deno_kv.ts";
import { QUEUE_BYTES_MAX, RECORD_OVERHEAD_BYTES } from "../../src/storage/limits.ts";
import { EngineStore } from "../../src/storage/store.ts";
import { until, withFolder } from "../_server.ts";
import { parsePrometheus } from "../_prometheus.ts";
import { HeldDatabase } from "./_held_database.ts";

const RECORDS = 1000;
const MESSAGE = "a".repeat(960);
/** What one batch counts for in the queue. */
const BATCH_BYTES = RECORDS * (MESSAGE.length + RECORD_OVERHEAD_BYTES);
/** Batches that find room: the first always does. */
const TAKEN = Math.floor(QUEUE_BYTES_MAX / BATCH_BYTES);
const SENT = 4 * TAKEN;

/** Records of service `held`. */
function bodyOf(count: number): string {
  const timestamp = "2026-11-01T12:00:00Z";
  const record = { timestamp, service: "held", severity: "INFO", message: MESSAGE };
  return JSON.stringify(Array.from({ length: count }, () => record));
}

interface Held {
  readonly app: HttpApp;
  readonly store: EngineStore;
  readonly database: HeldDatabase;
}

async function withHeldApp(test: (held: Held) => Promise<void>): Promise<void> {
  await withFolder(async (dir) => {
    const database = new HeldDatabase(await openDenoKv(`${dir}/logs.kv`));
    const store = await EngineStore.open({ database, background: false });
    const registry = await TokenRegistry.load(store.tokens);
    registry.addFixed("all", "all", { write: "*", read: true, delete: true, admin: true });
    const sessions = await Sessions.open(store, registry);
    const log = (line: string) => assert.fail(line);
    const app = createApp({ store, registry, sessions, now: Date.now, version: "0", log });
    await test({ app, store, database });
    await store.close();
  });
}

const headers = { authorization: "Token all", "content-type": "application/json" };

function post(app: HttpApp, body: string): Promise<Response> {
  return app.request("/logs", { method: "POST", body, headers });
}

async function stored(app: HttpApp): Promise<number> {
  const response = await app.request("/stats", { headers });
  return (await response.json()).logs_per_service.held;
}

Deno.test("while commits are held back, what finds no room is refused at once and the rest is kept", async () => {
  await withHeldApp(async ({ app, store, database }) => {
    assert.equal((await (await post(app, bodyOf(10))).json()).count, 10);
    database.hold();
    const body = bodyOf(RECORDS);
    let refused = 0;
    const answers = Array.from({ length: SENT }, async () => {
      const response = await post(app, body);
      if (response.status === 503) refused++;
      return response;
    });
    // Nothing of it waits for the disk.
    await until("refusals", () => refused === SENT - TAKEN);
    assert.ok(store.figures().queue_bytes! <= QUEUE_BYTES_MAX);

    assert.equal(await stored(app), 10, "queries are answered");
    const page = await app.request("/logs?q=a*&limit=5", { headers });
    assert.equal((await page.json()).length, 5);
    for (const path of ["/healthz", "/readyz"]) {
      const health = await app.request(path);
      assert.equal(health.status, 200, path);
      await health.body?.cancel();
    }
    const metrics = parsePrometheus(await (await app.request("/metrics", { headers })).text());
    assert.deepEqual(metrics.get("sentinel_refused_total")!.samples, [
      { name: "sentinel_refused_total", labels: { reason: "queue_full" }, value: SENT - TAKEN },
    ]);

    database.release();
    const statuses = { taken: 0, refused: 0 };
    for (const response of await Promise.all(answers)) {
      const answer = await response.json();
      if (response.status === 201) {
        assert.equal(answer.ids.length, RECORDS);
        statuses.taken++;
      } else {
        assert.equal(response.status, 503);
        assert.ok(Number(response.headers.get("retry-after")) >= 1);
        assert.match(answer.error, /^Cannot store: \d+ bytes of records are waiting already/);
        statuses.refused++;
      }
    }
    assert.deepEqual(statuses, { taken: TAKEN, refused: SENT - TAKEN });
    assert.equal(await stored(app), 10 + TAKEN * RECORDS);
    assert.equal(store.figures().queue_bytes, 0);
  });
});

Deno.test("what is to be refused is not parsed; what is small finds room longer", async () => {
  await withHeldApp(async ({ app, database }) => {
    database.hold();
    const body = bodyOf(RECORDS);
    const large = Array.from({ length: TAKEN }, () => post(app, body));
    await until("a full queue", async () => {
      const response = await post(app, "[".repeat(body.length));
      await response.body?.cancel();
      // As long as there is room it is parsed, and is not valid.
      if (response.status === 400) return false;
      assert.equal(response.status, 503);
      return true;
    });
    const small = post(app, bodyOf(1));
    database.release();
    for (const response of await Promise.all([...large, small])) {
      assert.equal(response.status, 201);
      await response.body?.cancel();
    }
  });
});
