/**
 * @module Token filters of many segments in pages: the slices that one token would be in stand in one page, so that one read
 * tells for all of those segments whether they may contain it. An envelope around this body:
 *
 * | part | how |
 * | --- | --- |
 * | versions | tokenizer, one byte; hash, one byte |
 * | slices | the first one, one byte; their number, one byte |
 * | filters | their number, varint; for each: 0 if everything may be contained, else the number of buckets of a slice, varint, and of each slice its number of keys, varint |
 * | slices | of the first filter, of the second, and so on |
 */

import {
  type BucketFilter,
  sliceBytes,
  sliceMayContain,
  sliceOf,
  SLICES,
} from "./_bucket_filter.ts";
import { ByteReader } from "./_byte_reader.ts";
import { ByteWriter } from "./_byte_writer.ts";
import { EnvelopeKind, openEnvelope, sealEnvelope } from "./_envelope.ts";
import { FILTER_PAGE_BYTES, PART_BYTES_MAX } from "./limits.ts";
import type { TokenHash } from "./token.ts";
import { readTokenFilter, readTokenVersions, writeTokenVersions } from "./token_filter.ts";

const format = {
  kind: EnvelopeKind.filterPage,
  version: 1,
  what: "a page of token filters",
  rawBytesMax: PART_BYTES_MAX,
  // Fingerprints are as good as random: zstd would only cost time.
  compressed: false,
} as const;

/** Bytes of filters that go into pages together at most. */
export const PAGED_FILTER_BYTES_MAX: number = SLICES * FILTER_PAGE_BYTES;

/** Filters that go into pages together at most: bounds the look through a page's beginning. */
export const PAGED_FILTERS_MAX = 128;

/** A page, opened. */
export interface FilterPage {
  /** How many filters it has slices of. */
  readonly filters: number;
  /**
   * Whether the filter at this place may contain a token; never wrong when it says no. Of tokens that belong to other
   * pages ({@linkcode pageOfToken}), and of places that it has not, it says yes.
   */
  mayContain(filter: number, token: TokenHash): boolean;
}

/** The page, among so many, that knows of a token. */
export function pageOfToken({ high }: TokenHash, pages: number): number {
  return Math.floor(sliceOf(high) * pages / SLICES);
}

/**
 * Cuts filters as `buildTokenFilter` gives them, each whole, into pages: 1, 2, 4 … or 64.
 * @throws {CorruptDataError} one of them is damaged
 * @throws {RangeError} they are too many or too large together
 */
export function cutFilterPages(filters: readonly Uint8Array[]): Uint8Array[] {
  const bytes = filters.reduce((sum, { length }) => sum + length, 0);
  if (filters.length > PAGED_FILTERS_MAX || bytes > PAGED_FILTER_BYTES_MAX) {
    throw new RangeError(`Cannot put ${filters.length} filters of ${bytes} bytes into pages`);
  }
  let pages = 1;
  while (pages < SLICES && pages * FILTER_PAGE_BYTES < bytes) pages *= 2;
  const opened = filters.map(readTokenFilter);
  const each = SLICES / pages;
  return Array.from({ length: pages }, (_, page) => encodePage(opened, page * each, each));
}

function encodePage(
  filters: readonly (BucketFilter | "everything")[],
  first: number,
  count: number,
): Uint8Array {
  const writer = new ByteWriter(FILTER_PAGE_BYTES);
  writeTokenVersions(writer);
  writer.u8(first);
  writer.u8(count);
  writer.varint(filters.length);
  for (const filter of filters) {
    if (filter === "everything") {
      writer.varint(0);
      continue;
    }
    writer.varint(filter.buckets);
    for (let i = first; i < first + count; i++) writer.varint(filter.slices[i]!.keys);
  }
  for (const filter of filters) {
    if (filter === "everything") continue;
    for (let i = first; i < first + count; i++) writer.raw(filter.slices[i]!.bytes);
  }
  return sealEnvelope(format, writer.written());
}

/**
 * Opens one of the pages of {@linkcode cutFilterPages}; keeps a view of the bytes.
 * @throws {CorruptDataError} the bytes are not what was written
 */
export function openFilterPage(page: Uint8Array): FilterPage {
  const reader = new ByteReader(openEnvelope(format, page), format.what);
  readTokenVersions(reader);
  const first = reader.u8();
  const count = reader.u8();
  if (count === 0 || first + count > SLICES) reader.fail(`slices ${first} to ${first + count}`);
  const filters = reader.count(1, PAGED_FILTERS_MAX);
  const buckets = new Float64Array(filters);
  const keys = new Float64Array(filters * count);
  for (let filter = 0; filter < filters; filter++) {
    buckets[filter] = reader.varint();
    for (let i = 0; buckets[filter] !== 0 && i < count; i++) {
      keys[filter * count + i] = reader.count(1);
    }
  }
  const starts = new Uint32Array(filters * count);
  for (let filter = 0; filter < filters; filter++) {
    for (let i = filter * count; buckets[filter] !== 0 && i < (filter + 1) * count; i++) {
      starts[i] = reader.at;
      reader.take(sliceBytes(buckets[filter]!, keys[i]!));
    }
  }
  reader.end();
  const { bytes } = reader;
  return {
    filters,
    mayContain(filter, { high, low }) {
      const slice = sliceOf(high) - first;
      if (!(filter < filters && slice >= 0 && slice < count) || buckets[filter] === 0) return true;
      const i = filter * count + slice;
      const own = { keys: keys[i]!, bytes, start: starts[i]! };
      return sliceMayContain(own, buckets[filter]!, high, low);
    },
  };
}
