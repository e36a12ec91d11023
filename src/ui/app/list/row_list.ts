/**
 * @module What the list shows, as blocks from the oldest to the newest: rows that are in memory, and stretches of which
 * only the number of rows is known (from the histogram) until somebody looks there. So a million matches have their
 * place on the scroll bar at once, and any of them is one request away.
 *
 * The position of what is being read is kept as a block, a row in it and pixels (`anchor`): whatever changes elsewhere,
 * that does not move.
 */

import { signal } from "@preact/signals";
import {
  type Block,
  countOf,
  type ListRow,
  movedRow,
  type PendingBlock,
  rowAtTime,
  type RowsBlock,
} from "./block.ts";
import { RowPlaces } from "./row_places.ts";

/** A place in the list that holds while other places change. */
interface Anchor {
  block: Block;
  /** The row within the block. */
  row: number;
  /** How far the row's top is above the viewport's, in pixels. */
  px: number;
}

/** The blocks of a list and where each row stands. */
export class RowList {
  /** Changes with everything that could be seen. */
  readonly version = signal(0);
  readonly #blocks: Block[];
  readonly #places: RowPlaces;
  #anchor: Anchor | undefined;
  /** Whether the end is in view, and stays so while rows are added. */
  atEnd = true;

  constructor(blocks: readonly Block[], rowHeight: number) {
    this.#blocks = [...blocks];
    this.#places = new RowPlaces(rowHeight);
    this.#places.place(this.#blocks);
  }

  get blocks(): readonly Block[] {
    return this.#blocks;
  }

  /** The number of rows, loaded or not. */
  get count(): number {
    return this.#places.count;
  }

  /** The height of all rows in pixels. */
  get height(): number {
    return this.#places.height;
  }

  /** The row at an index; `undefined` if it is not in memory. */
  rowAt(index: number): ListRow | undefined {
    const { at, row } = this.#places.find(index);
    const block = this.#blocks[at];
    return block?.kind === "rows" ? block.rows[row] : undefined;
  }

  /** The top of a row in pixels. */
  topOf(index: number): number {
    return this.#places.topOf(this.#places.find(index));
  }

  /** The index of the row that covers a pixel; of the last one below the end. */
  indexAt(y: number): number {
    const { at, row } = this.#places.findAt(y);
    if (at >= this.#blocks.length) return Math.max(0, this.count - 1);
    return this.#places.startOf(at) + row;
  }

  /** The index of a row in memory; -1 if it is not there. */
  indexOfKey(key: number): number {
    for (const [at, block] of this.#blocks.entries()) {
      if (block.kind !== "rows") continue;
      const row = block.rows.findIndex((candidate) => candidate.key === key);
      if (row >= 0) return this.#places.startOf(at) + row;
    }
    return -1;
  }

  /** The first row that is not before a moment, loaded or guessed; the last one if all are before it. */
  indexOfTime(ms: number): number {
    for (const [at, block] of this.#blocks.entries()) {
      const row = rowAtTime(block, ms);
      if (row >= 0) return this.#places.startOf(at) + row;
    }
    return Math.max(0, this.count - 1);
  }

  /** Blocks that are not in memory among the rows from `from` to before `to`. */
  pendingWithin(from: number, to: number): PendingBlock[] {
    const found: PendingBlock[] = [];
    for (let { at } = this.#places.find(from); at < this.#blocks.length; at++) {
      if (this.#places.startOf(at) >= to) break;
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
    for (const block of this.#blocks.slice(0, keep)) this.#places.forgetMeasures(block);
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
      const near = this.#places.startOf(at + 1) > index - rowsNear &&
        this.#places.startOf(at) < index + rowsNear;
      if (near) continue;
      this.#places.forgetMeasures(block);
      this.#blocks[at] = block.reload;
      changed = true;
    }
    if (changed) this.#changed();
  }

  /** The usual height of a row, in pixels; measured ones are forgotten when it changes. */
  setRowHeight(px: number): void {
    if (this.#places.setRowHeight(px)) this.#changed();
  }

  /** Forgets what was measured, because everything is laid out anew. */
  forgetMeasures(): void {
    this.#places.forgetMeasures();
    this.#changed();
  }

  /** Notes measured heights by row key; gives whether any was new. */
  measured(heights: ReadonlyMap<number, number>): boolean {
    const changed = this.#places.measured(heights);
    if (changed) this.#changed();
    return changed;
  }

  /** Keeps what is at a height in pixels where it is from now on. */
  holdAt(y: number): void {
    const found = this.#places.findAt(Math.min(y, this.height - 1));
    const block = this.#blocks[found.at];
    if (block === undefined) return;
    this.#anchor = { block, row: found.row, px: y - this.#places.topOf(found) };
  }

  /** Where what is held is now, in pixels. */
  heldAt(): number {
    const at = this.#anchor === undefined ? -1 : this.#blocks.indexOf(this.#anchor.block);
    if (this.#anchor === undefined || at < 0) return 0;
    return this.#places.topOf({ at, row: this.#anchor.row }) + this.#anchor.px;
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
    this.#places.place(this.#blocks);
    this.version.value++;
  }
}
