/** @module The check of the journal: every entry is there and sound, and ids go on where they ended. */

import { CorruptDataError, decodeBatch } from "../../codec/mod.ts";
import { type Findings, keyText } from "./check_findings.ts";
import type { SegmentChecker } from "./check_segments.ts";
import { isDamage } from "../repair/damage.ts";
import type { Database } from "../database.ts";
import { decodeNextState, Journal, type NextState } from "../journal.ts";
import { journalKey, type Key, nextKey } from "../keys.ts";

/**
 * Checks what a start would replay.
 *
 * @returns the number of records in it
 */
export async function checkJournal(
  database: Database,
  node: number,
  covered: number,
  segments: SegmentChecker,
  findings: Findings,
): Promise<number> {
  const stored = await database.get(nextKey(node));
  const next = stored &&
    await findings.tried("journal", stored, () => decodeNextState(stored.value));
  const journal = new Journal(database, node, () => Promise.resolve());
  const lost = new LostEntries(findings);
  let records = 0;
  let seq = covered + 1;
  let nextId: number | undefined;
  for await (const entry of journal.replay(covered + 1)) {
    if (entry.seq > seq) lost.add(`${entry.seq - seq} journal entries are missing`);
    seq = entry.seq + 1;
    try {
      if ("damage" in entry) throw new CorruptDataError(entry.damage);
      const { count, ids } = decodeBatch(entry.payload);
      if (count === 0) continue;
      lost.tell(nextId ?? segments.lastId + 1, ids[0]!);
      let twice = 0;
      for (let row = 0; row < count; row++) if (!segments.ids.add(ids[row]!)) twice++;
      const isBehind = nextId !== undefined && ids[0]! < nextId;
      nextId = ids[count - 1]! + 1;
      if (twice > 0 || isBehind) throw new CorruptDataError("it is not the one of its place");
      records += count;
    } catch (error) {
      if (!isDamage(error)) throw error;
      const what = error.message.replace(/^journal entry \d+: /, "");
      lost.add(`journal entry ${entry.seq}: ${what}`, journalKey(node, entry.seq));
    }
  }
  if (next !== undefined && next.seq > seq) {
    lost.add(`${next.seq - seq} journal entries are missing at the end`);
  }
  lost.tell(nextId ?? segments.lastId + 1, next?.id);
  compareNext(next, node, seq, nextId ?? segments.lastId + 1, findings);
  return records;
}

/** Findings about records whose ids are known when the next sound entry is. */
class LostEntries {
  readonly #findings: Findings;
  #waiting: { what: string; key?: string }[] = [];

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  add(what: string, key?: Key): void {
    this.#waiting.push(key === undefined ? { what } : { what, key: keyText(key) });
  }

  /** Tells what waits: it had ids from `first` to before `end`, if anything was between. */
  tell(first: number, end: number | undefined): void {
    const ids = end !== undefined && end > first ? [first, end - 1] as const : undefined;
    for (const finding of this.#waiting) this.#findings.add({ kind: "journal", ...finding, ids });
    this.#waiting = [];
  }
}

function compareNext(
  next: NextState | undefined,
  node: number,
  seq: number,
  nextId: number,
  findings: Findings,
): void {
  const key = keyText(nextKey(node));
  if (next === undefined) {
    if (nextId > 1) findings.add({ kind: "journal", what: "The next free id is missing", key });
  } else if (next.seq < seq || next.id < nextId) {
    const what = `The next free id is said to be ${next.id}, which was given out`;
    findings.add({ kind: "journal", what, key });
  }
}
