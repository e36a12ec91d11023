import type { LogRecord } from "../api/record.ts";

/** A line of the list: a record, or a sentence about records that are not there. */
export interface ListRow {
  /** The record's id; negative for a notice. */
  readonly key: number;
  readonly record: LogRecord | undefined;
  readonly notice: string | undefined;
}

/** Rows in memory. */
export interface RowsBlock {
  readonly kind: "rows";
  readonly rows: readonly ListRow[];
  /** Loads the same rows again, so that they can be forgotten; absent: they are kept. */
  readonly reload: PendingBlock | undefined;
}

/** Rows that are not in memory. */
export interface PendingBlock {
  readonly kind: "pending";
  /** How many there are, as far as is known. */
  readonly count: number;
  /** Where nobody knows how many there are: the side on which more may come to light; what is read keeps to the other. */
  readonly open?: "above" | "below";
  /** The time they cover in milliseconds, both ends inclusive. */
  readonly firstMs: number;
  readonly lastMs: number;
  load(signal: AbortSignal): Promise<Block[]>;
}

/** A piece of the list. */
export type Block = RowsBlock | PendingBlock;

/** Makes a list row of a record. */
export function recordRow(record: LogRecord): ListRow {
  return { key: record.id, record, notice: undefined };
}

/** The number of rows in a block. */
export function countOf(block: Block): number {
  return block.kind === "rows" ? block.rows.length : block.count;
}

/** The first row of a block that is not before a moment, found or guessed; -1 if all are before it. */
export function rowAtTime(block: Block, ms: number): number {
  const [first, last] = timesOf(block);
  if (last < ms) return -1;
  if (block.kind === "rows") return Math.max(0, block.rows.findIndex((row) => msOf(row) >= ms));
  const share = last > first ? Math.max(0, (ms - first) / (last - first)) : 0;
  return Math.min(block.count - 1, Math.floor(share * block.count));
}

function timesOf(block: Block): readonly [first: number, last: number] {
  if (block.kind === "pending") return [block.firstMs, block.lastMs];
  const first = block.rows.find((row) => row.record !== undefined);
  const last = block.rows.findLast((row) => row.record !== undefined);
  if (first === undefined || last === undefined) return [-Infinity, -Infinity];
  return [msOf(first), msOf(last)];
}

function msOf(row: ListRow): number {
  return row.record === undefined ? NaN : Date.parse(row.record.timestamp);
}

/** The row that stands for one of a block which became `total` rows. */
export function movedRow(row: number, old: Block, total: number): number {
  const last = Math.max(0, total - 1);
  const side = old.kind === "pending" ? old.open : undefined;
  if (side === "above") return Math.max(0, total - countOf(old) + row);
  if (side === "below") return Math.min(last, row);
  return Math.min(last, Math.floor(row * total / countOf(old)));
}
