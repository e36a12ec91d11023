import { isAbort, sentenceOf } from "../api/client.ts";
import type { Block, PendingBlock } from "./block.ts";
import type { RowList } from "./row_list.ts";

/** Blocks loaded at once: the browser has six connections to a server, and others want some. */
const LOADS_MAX = 2;
/** How long a block that could not be loaded is left alone. */
const RETRY_MS = 2_000;
/** Loaded rows that are kept on either side of what is seen. */
const ROWS_KEPT = 10_000;

/** Loads the blocks of a list that somebody looks at, and stops loading those that nobody looks at any more. */
export class BlockLoader {
  readonly #list: RowList;
  readonly #failed: (sentence: string | undefined) => void;
  readonly #loading = new Map<PendingBlock, AbortController>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #wanted: readonly PendingBlock[] = [];
  #resting = new WeakSet<PendingBlock>();

  /** @param failed told why a block could not be loaded, and `undefined` when one could again */
  constructor(list: RowList, failed: (sentence: string | undefined) => void) {
    this.#list = list;
    this.#failed = failed;
  }

  /** Says which rows are looked at; those nearest to the middle are loaded first. */
  look(from: number, to: number): void {
    this.#wanted = this.#list.pendingWithin(from, to);
    for (const [block, controller] of this.#loading) {
      if (!this.#wanted.includes(block)) controller.abort();
    }
    this.#next();
  }

  /** Ends all loading. */
  stop(): void {
    this.#wanted = [];
    for (const controller of this.#loading.values()) controller.abort();
    for (const timer of this.#timers) clearTimeout(timer);
  }

  /** Whether anything is being loaded. */
  get isBusy(): boolean {
    return this.#loading.size > 0;
  }

  #next(): void {
    for (const block of this.#wanted) {
      if (this.#loading.size >= LOADS_MAX) return;
      if (this.#loading.has(block) || this.#resting.has(block)) continue;
      void this.#load(block);
    }
  }

  async #load(block: PendingBlock): Promise<void> {
    const controller = new AbortController();
    this.#loading.set(block, controller);
    try {
      const blocks = await block.load(controller.signal);
      if (!controller.signal.aborted) this.#take(block, blocks);
    } catch (error) {
      if (!isAbort(error) && !controller.signal.aborted) {
        this.#failed(sentenceOf(error));
        this.#rest(block);
      }
    }
    this.#loading.delete(block);
    this.#next();
  }

  #take(block: PendingBlock, blocks: readonly Block[]): void {
    this.#failed(undefined);
    this.#list.replace(block, blocks);
    this.#list.forgetFarFrom(this.#list.indexAt(this.#list.heldAt()), ROWS_KEPT);
  }

  #rest(block: PendingBlock): void {
    this.#resting.add(block);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#resting.delete(block);
      this.#next();
    }, RETRY_MS);
    this.#timers.add(timer);
  }
}
