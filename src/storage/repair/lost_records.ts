/** @module Notes of records whose journal entries are damaged: they stay when the journal is gone, until nothing so old is kept. */

import { decodeDocument, encodeDocument } from "../../codec/mod.ts";
import { isDamage } from "./damage.ts";
import { type Database, listAll } from "../database.ts";
import { lostKey, lostRange } from "../keys.ts";

/** What a start found to be lost. */
export interface LostRecords {
  /** Where in the journal. */
  readonly seq: number;
  /** When it was found, in milliseconds since the Unix epoch. */
  readonly foundMs: number;
  /** A sentence: which records, and why. */
  readonly what: string;
}

/** Every note; one that is damaged itself still says that something was lost. */
export async function readLost(database: Database, node: number): Promise<LostRecords[]> {
  const lost: LostRecords[] = [];
  for await (const { key, value } of listAll(database, lostRange(node))) {
    const seq = key[3] as number;
    try {
      const { foundMs, what } = decodeDocument(value) as Omit<LostRecords, "seq">;
      lost.push({ seq, foundMs, what });
    } catch (error) {
      if (!isDamage(error)) throw error;
      lost.push({ seq, foundMs: Infinity, what: `records of journal entry ${seq}: lost` });
    }
  }
  return lost;
}

/** Keeps a note. */
export async function noteLost(
  database: Database,
  node: number,
  { seq, foundMs, what }: LostRecords,
): Promise<void> {
  await database.commit({ sets: [[lostKey(node, seq), encodeDocument({ foundMs, what })]] });
}

/** Removes the notes of what was found up to a moment. @returns the positions that they were of */
export async function forgetLost(
  database: Database,
  node: number,
  untilMs: number,
): Promise<number[]> {
  const old = (await readLost(database, node)).filter(({ foundMs }) => foundMs <= untilMs);
  for (const { seq } of old) await database.commit({ deletes: [lostKey(node, seq)] });
  return old.map(({ seq }) => seq);
}
