/** @module A set of record ids, a bit for each: ids are dense, so that a million of them take 128 KiB. */

/** Ids that share a piece of memory: 2^17 bytes. */
const PIECE_BITS = 20;

/** A set of integers from 0 to 2^53 - 1. */
export class IdSet {
  readonly #pieces = new Map<number, Uint8Array>();

  /** Adds an id; false if it was there. */
  add(id: number): boolean {
    const number = Math.floor(id / 2 ** PIECE_BITS);
    let piece = this.#pieces.get(number);
    if (piece === undefined) this.#pieces.set(number, piece = new Uint8Array(2 ** PIECE_BITS / 8));
    const at = id % 2 ** PIECE_BITS;
    const bit = 1 << (at & 7);
    if ((piece[at >>> 3]! & bit) !== 0) return false;
    piece[at >>> 3]! |= bit;
    return true;
  }
}
