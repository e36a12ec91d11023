/** @module Writes the store that is kept of a format: `deno run -A tests/stores/make.ts FILE`. Run once, before the format changes. */

import { openStore } from "../../src/storage/mod.ts";
import { KEPT_RECORDS, keptBatch } from "./_records.ts";

const [path] = Deno.args;
if (path === undefined) throw new TypeError("Cannot write the store: give the path of a new file");
const store = await openStore({ path });
for (let i = 0; i < KEPT_RECORDS; i += 500) {
  await store.append(keptBatch(i, i + 500));
  // The last ones stay in the journal.
  if (i !== 4500) continue;
  await store.flush();
  // Of days that are over, token filters become pages.
  while (await store.maintain());
}
await store.close();
