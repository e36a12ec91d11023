import type { RecordColumns } from "../record.ts";
import { ByteCache } from "./byte_cache.ts";
import { DIGEST_BYTES_MAX } from "./limits.ts";
import type { Digest, DigestVisitor } from "./types.ts";

/** Digests of segments and of memtable chunks, which both never change. */
export class DigestCache {
  readonly #cache = new ByteCache(DIGEST_BYTES_MAX);
  readonly #chunks = new WeakMap<RecordColumns, number>();
  #chunkCount = 0;

  /** Memory taken, about. */
  get bytes(): number {
    return this.#cache.bytes;
  }

  /** The digest of a segment; its columns are loaded only if it has to be made. */
  ofSegment<D extends Digest>(
    id: number,
    { key, make }: Pick<DigestVisitor<D>, "key" | "make">,
    load: () => Promise<RecordColumns>,
  ): Promise<D> {
    return this.#cache.get(`${id} ${key}`, async () => make(await load()), bytesOf);
  }

  /** The digest of a memtable chunk. */
  ofChunk<D extends Digest>(columns: RecordColumns, { key, make }: DigestVisitor<D>): Promise<D> {
    let chunk = this.#chunks.get(columns);
    if (chunk === undefined) this.#chunks.set(columns, chunk = ++this.#chunkCount);
    return this.#cache.get(`chunk ${chunk} ${key}`, () => Promise.resolve(make(columns)), bytesOf);
  }
}

function bytesOf({ bytes }: Digest): number {
  return bytes;
}
