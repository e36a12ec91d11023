/** @module The ordered scan: a merge of segments and memtable chunks, each opened only when its turn comes. */

import type { RecordColumns, RowRef } from "../record.ts";
import { type CandidateBatch, listCandidates } from "./catalog.ts";
import { chooseRows, isTemplated } from "./choose_rows.ts";
import { Heap } from "./heap.ts";
import type { IndexEntry } from "./index_entry.ts";
import type { ChunkView } from "./memtable.ts";
import { RowOrder } from "./row_order.ts";
import { bytesOfTexts } from "./segments.ts";
import { inOrder, SegmentSearch } from "./segment_search.ts";
import { makeSelection, type Selection } from "./selection.ts";
import type { OrderedScanSpec, Position, RecordScan, ScanSpec } from "./types.ts";
import {
  isExcluded,
  noteDamage,
  openChunk,
  type OpenSegment,
  takeTurn,
  type View,
} from "./view.ts";

/** Up to this many sources a page refers to their columns; past it it copies its rows, so that memory stays bounded. */
const REFERRED_SOURCES_MAX = 16;

/**
 * Decoded texts that a scan holds from one page to the next, beside the cache: a long one goes through a hundred streams at
 * a time, half a MiB each, and would load them again for every page.
 */
const HELD_BYTES_MAX = 64 * 1024 * 1024;

/** A segment or chunk that has not been opened. */
interface Pending {
  /** Where it begins, seen from where the scan began. */
  readonly edgeMs: number;
  readonly entry?: IndexEntry;
  readonly chunk?: ChunkView;
}

/** A row that comes next. */
interface Chosen {
  readonly cursor: Cursor;
  readonly row: number;
}

/** Starts a scan of the view. */
export function startScan(view: View, spec: OrderedScanSpec): RecordScan {
  const selection = makeSelection(withinPosition(spec), view.tombstones);
  return new OrderedScan(view, spec, selection);
}

/** Tightens the bounds to what may come after the position. */
function withinPosition(spec: OrderedScanSpec): ScanSpec {
  const { after, order, from, to } = spec;
  if (after === undefined) return spec;
  if (order === "desc") return to && isBefore(to, after) ? spec : { ...spec, to: after };
  return from && isBefore(after, from) ? spec : { ...spec, from: after };
}

function isBefore(a: { ms: number; ns: number }, b: { ms: number; ns: number }): boolean {
  return a.ms < b.ms || (a.ms === b.ms && a.ns < b.ns);
}

class OrderedScan implements RecordScan {
  readonly #view: View;
  readonly #spec: OrderedScanSpec;
  readonly #selection: Selection;
  readonly #search: SegmentSearch;
  /** 1 ascending, -1 descending: times it, a comparison puts the scan's next first. */
  readonly #sign: 1 | -1;
  readonly #candidates: AsyncGenerator<CandidateBatch>;
  readonly #pending: Heap<Pending>;
  readonly #open: Heap<Cursor>;
  #frontierMs: number;
  #exhausted = false;
  /** How many sources are opened while no row is known: the first may have all that is asked for, a rare word is in few. */
  #openedBlindly = 1;
  #heldBytes = 0;

  constructor(view: View, spec: OrderedScanSpec, selection: Selection) {
    this.#view = view;
    this.#spec = spec;
    this.#selection = selection;
    this.#search = new SegmentSearch(view, selection, spec.predicate);
    const sign = this.#sign = spec.order === "asc" ? 1 : -1;
    this.#pending = new Heap((a, b) => sign * (a.edgeMs - b.edgeMs) < 0);
    this.#open = new Heap((a, b) => sign * compare(a, b) < 0);
    this.#frontierMs = -sign * Infinity;
    this.#candidates = listCandidates(view, selection, spec.order);
    if (selection.services?.size === 0 || selection.severities?.size === 0) {
      this.#exhausted = true;
      return;
    }
    for (const chunk of view.chunks) {
      this.#pending.push({ edgeMs: sign > 0 ? chunk.firstMs : chunk.lastMs, chunk });
    }
  }

  async next(limit: number): Promise<RowRef[]> {
    const { work } = this.#view.reader;
    const found: RowRef[] = [];
    // What came of the rows before took its time, too.
    await takeTurn(this.#view);
    while (found.length < limit) {
      const chosen = await this.#choose(limit - found.length);
      if (chosen.length === 0) break;
      for (const row of await this.#load(chosen)) found.push(row);
    }
    work.rowsGiven += found.length;
    return found;
  }

  /** The next rows in order, their texts not loaded yet. */
  async #choose(limit: number): Promise<Chosen[]> {
    const rows: Chosen[] = [];
    while (rows.length < limit) {
      const top = this.#open.peek();
      if (!this.#exhausted && this.#needsListing(top)) {
        await this.#listMore();
      } else if (this.#pending.size > 0 && this.#reaches(this.#pending.peek()!.edgeMs, top)) {
        await this.#openMore(top);
      } else if (top === undefined) {
        break;
      } else {
        rows.push({ cursor: top, row: top.row });
        if (top.advance()) this.#open.replaceTop();
        else this.#open.pop();
      }
    }
    return rows;
  }

  /** Whether something at `ms` may come before, or together with, the top cursor's row. */
  #reaches(ms: number, top: Cursor | undefined): boolean {
    return top === undefined || this.#sign * (ms - top.ms) <= 0;
  }

  /** Whether something that is not listed yet may come before what is known, or too little is known to open. */
  #needsListing(top: Cursor | undefined): boolean {
    if (top !== undefined) return this.#reaches(this.#frontierMs, top);
    const nearest = this.#pending.peek();
    return nearest === undefined || this.#pending.size < this.#openedBlindly ||
      this.#sign * (this.#frontierMs - nearest.edgeMs) < 0;
  }

  async #listMore(): Promise<void> {
    const { done, value } = await this.#candidates.next();
    if (done) {
      this.#exhausted = true;
      return;
    }
    this.#frontierMs = value.frontierMs;
    for (const entry of value.entries) {
      this.#pending.push({ edgeMs: this.#sign > 0 ? entry.firstMs : entry.lastMs, entry });
    }
  }

  async #openMore(top: Cursor | undefined): Promise<void> {
    const batch: Pending[] = [];
    const most = top === undefined ? this.#openedBlindly : this.#search.atOnce;
    while (batch.length < most && this.#pending.size > 0) {
      if (!this.#reaches(this.#pending.peek()!.edgeMs, top)) break;
      const pending = this.#pending.pop()!;
      const { entry } = pending;
      const excluded = entry !== undefined &&
        isExcluded(this.#view, entry, this.#spec.predicate);
      if (typeof excluded === "boolean" ? excluded : await excluded) continue;
      batch.push(pending);
    }
    if (top === undefined) {
      this.#openedBlindly = Math.min(2 * this.#openedBlindly, this.#search.atOnce);
    }
    const opened = inOrder(batch, () => batch.length, (pending) => this.#openOne(pending));
    for await (const cursor of opened) {
      if (cursor !== undefined && cursor.skipTo(this.#spec.after)) this.#open.push(cursor);
    }
  }

  async #openOne({ entry, chunk }: Pending): Promise<Cursor | undefined> {
    if (chunk !== undefined) {
      const matches = await openChunk(this.#view, chunk, this.#selection, this.#spec.predicate);
      return matches && new Cursor(matches.columns, matches.rows, this.#sign, undefined);
    }
    const segment = await this.#search.open(entry!);
    return segment && new Cursor(segment.head.columns, segment.rows, this.#sign, segment);
  }

  /** Loads every text column of the chosen rows. */
  async #load(rows: readonly Chosen[]): Promise<RowRef[]> {
    const bySource = new Map<Cursor, number[]>();
    rows.forEach(({ cursor }, i) => {
      const own = bySource.get(cursor);
      if (own === undefined) bySource.set(cursor, [i]);
      else own.push(i);
    });
    const loaded = new Array<RowRef | undefined>(rows.length);
    const many = bySource.size > REFERRED_SOURCES_MAX;
    for (const [cursor, indexes] of bySource) {
      const columns = await this.#allColumns(cursor);
      if (columns === undefined) continue;
      await takeTurn(this.#view);
      const chosen = indexes.map((i) => rows[i]!.row);
      const copy = many || isTemplated(columns);
      const kept = copy ? chooseRows(columns, Uint32Array.from(chosen), !many) : columns;
      indexes.forEach((i, n) => loaded[i] = { columns: kept, row: copy ? n : chosen[n]! });
      if (cursor.done && cursor.held !== undefined) {
        this.#heldBytes -= bytesOf(cursor.held);
        cursor.held = undefined;
      }
    }
    return loaded.filter((row) => row !== undefined);
  }

  /** Loads a source's texts, and holds them while the scan is in it, as far as there is room. */
  async #allColumns(cursor: Cursor): Promise<RecordColumns | undefined> {
    const { columns, segment } = cursor;
    if (segment === undefined) return columns;
    if (cursor.held !== undefined) return cursor.held;
    try {
      const loaded = await this.#view.reader.columns(segment.entry.id, segment.head, "all");
      const bytes = bytesOf(loaded);
      if (!cursor.done && this.#heldBytes + bytes <= HELD_BYTES_MAX) {
        cursor.held = loaded;
        this.#heldBytes += bytes;
      }
      return loaded;
    } catch (error) {
      noteDamage(this.#view, segment.entry, error);
      return undefined;
    }
  }
}

/** A place in the sorted matches of one source. */
class Cursor {
  readonly columns: RecordColumns;
  readonly segment: OpenSegment | undefined;
  readonly #order: RowOrder;
  readonly #sign: 1 | -1;
  /** Whether its last row was given. */
  done = false;
  /** All of its columns, while the scan holds them. */
  held: RecordColumns | undefined;
  row = 0;
  ms = 0;
  ns = 0;
  id = 0;

  constructor(
    columns: RecordColumns,
    rows: Uint32Array,
    sign: 1 | -1,
    segment: OpenSegment | undefined,
  ) {
    this.columns = columns;
    this.segment = segment;
    this.#order = new RowOrder(columns, rows, segment?.head.runs, sign);
    this.#sign = sign;
    this.#read();
  }

  /** Goes to the next row; false at the end. */
  advance(): boolean {
    this.#order.advance();
    this.#read();
    return !this.done;
  }

  /** Goes to the first row after the position; false if there is none. */
  skipTo(after: Position | undefined): boolean {
    if (after === undefined) return true;
    while (this.#sign * compare(this, after) <= 0) {
      if (!this.advance()) return false;
    }
    return true;
  }

  #read(): void {
    const { row } = this.#order;
    this.done = row === undefined;
    if (row === undefined) return;
    this.row = row;
    this.ms = this.columns.timestampMs[row]!;
    this.ns = this.columns.timestampNs?.[row] ?? 0;
    this.id = this.columns.ids[row]!;
  }
}

function bytesOf({ texts }: RecordColumns): number {
  let bytes = 0;
  for (const text of texts.values()) bytes += bytesOfTexts(text);
  return bytes;
}

function compare(a: Position, b: Position): number {
  return a.ms - b.ms || a.ns - b.ns || a.id - b.id;
}
