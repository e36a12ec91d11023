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

import { decodeDocument, encodeDocument, type EncodedSegment } from "../codec/mod.ts";
import type { Stream } from "../record.ts";
import { BackgroundWriter } from "./background_writer.ts";
import { type DamageRegister, isDamage } from "./repair/damage.ts";
import { type Database, listAll } from "./database.ts";
import { FenceLostError } from "./fence.ts";
import { type GroupedFilters, groupMutation } from "./filter_group.ts";
import { encodeLeftovers, GarbageHeap, type Leftovers } from "./garbage.ts";
import { encodeIdBlock, type IdBlock } from "./id_index.ts";
import { type IndexEntry, indexMutations, makeIndexEntry } from "./index_entry.ts";
import { Undoing, writeIntent } from "./intent.ts";
import {
  dirtyDayKey,
  filterKey,
  filterPageKey,
  garbageKey,
  idBlockKey,
  intentKey,
  intentRange,
  type Key,
  segmentColumnKey,
  segmentHeadKey,
  type SegmentKind,
  tombstoneCopyKey,
  tombstoneKey,
  versionKey,
} from "./keys.ts";
import type { ListingMemo } from "./listing_memo.ts";
import { hasPublished } from "./repair/recovery.ts";
import { countSegments } from "./segment_count.ts";
import { PUBLISHED_SEGMENTS_MAX, rangesFrom, segmentId } from "./segment_id.ts";
import { packFirstValue } from "./segment_value.ts";
import { encodeTombstone, type Tombstone } from "./tombstone.ts";
import { type Total, totalMutation } from "./totals.ts";

/** How long to wait between tries to learn what became of the last commit. */
const SETTLE_DELAY_MS = 100;

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

/** Publishes for one node, one publication at a time. */
export class Publisher {
  readonly #database: Database;
  readonly #node: number;
  readonly #memo: ListingMemo;
  readonly #wait: (ms: number) => Promise<void>;
  readonly #closing: () => boolean;
  readonly #damage: DamageRegister;
  readonly #writer: BackgroundWriter;
  readonly #undoing: Undoing;
  /** What was replaced and waits until no reader sees it. */
  readonly garbage: GarbageHeap;
  #state: VersionState = { version: 0, covered: 0, segments: 0, segmentBytes: 0, records: 0 };
  #tail: Promise<unknown> = Promise.resolve();
  /** The version whose marks must be undone before anything else is published. */
  #halfDone: number | undefined;
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
    this.#writer = new BackgroundWriter(database);
    this.garbage = new GarbageHeap(database, node, this.#writer, memo, damage);
    this.#undoing = new Undoing(database, node, this.#writer, this.garbage, damage);
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
    for (const version of halfDone) await this.#undoing.undo(version, this.#state.version);
    for (const range of rangesFrom(this.#state.version + 1)) {
      const [left] = await this.#database.list(range, { limit: 1 });
      if (left === undefined) continue;
      this.#damage.note("others", "intent", "what a publication was going to write is not noted");
      await this.#undoing.undoMarks(this.#state.version);
    }
    if (this.#state.segmentBytes === undefined) {
      this.#state = { ...this.#state, ...await countSegments(this.#database, this.#state.version) };
    }
    this.#memo.published({ version: this.#state.version, born: [], retired: [] });
    await this.garbage.find();
    return this.#state;
  }

  async #readState(recover: () => Promise<VersionState>): Promise<VersionState> {
    const stored = await this.#database.get(versionKey(this.#node));
    if (stored === undefined && !await hasPublished(this.#database)) {
      // From now on a version that is missing was lost, also while a first publication is under way.
      await this.#writer.commit({ sets: [[versionKey(this.#node), encodeDocument(this.#state)]] });
      return this.#state;
    }
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
    await this.#writer.commit({ sets: [[versionKey(this.#node), encodeDocument(state)]] });
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
    if (this.#halfDone !== undefined) await this.#undoing.undo(this.#halfDone, this.#state.version);
    this.#halfDone = undefined;
    const version = this.#state.version + 1;
    const publication = typeof change === "function" ? change(version) : change;
    const { retired = [], totals = [] } = publication;
    const entries = this.#entriesOf(publication, version);
    const state = advanced(this.#state, publication, entries);
    const leftovers = leftoversOf(publication);
    const notes = encodeLeftovers(leftovers);
    this.#halfDone = version;
    try {
      const intentParts = await writeIntent(this.#writer, this.#node, version, {
        born: entries,
        retired,
        streams: totals.map(({ stream }) => stream),
        group: publication.grouped?.group,
      });
      await this.#writer.write(this.#preparations(version, publication, entries));
      await this.#advance(state, publication, intentParts, notes);
    } catch (error) {
      // The version may be there all the same, as that of the process that has taken over.
      if (error instanceof FenceLostError || !await this.#isAdvanced(version, error)) throw error;
    }
    this.#halfDone = undefined;
    this.#state = state;
    this.segmentsWritten += entries.length;
    this.segmentBytesWritten += storedBytes(entries);
    this.segmentsRetired += retired.length;
    this.garbage.addReplaced(version, notes.length, leftovers);
    this.#memo.published({ version, born: entries, retired });
    show({ version, entries });
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

  async #advance(
    state: VersionState,
    publication: Publication,
    intentParts: number,
    notes: readonly Uint8Array[],
  ): Promise<void> {
    const { version } = state;
    const sets: [Key, Uint8Array][] = [[versionKey(this.#node), encodeDocument(state)]];
    const deletes: Key[] = [];
    for (let i = 0; i < intentParts; i++) deletes.push(intentKey(this.#node, version, i));
    for (const [i, part] of notes.entries()) {
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
    await this.#writer.commit({ sets, deletes });
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

function leftoversOf({ retired = [], grouped }: Publication): Leftovers {
  return { entries: retired, moved: grouped?.moved ?? [] };
}
