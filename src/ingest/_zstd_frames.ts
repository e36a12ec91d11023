/**
 * @module The frames of a Zstandard body (RFC 8878, section 3.1), found by their block headers: the decoder reads the
 * first frame alone and takes a truncated one without a word.
 *
 * | bytes | of a frame |
 * | --- | --- |
 * | 4 | magic number 0xFD2FB528, little-endian |
 * | 1 | descriptor: bits 7-6 size of the content size, 5 single segment, 2 checksum, 1-0 size of the dictionary id |
 * | 0-1, 0-4, 0-8 | window, dictionary id, content size |
 * | 3 + n, … | blocks: bit 0 last, bits 2-1 type, bits 23-3 size; n is 1 for a repeated byte (type 1), else the size |
 * | 0-4 | checksum |
 */

const FRAME_MAGIC = 0xfd2fb528;
/** Skippable frames have sixteen magic numbers: a length of four bytes follows, and as much of anything. */
const SKIPPABLE_MAGIC = 0x184d2a50;

const DICTIONARY_ID_BYTES = [0, 1, 2, 4];
const CONTENT_SIZE_BYTES = [0, 2, 4, 8];
const CHECKSUM_BYTES = 4;
const REPEATED_BLOCK = 1;
const RESERVED_BLOCK = 3;
/** Blocks of more are invalid (section 3.1.1.2.4): so a repeated byte expands to at most this. */
const BLOCK_BYTES_MAX = 128 * 1024;

/**
 * The complete frames of `bytes`, as views into it; skippable ones are left out.
 * @throws {RangeError} it does not consist of whole frames, or of more than `framesMax`
 */
export function zstdFrames(bytes: Uint8Array, framesMax: number): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frames: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    const magic = view.getUint32(need(view, at, 4), true);
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) {
      const skipped = view.getUint32(need(view, at + 4, 4), true);
      at = need(view, at + 8, skipped) + skipped;
      continue;
    }
    if (magic !== FRAME_MAGIC) throw new RangeError(`no frame begins at byte ${at}`);
    if (frames.length === framesMax) throw new RangeError(`it has more than ${framesMax} frames`);
    const end = frameEnd(view, at + 4);
    frames.push(bytes.subarray(at, end));
    at = end;
  }
  return frames;
}

/** Where a frame ends whose descriptor is at `at`. */
function frameEnd(view: DataView, at: number): number {
  const descriptor = view.getUint8(need(view, at, 1));
  const singleSegment = (descriptor & 0x20) !== 0;
  const contentSizeFlag = descriptor >> 6;
  at += 1 + (singleSegment ? 0 : 1) + DICTIONARY_ID_BYTES[descriptor & 3]!;
  at += contentSizeFlag === 0 && singleSegment ? 1 : CONTENT_SIZE_BYTES[contentSizeFlag]!;
  for (let last = false; !last;) {
    need(view, at, 3);
    const header = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
    last = (header & 1) === 1;
    const type = (header >> 1) & 3;
    const size = header >> 3;
    if (type === RESERVED_BLOCK || size > BLOCK_BYTES_MAX) {
      throw new RangeError(`the block at byte ${at} is invalid`);
    }
    at += 3 + (type === REPEATED_BLOCK ? 1 : size);
  }
  if ((descriptor & 4) !== 0) at += CHECKSUM_BYTES;
  return need(view, at, 0);
}

/** `at`, if `count` bytes are there. */
function need(view: DataView, at: number, count: number): number {
  if (at + count > view.byteLength) throw new RangeError("it ends in the middle of a frame");
  return at;
}
