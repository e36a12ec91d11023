/** @module A client that does nothing unusual while others do: it must get right answers throughout. */

import assert from "node:assert/strict";
import type { TestServer } from "../_server.ts";
import { logs, record } from "./_records.ts";

/** An answer takes milliseconds; a machine that others use may give the server a fraction of a core. */
const ANSWER_MS_MAX = 20_000;

/**
 * Stores, finds and counts records of a service of its own for as long as something else runs, and once more after it; each
 * answer must be right and come in time.
 */
export async function beside<T>(
  server: TestServer,
  service: string,
  run: () => Promise<T>,
): Promise<T> {
  let ended = false;
  const running = run().finally(() => ended = true);
  // It is awaited below; a failure of ours comes first.
  running.catch(() => undefined);
  let stored = 0;
  for (let last = false; !last;) {
    last = ended;
    const begun = performance.now();
    const message = `record ${++stored} of ${service}`;
    const [id] = await server.post(record(service, { message }));
    const [found] = await server.get(logs({ service, q: `"${message}"` }));
    assert.deepEqual([found.id, found.message], [id, message]);
    const { logs_per_service } = await server.get(`/stats?service=${service}`);
    assert.deepEqual(logs_per_service, { [service]: stored });
    const ms = performance.now() - begun;
    assert.ok(ms < ANSWER_MS_MAX, `Three answers took ${ms} ms`);
  }
  return await running;
}
