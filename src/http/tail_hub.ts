import { type LogFilters, RowWriter } from "../query/mod.ts";
import type { RecordColumns } from "../record.ts";
import { OverloadedError, type Store } from "../storage/mod.ts";
import type { Drain } from "./drain.ts";
import { Gate } from "./gate.ts";
import {
  TAIL_CHECK_MS,
  TAIL_PAUSE_MS_MAX,
  TAIL_PAUSE_MS_MIN,
  TAIL_READ_WAIT_MS_MAX,
  TAIL_READS_MAX,
  TAIL_RECENT_BYTES_MAX,
  TAIL_RECENT_COMMITS_MAX,
  TAIL_WRITE_MS,
  TAILS_BYTES_MAX,
  TAILS_MAX,
} from "./limits.ts";
import { Tail } from "./tail.ts";
import { TailChannel } from "./tail_channel.ts";
import { CommitEvents } from "./tail_events.ts";
import { Turns } from "./turns.ts";

/** What the tails of a server need of it. */
export interface TailHubOptions {
  readonly store: Store;
  readonly drain: Drain;
  /** The time, in milliseconds since the Unix epoch. */
  readonly now: () => number;
  readonly log: (line: string) => void;
  /** Milliseconds that only ever grow. */
  readonly clock?: () => number;
}

/** A tail as it is asked for. */
export interface TailRequest {
  /** The same for the same filters. */
  readonly key: string;
  readonly filters: LogFilters;
  /** What its reader has already; absent: it starts at now. */
  readonly afterId: number | undefined;
  /** Whether its reader may go on reading. */
  readonly isAllowed: (nowMs: number) => boolean;
}

/**
 * Every open tail, and what was committed lately. The store tells it of each commit once; commits that follow one another
 * quickly are delivered together, so that a thousand tails are not written to for each of them. Nothing is kept, and nothing
 * listened to, without a tail.
 */
export class TailHub {
  readonly store: Store;
  /** Who may read from the store. */
  readonly reads = new Gate("tails", {
    runningMax: TAIL_READS_MAX,
    waitingMax: TAILS_MAX,
    waitMsMax: TAIL_READ_WAIT_MS_MAX,
  });
  /** Who is behind goes on at its turn: a thousand of them must not keep requests waiting. */
  readonly turns = new Turns();
  readonly clock: () => number;
  /** Records that slow readers were told they had missed. */
  missed = 0;
  readonly #options: TailHubOptions;
  readonly #writer = new RowWriter("ndjson");
  readonly #tails = new Set<Tail>();
  readonly #channels = new Map<string, TailChannel>();
  /** Committed, not delivered. */
  #pending: CommitEvents[] = [];
  /** Delivered. */
  #recent: CommitEvents[] = [];
  #recentBytes = 0;
  /** The id before the first of `#recent`. */
  #recentAfterId = 0;
  #throughId = 0;
  #heldBytes = 0;
  #delivery: ReturnType<typeof setTimeout> | undefined;
  #deliveryAtMs = 0;
  #check: ReturnType<typeof setInterval> | undefined;
  #stop: (() => void) | undefined;

  constructor(options: TailHubOptions) {
    this.#options = options;
    this.store = options.store;
    this.clock = options.clock ?? (() => performance.now());
    options.drain.signal.addEventListener("abort", () => this.#end(), { once: true });
  }

  /** Tails that are open. */
  get open(): number {
    return this.#tails.size;
  }

  /** Bytes that wait for readers. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Whether all readers together let wait as much as may be. */
  get isFull(): boolean {
    return this.#heldBytes >= TAILS_BYTES_MAX;
  }

  /** The last id that was delivered. */
  get throughId(): number {
    return this.#throughId;
  }

  /**
   * Opens a tail: the bytes of its events, which end with {@linkcode TailRequest.isAllowed} and with the server.
   * @throws {OverloadedError} there are too many, or the server is shutting down
   */
  tail({ key, filters, afterId, isAllowed }: TailRequest): ReadableStream<Uint8Array> {
    if (this.#options.drain.draining) {
      throw new OverloadedError("The server is shutting down", 503, 1, { reason: "shutting_down" });
    }
    if (this.#tails.size >= TAILS_MAX) {
      throw new OverloadedError(`There are ${TAILS_MAX} tails already: close some`, 503, 10, {
        reason: "tails",
      });
    }
    if (this.#tails.size === 0) this.#listen();
    // What was acknowledged before belongs to the past of a tail that starts at now.
    this.#deliver();
    let channel = this.#channels.get(key);
    if (channel === undefined) this.#channels.set(key, channel = new TailChannel(key, filters));
    channel.tails++;
    // An id to come is one of a store that was there before this one: nothing can be resumed.
    const known = afterId === undefined || afterId > this.#throughId ? undefined : afterId;
    const tail = new Tail(this, channel, known, isAllowed);
    this.#tails.add(tail);
    return new ReadableStream(tail, { highWaterMark: 0 });
  }

  /**
   * Lets a tail have what is delivered from now on, and what it lacks of what was delivered after an id.
   * @returns `false` if that is not at hand any more
   */
  join(tail: Tail, afterId: number): boolean {
    if (afterId < this.#recentAfterId) return false;
    tail.channel.join(tail, afterId === this.#throughId ? [] : this.#recent, afterId);
    return true;
  }

  /** Forgets a tail. */
  leave(tail: Tail): void {
    this.#tails.delete(tail);
    const { channel } = tail;
    channel.leave(tail);
    if (--channel.tails === 0) this.#channels.delete(channel.key);
    if (this.#tails.size === 0) this.#rest();
  }

  /** Counts bytes that wait for a reader, or do no more. */
  hold(bytes: number): void {
    this.#heldBytes += bytes;
  }

  /** Takes a fault of ours. */
  log(error: unknown): void {
    const text = error instanceof Error ? error.stack ?? error.message : String(error);
    this.#options.log(`Internal error in a tail: ${text.replaceAll("\n", " ")}`);
  }

  #listen(): void {
    const snapshot = this.store.snapshot();
    this.#throughId = this.#recentAfterId = snapshot.nextId - 1;
    snapshot.release();
    this.#stop = this.store.subscribe((columns) => this.#committed(columns));
    this.#check = setInterval(() => this.#tick(), TAIL_CHECK_MS);
  }

  #rest(): void {
    this.#stop?.();
    clearTimeout(this.#delivery);
    clearInterval(this.#check);
    this.#delivery = undefined;
    this.#pending = [];
    this.#recent = [];
    this.#recentBytes = 0;
  }

  #committed(columns: RecordColumns): void {
    this.#pending.push(new CommitEvents(columns, this.#writer));
    // A task of its own: those who wait for the commit are answered first.
    this.#delivery ??= setTimeout(
      () => this.#deliver(),
      Math.max(0, this.#deliveryAtMs - this.clock()),
    );
  }

  #deliver(): void {
    clearTimeout(this.#delivery);
    this.#delivery = undefined;
    if (this.#pending.length === 0) return;
    const commits = this.#pending;
    this.#pending = [];
    const now = this.#options.now();
    for (const tail of this.#tails) tail.checkAllowed(now);
    if (this.#tails.size === 0) return;
    let written = 0;
    for (const channel of this.#channels.values()) {
      written += channel.deliver(commits, this.#throughId);
    }
    this.#keep(commits);
    const pause = Math.min(Math.max(written * TAIL_WRITE_MS, TAIL_PAUSE_MS_MIN), TAIL_PAUSE_MS_MAX);
    this.#deliveryAtMs = this.clock() + pause;
  }

  #keep(commits: readonly CommitEvents[]): void {
    for (const commit of commits) {
      this.#recent.push(commit);
      this.#recentBytes += commit.bytes;
    }
    this.#throughId = commits.at(-1)!.lastId;
    let dropped = 0;
    while (
      this.#recentBytes > TAIL_RECENT_BYTES_MAX ||
      this.#recent.length - dropped > TAIL_RECENT_COMMITS_MAX
    ) {
      const oldest = this.#recent[dropped++]!;
      this.#recentBytes -= oldest.bytes;
      this.#recentAfterId = oldest.lastId;
    }
    this.#recent.splice(0, dropped);
  }

  #tick(): void {
    const now = this.#options.now();
    for (const tail of this.#tails) {
      tail.checkAllowed(now);
      tail.tick();
    }
  }

  /** The server stops: everybody gets what is committed and comes back to its successor. */
  #end(): void {
    this.#deliver();
    for (const tail of [...this.#tails]) tail.finish();
  }
}
