/** @module The check of the index: every entry is sound, stands at its own key, and is in every index it belongs to. */

import { CorruptDataError } from "../../codec/mod.ts";
import { type Findings, keyText, momentText, recordsOf } from "./check_findings.ts";
import { type Database, listAll } from "../database.ts";
import { encodeIndexEntry, type IndexEntry, isVisible, readIndexEntry } from "../index_entry.ts";
import { INDEX_RANGES, indexKeys, intentRange } from "../keys.ts";
import type { VersionState } from "../publication.ts";

/** Every segment that the index tells of. */
export interface CheckedIndex {
  /** The version that is visible: as stored or, if that is damaged, the last of which there is a mark. */
  readonly version: number;
  readonly entries: ReadonlyMap<number, IndexEntry>;
  /** Whether the next start undoes what a publication was writing. */
  readonly hasIntent: boolean;
}

/** Reads all indexes and compares them with each other and with the counts of the version. */
export async function readIndex(
  database: Database,
  node: number,
  stored: VersionState | undefined,
  findings: Findings,
): Promise<CheckedIndex> {
  const entries = new Map<number, IndexEntry>();
  /** In how many indexes each segment was found. */
  const places = new Map<number, number>();
  for (const range of INDEX_RANGES) {
    for await (const stored of listAll(database, range)) {
      const { key } = stored;
      const about = { to: momentText(key.at(-2)) };
      const entry = await findings.tried("index", stored, () => {
        const read = readIndexEntry(stored);
        const known = entries.get(read.id);
        if (known === undefined || isSame(read, known)) return read;
        throw new CorruptDataError(
          `The indexes tell different things of segment ${read.id}: it was not written whole`,
        );
      }, about);
      if (entry === undefined) continue;
      entries.set(entry.id, entry);
      places.set(entry.id, (places.get(entry.id) ?? 0) + 1);
    }
  }
  const version = stored?.version ?? lastMark(entries.values());
  for (const entry of entries.values()) {
    // What a publication was writing is undone by the next start, and what it has replaced is removed in any order.
    if (!isVisible(entry, version)) continue;
    const keys = indexKeys(entry);
    const lacking = keys.length - places.get(entry.id)!;
    if (lacking === 0) continue;
    findings.add({
      kind: "index",
      what: `Segment ${entry.id} is in ${keys.length - lacking} of ${keys.length} indexes`,
      ...recordsOf(entry),
    });
  }
  compareCounts(entries, version, stored, findings);
  const [intent] = await database.list(intentRange(node), { limit: 1 });
  return { version, entries, hasIntent: intent?.key[4] === 0 };
}

function isSame(a: IndexEntry, b: IndexEntry): boolean {
  return encodeIndexEntry(a).toBase64() === encodeIndexEntry(b).toBase64();
}

function lastMark(entries: Iterable<IndexEntry>): number {
  let last = 0;
  for (const { born, dead = 0 } of entries) last = Math.max(last, born, dead);
  return last;
}

function compareCounts(
  entries: ReadonlyMap<number, IndexEntry>,
  version: number,
  stored: VersionState | undefined,
  findings: Findings,
): void {
  if (stored?.segments === undefined) return;
  const visible = [...entries.values()].filter((entry) => isVisible(entry, version));
  const bytes = visible.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
  if (visible.length === stored.segments && bytes === stored.segmentBytes) return;
  findings.add({
    kind: "index",
    what: `The index tells of ${visible.length} segments of ${bytes} bytes, where ` +
      `${stored.segments} of ${stored.segmentBytes} were published`,
    key: keyText([0, "version"]),
  });
}
