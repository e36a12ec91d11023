/** @module The real server under clients that send as fast as they can, on a disk that is as it is and on one that is slow. */

import assert from "node:assert/strict";
import { peakMib } from "../_memory.ts";
import { join, PROJECT, say, TestServer, TOKENS, withFolder } from "../_server.ts";
import { whyNoStrace } from "../_strace.ts";
import { record } from "../api/_records.ts";
import type { FloodOptions, FloodReport } from "./_flood.ts";

const CONNECTIONS = 48;
/** 48 batches of 1 MB at once are more than the queue holds. */
const BATCH = 5000;
const SECONDS = 4;

/** What every sync takes longer on the slow disk: a commit in parts is two, so that some 10 MiB/s are taken. */
const SYNC_DELAY_MS = 50;

/** A machine that others use may give the server a fraction of a core; on an idle one it takes some 50 ms. */
const ANSWER_MS_MAX = 15_000;

/**
 * 128 MiB of bodies that are being received, a copy of those being parsed, 32 MiB of waiting records, 64 MiB each of
 * records in memory and of caches, the builder's 100 MiB, and what the garbage collector lets lie.
 */
const RESIDENT_MIB_MAX = 800;

const QUERIES = [
  "/logs?limit=100",
  "/stats",
  "/logs?q=order&limit=10",
  "/histogram",
  "/healthz",
  "/readyz",
];

const missing = await whyNoStrace();
if (missing !== undefined) say(`Skipped: the flood on a slow disk, because ${missing}`);

/** Has every sync of a process take longer. */
const SLOW_SYNCS = [
  ...["strace", "-D", "-f", "--seccomp-bpf", "-o", "/dev/null", "-e", "trace=fsync,fdatasync"],
  ...["-e", `inject=fsync,fdatasync:delay_exit=${SYNC_DELAY_MS * 1000}`],
];

/** Runs the flood, and what is done meanwhile again and again. */
async function flood(server: TestServer, meanwhile: () => Promise<void>): Promise<FloodReport> {
  const { url } = server;
  const options: FloodOptions = {
    url,
    token: TOKENS.admin,
    connections: CONNECTIONS,
    batch: BATCH,
    seconds: SECONDS,
  };
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", join(PROJECT, "tests/overload/_flood.ts"), JSON.stringify(options)],
    stdin: "null",
  });
  let ended = false;
  const output = command.output().finally(() => ended = true);
  while (!ended) await meanwhile();
  const { success, stdout, stderr } = await output;
  assert.ok(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Asks everything once; each answer must come in time. */
async function askAll(server: TestServer): Promise<void> {
  for (const path of QUERIES) {
    const begun = performance.now();
    const { status, text } = await server.call(path);
    assert.equal(status, 200, `${path}: ${text}`);
    const ms = performance.now() - begun;
    assert.ok(ms < ANSWER_MS_MAX, `${path} took ${ms} ms`);
  }
}

/** A flood, then the same server as if nothing had been, and once more after a kill. */
async function surviveFlood(start: TestServer): Promise<FloodReport> {
  let server = start;
  await server.post([record("before")]);
  let rounds = 0;
  const report = await flood(server, async () => {
    await askAll(server);
    rounds++;
  });
  assert.ok(rounds > 0);
  const { statuses, acknowledged, unhelpful } = report;
  for (const status of Object.keys(statuses)) assert.match(status, /^(201|503)$/);
  assert.equal(unhelpful, 0, "Every refusal says when to try again");
  const peak = peakMib(server) ?? 0;
  assert.ok(peak < RESIDENT_MIB_MAX, `${peak} MiB were resident`);
  await server.post([record("after")]);
  assert.equal(await server.figure("store_queue_bytes"), 0);
  assert.equal(await server.figure("store_records"), acknowledged + 2, "stored as acknowledged");
  await server.kill();
  server = await server.restart({ wrapper: [] });
  assert.equal(await server.figure("store_records"), acknowledged + 2, "kept as acknowledged");
  await server.stop();
  return report;
}

Deno.test("a flood loses nothing acknowledged, and queries are answered meanwhile", async () => {
  await withFolder(async (dir) => {
    const { acknowledged } = await surviveFlood(await TestServer.start({ dir }));
    assert.ok(acknowledged > 0);
  });
});

Deno.test({
  name: "on a slow disk a flood is refused in time, and what is acknowledged is kept",
  ignore: missing !== undefined,
  async fn() {
    await withFolder(async (dir) => {
      const report = await surviveFlood(await TestServer.start({ dir, wrapper: SLOW_SYNCS }));
      assert.ok(report.firstRefusalMs !== undefined, "48 MB at once do not fit into 32");
      assert.ok(
        report.firstRefusalMs < SECONDS * 1000,
        `refused after ${report.firstRefusalMs} ms`,
      );
    });
  },
});
