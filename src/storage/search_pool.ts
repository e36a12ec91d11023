/**
 * @module Workers that search segments, so that a wide scan does not keep ingestion and other requests waiting, and uses every
 * processor. They get stored columns and give back row numbers. Whatever they cannot do is for the caller to do.
 */

import {
  SEARCH_IDLE_MS,
  SEARCH_PAUSE_MS,
  SEARCH_WORKERS_MAX,
  SEARCHES_IN_HAND_MAX,
  SEARCHES_IN_MESSAGE_MAX,
} from "./limits.ts";
import type { SearchReply, SearchRequest } from "./search_messages.ts";
import type { Log } from "./state.ts";

/** What of a Worker the pool uses. */
export interface SearchWorker {
  onmessage: ((event: MessageEvent<SearchReply>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  postMessage(requests: readonly SearchRequest[], transfer: Transferable[]): void;
  terminate(): void;
}

/** How a pool is made. */
export interface SearchPoolOptions {
  readonly startWorker: () => SearchWorker;
  readonly log: Log;
  /** Workers; absent: one for each processor, at most {@linkcode SEARCH_WORKERS_MAX}. */
  readonly workers?: number;
  readonly idleMs?: number;
}

/** A request, and who waits for its answer. */
interface Ask {
  readonly request: SearchRequest;
  readonly answer: (rows: Uint32Array | undefined) => void;
}

/** A Worker, and what it has in hand. */
interface Lane {
  readonly worker: SearchWorker;
  isReady: boolean;
  /** Places taken, at most `SEARCHES_IN_HAND_MAX`. */
  taken: number;
  /** What waits for the next message. */
  pending: Ask[];
  /** Messages that are not answered yet, the oldest first. */
  readonly sent: (readonly Ask[])[];
}

/** Starts its Workers when it is wanted and ends them when it has not been for long, or when one has failed. */
export class SearchPool {
  /** Segments that were searched. */
  searched = 0;
  readonly #options: SearchPoolOptions;
  readonly #size: number;
  #lanes: Lane[] = [];
  /** Who waits for a place; bounded by what each scan opens side by side. */
  readonly #waiting: ((lane: Lane | undefined) => void)[] = [];
  #idle: ReturnType<typeof setTimeout> | undefined;
  #pausedUntilMs = -Infinity;

  constructor(options: SearchPoolOptions) {
    this.#options = options;
    this.#size = options.workers ?? Math.min(navigator.hardwareConcurrency, SEARCH_WORKERS_MAX);
  }

  /** How many Workers run. */
  get workers(): number {
    return this.#lanes.length;
  }

  /** Whether it can be asked. Has Workers started, one after the other, as long as there are too few. */
  ready(): boolean {
    const isStarted = this.#lanes.every(({ isReady }) => isReady);
    if (isStarted && this.#lanes.length < this.#size && Date.now() >= this.#pausedUntilMs) {
      this.#startLane();
    }
    return this.#lanes.some(({ isReady }) => isReady);
  }

  /**
   * The rows of a segment that match; `undefined` if no Worker can tell.
   * @param load makes the request once a Worker has room for it; its columns are given away
   */
  async search(load: () => Promise<SearchRequest>): Promise<Uint32Array | undefined> {
    const lane = await this.#enter();
    if (lane === undefined) return undefined;
    try {
      const request = await load();
      // It may have failed meanwhile.
      if (!this.#lanes.includes(lane)) return undefined;
      const { promise, resolve } = Promise.withResolvers<Uint32Array | undefined>();
      lane.pending.push({ request, answer: resolve });
      send(lane);
      const rows = await promise;
      if (rows !== undefined) this.searched++;
      return rows;
    } finally {
      this.#leave(lane);
    }
  }

  /** Ends the Workers. Who waits is told to look for themselves. */
  close(): void {
    this.#pausedUntilMs = Infinity;
    this.#stop();
  }

  /** Holds the thread for some ms: which is why only one is started at a time. */
  #startLane(): void {
    let worker: SearchWorker;
    try {
      worker = this.#options.startWorker();
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
      return;
    }
    const lane: Lane = { worker, isReady: false, taken: 0, pending: [], sent: [] };
    this.#lanes.push(lane);
    worker.onmessage = ({ data }) => {
      if (data === "ready") this.#open(lane);
      else lane.sent.shift()?.forEach(({ answer }, i) => answer(data[i]));
      send(lane);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      if (this.#lanes.includes(lane)) this.#fail(event.message);
    };
    this.#awaitIdleness();
  }

  /** Gives the places of a Worker to who waits for one. */
  #open(lane: Lane): void {
    lane.isReady = true;
    for (const enter of this.#waiting.splice(0, SEARCHES_IN_HAND_MAX)) {
      lane.taken++;
      enter(lane);
    }
  }

  #enter(): Promise<Lane | undefined> | Lane | undefined {
    const free = this.#lanes.filter(({ isReady, taken }) =>
      isReady && taken < SEARCHES_IN_HAND_MAX
    );
    if (free.length > 0) {
      const lane = free.reduce((a, b) => b.taken < a.taken ? b : a);
      lane.taken++;
      clearTimeout(this.#idle);
      return lane;
    }
    if (!this.#lanes.some(({ isReady }) => isReady)) return undefined;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #leave(lane: Lane): void {
    if (!this.#lanes.includes(lane)) return;
    const next = this.#waiting.shift();
    if (next !== undefined) return next(lane);
    lane.taken--;
    this.#awaitIdleness();
  }

  #awaitIdleness(): void {
    clearTimeout(this.#idle);
    if (this.#lanes.some(({ taken }) => taken > 0)) return;
    this.#idle = setTimeout(() => this.#stop(), this.#options.idleMs ?? SEARCH_IDLE_MS);
    // A program is not kept running by what it might still ask.
    Deno.unrefTimer(this.#idle);
  }

  #fail(reason: string): void {
    this.#options.log("error", `A Worker that searches segments failed: ${reason}`);
    this.#pausedUntilMs = Date.now() + SEARCH_PAUSE_MS;
    this.#stop();
  }

  #stop(): void {
    clearTimeout(this.#idle);
    const lanes = this.#lanes;
    this.#lanes = [];
    for (const { worker, pending, sent } of lanes) {
      worker.terminate();
      for (const { answer } of [...sent.flat(), ...pending]) answer(undefined);
    }
    for (const enter of this.#waiting.splice(0)) enter(undefined);
  }
}

/** Sends what waits, many requests in a message: one while a Worker has nothing to do, a full one ahead. */
function send(lane: Lane): void {
  const { pending, sent, worker } = lane;
  const least = sent.length === 0 ? 1 : SEARCHES_IN_MESSAGE_MAX;
  if (pending.length < least || sent.length > 1) return;
  lane.pending = pending.slice(SEARCHES_IN_MESSAGE_MAX);
  const asks = pending.slice(0, SEARCHES_IN_MESSAGE_MAX);
  sent.push(asks);
  const requests = asks.map(({ request }) => request);
  worker.postMessage(requests, requests.flatMap(buffersOf));
}

/** What is given away rather than copied. */
function buffersOf({ rows, columns }: SearchRequest): Transferable[] {
  const arrays = columns.flatMap(({ parts }) => parts);
  const buffers = [...arrays, ...rows === undefined ? [] : [rows]].map(({ buffer }) => buffer);
  return buffers as ArrayBuffer[];
}
