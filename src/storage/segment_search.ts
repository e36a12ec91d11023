/** @module The segments of one scan, opened: searched on this thread, or by the pool once the scan has turned out to be wide. */

import type { SegmentHead } from "../codec/mod.ts";
import type { TextColumnName } from "../record.ts";
import type { IndexEntry } from "./index_entry.ts";
import {
  OPENED_AT_ONCE,
  SEARCHED_AT_ONCE,
  WIDE_CHOSEN_SEGMENTS_MIN,
  WIDE_SEGMENTS_MIN,
  WIDE_SLOW_SEGMENTS_MIN,
} from "./limits.ts";
import { selectFromRuns, type Selection } from "./selection.ts";
import type { RowPredicate } from "./types.ts";
import { mayContain, noteDamage, type OpenSegment, selectInTurns, type View } from "./view.ts";

let scans = 0;

/** Opens segments for one scan. */
export class SegmentSearch {
  readonly #view: View;
  readonly #selection: Selection;
  readonly #predicate: RowPredicate | undefined;
  readonly #scan = ++scans;
  /** Segments of which texts had to be read and searched here. */
  #searched = 0;

  constructor(view: View, selection: Selection, predicate: RowPredicate | undefined) {
    this.#view = view;
    this.#selection = selection;
    this.#predicate = predicate;
  }

  /** How many segments to open side by side. */
  get atOnce(): number {
    return this.#isPooled ? SEARCHED_AT_ONCE : OPENED_AT_ONCE;
  }

  /**
   * The matching rows of a segment: bounds first, then the token filter, then the texts that the predicate reads.
   * `undefined` if there are none, or if it is damaged (then the view's damage says so).
   */
  async open(
    entry: IndexEntry,
    names: readonly TextColumnName[] = [],
  ): Promise<OpenSegment | undefined> {
    const { reader } = this.#view;
    try {
      const tokens = this.#predicate?.requiredTokens ?? [];
      if (tokens.length > 0 && !await mayContain(this.#view, entry, tokens)) return undefined;
      const head = await reader.head(entry);
      const within = selectFromRuns(head.columns, head.runs, this.#selection);
      const rows = this.#predicate === undefined || within.length === 0
        ? within
        : await this.#match(entry.id, head, within, this.#predicate);
      reader.work.rowsMatched += rows.length;
      if (rows.length === 0) return undefined;
      const columns = names.length === 0
        ? head.columns
        : await reader.columns(entry.id, head, names);
      return { entry, head, columns, rows };
    } catch (error) {
      noteDamage(this.#view, entry, error);
      return undefined;
    }
  }

  /** Whether segments go to the pool: few of them are searched here before it has its Workers started. */
  get #isPooled(): boolean {
    const { pool } = this.#view;
    return this.#predicate?.source !== undefined && pool !== undefined &&
      this.#searched >= segmentsOfWide(this.#predicate) && pool.ready();
  }

  async #match(
    id: number,
    head: SegmentHead,
    rows: Uint32Array,
    predicate: RowPredicate,
  ): Promise<Uint32Array> {
    const { reader, pool, asker } = this.#view;
    reader.work.rowsSearched += rows.length;
    const isAtHand = predicate.requiredTokens.length > 0 &&
      reader.hasColumns(id, head, predicate.columns);
    if (!isAtHand && this.#isPooled) {
      const found = await pool!.search(async () => {
        asker?.signal.throwIfAborted();
        const { count } = head.columns;
        return {
          scan: this.#scan,
          source: predicate.source,
          count,
          rows: rows.length === count ? undefined : rows.slice(),
          columns: await reader.storedColumns(id, head, predicate.columns),
        };
      });
      asker?.signal.throwIfAborted();
      if (found !== undefined) return found;
    }
    if (!isAtHand) this.#searched++;
    const columns = await reader.columns(id, head, predicate.columns);
    return await selectInTurns(this.#view, predicate, columns, rows);
  }
}

function segmentsOfWide({ isSlow, requiredTokens }: RowPredicate): number {
  if (isSlow) return WIDE_SLOW_SEGMENTS_MIN;
  return requiredTokens.length > 0 ? WIDE_CHOSEN_SEGMENTS_MIN : WIDE_SEGMENTS_MIN;
}

/**
 * Runs a task for each item, so many side by side, and gives what they give in the order of the items. When it ends, however
 * it ends, no task is under way any more.
 */
export async function* inOrder<Item, Result>(
  items: readonly Item[],
  atOnce: () => number,
  task: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const running: Promise<Result>[] = [];
  try {
    for (const item of items) {
      const started = task(item);
      // Who waits for it gets the error; it may come before its turn.
      started.catch(() => undefined);
      running.push(started);
      while (running.length >= atOnce()) yield await running.shift()!;
    }
    while (running.length > 0) yield await running.shift()!;
  } finally {
    await Promise.allSettled(running);
  }
}
