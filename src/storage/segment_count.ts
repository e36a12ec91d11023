import { type Database, listAll } from "./database.ts";
import { decodeIndexEntry } from "./index_entry.ts";
import { byTimePrefix, mixedPrefix, prefixRange, spanPrefix } from "./keys.ts";

/** Counts the segments that `version` sees, and the bytes that they take, from the index: for a store that did not count them. */
export async function countSegments(
  database: Database,
  version: number,
): Promise<{ segments: number; segmentBytes: number }> {
  let segments = 0;
  let segmentBytes = 0;
  for (const prefix of [byTimePrefix, mixedPrefix, spanPrefix]) {
    for await (const { value } of listAll(database, prefixRange(prefix))) {
      const { born, dead, storedBytes } = decodeIndexEntry(value);
      if (born > version || (dead !== undefined && dead <= version)) continue;
      segments++;
      segmentBytes += storedBytes;
    }
  }
  return { segments, segmentBytes };
}
