/** @module What a publication is about to write, noted first; and how what was written of it is undone from that note. */

import { cutParts, decodeDocument, encodeDocument, joinParts } from "../codec/mod.ts";
import type { SeverityCode, Stream } from "../record.ts";
import type { BackgroundWriter } from "./background_writer.ts";
import { type DamageRegister, isDamage } from "./repair/damage.ts";
import { type Database, type Entry, listAll } from "./database.ts";
import { type FilterGroup, removeGroup } from "./filter_group.ts";
import type { GarbageHeap } from "./garbage.ts";
import { type IndexEntry, indexMutations, packEntry, unpackEntry } from "./index_entry.ts";
import { intentKey, intentRange, type Key, streamKey, streamRange } from "./keys.ts";
import { readAllEntries } from "./repair/recovery.ts";
import { rangesFrom } from "./segment_id.ts";
import { decodeTotal, totalMutation, totalVersion } from "./totals.ts";

/** What a publication is about to write. */
export interface Intent {
  readonly born: readonly IndexEntry[];
  readonly retired: readonly IndexEntry[];
  readonly streams: readonly Stream[];
  readonly group: Pick<FilterGroup, "day" | "id" | "pages"> | undefined;
}

/** Notes it, and gives in how many parts. */
export async function writeIntent(
  writer: BackgroundWriter,
  node: number,
  version: number,
  { born, retired, streams, group }: Intent,
): Promise<number> {
  const parts = cutParts(encodeDocument({
    born: born.map(packEntry),
    retired: retired.map(packEntry),
    streams: streams.map(({ service, severity }) => [service, severity]),
    group,
  }));
  const sets = parts.map((part, i): [Key, Uint8Array] => [intentKey(node, version, i), part]);
  // Ten thousand streams take more than one commit: the first part comes last and makes the intent whole.
  await writer.write(sets.toReversed());
  return parts.length;
}

/** @throws {CorruptDataError} the parts are not what was written */
export function readIntent(parts: readonly Uint8Array[]): Intent {
  const { born, retired, streams, group } = decodeDocument(joinParts(parts)) as {
    born: string[];
    retired: string[];
    streams: [string, number][];
    group?: FilterGroup;
  };
  return {
    born: born.map(unpackEntry),
    retired: retired.map(unpackEntry),
    streams: streams.map(([service, severity]) => ({
      service,
      severity: severity as SeverityCode,
    })),
    group,
  };
}

/** Undoes publications of one node that did not come to their end. */
export class Undoing {
  readonly #database: Database;
  readonly #node: number;
  readonly #writer: BackgroundWriter;
  readonly #garbage: GarbageHeap;
  readonly #damage: DamageRegister;

  constructor(
    database: Database,
    node: number,
    writer: BackgroundWriter,
    garbage: GarbageHeap,
    damage: DamageRegister,
  ) {
    this.#database = database;
    this.#node = node;
    this.#writer = writer;
    this.#garbage = garbage;
    this.#damage = damage;
  }

  /**
   * Undoes the publication of a version, whole or not.
   * @param visible the version that readers see
   */
  async undo(version: number, visible: number): Promise<void> {
    const keys: Key[] = [];
    const parts: Uint8Array[] = [];
    for await (const entry of listAll(this.#database, intentRange(this.#node))) {
      if (entry.key[3] !== version) continue;
      keys.push(entry.key);
      parts.push(entry.value);
    }
    // Without its first part the intent was cut off itself, and nothing of what it names was written.
    const intent = this.#soundIntent(keys[0], parts);
    if (intent === undefined) {
      await this.undoMarks(visible);
    } else {
      await this.#garbage.removeSegments(intent.born);
      await this.#writer.write(intent.retired.flatMap(indexMutations));
      await this.#undoTotals(intent.streams, version);
      if (intent.group !== undefined) await removeGroup(this.#database, intent.group);
    }
    if (keys.length > 0) await this.#writer.delete(keys);
  }

  /** What was intended; `undefined` if nobody can tell. */
  #soundIntent(firstKey: Key | undefined, parts: readonly Uint8Array[]): Intent | undefined {
    // Without its first part it was cut off itself, and nothing of what it names was written; or that part is lost.
    if (firstKey?.[4] !== 0) return undefined;
    try {
      return readIntent(parts);
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#damage.note("others", "intent", `what a publication was writing: ${error.message}`);
      return undefined;
    }
  }

  /** Undoes what is marked with a version that was not published, wherever it is. */
  async undoMarks(version: number): Promise<void> {
    const entries = [...(await readAllEntries(this.#database)).values()];
    await this.#garbage.removeSegments(entries.filter(({ born }) => born > version));
    await this.#writer.write(
      entries.filter(({ born, dead }) => born <= version && (dead ?? 0) > version)
        .flatMap((entry) => indexMutations({ ...entry, dead: undefined })),
    );
    for (const range of rangesFrom(version + 1)) {
      const keys: Key[] = [];
      for await (const { key } of listAll(this.#database, range, 10)) keys.push(key);
      await this.#writer.delete(keys);
    }
    const totals: Entry[] = [];
    for await (const entry of listAll(this.#database, streamRange)) totals.push(entry);
    await this.#revertTotals(totals, version);
    this.#damage.repaired("others", "intent");
  }

  async #undoTotals(streams: Intent["streams"], version: number): Promise<void> {
    const keys = streams.map(streamKey);
    const found = await this.#database.getMany(keys);
    await this.#revertTotals(found.filter((entry) => entry !== undefined), version - 1);
  }

  /** Takes stored totals back to what they were at a version. */
  async #revertTotals(entries: readonly Entry[], version: number): Promise<void> {
    const sets: [Key, Uint8Array][] = [];
    for (const entry of entries) {
      try {
        const before = decodeTotal(entry, version);
        if (totalVersion(entry) > version) {
          sets.push(totalMutation(before, version, before, before));
        }
      } catch (error) {
        // The start counts them anew.
        if (!isDamage(error)) throw error;
      }
    }
    await this.#writer.write(sets);
  }
}
