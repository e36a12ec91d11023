import assert from "node:assert/strict";
import { ServerSuite, TestServer, withFolder } from "../_server.ts";
import { record } from "./_records.ts";
import config from "../../deno.json" with { type: "json" };

const suite = new ServerSuite();
const PUBLIC = { token: null };

suite.test("/healthz and /readyz need no token", async (server) => {
  assert.equal((await server.call("/healthz", PUBLIC)).status, 200);
  assert.equal((await server.call("/readyz", PUBLIC)).status, 200);
});

suite.test("/ is a page for who names text/html, else the server's name and version", async (server) => {
  for (const accept of ["text/html", "text/html,application/xhtml+xml,*/*;q=0.8"]) {
    const { status, headers, text } = await server.call("/", { token: null, headers: { accept } });
    assert.equal(status, 200);
    assert.match(headers.get("content-type")!, /^text\/html; charset=utf-8/);
    assert.match(text, /^<!doctype html>/i);
  }
  for (const accept of ["*/*", "application/json", "text/plain, */*"]) {
    const { body } = await server.call("/", { token: null, headers: { accept } });
    assert.deepEqual([body.name, body.release], ["log-sentinel", config.version]);
    // Elasticsearch's clients send nothing to a server without it.
    assert.match(body.version.number, /^8\./);
  }
});

suite.test("/docs is a page that loads nothing from elsewhere", async (server) => {
  const { status, headers, text } = await server.call("/docs", PUBLIC);
  assert.equal(status, 200);
  assert.match(headers.get("content-type")!, /^text\/html; charset=utf-8/);
  assert.match(headers.get("content-security-policy")!, /default-src 'none'/);
  assert.doesNotMatch(headers.get("content-security-policy")!, /unsafe/);
  assert.doesNotMatch(text, /(src|href)="https?:/);
  assert.ok(text.includes("/logs/{id}/context"));
});

Deno.test("a second server on one data file is refused with a sentence", async () => {
  await withFolder(async (dir) => {
    const server = await TestServer.start({ dir });
    await assert.rejects(TestServer.start({ dir }), (error: Error) => {
      assert.match(
        error.message,
        /Cannot open \S+: process \d+ \(a server at http:\S+\) is using it/,
      );
      return true;
    });
    assert.equal((await server.call("/healthz")).status, 200);
    await server.stop();
  });
});

Deno.test("--demo refuses any address but a loopback one", async () => {
  await withFolder(async (dir) => {
    await assert.rejects(
      TestServer.start({ dir, args: ["--host", "0.0.0.0"] }),
      /--host 0\.0\.0\.0 is refused/,
    );
  });
});

Deno.test("SIGTERM lets open requests be answered, and what they stored is there", async () => {
  await withFolder(async (dir) => {
    let server = await TestServer.start({ dir });
    const pool = server;
    const batch = Array.from({ length: 1_000 }, () => record("drain"));
    let stored = 0;
    const first = Promise.withResolvers<void>();
    const writers = Array.from({ length: 8 }, async () => {
      for (;;) {
        try {
          const { status } = await pool.call("/logs", { json: batch });
          if (status !== 201) return assert.equal(status, 503);
          stored += batch.length;
          first.resolve();
        } catch (error) {
          // No new connections: the request never arrived.
          return assert.ok(error instanceof TypeError, String(error));
        }
      }
    });
    await first.promise;
    await server.stop();
    await Promise.all(writers);
    server = await server.restart();
    const { logs_per_service } = await server.get("/stats");
    await server.stop();
    assert.ok(logs_per_service.drain >= stored);
    assert.equal(logs_per_service.drain % batch.length, 0);
  });
});
