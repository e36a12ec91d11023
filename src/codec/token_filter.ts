/**
 * @module Token filters: an envelope around this body.
 *
 * | part | how |
 * | --- | --- |
 * | versions | tokenizer, one byte; hash, one byte |
 * | kind | 0: everything may be contained; 1: list; 2: fuse filter |
 * | list | number of hashes, varint; each: high, low, four bytes each, little-endian |
 * | fuse filter | seed, four bytes; log2 of a segment's length, one byte; segments, varint; fingerprints |
 */

import type { RecordColumns, TextColumn } from "../record.ts";
import { ByteReader } from "./_byte_reader.ts";
import { ByteWriter } from "./_byte_writer.ts";
import { EnvelopeKind, openEnvelope, sealEnvelope } from "./_envelope.ts";
import {
  buildFuseFilter,
  FUSE_SEGMENT_LOG2_MAX,
  type FuseFilter,
  fuseMayContain,
} from "./_fuse_filter.ts";
import { MemberScanner } from "./_json_members.ts";
import { addAttribute, addField, addWords, type NamePrefix, namePrefix } from "./_token_scan.ts";
import { TokenSet } from "./_token_set.ts";
import { ATTRIBUTE_PREFIX } from "./attributes.ts";
import { CorruptDataError } from "./errors.ts";
import { FILTER_KEYS_MAX, FUSE_KEYS_MIN, RAW_BYTES_MAX } from "./limits.ts";
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
  writer.u8(TOKENIZER_VERSION);
  writer.u8(HASH_VERSION);
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
  const pairs = set.toPairs();
  const fuse = set.size < FUSE_KEYS_MIN ? undefined : buildFuseFilter(pairs);
  if (fuse === undefined) {
    writer.u8(KIND_LIST);
    writer.varint(set.size);
    for (const half of pairs) writer.u32(half);
    return;
  }
  writer.u8(KIND_FUSE);
  writer.u32(fuse.seed);
  writer.u8(fuse.segmentLog2);
  writer.varint(fuse.segments);
  writer.raw(fuse.fingerprints);
}

/**
 * Opens what {@linkcode buildTokenFilter} gave, its parts joined; keeps a view of the bytes.
 * @throws {CorruptDataError} the bytes are not what was written
 */
export function openTokenFilter(bytes: Uint8Array): TokenFilter {
  const reader = new ByteReader(openEnvelope(format, bytes), format.what);
  const tokenizer = reader.u8();
  const hash = reader.u8();
  if (tokenizer !== TOKENIZER_VERSION || hash !== HASH_VERSION) {
    throw new CorruptDataError(
      `Cannot decode a token filter: tokenizer ${tokenizer} and hash ${hash} are not known here`,
    );
  }
  const kind = reader.u8();
  if (kind === KIND_EVERYTHING) {
    reader.end();
    return { mayContain: () => true };
  }
  if (kind === KIND_LIST) return openList(reader);
  if (kind === KIND_FUSE) return openFuse(reader);
  return reader.fail(`a filter of kind ${kind}`);
}

function openList(reader: ByteReader): TokenFilter {
  const pairs = new Int32Array(2 * reader.count(8));
  for (let i = 0; i < pairs.length; i++) pairs[i] = reader.u32();
  reader.end();
  return {
    mayContain(token) {
      const { high, low } = hashToken(token);
      for (let i = 0; i < pairs.length; i += 2) {
        if (pairs[i] === high && pairs[i + 1] === low) return true;
      }
      return false;
    },
  };
}

function openFuse(reader: ByteReader): TokenFilter {
  const seed = reader.u32() | 0;
  const segmentLog2 = reader.u8();
  if (segmentLog2 > FUSE_SEGMENT_LOG2_MAX) reader.fail(`segments of 2^${segmentLog2} bytes`);
  const segments = reader.count(1);
  const fingerprints = reader.take(reader.remaining);
  if (segments === 0 || fingerprints.length !== (segments + 2) * 2 ** segmentLog2) {
    reader.fail(`${segments} segments of 2^${segmentLog2} in ${fingerprints.length} bytes`);
  }
  const filter: FuseFilter = { seed, segmentLog2, segments, fingerprints };
  return {
    mayContain(token) {
      const { high, low } = hashToken(token);
      return fuseMayContain(filter, high, low);
    },
  };
}
