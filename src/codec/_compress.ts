import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { CorruptDataError } from "./errors.ts";
import { COMPRESS_BYTES_MIN, ZSTD_LEVEL, ZSTD_SMALL_WINDOW_LOG } from "./limits.ts";

const params = { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL };
const smallWindow = { ...params, [constants.ZSTD_c_windowLog]: ZSTD_SMALL_WINDOW_LOG };

// Output is collected in chunks of this size: one chunk for most bodies, and little memory for a false length.
const CHUNK_BYTES_MAX = 1 << 20;

/**
 * The bytes as one zstd frame, or `undefined` if that is not smaller or not worth its time.
 * @param window what repeats further back than a `small` one is not found; it saves time
 */
export function compress(
  raw: Uint8Array,
  window: "small" | "large" = "large",
): Uint8Array | undefined {
  if (raw.length < COMPRESS_BYTES_MIN) return undefined;
  const packed = zstdCompressSync(raw, {
    params: window === "small" ? smallWindow : params,
    chunkSize: chunkSize(raw.length / 2),
  });
  return packed.length < raw.length ? packed : undefined;
}

/**
 * Expands one zstd frame to exactly `rawBytes` bytes; the caller has checked that these are not too many.
 * @throws {CorruptDataError} it does not expand, or to another length
 */
export function decompress(packed: Uint8Array, rawBytes: number, what: string): Uint8Array {
  let raw: Uint8Array;
  try {
    // Room for one byte more, so that a frame that expands to too much is seen to.
    raw = zstdDecompressSync(packed, {
      maxOutputLength: rawBytes + 1,
      chunkSize: chunkSize(rawBytes + 1),
    });
  } catch (cause) {
    throw new CorruptDataError(`Cannot decode ${what}: its compressed bytes do not expand`, {
      cause,
    });
  }
  if (raw.length !== rawBytes) {
    throw new CorruptDataError(
      `Cannot decode ${what}: it expands to ${raw.length} bytes where ${rawBytes} were written`,
    );
  }
  // As a plain Uint8Array: a Buffer behaves differently in slice() and in comparisons.
  return new Uint8Array(raw.buffer, raw.byteOffset, raw.length);
}

function chunkSize(bytes: number): number {
  // 64 is the least that node:zlib takes.
  return Math.min(CHUNK_BYTES_MAX, Math.max(64, Math.ceil(bytes)));
}
