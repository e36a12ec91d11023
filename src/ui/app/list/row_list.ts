/**
 * @module What the list shows, as blocks from the oldest to the newest: rows that are in memory, and stretches of which
 * only the number of rows is known (from the histogram) until somebody looks there. So a million matches have their
 * place on the scroll bar at once, and any of them is one request away.
 *
 * Heights: a row has the list's height unless it was measured to have another. The position of what is being read is
 * kept as a block, a row in it and pixels (`anchor`): whatever changes elsewhere, that does not move.
 */

import { signal } from "@preact/signals";
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

/** A place in the list that holds while other places change. */
interface Anchor {
  block: Block;
  /** The row within the block. */
  row: number;
  /** How far the row's top is above the viewport's, in pixels. */
  px: number;
}

/** Makes a list row of a record. */
export function recordRow(record: LogRecord): ListRow {
  return { key: record.id, record, notice: undefined };
}

/** The blocks of a list and where each row stands. */
export class RowList {
  /** Changes with everything that could be seen. */
  readonly version = signal(0);
  #blocks: Block[];
  #rowHeight: number;
  /** For each block the index of its first row, and its top in pixels; one more entry for the end. */
  #starts: number[] = [0];
  #tops: number[] = [0];
  /** Heights that differ from the list's, by row key. */
  readonly #heights = new Map<number, number>();
  #anchor: Anchor | undefined;
  /** Whether the end is in view, and stays so while rows are added. */
  atEnd = true;

  constructor(blocks: readonly Block[], rowHeight: number) {
    this.#blocks = [...blocks];
    this.#rowHeight = rowHeight;
    this.#place();
  }

  get blocks(): readonly Block[] {
    return this.#blocks;
  }

  /** The number of rows, loaded or not. */
  get count(): number {
    return this.#starts.at(-1)!;
  }

  /** The height of all rows in pixels. */
  get height(): number {
    return this.#tops.at(-1)!;
  }

  /** The row at an index; `undefined` if it is not in memory. */
  rowAt(index: number): ListRow | undefined {
    const at = this.#blockOfRow(index);
    const block = this.#blocks[at];
    return block?.kind === "rows" ? block.rows[index - this.#starts[at]!] : undefined;
  }

  /** The top of a row in pixels. */
  topOf(index: number): number {
    const at = this.#blockOfRow(index);
    const block = this.#blocks[at];
    if (block === undefined) return this.height;
    return this.#tops[at]! + this.#heightBefore(block, index - this.#starts[at]!);
  }

  /** The index of the row that covers a pixel. */
  indexAt(y: number): number {
    const at = upperBound(this.#tops, y);
    const block = this.#blocks[at];
    if (block === undefined) return Math.max(0, this.count - 1);
    return this.#starts[at]! + this.#rowAtHeight(block, y - this.#tops[at]!);
  }

  /** The index of a row in memory; -1 if it is not there. */
  indexOfKey(key: number): number {
    for (const [at, block] of this.#blocks.entries()) {
      if (block.kind !== "rows") continue;
      const row = block.rows.findIndex((candidate) => candidate.key === key);
      if (row >= 0) return this.#starts[at]! + row;
    }
    return -1;
  }

  /** The first row that is not before a moment, loaded or guessed; the last one if all are before it. */
  indexOfTime(ms: number): number {
    for (const [at, block] of this.#blocks.entries()) {
      const [first, last] = timesOf(block);
      if (last < ms) continue;
      const start = this.#starts[at]!;
      if (block.kind === "rows") {
        const row = block.rows.findIndex((candidate) => msOf(candidate) >= ms);
        return start + Math.max(0, row);
      }
      const share = last > first ? Math.max(0, (ms - first) / (last - first)) : 0;
      return start + Math.min(block.count - 1, Math.floor(share * block.count));
    }
    return Math.max(0, this.count - 1);
  }

  /** Blocks that are not in memory among the rows from `from` to before `to`. */
  pendingWithin(from: number, to: number): PendingBlock[] {
    const found: PendingBlock[] = [];
    for (let at = this.#blockOfRow(from); at < this.#blocks.length; at++) {
      if (this.#starts[at]! >= to) break;
      const block = this.#blocks[at]!;
      if (block.kind === "pending") found.push(block);
    }
    return found;
  }

  /** Puts blocks in the place of one; does nothing if it is no longer there. */
  replace(old: Block, blocks: readonly Block[]): void {
    const at = this.#blocks.indexOf(old);
    if (at < 0) return;
    this.#blocks.splice(at, 1, ...blocks);
    if (this.#anchor?.block === old) this.#moveAnchor(this.#anchor, old, blocks, at);
    this.#changed();
  }

  /** Adds rows at the end. */
  append(rows: readonly ListRow[], blockRowsMax: number): void {
    const last = this.#blocks.at(-1);
    if (last?.kind === "rows" && last.rows.length + rows.length <= blockRowsMax) {
      const grown: RowsBlock = { kind: "rows", rows: [...last.rows, ...rows], reload: undefined };
      this.#blocks[this.#blocks.length - 1] = grown;
      if (this.#anchor?.block === last) this.#anchor.block = grown;
    } else {
      this.#blocks.push({ kind: "rows", rows, reload: undefined });
    }
    this.#changed();
  }

  /** Puts `instead` in the place of the first blocks until at most `rowsMax` rows are in memory. */
  dropOldest(rowsMax: number, instead: (first: ListRow) => Block): void {
    let rows = 0;
    let keep = this.#blocks.length;
    while (keep > 0) {
      const block = this.#blocks[keep - 1]!;
      rows += block.kind === "rows" ? block.rows.length : 0;
      if (rows > rowsMax && keep < this.#blocks.length) break;
      keep--;
    }
    if (keep === 0) return;
    const first = this.#blocks[keep];
    if (first?.kind !== "rows" || first.rows[0] === undefined) return;
    for (const block of this.#blocks.slice(0, keep)) this.#forgetHeights(block);
    this.#blocks.splice(0, keep, instead(first.rows[0]));
    this.#changed();
  }

  /** Forgets loaded blocks that can be loaded again and lie farther than `rowsNear` from a row. */
  forgetFarFrom(index: number, rowsNear: number): void {
    let changed = false;
    for (const [at, block] of this.#blocks.entries()) {
      if (block.kind !== "rows" || block.reload === undefined || block === this.#anchor?.block) {
        continue;
      }
      const near = this.#starts[at + 1]! > index - rowsNear && this.#starts[at]! < index + rowsNear;
      if (near) continue;
      this.#forgetHeights(block);
      this.#blocks[at] = block.reload;
      changed = true;
    }
    if (changed) this.#changed();
  }

  /** The usual height of a row, in pixels; measured ones are forgotten when it changes. */
  setRowHeight(px: number): void {
    if (px === this.#rowHeight) return;
    this.#rowHeight = px;
    this.forgetMeasures();
  }

  /** Forgets what was measured, because everything is laid out anew. */
  forgetMeasures(): void {
    this.#heights.clear();
    this.#changed();
  }

  /** Notes measured heights by row key; gives whether any was new. */
  measured(heights: ReadonlyMap<number, number>): boolean {
    let changed = false;
    for (const [key, px] of heights) {
      if ((this.#heights.get(key) ?? this.#rowHeight) === px) continue;
      if (px === this.#rowHeight) this.#heights.delete(key);
      else this.#heights.set(key, px);
      changed = true;
    }
    if (changed) this.#changed();
    return changed;
  }

  /** Keeps what is at a height in pixels where it is from now on. */
  holdAt(y: number): void {
    const at = Math.min(upperBound(this.#tops, y), this.#blocks.length - 1);
    const block = this.#blocks[at];
    if (block === undefined) return;
    const row = this.#rowAtHeight(block, y - this.#tops[at]!);
    this.#anchor = { block, row, px: y - this.#tops[at]! - this.#heightBefore(block, row) };
  }

  /** Where what is held is now, in pixels. */
  heldAt(): number {
    const at = this.#anchor === undefined ? -1 : this.#blocks.indexOf(this.#anchor.block);
    if (this.#anchor === undefined || at < 0) return 0;
    return this.#tops[at]! + this.#heightBefore(this.#anchor.block, this.#anchor.row) +
      this.#anchor.px;
  }

  #moveAnchor(anchor: Anchor, old: Block, blocks: readonly Block[], at: number): void {
    const total = blocks.reduce((sum, block) => sum + countOf(block), 0);
    let row = movedRow(anchor.row, old, total);
    for (const block of blocks) {
      if (row < countOf(block)) {
        this.#anchor = { block, row, px: anchor.px };
        return;
      }
      row -= countOf(block);
    }
    const neighbour = this.#blocks[Math.min(at, this.#blocks.length - 1)];
    this.#anchor = neighbour === undefined ? undefined : { block: neighbour, row: 0, px: 0 };
  }

  #changed(): void {
    this.#place();
    this.version.value++;
  }

  #place(): void {
    this.#starts = [0];
    this.#tops = [0];
    for (const block of this.#blocks) {
      this.#starts.push(this.#starts.at(-1)! + countOf(block));
      this.#tops.push(this.#tops.at(-1)! + this.#heightBefore(block, countOf(block)));
    }
  }

  #blockOfRow(index: number): number {
    return upperBound(this.#starts, index);
  }

  #heightBefore(block: Block, row: number): number {
    let height = row * this.#rowHeight;
    if (block.kind === "pending" || this.#heights.size === 0) return height;
    for (let i = 0; i < row; i++) {
      const measured = this.#heights.get(block.rows[i]!.key);
      if (measured !== undefined) height += measured - this.#rowHeight;
    }
    return height;
  }

  #rowAtHeight(block: Block, y: number): number {
    const last = Math.max(0, countOf(block) - 1);
    if (block.kind === "pending" || this.#heights.size === 0) {
      return Math.min(last, Math.max(0, Math.floor(y / this.#rowHeight)));
    }
    let bottom = 0;
    for (let i = 0; i <= last; i++) {
      bottom += this.#heights.get(block.rows[i]!.key) ?? this.#rowHeight;
      if (y < bottom) return i;
    }
    return last;
  }

  #forgetHeights(block: Block): void {
    if (block.kind !== "rows") return;
    for (const { key } of block.rows) this.#heights.delete(key);
  }
}

/** The number of rows in a block. */
export function countOf(block: Block): number {
  return block.kind === "rows" ? block.rows.length : block.count;
}

/** The row that stands for one of a block which became `total` rows. */
function movedRow(row: number, old: Block, total: number): number {
  const last = Math.max(0, total - 1);
  const side = old.kind === "pending" ? old.open : undefined;
  if (side === "above") return Math.max(0, total - countOf(old) + row);
  if (side === "below") return Math.min(last, row);
  return Math.min(last, Math.floor(row * total / countOf(old)));
}

function msOf(row: ListRow): number {
  return row.record === undefined ? NaN : Date.parse(row.record.timestamp);
}

function timesOf(block: Block): readonly [first: number, last: number] {
  if (block.kind === "pending") return [block.firstMs, block.lastMs];
  const first = block.rows.find((row) => row.record !== undefined);
  const last = block.rows.findLast((row) => row.record !== undefined);
  if (first === undefined || last === undefined) return [-Infinity, -Infinity];
  return [msOf(first), msOf(last)];
}

/** The last position in ascending `bounds` whose value is at most `value`; 0 if there is none. */
function upperBound(bounds: readonly number[], value: number): number {
  let low = 0;
  let high = bounds.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (bounds[middle]! <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
