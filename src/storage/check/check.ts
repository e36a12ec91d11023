/**
 * @module The check of a whole store: every checksum, every count, and whether what is stored twice agrees. Reads only.
 *
 * One pass over all keys in their order, after what the others are compared with (the index, the deletions) was read.
 * Memory: a segment's values, about 400 bytes for every segment's entry, and a bit for every id.
 */

import { CorruptDataError, decodeDocument } from "../../codec/mod.ts";
import { type CheckFinding, Findings } from "./check_findings.ts";
import { readIndex } from "./check_index.ts";
import { checkJournal } from "./check_journal.ts";
import { SegmentChecker } from "./check_segments.ts";
import { ValueChecker } from "./check_values.ts";
import { type Database, listAll } from "../database.ts";
import { OpenError } from "../errors.ts";
import { isVisible } from "../index_entry.ts";
import { metaKey, tombstoneCopyRange, tombstoneRange, versionKey } from "../keys.ts";
import { FORMAT_VERSION } from "../limits.ts";
import type { VersionState } from "../publication.ts";
import { decodeTombstone, type Tombstone } from "../tombstone.ts";

/** Values of up to 64 KB are read so many at a time: 6.4 MB. */
const PAGE = 100;

/** How far a check has come. */
export interface CheckProgress {
  readonly segments: number;
  readonly segmentsTotal: number;
  readonly records: number;
  readonly bytes: number;
}

/** What a check was told, and whom it tells. */
export interface CheckOptions {
  /** The server whose journal and version are meant. */
  readonly node?: number;
  readonly onFinding?: (finding: CheckFinding) => void;
  /** Called after each segment. */
  readonly onProgress?: (progress: CheckProgress) => void;
}

/** What was looked at. */
export interface CheckSummary {
  /** Whether the mark of the format is damaged, and nothing else is. */
  readonly onlyFormat: boolean;
  /** True if there was no finding. */
  readonly sound: boolean;
  readonly findings: number;
  readonly values: number;
  /** Of the values, as stored. */
  readonly bytes: number;
  readonly segments: number;
  /** In segments; deleted ones are counted until they are removed. */
  readonly records: number;
  /** In the journal alone. */
  readonly journalRecords: number;
}

/**
 * Checks every value of a store that nobody writes to.
 *
 * @throws {DatabaseError} the database cannot be read
 * @throws {OpenError} the data has a newer format
 */
export async function checkStore(
  database: Database,
  options: CheckOptions = {},
): Promise<CheckSummary> {
  const { node = 0, onProgress = () => {} } = options;
  const findings = new Findings(options.onFinding);
  const stored = await readVersion(database, node, findings);
  const index = await readIndex(database, node, stored, findings);
  const { version } = index;
  const tombstones = await readTombstones(database, stored?.records === undefined, findings);
  const segments = new SegmentChecker(database, index, tombstones, findings);
  const values = new ValueChecker(index, findings);
  let count = 0;
  let bytes = 0;
  for await (const entry of listAll(database, { start: [0], end: [1] }, PAGE)) {
    count++;
    bytes += entry.value.length;
    if (entry.key[1] === "segment") {
      await segments.value(entry);
    } else {
      await values.value(entry, segments);
    }
    if (entry.key[1] === "segment" && entry.key[3] === "head") {
      const { records, checked } = segments;
      const total = index.entries.size;
      onProgress({ segments: checked, segmentsTotal: total, records, bytes });
    }
  }
  segments.end();
  await values.end(segments);
  const covered = stored?.covered ?? 0;
  const journalRecords = await checkJournal(database, node, covered, segments, findings);
  const visible = [...index.entries.values()].filter((entry) => isVisible(entry, version));
  return {
    sound: findings.count === 0,
    onlyFormat: findings.count > 0 && findings.count === findings.ofKind("format"),
    findings: findings.count,
    values: count,
    bytes,
    segments: visible.length,
    records: segments.records,
    journalRecords,
  };
}

async function readVersion(
  database: Database,
  node: number,
  findings: Findings,
): Promise<VersionState | undefined> {
  const meta = await database.get(metaKey);
  if (meta === undefined) {
    findings.add({ kind: "format", what: "The mark of the format is missing" });
  } else {
    const read = await findings.tried("format", meta, () => {
      const { format } = decodeDocument(meta.value) as { format?: unknown };
      if (typeof format === "number") return format;
      throw new CorruptDataError("The mark of the format is no number");
    });
    if (read !== undefined && read > FORMAT_VERSION) {
      throw new OpenError(
        `Cannot check the data: it has format ${read}, this version knows formats up to ${FORMAT_VERSION}; ` +
          "use the version of sentinel that wrote it, or a newer one",
      );
    }
  }
  const stored = await database.get(versionKey(node));
  return stored &&
    await findings.tried("publication", stored, () => {
      const state = decodeDocument(stored.value) as VersionState;
      if (Number.isSafeInteger(state.version) && Number.isSafeInteger(state.covered)) return state;
      throw new CorruptDataError("The visible version is no number");
    });
}

/** @param isOld whether the store may have been written before deletions were stored twice */
async function readTombstones(
  database: Database,
  isOld: boolean,
  findings: Findings,
): Promise<Tombstone[]> {
  const tombstones = new Map<number, Tombstone>();
  const places = new Map<number, number>();
  for (const range of [tombstoneRange, tombstoneCopyRange]) {
    for await (const entry of listAll(database, range)) {
      const version = entry.key[2] as number;
      const tombstone = await findings.tried("deletion", entry, () => decodeTombstone(entry));
      places.set(version, (places.get(version) ?? 0) + 1);
      if (tombstone !== undefined) tombstones.set(version, tombstone);
    }
  }
  for (const [version, count] of places) {
    if (tombstones.has(version) && (count === 2 || isOld)) continue;
    const what = tombstones.has(version)
      ? `What deletion ${version} hides is stored once, not twice; a start stores it again`
      : `What deletion ${version} hides is damaged: deleted records would appear again`;
    findings.add({ kind: "deletion", what });
  }
  return [...tombstones.values()];
}
