/**
 * @module A binary fuse filter of three hashes and 8-bit fingerprints, from Graf and Lemire, "Binary Fuse Filters: Fast and
 * Smaller Than Xor Filters" (2022). A key that was put in is always found; another one is taken for found once in 256.
 */

import { FUSE_SEEDS_MAX } from "./limits.ts";

/** A filter as stored: `fingerprints` has `(segments + 2) << segmentLog2` bytes. */
export interface FuseFilter {
  readonly seed: number;
  /** Bits of a position within a segment; at most 16. */
  readonly segmentLog2: number;
  readonly segments: number;
  readonly fingerprints: Uint8Array;
}

/** Positions within a segment are cut from 16 bits of a hash. */
export const FUSE_SEGMENT_LOG2_MAX = 16;

/** A multiplier from MurmurHash3, here to tell seeds apart. */
const SEED_FACTOR = 0x85ebca6b;

/** MurmurHash3's finalizer: every bit of the input moves every bit of the result. */
function mix(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

function mixHigh(high: number, seed: number): number {
  return mix(high ^ seed);
}

function mixLow(low: number, mixedHigh: number, seed: number): number {
  return mix(low ^ Math.imul(mixedHigh ^ seed, SEED_FACTOR));
}

function fingerprint(high: number, low: number): number {
  return Math.imul(high ^ low, 0x9e3779b1) >>> 24;
}

/** The size for so many keys, by the paper's formulas for three hashes. */
function sizeFor(keys: number): { segmentLog2: number; segments: number } {
  const wanted = Math.floor(Math.log(keys) / Math.log(3.33) + 2.25);
  const segmentLog2 = Math.min(FUSE_SEGMENT_LOG2_MAX, wanted);
  const factor = Math.max(1.125, 0.875 + 0.25 * Math.log(1e6) / Math.log(keys));
  const capacity = Math.round(keys * factor);
  return { segmentLog2, segments: Math.max(1, Math.ceil(capacity / 2 ** segmentLog2) - 2) };
}

/**
 * Builds the filter of distinct hashes, high and low alternating; `undefined` if no seed out of a bounded number works.
 */
export function buildFuseFilter(pairs: Int32Array): FuseFilter | undefined {
  const size = sizeFor(pairs.length / 2);
  const builder = new FuseBuilder(pairs, size.segmentLog2, size.segments);
  for (let attempt = 1; attempt <= FUSE_SEEDS_MAX; attempt++) {
    const seed = Math.imul(attempt, 0x9e3779b1);
    if (builder.peel(seed)) return { seed, ...size, fingerprints: builder.assign() };
  }
  return undefined;
}

/** Whether a hash may be among those the filter was built of. */
export function fuseMayContain(filter: FuseFilter, tokenHigh: number, tokenLow: number): boolean {
  const { fingerprints, segmentLog2 } = filter;
  const high = mixHigh(tokenHigh, filter.seed);
  const low = mixLow(tokenLow, high, filter.seed);
  const segment = 1 << segmentLog2;
  const range = filter.segments << segmentLog2;
  const found = fingerprints[positionOf(0, high, low, segment, range)]! ^
    fingerprints[positionOf(1, high, low, segment, range)]! ^
    fingerprints[positionOf(2, high, low, segment, range)]!;
  return found === fingerprint(high, low);
}

/** The position of a key in the first, second or third (`which`) of three neighbouring segments. */
function positionOf(
  which: number,
  high: number,
  low: number,
  segment: number,
  range: number,
): number {
  // Maps 32 bits evenly to 0..range by multiplication; exact, as ranges stay below 2^21.
  const first = Math.floor((high >>> 0) * range / 0x100000000);
  if (which === 0) return first;
  const within = which === 1 ? low : low >>> 16;
  return (first + which * segment) ^ (within & (segment - 1));
}

/** The working memory of one construction, reused from seed to seed. */
class FuseBuilder {
  readonly #pairs: Int32Array;
  readonly #segment: number;
  readonly #range: number;
  readonly #size: number;
  // Of each position: four times the number of keys on it, plus the xor of which of their three positions it is.
  readonly #counts: Uint8Array;
  readonly #highs: Int32Array;
  readonly #lows: Int32Array;
  readonly #singles: Uint32Array;
  // The keys in the order in which they were peeled.
  readonly #peeledHigh: Int32Array;
  readonly #peeledLow: Int32Array;
  readonly #peeledWhich: Uint8Array;

  constructor(pairs: Int32Array, segmentLog2: number, segments: number) {
    const keys = pairs.length / 2;
    this.#pairs = pairs;
    this.#segment = 1 << segmentLog2;
    this.#range = segments << segmentLog2;
    this.#size = (segments + 2) << segmentLog2;
    this.#counts = new Uint8Array(this.#size);
    this.#highs = new Int32Array(this.#size);
    this.#lows = new Int32Array(this.#size);
    this.#singles = new Uint32Array(this.#size);
    this.#peeledHigh = new Int32Array(keys);
    this.#peeledLow = new Int32Array(keys);
    this.#peeledWhich = new Uint8Array(keys);
  }

  /** Takes away, one by one, keys that are alone on a position; true if all can be taken. */
  peel(seed: number): boolean {
    if (!this.#place(seed)) return false;
    const counts = this.#counts;
    const highs = this.#highs;
    const lows = this.#lows;
    const singles = this.#singles;
    const segment = this.#segment;
    const range = this.#range;
    let waiting = 0;
    for (let i = 0; i < this.#size; i++) if (counts[i]! >> 2 === 1) singles[waiting++] = i;
    let peeled = 0;
    while (waiting > 0) {
      const position = singles[--waiting]!;
      if (counts[position]! >> 2 !== 1) continue;
      const high = highs[position]!;
      const low = lows[position]!;
      this.#peeledHigh[peeled] = high;
      this.#peeledLow[peeled] = low;
      this.#peeledWhich[peeled] = counts[position]! & 3;
      peeled++;
      for (let which = 0; which < 3; which++) {
        const other = positionOf(which, high, low, segment, range);
        counts[other] = (counts[other]! - 4) ^ which;
        highs[other]! ^= high;
        lows[other]! ^= low;
        if (counts[other]! >> 2 === 1) singles[waiting++] = other;
      }
    }
    return peeled * 2 === this.#pairs.length;
  }

  #place(seed: number): boolean {
    const pairs = this.#pairs;
    const counts = this.#counts.fill(0);
    const highs = this.#highs.fill(0);
    const lows = this.#lows.fill(0);
    const segment = this.#segment;
    const range = this.#range;
    let most = 0;
    for (let i = 0; i < pairs.length; i += 2) {
      const high = mixHigh(pairs[i]!, seed);
      const low = mixLow(pairs[i + 1]!, high, seed);
      // Written out: a loop over the three would take half as long again.
      const first = positionOf(0, high, low, segment, range);
      const second = positionOf(1, high, low, segment, range);
      const third = positionOf(2, high, low, segment, range);
      most |= counts[first]! | counts[second]! | counts[third]!;
      counts[first]! += 4;
      counts[second] = (counts[second]! + 4) ^ 1;
      counts[third] = (counts[third]! + 4) ^ 2;
      highs[first]! ^= high;
      highs[second]! ^= high;
      highs[third]! ^= high;
      lows[first]! ^= low;
      lows[second]! ^= low;
      lows[third]! ^= low;
    }
    // Six bits count to 63 keys; a seed that puts half as many on one position is no good.
    return most < 128;
  }

  /** The fingerprints for the keys just peeled: the last peeled is free to fit all the others. */
  assign(): Uint8Array {
    const fingerprints = new Uint8Array(this.#size);
    const segment = this.#segment;
    const range = this.#range;
    for (let i = this.#peeledHigh.length - 1; i >= 0; i--) {
      const high = this.#peeledHigh[i]!;
      const low = this.#peeledLow[i]!;
      const own = positionOf(this.#peeledWhich[i]!, high, low, segment, range);
      // Its own position is still 0, so that all three can be taken.
      fingerprints[own] = fingerprint(high, low) ^
        fingerprints[positionOf(0, high, low, segment, range)]! ^
        fingerprints[positionOf(1, high, low, segment, range)]! ^
        fingerprints[positionOf(2, high, low, segment, range)]!;
    }
    return fingerprints;
  }
}
