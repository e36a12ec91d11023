/**
 * @module Publications: how a flush, a compaction step or a deletion becomes visible in one small commit.
 *
 * 1. An intent names every segment, retired entry and total that version S = version + 1 is about to write.
 * 2. Values, index entries (`born: S`; `dead: S` on what is retired) and totals are written, in small commits that let
 *    journal commits through between them. Readers at S - 1 see none of it.
 * 3. One commit sets the version to S, removes the intent, and leaves a garbage note about what S retired.
 * 4. What was retired is removed when no reader looks at a version before S.
 *
 * A publication that fails before 3, or that a crash cut off, is undone from its intent before another one begins: its
 * marks must never be seen by a later version.
 */

import {
  CorruptDataError,
  cutParts,
  decodeDocument,
  decodeSegmentHead,
  encodeDocument,
  type EncodedSegment,
  joinParts,
} from "../codec/mod.ts";
import type { SeverityCode, Stream } from "../record.ts";
import { type DamageRegister, isDamage } from "./damage.ts";
import { type Commit, type Database, type Entry, listAll } from "./database.ts";
import { hasPublished, readAllEntries } from "./recovery.ts";
import { FenceLostError } from "./fence.ts";
import {
  type FilterGroup,
  forgetGrouped,
  type GroupedFilters,
  groupMutation,
  removeGroup,
} from "./filter_group.ts";
import { encodeIdBlock, type IdBlock } from "./id_index.ts";
import {
  decodeIndexEntry,
  encodeIndexEntry,
  type IndexEntry,
  indexMutations,
  makeIndexEntry,
} from "./index_entry.ts";
import {
  dirtyDayKey,
  filterKey,
  filterPageKey,
  filterRange,
  garbageKey,
  garbageRange,
  idBlockKey,
  indexKeys,
  intentKey,
  intentRange,
  type Key,
  segmentColumnKey,
  segmentHeadKey,
  type SegmentKind,
  segmentRange,
  streamKey,
  streamRange,
  tombstoneCopyKey,
  tombstoneKey,
  versionKey,
} from "./keys.ts";
import { BACKGROUND_BYTES_MAX, BACKGROUND_MUTATIONS_MAX, REMOVED_BYTES_MAX } from "./limits.ts";
import type { ListingMemo } from "./listing_memo.ts";
import { countSegments } from "./segment_count.ts";
import { PUBLISHED_SEGMENTS_MAX, rangesFrom, segmentId } from "./segment_id.ts";
import { packFirstValue, unpackFirstValue } from "./segment_value.ts";
import { encodeTombstone, type Tombstone } from "./tombstone.ts";
import { decodeTotal, type Total, totalMutation, totalVersion } from "./totals.ts";

/** How long to wait between tries to learn what became of the last commit. */
const SETTLE_DELAY_MS = 100;

/** Filters of some 30 KB each: about as many bytes as a background commit writes. */
const FILTERS_REMOVED_AT_ONCE = 8;

/** What the version key holds. */
export interface VersionState {
  readonly version: number;
  /** The last journal position whose records are in segments. */
  readonly covered: number;
  /** Visible segments, and the bytes that they take; absent in a store that was made before they were counted. */
  readonly segments?: number;
  readonly segmentBytes?: number;
  /** The sum of the stored totals at this version; absent likewise. */
  readonly records?: number;
}

/** A segment to publish. */
export interface NewSegment {
  readonly encoded: EncodedSegment;
  readonly kind: SegmentKind;
  readonly level: number;
}

/** What a publication changes. */
export interface Publication {
  readonly segments?: readonly NewSegment[];
  readonly retired?: readonly IndexEntry[];
  /** New stored totals, with what they replace. */
  readonly totals?: readonly { stream: Stream; total: Total; previous: Total }[];
  readonly idBlocks?: ReadonlyMap<number, IdBlock>;
  readonly grouped?: GroupedFilters;
  readonly covered?: number;
  readonly newTombstone?: Tombstone;
  readonly droppedTombstones?: readonly Tombstone[];
  readonly dirtyDays?: Iterable<number>;
  readonly cleanDays?: Iterable<number>;
}

/** What became visible. */
export interface Published {
  readonly version: number;
  readonly entries: readonly IndexEntry[];
}

/** What a publication is about to write. */
export interface Intent {
  readonly born: readonly Uint8Array[];
  readonly retired: readonly Uint8Array[];
  readonly streams: readonly (readonly [string, number])[];
  readonly group: Pick<FilterGroup, "day" | "id" | "pages"> | undefined;
}

/** What a publication leaves to be removed. */
export interface Leftovers {
  readonly entries: readonly IndexEntry[];
  /** Filters that are in pages now: their segments' ids, and of how many values each was. */
  readonly moved: GroupedFilters["moved"];
}

/** Garbage that waits until no reader sees it. */
interface Garbage extends Leftovers {
  readonly version: number;
  readonly parts: number;
}

/** Publishes for one node, one publication at a time. */
export class Publisher {
  readonly #database: Database;
  readonly #node: number;
  readonly #memo: ListingMemo;
  readonly #wait: (ms: number) => Promise<void>;
  readonly #closing: () => boolean;
  readonly #damage: DamageRegister;
  #state: VersionState = { version: 0, covered: 0, segments: 0, segmentBytes: 0, records: 0 };
  #tail: Promise<unknown> = Promise.resolve();
  /** The version whose marks must be undone before anything else is published. */
  #halfDone: number | undefined;
  readonly #garbage: Garbage[] = [];
  /** Since the start. */
  segmentsWritten = 0;
  /** What these take, compressed. */
  segmentBytesWritten = 0;
  /** Since the start. */
  segmentsRetired = 0;

  constructor(
    database: Database,
    node: number,
    memo: ListingMemo,
    wait: (ms: number) => Promise<void>,
    closing: () => boolean,
    damage: DamageRegister,
  ) {
    this.#database = database;
    this.#node = node;
    this.#memo = memo;
    this.#wait = wait;
    this.#closing = closing;
    this.#damage = damage;
  }

  get state(): VersionState {
    return this.#state;
  }

  /**
   * Reads the version, undoes what a crash cut off and finds the garbage that is left.
   *
   * @param recover tells the version if what was stored of it is damaged or missing
   */
  async open(recover: () => Promise<VersionState>): Promise<VersionState> {
    this.#state = await this.#readState(recover);
    const halfDone = new Set<number>();
    for await (const { key } of listAll(this.#database, intentRange(this.#node))) {
      halfDone.add(key[3] as number);
    }
    for (const version of halfDone) await this.#undo(version);
    for (const range of rangesFrom(this.#state.version + 1)) {
      const [left] = await this.#database.list(range, { limit: 1 });
      if (left === undefined) continue;
      this.#damage.note("others", "intent", "what a publication was going to write is not noted");
      await this.#undoMarks();
    }
    if (this.#state.segmentBytes === undefined) {
      this.#state = { ...this.#state, ...await countSegments(this.#database, this.#state.version) };
    }
    this.#memo.published({ version: this.#state.version, born: [], retired: [] });
    await this.#findGarbage();
    return this.#state;
  }

  async #readState(recover: () => Promise<VersionState>): Promise<VersionState> {
    const stored = await this.#database.get(versionKey(this.#node));
    if (stored === undefined && !await hasPublished(this.#database)) return this.#state;
    try {
      if (stored !== undefined) {
        const state = decodeDocument(stored.value) as VersionState;
        if (Number.isSafeInteger(state.version) && Number.isSafeInteger(state.covered)) {
          return state;
        }
      }
    } catch (error) {
      if (!isDamage(error)) throw error;
    }
    this.#damage.note("others", "version", "the visible version; it was told from the index");
    const state = await recover();
    await this.#commit({ sets: [[versionKey(this.#node), encodeDocument(state)]] });
    this.#damage.repaired("others", "version");
    return state;
  }

  /** Sets what all stored totals together have. */
  countRecords(records: number): void {
    this.#state = { ...this.#state, records };
  }

  /** Runs `work` while no publication is under way. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work);
    this.#tail = result.catch(
      () => {/* the caller gets it; the next one only waits for the end */},
    );
    return result;
  }

  /**
   * Publishes; call it within {@linkcode exclusively}. `show` runs in the same synchronous step in which the version
   * advances.
   */
  async publish(
    change: Publication | ((version: number) => Publication),
    show: (published: Published) => void,
  ): Promise<void> {
    if (this.#halfDone !== undefined) await this.#undo(this.#halfDone);
    const version = this.#state.version + 1;
    const publication = typeof change === "function" ? change(version) : change;
    const entries = this.#entriesOf(publication, version);
    const state = advanced(this.#state, publication, entries);
    this.#halfDone = version;
    try {
      const intentParts = await this.#writeIntent(version, publication, entries);
      await this.#writeAll(this.#preparations(version, publication, entries));
      await this.#advance(state, publication, intentParts);
    } catch (error) {
      // The version may be there all the same, as that of the process that has taken over.
      if (error instanceof FenceLostError || !await this.#isAdvanced(version, error)) throw error;
    }
    this.#halfDone = undefined;
    this.#state = state;
    const { retired = [] } = publication;
    this.segmentsWritten += entries.length;
    this.segmentBytesWritten += storedBytes(entries);
    this.segmentsRetired += retired.length;
    const parts = garbageParts(publication).length;
    if (parts > 0) this.#garbage.push({ version, parts, ...leftoversOf(publication) });
    this.#memo.published({ version, born: entries, retired });
    show({ version, entries });
  }

  /** The number of segments that wait to be removed. */
  get garbageCount(): number {
    return this.#garbage.reduce((sum, { entries }) => sum + entries.length, 0);
  }

  /** Whether a segment waits to be removed. */
  isLeaving(id: number): boolean {
    return this.#garbage.some(({ entries }) => entries.some((entry) => entry.id === id));
  }

  /** Adds replaced segments of which no note tells that they are to be removed; nobody sees them any more. */
  addGarbage(replaced: readonly IndexEntry[]): void {
    const entries = replaced.filter(({ id }) => !this.isLeaving(id));
    if (entries.length > 0) this.#garbage.unshift({ version: 0, parts: 0, entries, moved: [] });
  }

  /** Removes what no reader at `oldest` or later sees. */
  async collectGarbage(oldest: number): Promise<void> {
    while (this.#garbage.length > 0 && this.#garbage[0]!.version <= oldest) {
      const { version, parts, entries, moved } = this.#garbage[0]!;
      await this.#removeSegments(entries);
      await forgetGrouped(this.#database, entries);
      await this.#removeFilters(moved);
      const notes = Array.from({ length: parts }, (_, i) => garbageKey(this.#node, version, i));
      await this.#delete(notes);
      this.#memo.removed(entries);
      this.#garbage.shift();
    }
  }

  #entriesOf(publication: Publication, version: number): IndexEntry[] {
    const segments = publication.segments ?? [];
    if (segments.length > PUBLISHED_SEGMENTS_MAX) {
      throw new RangeError(
        `A publication of ${segments.length} segments is over ${PUBLISHED_SEGMENTS_MAX}`,
      );
    }
    return segments.map(({ encoded, kind, level }, i) =>
      makeIndexEntry(encoded.summary, {
        id: segmentId(version, i, this.#node),
        kind,
        node: this.#node,
        level,
        born: version,
      })
    );
  }

  async #writeIntent(
    version: number,
    publication: Publication,
    entries: readonly IndexEntry[],
  ): Promise<number> {
    const parts = cutParts(encodeDocument({
      born: entries.map(packed),
      retired: (publication.retired ?? []).map(packed),
      streams: (publication.totals ?? []).map(({ stream }) => [stream.service, stream.severity]),
      group: publication.grouped?.group,
    }));
    const sets = parts.map((part, i): [Key, Uint8Array] => [
      intentKey(this.#node, version, i),
      part,
    ]);
    // Ten thousand streams take more than one commit: the first part comes last and makes the intent whole.
    await this.#writeAll(sets.toReversed());
    return parts.length;
  }

  *#preparations(
    version: number,
    publication: Publication,
    entries: readonly IndexEntry[],
  ): Generator<[Key, Uint8Array]> {
    for (const [i, { encoded }] of (publication.segments ?? []).entries()) {
      const entry = entries[i]!;
      yield [segmentHeadKey(entry.id), packFirstValue(encoded.head)];
      for (const { name, parts } of encoded.columns) {
        for (const [part, bytes] of parts.entries()) {
          yield [segmentColumnKey(entry.id, name, part), bytes];
        }
      }
      for (const [part, bytes] of encoded.filter.entries()) {
        yield [filterKey(entry.id, part), bytes];
      }
      yield* indexMutations(entry);
    }
    for (const entry of publication.retired ?? []) {
      yield* indexMutations({ ...entry, dead: version });
    }
    for (const { stream, total, previous } of publication.totals ?? []) {
      yield totalMutation(stream, version, total, previous);
    }
    // Blocks only ever widen, so that it does no harm when they are seen before the version.
    for (const [block, span] of publication.idBlocks ?? []) {
      yield [idBlockKey(block), encodeIdBlock(block, span)];
    }
    const { group, pages = [] } = publication.grouped ?? {};
    for (const [page, bytes] of pages.entries()) {
      yield [filterPageKey(group!.day, group!.id, page), bytes];
    }
    for (const day of publication.dirtyDays ?? []) yield [dirtyDayKey(day), encodeDocument(true)];
  }

  async #writeAll(mutations: Iterable<[Key, Uint8Array]>): Promise<void> {
    let sets: [Key, Uint8Array][] = [];
    let bytes = 0;
    for (const mutation of mutations) {
      const size = mutation[1].length + 100;
      if (
        sets.length > 0 &&
        (sets.length === BACKGROUND_MUTATIONS_MAX || bytes + size > BACKGROUND_BYTES_MAX)
      ) {
        await this.#commit({ sets });
        sets = [];
        bytes = 0;
      }
      sets.push(mutation);
      bytes += size;
    }
    if (sets.length > 0) await this.#commit({ sets });
  }

  async #advance(
    state: VersionState,
    publication: Publication,
    intentParts: number,
  ): Promise<void> {
    const { version } = state;
    const sets: [Key, Uint8Array][] = [[versionKey(this.#node), encodeDocument(state)]];
    const deletes: Key[] = [];
    for (let i = 0; i < intentParts; i++) deletes.push(intentKey(this.#node, version, i));
    for (const [i, part] of garbageParts(publication).entries()) {
      sets.push([garbageKey(this.#node, version, i), part]);
    }
    const { newTombstone, droppedTombstones = [], cleanDays = [], grouped } = publication;
    if (grouped) sets.push(groupMutation(grouped.group));
    if (newTombstone) {
      for (const key of [tombstoneKey(version), tombstoneCopyKey(version)]) {
        sets.push([key, encodeTombstone(newTombstone)]);
      }
    }
    for (const tombstone of droppedTombstones) {
      deletes.push(tombstoneKey(tombstone.version), tombstoneCopyKey(tombstone.version));
    }
    for (const day of cleanDays) deletes.push(dirtyDayKey(day));
    await this.#commit({ sets, deletes });
  }

  /** After a failure: whether the last commit was applied all the same. Asks until there is an answer. */
  async #isAdvanced(version: number, cause: unknown): Promise<boolean> {
    while (true) {
      try {
        const stored = await this.#database.get(versionKey(this.#node));
        if (stored === undefined) return false;
        return (decodeDocument(stored.value) as VersionState).version === version;
      } catch (error) {
        if (this.#closing()) {
          throw new AggregateError([cause, error], "Cannot tell whether a publication was applied");
        }
        await this.#wait(SETTLE_DELAY_MS);
      }
    }
  }

  async #undo(version: number): Promise<void> {
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
      await this.#undoMarks();
    } else {
      await this.#removeSegments(intent.born.map(decodeIndexEntry));
      await this.#writeAll(
        intent.retired.flatMap((entry) => indexMutations(decodeIndexEntry(entry))),
      );
      await this.#undoTotals(intent.streams, version);
      if (intent.group !== undefined) await removeGroup(this.#database, intent.group);
    }
    if (keys.length > 0) await this.#commit({ deletes: keys });
    this.#halfDone = undefined;
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
  async #undoMarks(): Promise<void> {
    const { version } = this.#state;
    const entries = [...(await readAllEntries(this.#database)).values()];
    await this.#removeSegments(entries.filter(({ born }) => born > version));
    await this.#writeAll(
      entries.filter(({ born, dead }) => born <= version && (dead ?? 0) > version)
        .flatMap((entry) => indexMutations({ ...entry, dead: undefined })),
    );
    for (const range of rangesFrom(version + 1)) {
      const keys: Key[] = [];
      for await (const { key } of listAll(this.#database, range, 10)) keys.push(key);
      await this.#delete(keys);
    }
    const totals: Entry[] = [];
    for await (const entry of listAll(this.#database, streamRange)) totals.push(entry);
    await this.#revertTotals(totals, version);
    this.#damage.repaired("others", "intent");
  }

  async #undoTotals(streams: Intent["streams"], version: number): Promise<void> {
    const keys = streams.map(([service, severity]) =>
      streamKey({ service, severity: severity as SeverityCode })
    );
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
    await this.#writeAll(sets);
  }

  async #findGarbage(): Promise<void> {
    const byVersion = new Map<number, Uint8Array[]>();
    for await (const { key, value } of listAll(this.#database, garbageRange(this.#node))) {
      const version = key[3] as number;
      const parts = byVersion.get(version) ?? [];
      parts.push(value);
      byVersion.set(version, parts);
    }
    for (const [version, parts] of byVersion) {
      const leftovers = await this.#soundLeftovers(version, parts);
      this.#garbage.push({ version, parts: parts.length, ...leftovers });
    }
  }

  async #soundLeftovers(version: number, parts: readonly Uint8Array[]): Promise<Leftovers> {
    try {
      return readLeftovers(parts);
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#damage.note("others", `garbage ${version}`, `what is to be removed: ${error.message}`);
      const entries = [...(await readAllEntries(this.#database)).values()];
      return { entries: entries.filter(({ dead }) => dead === version), moved: [] };
    }
  }

  /** Several in one commit, since each is a sync that journal commits wait for. */
  async #removeSegments(entries: readonly IndexEntry[]): Promise<void> {
    let keys: Key[] = [];
    let bytes = 0;
    for (const entry of entries) {
      if (bytes + entry.storedBytes > REMOVED_BYTES_MAX) {
        await this.#delete(keys);
        keys = [];
        bytes = 0;
      }
      keys.push(...await this.#keysOf(entry));
      bytes += entry.storedBytes;
    }
    await this.#delete(keys);
  }

  async #delete(keys: readonly Key[]): Promise<void> {
    for (let i = 0; i < keys.length; i += BACKGROUND_MUTATIONS_MAX) {
      await this.#commit({ deletes: keys.slice(i, i + BACKGROUND_MUTATIONS_MAX) });
    }
  }

  /** Every key that a segment has, its head's last of its values: while that is there, it tells the others. */
  async #keysOf(entry: IndexEntry): Promise<Key[]> {
    const keys = valueKeys(entry.id, await this.#database.get(segmentHeadKey(entry.id)));
    if (keys !== undefined) return [...keys, ...indexKeys(entry)];
    const found: Key[] = [];
    for (const range of [segmentRange(entry.id), filterRange(entry.id)]) {
      for await (const { key } of listAll(this.#database, range, 10)) found.push(key);
    }
    return [...found, ...indexKeys(entry)];
  }

  async #removeFilters(moved: GroupedFilters["moved"]): Promise<void> {
    const keys = moved.flatMap(([id, parts]) =>
      Array.from({ length: parts }, (_, part) => filterKey(id, part))
    );
    for (let i = 0; i < keys.length; i += FILTERS_REMOVED_AT_ONCE) {
      await this.#commit({ deletes: keys.slice(i, i + FILTERS_REMOVED_AT_ONCE) });
    }
  }

  async #commit(commit: Commit): Promise<void> {
    const stamp = await this.#database.commit(commit);
    if (stamp === undefined) throw new Error("A commit without checks was refused");
  }
}

/** What the version key holds once a publication is visible. */
function advanced(
  { version, covered, segments, segmentBytes, records }: VersionState,
  publication: Publication,
  entries: readonly IndexEntry[],
): VersionState {
  const { retired = [], totals = [] } = publication;
  const added = totals.reduce((sum, { total, previous }) => sum + total.count - previous.count, 0);
  const next = {
    version: version + 1,
    covered: publication.covered ?? covered,
    ...(records === undefined ? {} : { records: records + added }),
  };
  if (segments === undefined || segmentBytes === undefined) return next;
  return {
    ...next,
    segments: segments + entries.length - retired.length,
    segmentBytes: segmentBytes + storedBytes(entries) - storedBytes(retired),
  };
}

function storedBytes(entries: readonly IndexEntry[]): number {
  return entries.reduce((sum, entry) => sum + entry.storedBytes, 0);
}

/**
 * The keys of a segment's values, as its head has them, so that megabytes need not be read to be removed; `undefined` if
 * it is gone or damaged.
 */
function valueKeys(id: number, first: Entry | undefined): Key[] | undefined {
  if (first === undefined) return undefined;
  try {
    const { head, filter } = unpackFirstValue(first.value);
    const { directory, filterParts } = decodeSegmentHead(head);
    const keys: Key[] = [];
    for (const { name, parts } of directory) {
      for (let part = 0; part < parts; part++) keys.push(segmentColumnKey(id, name, part));
    }
    if (filter.length === 0) {
      for (let part = 0; part < filterParts; part++) keys.push(filterKey(id, part));
    }
    return [...keys, segmentHeadKey(id)];
  } catch (error) {
    if (error instanceof CorruptDataError) return undefined;
    throw error;
  }
}

/** Index entries are bytes, documents are JSON. */
function packed(entry: IndexEntry): string {
  return encodeIndexEntry(entry).toBase64();
}

function unpacked(text: string): Uint8Array {
  return Uint8Array.fromBase64(text);
}

/** @throws {CorruptDataError} the parts are not what was written */
export function readIntent(parts: readonly Uint8Array[]): Intent {
  const { born, retired, streams, group } = decodeDocument(joinParts(parts)) as {
    born: string[];
    retired: string[];
    streams: [string, number][];
    group?: FilterGroup;
  };
  return { born: born.map(unpacked), retired: retired.map(unpacked), streams, group };
}

function leftoversOf({ retired = [], grouped }: Publication): Leftovers {
  return { entries: retired, moved: grouped?.moved ?? [] };
}

/** What is left to be removed as a document; nothing if nothing is. */
function garbageParts(publication: Publication): Uint8Array[] {
  const { entries, moved } = leftoversOf(publication);
  if (entries.length === 0 && moved.length === 0) return [];
  return cutParts(encodeDocument({ entries: entries.map(packed), moved }));
}

/** Reads what {@linkcode garbageParts} wrote; in format 1 it was an array of entries. */
export function readLeftovers(parts: readonly Uint8Array[]): Leftovers {
  const stored = decodeDocument(joinParts(parts)) as
    | string[]
    | { entries: string[]; moved: [number, number][] };
  const { entries, moved } = Array.isArray(stored) ? { entries: stored, moved: [] } : stored;
  return { entries: entries.map(unpacked).map(decodeIndexEntry), moved };
}
