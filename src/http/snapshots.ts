import type { ReadScope } from "../query/mod.ts";
import type { Asker, Snapshot } from "../storage/mod.ts";
import { headerText } from "./respond.ts";
import type { HttpContext } from "./route.ts";

/** What a token with the right to read may read: today everything. */
export const READ_EVERYTHING: ReadScope = {};

/**
 * Runs a query in its turn on the store as it is then, and gives the snapshot back whatever happens.
 * @param asker whoever waits for the answer; absent: it is read to its end in any case
 */
export function withSnapshot<T>(
  context: HttpContext,
  query: (snapshot: Snapshot) => Promise<T>,
  asker?: Asker,
): Promise<T> {
  return context.queries.run(async () => {
    const snapshot = context.store.snapshot(asker);
    try {
      return await query(snapshot);
    } finally {
      snapshot.release();
    }
  });
}

/** The header that says what an answer had to leave out; none if it is complete. To be asked after the reading. */
export function incompleteHeaders(snapshot: Snapshot): Record<string, string> {
  if (snapshot.damage.length === 0) return {};
  return { "sentinel-incomplete": headerText(snapshot.damage.join("; ")) };
}
