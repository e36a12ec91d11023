/** @module Bodies as `Content-Encoding` says, with a bound on what they expand to. */

import { Buffer } from "node:buffer";
import { constants, gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from "node:zlib";
import { zstdFrames } from "./_zstd_frames.ts";
import { BadBodyError, BodyTooLargeError, UnsupportedEncodingError } from "./errors.ts";
import {
  CAUSE_CHARS_MAX,
  DECOMPRESS_CHUNK_BYTES,
  ENCODINGS_MAX,
  ZSTD_FRAMES_MAX,
  ZSTD_WINDOW_LOG_MAX,
} from "./limits.ts";

/** Gives the bytes that were compressed; if they are more than `maxBytes` it throws or gives too many. */
type Decoder = (bytes: Uint8Array, maxBytes: number) => Uint8Array;

const DECODERS: ReadonlyMap<string, Decoder> = new Map([
  ["gzip", gunzip],
  ["x-gzip", gunzip],
  ["deflate", inflate],
  ["zstd", unzstd],
]);

/**
 * The body that was encoded.
 * @param contentEncoding the header's value: codings in the order in which they were applied; absent: none
 * @param maxBytes what the body may have, and every step on the way to it may expand to
 * @returns `bytes` itself where nothing is encoded
 * @throws {BodyTooLargeError} it expands to more than `maxBytes`
 * @throws {UnsupportedEncodingError} a coding is not known, or there are more than two
 * @throws {BadBodyError} it is corrupt, truncated, or followed by other bytes
 */
export function decompressBody(
  bytes: Uint8Array,
  contentEncoding: string | undefined,
  maxBytes: number,
): Uint8Array {
  const encodings = (contentEncoding ?? "").toLowerCase().split(",")
    .map((encoding) => encoding.trim())
    .filter((encoding) => encoding !== "" && encoding !== "identity");
  if (encodings.length > ENCODINGS_MAX) {
    throw new UnsupportedEncodingError(
      `Cannot undo ${encodings.length} content codings: use at most ${ENCODINGS_MAX}`,
    );
  }
  const decoders = encodings.map(decoderOf);
  let body = bytes;
  for (let i = decoders.length - 1; i >= 0; i--) {
    body = decode(body, encodings[i]!, decoders[i]!, maxBytes);
  }
  if (body.length > maxBytes) throw tooLarge(maxBytes);
  return body;
}

function decoderOf(encoding: string): Decoder {
  const decoder = DECODERS.get(encoding);
  if (decoder !== undefined) return decoder;
  const shown = JSON.stringify(encoding.slice(0, CAUSE_CHARS_MAX));
  throw new UnsupportedEncodingError(
    `Cannot undo content coding ${shown}: use gzip, deflate, zstd or identity`,
  );
}

function decode(
  bytes: Uint8Array,
  encoding: string,
  decoder: Decoder,
  maxBytes: number,
): Uint8Array {
  try {
    return decoder(bytes, maxBytes);
  } catch (cause) {
    if (isTooLarge(cause)) throw tooLarge(maxBytes);
    const reason = cause instanceof Error
      ? cause.message.slice(0, CAUSE_CHARS_MAX)
      : "it is corrupt";
    const message = `Cannot decompress the body as ${encoding}: ${reason}`;
    throw new BadBodyError(message, undefined, { cause });
  }
}

/** Whether this is how `node:zlib` says that `maxOutputLength` is reached. */
function isTooLarge(error: unknown): boolean {
  return error instanceof RangeError && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
}

function tooLarge(maxBytes: number): BodyTooLargeError {
  return new BodyTooLargeError(
    `The body has more than ${maxBytes} bytes once decompressed: send it in smaller parts`,
  );
}

function optionsFor(maxBytes: number): { maxOutputLength: number; chunkSize: number } {
  return { maxOutputLength: Math.max(1, maxBytes), chunkSize: DECOMPRESS_CHUNK_BYTES };
}

function gunzip(bytes: Uint8Array, maxBytes: number): Uint8Array {
  return gunzipSync(bytes, optionsFor(maxBytes));
}

/** RFC 9110 means zlib's format, RFC 1950, by "deflate"; some clients send the bare one, RFC 1951. */
function inflate(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const options = { ...optionsFor(maxBytes), rejectGarbageAfterEnd: true };
  return hasZlibHeader(bytes) ? inflateSync(bytes, options) : inflateRawSync(bytes, options);
}

/** No bare stream begins like this: its first block would be stored, with padding that is not zero. */
function hasZlibHeader(bytes: Uint8Array): boolean {
  const first = bytes[0] ?? 0;
  return (first & 0x0f) === 8 && ((first << 8) | (bytes[1] ?? 0)) % 31 === 0;
}

function unzstd(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const params = { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG_MAX };
  const parts: Uint8Array[] = [];
  let length = 0;
  for (const frame of zstdFrames(bytes, ZSTD_FRAMES_MAX)) {
    const part = zstdDecompressSync(frame, { ...optionsFor(maxBytes - length), params });
    length += part.length;
    parts.push(part);
    if (length > maxBytes) break;
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts, length);
}
