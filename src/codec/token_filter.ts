/**
 * @module Token filters: an envelope around this body.
 *
 * | part | how |
 * | --- | --- |
 * | versions | tokenizer, one byte; hash, one byte |
 * | kind | 0: everything may be contained; 1 and 2: filters of format 1, which are not asked any more; 3: buckets |
 * | buckets | number of buckets of a slice, varint; of each of the 64 slices its number of keys, varint; the slices |
 */

import type { RecordColumns, TextColumn } from "../record.ts";
import { ByteReader } from "./_byte_reader.ts";
import { ByteWriter } from "./_byte_writer.ts";
import { EnvelopeKind, openEnvelope, sealEnvelope } from "./_envelope.ts";
import {
  type BucketFilter,
  buildBucketFilter,
  type Slice,
  sliceBytes,
  sliceMayContain,
  sliceOf,
  SLICES,
} from "./_bucket_filter.ts";
import { MemberScanner } from "./_json_members.ts";
import { addAttribute, addField, addWords, type NamePrefix, namePrefix } from "./_token_scan.ts";
import { TokenSet } from "./_token_set.ts";
import { ATTRIBUTE_PREFIX } from "./attributes.ts";
import { FILTER_KEYS_MAX, RAW_BYTES_MAX } from "./limits.ts";
import { HASH_VERSION, hashToken, TOKENIZER_VERSION } from "./token.ts";
import type { TokenFilter } from "./types.ts";

const format = {
  kind: EnvelopeKind.filter,
  version: 1,
  what: "a token filter",
  rawBytesMax: RAW_BYTES_MAX,
  // Fingerprints are as good as random: zstd would only cost time.
  compressed: false,
} as const;

const KIND_EVERYTHING = 0;
const KIND_LIST = 1;
const KIND_FUSE = 2;
const KIND_BUCKETS = 3;

/**
 * The filter over the words of the messages, the trace ids and the attributes of some records (whether or not attributes
 * have columns of their own). About 10 bits a distinct token. Read by {@linkcode openTokenFilter}.
 * @param set tokens that are in it too; it is added to
 */
export function buildTokenFilter(
  columns: RecordColumns,
  set: TokenSet = new TokenSet(FILTER_KEYS_MAX),
): Uint8Array {
  const { count, texts } = columns;
  for (const [name, column] of texts) {
    if (name === "message") addWords(set, column, count);
    else if (name === "trace_id") addValues(set, name, column, count, addField);
    else if (name === "attributes") addObjects(set, column, count);
    else if (name.startsWith(ATTRIBUTE_PREFIX)) {
      addValues(set, name.slice(ATTRIBUTE_PREFIX.length), column, count, addAttribute);
    }
  }
  const writer = new ByteWriter();
  writeTokenVersions(writer);
  writeSet(writer, set);
  return sealEnvelope(format, writer.written());
}

function addValues(
  set: TokenSet,
  name: string,
  { bytes, offsets }: TextColumn,
  count: number,
  add: typeof addAttribute,
): void {
  const prefix = namePrefix(name);
  for (let row = 0; row < count; row++) {
    const start = offsets[row]!;
    const end = offsets[row + 1]!;
    if (end > start) add(set, prefix, bytes, start, end);
  }
}

function addObjects(set: TokenSet, { bytes, offsets }: TextColumn, count: number): void {
  const scanner = new MemberScanner(bytes);
  const prefixes: NamePrefix[] = [];
  for (let row = 0; row < count; row++) {
    const start = offsets[row]!;
    const end = offsets[row + 1]!;
    if (end === start) continue;
    const members = scanner.scan(start, end);
    for (let i = 0; i < members; i++) {
      const name = scanner.name[i]!;
      const prefix = prefixes[name] ??= namePrefix(scanner.names.name(name));
      addAttribute(set, prefix, bytes, scanner.valueStart[i]!, scanner.valueEnd[i]!);
    }
  }
}

function writeSet(writer: ByteWriter, set: TokenSet): void {
  if (set.overflowed) return writer.u8(KIND_EVERYTHING);
  const { buckets, slices } = buildBucketFilter(set.toPairs());
  writer.u8(KIND_BUCKETS);
  writer.varint(buckets);
  for (const { keys } of slices) writer.varint(keys);
  for (const { bytes } of slices) writer.raw(bytes);
}

/**
 * Opens what {@linkcode buildTokenFilter} gave, its parts joined; keeps a view of the bytes.
 * @throws {CorruptDataError} the bytes are not what was written
 */
export function openTokenFilter(bytes: Uint8Array): TokenFilter {
  const filter = readTokenFilter(bytes);
  if (filter === "everything") return { mayContain: () => true };
  return {
    mayContain(token) {
      const { high, low } = typeof token === "string" ? hashToken(token) : token;
      return sliceMayContain(filter.slices[sliceOf(high)]!, filter.buckets, high, low);
    },
  };
}

/**
 * The slices of what {@linkcode buildTokenFilter} gave: views of the bytes.
 * @throws {CorruptDataError} the bytes are not what was written
 */
export function readTokenFilter(bytes: Uint8Array): BucketFilter | "everything" {
  const reader = new ByteReader(openEnvelope(format, bytes), format.what);
  readTokenVersions(reader);
  const kind = reader.u8();
  if (kind === KIND_EVERYTHING) {
    reader.end();
    return "everything";
  }
  // Segments of format 1: read whole, until they are merged into others.
  if (kind === KIND_LIST || kind === KIND_FUSE) return "everything";
  if (kind !== KIND_BUCKETS) reader.fail(`a filter of kind ${kind}`);
  const buckets = reader.varint();
  if (buckets === 0) reader.fail("slices without buckets");
  const keys = Array.from({ length: SLICES }, () => reader.count(1));
  const slices = keys.map((keys): Slice => ({
    keys,
    bytes: reader.take(sliceBytes(buckets, keys)),
    start: 0,
  }));
  reader.end();
  return { buckets, slices };
}

/** Writes by which rules tokens are cut and hashed. */
export function writeTokenVersions(writer: ByteWriter): void {
  writer.u8(TOKENIZER_VERSION);
  writer.u8(HASH_VERSION);
}

/** @throws {CorruptDataError} tokens were cut or hashed by other rules than those here */
export function readTokenVersions(reader: ByteReader): void {
  const tokenizer = reader.u8();
  const hash = reader.u8();
  if (tokenizer !== TOKENIZER_VERSION || hash !== HASH_VERSION) {
    reader.fail(`tokenizer ${tokenizer} and hash ${hash} are not known here`);
  }
}
