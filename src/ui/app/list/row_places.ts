import { type Block, countOf } from "./block.ts";

/** A row of a block. */
export interface BlockRow {
  /** The block's index. */
  readonly at: number;
  /** The row within it. */
  readonly row: number;
}

/**
 * Where each row of some blocks stands. A row has the usual height unless it was measured to have another, which only rows
 * in memory can be.
 */
export class RowPlaces {
  #blocks: readonly Block[] = [];
  #rowHeight: number;
  /** For each block the index of its first row, and its top in pixels; one more entry for the end. */
  #starts: number[] = [0];
  #tops: number[] = [0];
  /** Heights that differ from the usual one, by row key. */
  readonly #heights = new Map<number, number>();

  constructor(rowHeight: number) {
    this.#rowHeight = rowHeight;
  }

  /** The number of rows. */
  get count(): number {
    return this.#starts.at(-1)!;
  }

  /** The height of all rows in pixels. */
  get height(): number {
    return this.#tops.at(-1)!;
  }

  /** Places the rows of blocks anew; to be called with every change of blocks or heights. */
  place(blocks: readonly Block[]): void {
    this.#blocks = blocks;
    this.#starts = [0];
    this.#tops = [0];
    for (const block of blocks) {
      this.#starts.push(this.#starts.at(-1)! + countOf(block));
      this.#tops.push(this.#tops.at(-1)! + this.#heightBefore(block, countOf(block)));
    }
  }

  /** The index of a block's first row; of the end, for the number of blocks. */
  startOf(at: number): number {
    return this.#starts[at]!;
  }

  /** The row at an index; its block is behind the last one if there is none. */
  find(index: number): BlockRow {
    const at = upperBound(this.#starts, index);
    return { at, row: index - this.#starts[at]! };
  }

  /** The row that covers a pixel; its block is behind the last one if none does. */
  findAt(y: number): BlockRow {
    const at = upperBound(this.#tops, y);
    const block = this.#blocks[at];
    return { at, row: block === undefined ? 0 : this.#rowAtHeight(block, y - this.#tops[at]!) };
  }

  /** The top of a row in pixels. */
  topOf({ at, row }: BlockRow): number {
    const block = this.#blocks[at];
    return block === undefined ? this.height : this.#tops[at]! + this.#heightBefore(block, row);
  }

  /** Sets the usual height in pixels; gives whether it is another one. Then what was measured holds no more. */
  setRowHeight(px: number): boolean {
    if (px === this.#rowHeight) return false;
    this.#rowHeight = px;
    this.#heights.clear();
    return true;
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
    return changed;
  }

  /** Forgets what was measured: of a block, or everything. */
  forgetMeasures(block?: Block): void {
    if (block === undefined) this.#heights.clear();
    else if (block.kind === "rows") { for (const { key } of block.rows) this.#heights.delete(key); }
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
