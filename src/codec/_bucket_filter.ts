/**
 * @module A filter of hashed keys in buckets, each key as one byte: a key that was put in is always found; another one is
 * taken for found about once in 200 times.
 *
 * Its slices, each of the keys whose hashes share six bits, are of use by themselves: those of many filters can be stored
 * together, so that one read answers for all of them (`filter_page.ts`).
 *
 * | part of a slice | how |
 * | --- | --- |
 * | sizes | for each bucket as many 1 bits as it has keys, then a 0; the lowest bit of a byte first |
 * | prints | one byte a key, in the order of the buckets |
 */

/** Slices of every filter: a power of two. */
export const SLICES = 64;
const SLICE_BITS = 6;

/** A slice has a bucket for this many keys. Fewer buckets are fewer bits, but more prints that may match by chance. */
const KEYS_PER_BUCKET = 4 / 3;

/** One slice. */
export interface Slice {
  readonly keys: number;
  /** At `start` of `bytes`, {@linkcode sliceBytes} long. */
  readonly bytes: Uint8Array;
  readonly start: number;
}

/** The slices of a filter, all with the same number of buckets. */
export interface BucketFilter {
  /** In each slice; at least 1. */
  readonly buckets: number;
  /** {@linkcode SLICES} of them. */
  readonly slices: readonly Slice[];
}

/** The length of a slice. */
export function sliceBytes(buckets: number, keys: number): number {
  return Math.ceil((buckets + keys) / 8) + keys;
}

/** MurmurHash3's finalizer: every bit of the input moves every bit of the result. */
function mix(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/** The slice that a key would be in. */
export function sliceOf(high: number): number {
  return mix(high) >>> (32 - SLICE_BITS);
}

/** Builds the filter of distinct hashes, high and low alternating. */
export function buildBucketFilter(pairs: Int32Array): BucketFilter {
  const keys = pairs.length / 2;
  const buckets = Math.max(1, Math.round(keys / KEYS_PER_BUCKET / SLICES));
  const sizes = new Uint32Array(buckets * SLICES);
  const bucketOf = new Uint32Array(keys);
  for (let i = 0; i < keys; i++) {
    // Slices one after the other: the highest bits of the product are those of the slice.
    const bucket = Math.floor((mix(pairs[2 * i]!) >>> 0) * sizes.length / 0x1_0000_0000);
    bucketOf[i] = bucket;
    sizes[bucket]!++;
  }
  const next = new Uint32Array(sizes.length);
  for (let bucket = 1; bucket < next.length; bucket++) {
    next[bucket] = next[bucket - 1]! + sizes[bucket - 1]!;
  }
  const prints = new Uint8Array(keys);
  for (let i = 0; i < keys; i++) prints[next[bucketOf[i]!]!++] = mix(pairs[2 * i + 1]!);
  return { buckets, slices: cutSlices(sizes, prints, buckets) };
}

function cutSlices(sizes: Uint32Array, prints: Uint8Array, buckets: number): Slice[] {
  const slices: Slice[] = [];
  let print = 0;
  for (let slice = 0; slice < SLICES; slice++) {
    const own = sizes.subarray(slice * buckets, (slice + 1) * buckets);
    let keys = 0;
    for (const size of own) keys += size;
    const bytes = new Uint8Array(sliceBytes(buckets, keys));
    let bit = 0;
    for (const size of own) {
      for (const end = bit + size; bit < end; bit++) bytes[bit >>> 3]! |= 1 << (bit & 7);
      bit++;
    }
    bytes.set(prints.subarray(print, print + keys), bytes.length - keys);
    slices.push({ keys, bytes, start: 0 });
    print += keys;
  }
  return slices;
}

/** For each byte its number of 0 bits. */
const ZEROS = Uint8Array.from({ length: 256 }, (_, byte) => {
  let zeros = 0;
  for (let bit = 0; bit < 8; bit++) zeros += 1 - (byte >>> bit & 1);
  return zeros;
});

/** Whether a slice, that of {@linkcode sliceOf}, may have a key. */
export function sliceMayContain(
  { keys, bytes, start }: Slice,
  buckets: number,
  high: number,
  low: number,
): boolean {
  const prints = start + Math.ceil((buckets + keys) / 8);
  const within = (mix(high) << SLICE_BITS) >>> 0;
  // As many 0 bits stand before the bucket's first 1 as there are buckets before it.
  let zeros = Math.floor(within * buckets / 0x1_0000_0000);
  let at = start;
  const before = zeros;
  while (at < prints && zeros > ZEROS[bytes[at]!]!) zeros -= ZEROS[bytes[at++]!]!;
  let bit = 0;
  for (; zeros > 0 && bit < 8; bit++) zeros -= 1 - (bytes[at]! >>> bit & 1);
  let position = (at - start) * 8 + bit;
  const print = mix(low) & 0xff;
  // What stands before the position, less the 0 bits, are keys.
  for (let key = position - before; key < keys; key++, position++) {
    if ((bytes[start + (position >>> 3)]! >>> (position & 7) & 1) === 0) return false;
    if (bytes[prints + key] === print) return true;
  }
  return false;
}
