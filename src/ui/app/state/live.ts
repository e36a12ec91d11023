import { computed, effect, signal, untracked } from "@preact/signals";
import { sentenceOf } from "../api/client.ts";
import type { LogRecord } from "../api/record.ts";
import { followTail } from "../api/tail.ts";
import { olderThan } from "../list/load_older.ts";
import { type ListRow, recordRow } from "../list/block.ts";
import type { RowList } from "../list/row_list.ts";
import { view } from "./navigation.ts";
import { countOf } from "./numbers.ts";

/** How the tail is doing. */
export const connection = signal<"off" | "connecting" | "open" | "broken">("off");
/** Why the tail ended for good. */
export const tailError = signal<string | undefined>(undefined);
/** Records that arrived while somebody was reading. */
export const waitingCount = signal(0);
/** Whether the reader scrolled away from the end. */
export const isScrolledUp = signal(false);
/** Whether text in the list is selected. */
export const isSelecting = signal(false);
/** The key of the row that the keyboard is on. */
export const activeKey = signal<number | undefined>(undefined);

/** Whether new records are shown as they come; else they wait, so that what is read does not move. */
export const isFollowing = computed(() =>
  view.value.live && !isScrolledUp.value && !isSelecting.value && activeKey.value === undefined &&
  view.value.open === undefined
);

/** Rows are put into the list this often: smooth to the eye, and far less work than one by one. */
const FLUSH_MS = 100;
/** Rows in memory while following; older ones are loaded again when somebody scrolls there. */
const ROWS_MAX = 5_000;
/** Rows that wait; beyond them the oldest are only counted. */
const WAITING_MAX = 10_000;
const BLOCK_ROWS = 250;

/** Brings new records to a list while it is wanted. */
export class LiveTail {
  readonly #params: URLSearchParams;
  readonly #signal: AbortSignal;
  #list: RowList | undefined;
  #waiting: ListRow[] = [];
  /** Records that are not shown because too many were waiting, or the server passed over them. */
  #skipped = 0;
  /** What the list had when the tail was attached: the tail began before. */
  #known = new Set<number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Starts at once, so that nothing is missed between the first page and the tail. */
  constructor(params: URLSearchParams, signal: AbortSignal) {
    this.#params = params;
    this.#signal = signal;
    connection.value = "connecting";
    tailError.value = undefined;
    waitingCount.value = 0;
    signal.addEventListener("abort", () => this.#end(), { once: true });
    void followTail(params, {
      records: (records) => this.#take(records),
      missed: (count) => this.#skip(count),
      connected: (is) => connection.value = is ? "open" : "broken",
      failed: (error) => {
        connection.value = "off";
        tailError.value = sentenceOf(error);
      },
    }, signal);
  }

  /** Shows what comes in a list that holds the newest records. */
  attach(list: RowList): void {
    this.#list = list;
    for (const block of list.blocks) {
      if (block.kind === "rows") { for (const { key } of block.rows) this.#known.add(key); }
    }
    this.#waiting = this.#waiting.filter(({ key }) => !this.#known.has(key));
    const stop = effect(() => {
      if (isFollowing.value) untracked(() => this.#flush());
    });
    this.#signal.addEventListener("abort", stop, { once: true });
  }

  #take(records: readonly LogRecord[]): void {
    for (const record of records) {
      if (!this.#known.has(record.id)) this.#waiting.push(recordRow(record));
    }
    const over = this.#waiting.length - WAITING_MAX;
    if (over > 0) {
      this.#waiting.splice(0, over);
      this.#skipped += over;
    }
    this.#schedule();
  }

  #skip(count: number): void {
    this.#skipped += count;
    this.#schedule();
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#flush();
    }, FLUSH_MS);
  }

  #flush(): void {
    const list = this.#list;
    if (list === undefined || !isFollowing.peek()) {
      waitingCount.value = this.#waiting.length + this.#skipped;
      return;
    }
    this.#waiting = inOrderOfTime(this.#waiting);
    if (this.#skipped > 0) this.#waiting.unshift(skippedNotice(this.#skipped));
    for (let i = 0; i < this.#waiting.length; i += BLOCK_ROWS) {
      list.append(this.#waiting.slice(i, i + BLOCK_ROWS), BLOCK_ROWS);
    }
    this.#waiting = [];
    this.#skipped = 0;
    waitingCount.value = 0;
    list.dropOldest(ROWS_MAX, (first) => this.#older(first, list));
  }

  #older(first: ListRow, list: RowList) {
    const known = new Set<number>();
    for (const block of list.blocks) {
      if (block.kind === "rows") { for (const { key } of block.rows) known.add(key); }
    }
    return olderThan(this.#params, first.record?.timestamp ?? new Date().toISOString(), known);
  }

  #end(): void {
    clearTimeout(this.#timer);
    connection.value = "off";
    // What waited is part of what is read now: at the end, where it moves nothing.
    for (let i = 0; i < this.#waiting.length; i += BLOCK_ROWS) {
      this.#list?.append(this.#waiting.slice(i, i + BLOCK_ROWS), BLOCK_ROWS);
    }
    this.#waiting = [];
    waitingCount.value = 0;
  }
}

/** Services send in batches: what comes together is shown in the order in which it happened. */
function inOrderOfTime(rows: readonly ListRow[]): ListRow[] {
  return rows.map((row) => ({ row, ms: Date.parse(row.record?.timestamp ?? "") }))
    .sort((a, b) => a.ms - b.ms || a.row.key - b.row.key)
    .map(({ row }) => row);
}

let notices = 0;

function skippedNotice(count: number): ListRow {
  const notice =
    `${countOf(count, "record")} ${count === 1 ? "is" : "are"} not shown here: more came than ` +
    "could be kept waiting. Turn live off to see them.";
  return { key: -(++notices), record: undefined, notice };
}
