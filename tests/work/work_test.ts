/**
 * @module How much work fixed scenarios take, to the last segment, commit and byte: the guard against slowness that is as
 * sure on a busy machine as on an idle one.
 */

import assert from "node:assert/strict";
import { withFolder } from "../_server.ts";
import type { Figures } from "./_counts.ts";
import { fill, READS, WRITES } from "./_scenarios.ts";
import { CountedServer } from "./_server.ts";

const TABLE = new URL("figures.json", import.meta.url);

Deno.test("fixed scenarios take exactly the work that figures.json says", async () => {
  const found: Record<string, Figures> = {};
  await withFolder(async (dir) => {
    Object.assign(found, await countWrites(`${dir}/writes.kv`));
    Object.assign(found, await countReads(`${dir}/reads.kv`));
  });
  const text = JSON.stringify(found, null, 2) + "\n";
  if (Deno.env.get("SENTINEL_TEST_WORK") === "write") Deno.writeTextFileSync(TABLE, text);
  const expected = JSON.parse(Deno.readTextFileSync(TABLE)) as Record<string, Figures>;
  assert.deepEqual(found, expected);
});

async function countWrites(path: string): Promise<Record<string, Figures>> {
  const found: Record<string, Figures> = {};
  const server = await CountedServer.open(path);
  for (const { name, run } of WRITES) found[name] = await server.count(() => run(server));
  await server.close();
  return found;
}

async function countReads(path: string): Promise<Record<string, Figures>> {
  const found: Record<string, Figures> = {};
  let server = await CountedServer.open(path);
  await fill(server);
  await server.close();
  found["open a store"] = await CountedServer.countOpening(path);
  for (const { name, run } of READS) {
    server = await CountedServer.open(path);
    found[name] = await server.count(() => run(server));
    found[`${name}, again`] = await server.count(() => run(server));
    await server.close();
  }
  return found;
}
