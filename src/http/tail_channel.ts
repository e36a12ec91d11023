import { LiveFilter, type LogFilters } from "../query/mod.ts";
import { TAIL_PIECE_BYTES } from "./limits.ts";
import { READ_EVERYTHING } from "./snapshots.ts";
import type { CommitEvents } from "./tail_events.ts";
import { estimateEvent, joinEvents } from "./tail_events.ts";

/** How far a tail is among what its channel finds. */
export interface TailPosition {
  /** Every match up to this id was given. */
  readonly throughId: number;
  /** How many matches the channel had found by then. */
  readonly matched: number;
  /** About how many bytes of events those were. */
  readonly bytes: number;
}

/** What takes the events of a channel. */
export interface TailSink {
  /** Takes some events, whose bytes it must not change; `false` if they would be too much. */
  offer(events: Uint8Array): boolean;
  /** It refused events: this is where they began, and none follows until it joins again. */
  fallBehind(at: TailPosition): void;
}

/** The rows of a commit that a channel wants. */
interface Found {
  readonly commit: CommitEvents;
  readonly rows: Uint32Array;
}

/** The tails with the same filters: what they want is found and put together once for all of them. */
export class TailChannel {
  readonly #filter: LiveFilter;
  readonly #live = new Set<TailSink>();
  #matched = 0;
  #bytes = 0;
  /** Tails of this channel, whether they are behind or not. */
  tails = 0;

  constructor(readonly key: string, readonly filters: LogFilters) {
    this.#filter = new LiveFilter(filters, READ_EVERYTHING);
  }

  /** Where a tail is that was given everything up to `throughId`, the last id that was delivered. */
  position(throughId: number): TailPosition {
    return { throughId, matched: this.#matched, bytes: this.#bytes };
  }

  /**
   * Hands commits to every tail that is not behind.
   * @param throughId the last id that was delivered before
   * @returns how many tails were written to
   */
  deliver(commits: readonly CommitEvents[], throughId: number): number {
    const found = this.#find(commits, throughId);
    if (found.length === 0) return 0;
    const written = this.#live.size;
    const { matched, bytes } = this.#distribute(this.#live, found, this.position(throughId));
    this.#matched = matched;
    this.#bytes = bytes;
    return written;
  }

  /** Hands a tail what it lacks of commits that were delivered already; then it is like the others. */
  join(tail: TailSink, commits: readonly CommitEvents[], afterId: number): void {
    const found = this.#find(commits, afterId);
    let matched = this.#matched;
    let bytes = this.#bytes;
    for (const { commit, rows } of found) {
      matched -= rows.length;
      for (const row of rows) bytes -= estimateEvent(commit.columns, row);
    }
    const alone = new Set([tail]);
    this.#distribute(alone, found, { throughId: afterId, matched, bytes });
    if (alone.size > 0) this.#live.add(tail);
  }

  /** Gives a tail nothing more. */
  leave(tail: TailSink): void {
    this.#live.delete(tail);
  }

  #find(commits: readonly CommitEvents[], afterId: number): Found[] {
    const found: Found[] = [];
    for (const commit of commits) {
      const { ids } = commit.columns;
      if (commit.lastId <= afterId) continue;
      let rows = this.#filter.select(commit.columns);
      if (ids[0]! <= afterId) rows = rows.filter((row) => ids[row]! > afterId);
      if (rows.length > 0) found.push({ commit, rows });
    }
    return found;
  }

  /** Hands rows to tails piece by piece; who refuses one is taken out of `tails`. */
  #distribute(
    tails: Set<TailSink>,
    found: readonly Found[],
    start: TailPosition,
  ): TailPosition {
    let before = start;
    let at = start;
    let piece: Uint8Array[] = [];
    const offer = () => {
      const events = piece.length === 1 ? piece[0]!.slice() : joinEvents(piece);
      for (const tail of tails) {
        if (tail.offer(events)) continue;
        tails.delete(tail);
        tail.fallBehind(before);
      }
      piece = [];
      before = at;
    };
    for (const { commit, rows } of found) {
      for (const [slice, bytes] of slices(commit, rows)) {
        // Once nobody takes them any more they are only counted.
        if (tails.size > 0) piece.push(...commit.events(slice));
        at = {
          throughId: commit.columns.ids[slice.at(-1)!]!,
          matched: at.matched + slice.length,
          bytes: at.bytes + bytes,
        };
        if (at.bytes - before.bytes >= TAIL_PIECE_BYTES && piece.length > 0) offer();
      }
    }
    if (piece.length > 0) offer();
    return at;
  }
}

/** Rows in parts of about a piece, with the estimated bytes of each. */
function* slices(
  { columns }: CommitEvents,
  rows: Uint32Array,
): Generator<[rows: Uint32Array, bytes: number]> {
  let start = 0;
  let bytes = 0;
  for (let i = 0; i < rows.length; i++) {
    bytes += estimateEvent(columns, rows[i]!);
    if (bytes < TAIL_PIECE_BYTES && i < rows.length - 1) continue;
    yield [rows.subarray(start, i + 1), bytes];
    start = i + 1;
    bytes = 0;
  }
}
