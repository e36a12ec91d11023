/**
 * @module How much work fixed scenarios take, to the last segment, commit and byte. Times on a machine that others use vary
 * by more than most mistakes cost; these counts do not vary at all, so that a change which makes a query open one segment
 * more is seen wherever the tests run.
 *
 * `figures.json` has what is expected. After a change that is meant, `deno task work` writes it anew; its difference is
 * what to look at.
 */

import assert from "node:assert/strict";
import { withFolder } from "../_server.ts";
import type { Figures } from "./_counts.ts";
import { READS, type ReadScenarios, WRITES } from "./_scenarios.ts";
import { CountedServer } from "./_server.ts";

const TABLE = new URL("figures.json", import.meta.url);

type Table = Readonly<Record<string, Figures>>;

Deno.test("ingestion and background work take exactly the work that figures.json says", async () => {
  await withFolder(async (dir) => check("writes", await countWrites(`${dir}/writes.kv`)));
});

for (const scenarios of READS) {
  Deno.test(`queries of ${scenarios.store} take exactly the work that figures.json says`, async () => {
    await withFolder(async (dir) => {
      check(scenarios.store, await countReads(scenarios, `${dir}/reads.kv`));
    });
  });
}

async function countWrites(path: string): Promise<Table> {
  const found: Record<string, Figures> = {};
  const server = await CountedServer.open(path);
  for (const { name, run } of WRITES) found[name] = await server.count(() => run(server));
  await server.close();
  return found;
}

async function countReads({ fill, reads }: ReadScenarios, path: string): Promise<Table> {
  const found: Record<string, Figures> = {};
  let server = await CountedServer.open(path);
  await fill(server);
  await server.close();
  found["open"] = await CountedServer.countOpening(path);
  for (const { name, run } of reads) {
    server = await CountedServer.open(path);
    found[name] = await server.count(() => run(server));
    found[`${name}, again`] = await server.count(() => run(server));
    await server.close();
  }
  return found;
}

/** Compares some figures with the table, or puts them there. */
function check(section: string, found: Table): void {
  const table = JSON.parse(Deno.readTextFileSync(TABLE)) as Record<string, Table>;
  if (Deno.env.get("SENTINEL_TEST_WORK") === "write") {
    table[section] = found;
    Deno.writeTextFileSync(TABLE, JSON.stringify(table, null, 2) + "\n");
  }
  const differences = [...differ(found, table[section] ?? {})];
  if (differences.length === 0) return;
  assert.fail(
    `The work has changed:\n${differences.join("\n")}\n` +
      "If that is meant, `deno task work` writes down the new figures",
  );
}

function* differ(found: Table, expected: Table): Generator<string> {
  for (const scenario of new Set([...Object.keys(expected), ...Object.keys(found)])) {
    const now = found[scenario] ?? {};
    const before = expected[scenario] ?? {};
    for (const name of new Set([...Object.keys(before), ...Object.keys(now)])) {
      const [was, is] = [before[name] ?? 0, now[name] ?? 0];
      if (was !== is) yield `  ${scenario}: ${name}: ${is} instead of ${was}`;
    }
  }
}
