/** @module Small values (summaries, totals, settings) as checked JSON. */

import { EnvelopeKind, openEnvelope, sealEnvelope } from "./_envelope.ts";
import { CorruptDataError } from "./errors.ts";
import { RAW_BYTES_MAX } from "./limits.ts";

const format = {
  kind: EnvelopeKind.document,
  version: 1,
  what: "a document",
  rawBytesMax: RAW_BYTES_MAX,
  compressed: false,
} as const;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * A value as UTF-8 JSON with a version and a checksum.
 * @throws {TypeError} JSON cannot hold the value
 */
export function encodeDocument(value: unknown): Uint8Array {
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) {
    throw new TypeError(`Cannot encode a document: JSON has no ${typeof value}`);
  }
  return sealEnvelope(format, encoder.encode(text));
}

/**
 * The value that {@linkcode encodeDocument} was given, as JSON keeps it.
 * @throws {CorruptDataError} the bytes are not what was written
 */
export function decodeDocument(bytes: Uint8Array): unknown {
  const body = openEnvelope(format, bytes);
  try {
    return JSON.parse(decoder.decode(body));
  } catch (cause) {
    throw new CorruptDataError("Cannot decode a document: it is not JSON", { cause });
  }
}
