import { readNew, RowWriter } from "../query/mod.ts";
import type { RowRef } from "../record.ts";
import { OverloadedError } from "../storage/mod.ts";
import {
  TAIL_BYTES_MAX,
  TAIL_HEARTBEAT_MS,
  TAIL_LAG_BYTES_MAX,
  TAIL_PIECE_BYTES,
  TAIL_RETRY_MS,
  TAIL_STALL_MS_MAX,
} from "./limits.ts";
import { READ_EVERYTHING } from "./snapshots.ts";
import type { TailChannel, TailPosition, TailSink } from "./tail_channel.ts";
import {
  encodeEvents,
  estimateEvent,
  firstEvent,
  idEvent,
  incompleteEvent,
  joinEvents,
  missedEvent,
} from "./tail_events.ts";
import type { TailHub } from "./tail_hub.ts";

/** Where a tail is that does not get what is committed, and is read from the store when its reader wants more. */
interface Behind extends TailPosition {
  /** It is behind because it was slow: it may be passed on. One that resumes gets everything. */
  readonly isSlow: boolean;
}

/**
 * One reader of server-sent events: the source of a response's body. What is committed comes to it through its channel and
 * waits here until it is taken. When that becomes too much the tail falls behind: what follows is not kept, and read from
 * the store once its reader has taken what waits; or passed over, and counted, if that would be too much as well.
 */
export class Tail implements TailSink, UnderlyingDefaultSource<Uint8Array> {
  readonly #hub: TailHub;
  readonly #channel: TailChannel;
  readonly #isAllowed: (nowMs: number) => boolean;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  /** Whether the reader waits for more. */
  #isWanted = false;
  #behind: Behind | undefined;
  #isReading = false;
  #ended = false;
  /** A snapshot tells a bounded number of them. */
  readonly #toldDamage = new Set<string>();
  #sentMs: number;
  #wantedMs: number;

  /**
   * @param afterId what its reader has already; `undefined`: it starts at now
   * @param isAllowed whether its reader may go on reading
   */
  constructor(
    hub: TailHub,
    channel: TailChannel,
    afterId: number | undefined,
    isAllowed: (nowMs: number) => boolean,
  ) {
    this.#hub = hub;
    this.#channel = channel;
    this.#isAllowed = isAllowed;
    this.#sentMs = this.#wantedMs = hub.clock();
    this.#push(firstEvent(afterId ?? hub.throughId, TAIL_RETRY_MS));
    if (afterId !== undefined) {
      this.#behind = { ...channel.position(afterId), isSlow: false };
    }
  }

  get channel(): TailChannel {
    return this.#channel;
  }

  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#controller = controller;
    if (this.#behind === undefined) this.#hub.join(this, this.#hub.throughId);
  }

  pull(): void {
    this.#isWanted = true;
    this.#wantedMs = this.#hub.clock();
    this.#give();
  }

  cancel(): void {
    this.#leave();
  }

  offer(events: Uint8Array): boolean {
    const keepsUp = this.#isWanted && this.#waiting.length === 0;
    const bytes = this.#waitingBytes + events.length;
    if (!keepsUp && (bytes > TAIL_BYTES_MAX || this.#hub.isFull)) return false;
    this.#push(events);
    this.#give();
    return true;
  }

  fallBehind(at: TailPosition): void {
    this.#behind = { ...at, isSlow: true };
  }

  /** Ends the tail without what waits: a reader who may come back gets it then. */
  end(): void {
    if (this.#ended) return;
    this.#leave();
    this.#controller?.close();
  }

  /** Ends the tail after what waits. */
  finish(): void {
    if (!this.#ended && this.#waiting.length > 0) {
      this.#controller?.enqueue(joinEvents(this.#waiting));
    }
    this.end();
  }

  /** Whether the tail may go on; if not it is ended. */
  checkAllowed(nowMs: number): void {
    if (!this.#isAllowed(nowMs)) this.end();
  }

  /** Looks after a tail that may have been silent for long. */
  tick(): void {
    const now = this.#hub.clock();
    if (!this.#isWanted) {
      if (now - this.#wantedMs > TAIL_STALL_MS_MAX) this.end();
      return;
    }
    if (now - this.#sentMs < TAIL_HEARTBEAT_MS) return;
    this.#push(idEvent(this.#behind?.throughId ?? this.#hub.throughId));
    this.#give();
  }

  #push(events: Uint8Array): void {
    this.#waiting.push(events);
    this.#waitingBytes += events.length;
    this.#hub.hold(events.length);
  }

  /** Gives the reader what it waits for, if there is something. */
  #give(): void {
    if (!this.#isWanted || this.#ended || this.#controller === undefined) return;
    if (this.#waiting.length === 0) {
      if (this.#behind !== undefined && !this.#isReading) void this.#catchUp();
      return;
    }
    this.#isWanted = false;
    this.#sentMs = this.#hub.clock();
    this.#controller.enqueue(this.#take());
  }

  /** What waits, up to about a piece: what one write should carry. */
  #take(): Uint8Array {
    let count = 0;
    let bytes = 0;
    do bytes += this.#waiting[count++]!.length; while (
      count < this.#waiting.length && bytes + this.#waiting[count]!.length <= TAIL_PIECE_BYTES
    );
    const taken = this.#waiting.splice(0, count);
    this.#waitingBytes -= bytes;
    this.#hub.hold(-bytes);
    return taken.length === 1 ? taken[0]! : joinEvents(taken);
  }

  /** Reads from the store until the reader has enough for now, or the tail is where the others are. */
  async #catchUp(): Promise<void> {
    this.#isReading = true;
    try {
      for (;;) {
        await this.#hub.turns.next();
        const at = this.#behind;
        // What its reader does not ask for it need not have: while all together have too much, it would be refused.
        if (!this.#isWanted || at === undefined || this.#ended || this.#waitingBytes > 0) break;
        if (at.isSlow && this.#channel.position(0).bytes - at.bytes > TAIL_LAG_BYTES_MAX) {
          this.#passOver(at);
        } else if (!this.#join(at)) await this.#hub.reads.run(() => this.#read(at));
      }
    } catch (error) {
      if (!(error instanceof OverloadedError)) this.#hub.log(error);
      this.end();
    } finally {
      this.#isReading = false;
    }
    this.#give();
  }

  #passOver(at: TailPosition): void {
    const { throughId, matched } = this.#channel.position(this.#hub.throughId);
    this.#hub.missed += matched - at.matched;
    this.#push(missedEvent(matched - at.matched, throughId));
    this.#join({ throughId });
    this.#give();
  }

  /** Goes on with what is committed; `false` if the commits in between are not at hand any more. */
  #join({ throughId }: { readonly throughId: number }): boolean {
    const from = this.#behind!;
    this.#behind = undefined;
    if (!this.#hub.join(this, throughId)) {
      this.#behind = from;
      return false;
    }
    // One that resumes and gets too much at once has not been slow yet.
    if (this.#behind !== undefined) {
      this.#behind = { ...this.#behind as Behind, isSlow: from.isSlow };
    }
    return true;
  }

  /** Reads some more; the tail is further or has enough to give afterwards. */
  async #read(from: Behind): Promise<void> {
    const snapshot = this.#hub.store.snapshot();
    try {
      const { filters } = this.#channel;
      const pieces = readNew(snapshot, filters, READ_EVERYTHING, from.throughId);
      for await (const { rows, throughId } of pieces) {
        if (this.#ended) return;
        this.#tellDamage(snapshot.damage);
        if (!this.#takeRows(rows, throughId)) return;
      }
    } finally {
      snapshot.release();
    }
  }

  #tellDamage(damage: readonly string[]): void {
    const news = damage.filter((what) => !this.#toldDamage.has(what));
    if (news.length === 0) return;
    for (const what of news) this.#toldDamage.add(what);
    this.#push(incompleteEvent(news));
  }

  /** Puts rows from the store among what waits; `false` once that is as much as may wait, or what comes is not. */
  #takeRows(rows: readonly RowRef[], throughId: number): boolean {
    // What is committed but not delivered comes with its commit.
    const lastId = Math.min(throughId, this.#hub.throughId);
    const writer = new RowWriter("ndjson");
    for (const [slice, bytes] of slices(rows.filter((row) => idOf(row) <= lastId))) {
      const isFull = this.#waitingBytes > 0 && this.#hub.isFull;
      if (isFull || this.#waitingBytes >= TAIL_BYTES_MAX) return false;
      this.#push(joinEvents(encodeEvents(writer, slice)));
      this.#moveTo(idOf(slice.at(-1)!), slice.length, bytes);
    }
    this.#moveTo(lastId, 0, 0);
    // Its reader need not wait for the rest.
    this.#give();
    return lastId === throughId && this.#waitingBytes < TAIL_BYTES_MAX;
  }

  #moveTo(throughId: number, matched: number, bytes: number): void {
    const at = this.#behind!;
    this.#behind = { ...at, throughId, matched: at.matched + matched, bytes: at.bytes + bytes };
  }

  #leave(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#hub.hold(-this.#waitingBytes);
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#hub.leave(this);
  }
}

function idOf({ columns, row }: RowRef): number {
  return columns.ids[row]!;
}

/** Rows in parts of about a piece, with the estimated bytes of each. */
function* slices(rows: readonly RowRef[]): Generator<[rows: RowRef[], bytes: number]> {
  let slice: RowRef[] = [];
  let bytes = 0;
  for (const row of rows) {
    slice.push(row);
    bytes += estimateEvent(row.columns, row.row);
    if (bytes < TAIL_PIECE_BYTES) continue;
    yield [slice, bytes];
    slice = [];
    bytes = 0;
  }
  if (slice.length > 0) yield [slice, bytes];
}
