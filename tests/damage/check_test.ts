/** @module `checkStore` names every damage that there can be to a stored value. */

import assert from "node:assert/strict";
import { checkStore, type CheckSummary } from "../../src/storage/check/check.ts";
import type { CheckFinding } from "../../src/storage/check/check_findings.ts";
import { ArrayDatabase } from "./_array_database.ts";
import { damagesOf, shapeOf } from "./_damages.ts";
import { wholeStore } from "./_whole_store.ts";

const { entries, records } = await wholeStore();

/** Kinds of values of which the store has one, or which nothing tells apart: what is missing there is not missed. */
const UNNOTICED: Readonly<Record<string, readonly RegExp[]>> = {
  // Written anew by every start, and never read.
  node: [/./],
  // Days that a start looks at sooner.
  dirty: [/missing/, /in place/],
  // Nothing else tells of them: who has a missing token is refused, a missing secret is made anew.
  token: [/missing/],
  secret: [/missing/],
};

async function check(
  database: ArrayDatabase,
): Promise<{ summary: CheckSummary; findings: CheckFinding[] }> {
  const findings: CheckFinding[] = [];
  const summary = await checkStore(database, { onFinding: (finding) => findings.push(finding) });
  return { summary, findings };
}

Deno.test("a store with all that there can be in it is sound, and every record of it is counted", async () => {
  const { summary, findings } = await check(new ArrayDatabase(entries));
  assert.deepEqual(findings, []);
  const inJournal = [...records.values()].filter(({ service }) => service === "journal").length + 3;
  assert.equal(summary.journalRecords, inJournal);
  assert.equal(summary.values, entries.length);
});

for (const [shape, ofShape] of Map.groupBy(entries, shapeOf)) {
  Deno.test(`checkStore() finds every damage of a value of ${shape}`, async () => {
    const silent: string[] = [];
    for (const entry of ofShape.slice(0, 3)) {
      for (const { name, apply } of damagesOf(entry, entries)) {
        const database = new ArrayDatabase(entries);
        apply(database);
        const { summary, findings } = await check(database);
        assert.equal(summary.findings, findings.length);
        assert.equal(summary.sound, findings.length === 0);
        const isKnown = UNNOTICED[entry.key[1] as string]?.some((known) => known.test(name));
        if (findings.length === 0 && !isKnown) silent.push(`${JSON.stringify(entry.key)} ${name}`);
      }
    }
    assert.deepEqual(silent, []);
  });
}
