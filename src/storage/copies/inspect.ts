/** @module What a data file that no server uses holds: opened as a server would, read to the last value. */

import type { RecordColumns } from "../../record.ts";
import { openDenoKv } from "../disk/deno_kv.ts";
import { EngineStore } from "../store.ts";
import type { Instant, Snapshot } from "../types.ts";

/** Sentences about damage that are kept: more would tell nobody more. */
const DAMAGE_MAX = 20;

/** What a store holds. */
export interface StoreSummary {
  readonly records: number;
  readonly streams: number;
  readonly tokens: number;
  /** Every record has a lower one. */
  readonly nextId: number;
  /** The oldest and the newest timestamp; absent if there are no records. */
  readonly first?: Instant;
  readonly last?: Instant;
  /** What cannot be read, as sentences, at most 20. */
  readonly damage: readonly string[];
}

/**
 * Opens the store in a file, reads every record with all its texts, and counts.
 *
 * @param step called now and then with how many records were read
 * @throws {OpenError} its format is newer
 */
export async function inspectStore(
  path: string,
  step: (records: number) => void = () => {},
): Promise<StoreSummary> {
  const database = await openDenoKv(path);
  let store: EngineStore;
  try {
    store = await EngineStore.open({ database, background: false });
  } catch (error) {
    database.close();
    throw error;
  }
  const snapshot = store.snapshot();
  try {
    const { length: tokens } = await store.tokens.list();
    return { tokens, nextId: snapshot.nextId, ...await readEverything(snapshot, step) };
  } finally {
    snapshot.release();
    await store.close();
  }
}

/** Every text there is: `attributes` brings those that are kept apart. */
const TEXTS = [
  "message",
  "attributes",
  "trace_id",
  "span_id",
  "severity_number",
  "severity_text",
] as const;

async function readEverything(
  snapshot: Snapshot,
  step: (records: number) => void,
): Promise<Pick<StoreSummary, "records" | "streams" | "damage" | "first" | "last">> {
  let read = 0;
  let first: Instant | undefined;
  let last: Instant | undefined;
  await snapshot.visit({}, TEXTS, {
    rows(columns: RecordColumns, rows: Uint32Array) {
      for (const row of rows) {
        const at = { ms: columns.timestampMs[row]!, ns: columns.timestampNs?.[row] ?? 0 };
        if (first === undefined || isBefore(at, first)) first = at;
        if (last === undefined || isBefore(last, at)) last = at;
      }
      read += rows.length;
      step(read);
    },
  });
  const totals = snapshot.streamTotals();
  const records = totals.reduce((sum, { count }) => sum + count, 0);
  const damage = snapshot.damage.slice(0, DAMAGE_MAX);
  if (read !== records) damage.push(`${records} records are counted, ${read} can be read`);
  return {
    records,
    streams: totals.length,
    damage,
    ...first === undefined ? {} : { first },
    ...last === undefined ? {} : { last },
  };
}

function isBefore(a: Instant, b: Instant): boolean {
  return a.ms < b.ms || (a.ms === b.ms && a.ns < b.ns);
}
