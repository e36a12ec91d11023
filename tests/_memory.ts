/** @module How much memory a server has taken, as the system tells. */

import assert from "node:assert/strict";
import type { TestServer } from "./_server.ts";

/** The most memory that the server has had resident, in MiB; `undefined` where the system does not tell. */
export function peakMib({ pid }: TestServer): number | undefined {
  if (Deno.build.os !== "linux") return undefined;
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))![1]) /
    1024;
}

/** Runs what must not take memory in proportion to what it sends: at most so much more than before. */
export async function inBoundedMemory(
  server: TestServer,
  addedMibMax: number,
  run: () => Promise<void>,
): Promise<void> {
  const before = peakMib(server);
  await run();
  const after = peakMib(server);
  if (before === undefined || after === undefined) return;
  assert.ok(after - before < addedMibMax, `The peak of memory went from ${before} to ${after} MiB`);
}
