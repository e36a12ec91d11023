/** @module Where this began: Deno KV with one key for each record, no index, nothing that finds them again. */

import { diskBytes } from "./disk.ts";
import { type GeneratedRecord, generateRecords } from "./generate.ts";

/** What Deno KV does with a key a record. */
export interface KvFigures {
  /** Records a second with one in each commit, which is what a request with one record needs. */
  readonly singlePerSecond: number;
  /** Records a second with as many in each commit as {@linkcode COMMIT_RECORDS}. */
  readonly batchPerSecond: number;
  readonly bytesPerRecord: number;
}

/** More in a commit gained nothing when it was tried. */
export const COMMIT_RECORDS = 100;

/** One record in so many is written alone: the two ways take about as long. */
const SINGLE_SHARE = 8;

/** Writes so many records both ways into a new database in an empty directory. */
export async function measureKv(directory: string, records: number): Promise<KvFigures> {
  const all = [...generateRecords(records)];
  const singles = Math.ceil(records / SINGLE_SHARE);
  const rates = await writeBothWays(`${directory}/plain.kv`, all, singles);
  // Closed it has emptied its write-ahead log, whose size says nothing about so few records.
  return { ...rates, bytesPerRecord: await diskBytes(directory) / records };
}

async function writeBothWays(path: string, all: readonly GeneratedRecord[], singles: number) {
  const kv = await Deno.openKv(path);
  try {
    const singlePerSecond = await timed(singles, async () => {
      for (let index = 0; index < singles; index++) await kv.set(["record", index], all[index]);
    });
    const batchPerSecond = await timed(all.length - singles, async () => {
      for (let first = singles; first < all.length; first += COMMIT_RECORDS) {
        const commit = kv.atomic();
        const end = Math.min(first + COMMIT_RECORDS, all.length);
        for (let index = first; index < end; index++) commit.set(["record", index], all[index]);
        await commit.commit();
      }
    });
    return { singlePerSecond, batchPerSecond };
  } finally {
    kv.close();
  }
}

async function timed(count: number, task: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await task();
  return count / ((performance.now() - begun) / 1000);
}
