import { isDamage } from "./repair/damage.ts";
import { type Database, listAll } from "./database.ts";
import { isVisible, readIndexEntry } from "./index_entry.ts";
import { byTimePrefix, mixedPrefix, prefixRange, spanPrefix } from "./keys.ts";

/** Counts the segments that `version` sees, and the bytes that they take, from the index: for a store that did not count them. */
export async function countSegments(
  database: Database,
  version: number,
): Promise<{ segments: number; segmentBytes: number }> {
  let segments = 0;
  let segmentBytes = 0;
  for (const prefix of [byTimePrefix, mixedPrefix, spanPrefix]) {
    for await (const stored of listAll(database, prefixRange(prefix))) {
      try {
        const entry = readIndexEntry(stored);
        if (!isVisible(entry, version)) continue;
        segments++;
        segmentBytes += entry.storedBytes;
      } catch (error) {
        if (!isDamage(error)) throw error;
      }
    }
  }
  return { segments, segmentBytes };
}
