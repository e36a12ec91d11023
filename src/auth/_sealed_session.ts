/**
 * @module A session as bytes that only this server can read or make: AES-256-GCM under a key of the database's.
 *
 * | offset | bytes | what |
 * | --- | --- | --- |
 * | 0 | 1 | version, 1; authenticated |
 * | 1 | 12 | nonce, random |
 * | 13 | n | encrypted: session id (16), start and time of sealing (float64 each, milliseconds since the Unix epoch, highest byte first), the token's text (UTF-8) |
 * | 13 + n | 16 | tag |
 *
 * The token itself is inside, not its hash: whoever reads the database finds the key and the hashes of tokens there,
 * and could make sessions of them otherwise.
 */

import { createCipheriv, createDecipheriv } from "node:crypto";

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ID_BYTES = 16;
const HEAD_BYTES = 1 + NONCE_BYTES;
const TIMES_BYTES = 16;

/** The longest text that is opened at all: a token of the greatest length makes 481 characters. */
const SEALED_UNITS_MAX = 1_024;

/** What a sealed session holds. */
export interface SessionContent {
  /** 16 random bytes. */
  readonly id: Uint8Array;
  /** When it was signed in, in milliseconds since the Unix epoch. */
  readonly startMs: number;
  /** When it was sealed, the same. */
  readonly sealedMs: number;
  readonly tokenText: string;
}

/** A session as text in base64url. @param key 32 bytes */
export function sealSession(key: Uint8Array, content: SessionContent, nonce: Uint8Array): string {
  const text = new TextEncoder().encode(content.tokenText);
  const plain = new Uint8Array(ID_BYTES + TIMES_BYTES + text.length);
  plain.set(content.id);
  const times = new DataView(plain.buffer, ID_BYTES, TIMES_BYTES);
  times.setFloat64(0, content.startMs);
  times.setFloat64(8, content.sealedMs);
  plain.set(text, ID_BYTES + TIMES_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(Uint8Array.of(VERSION));
  const encrypted = [cipher.update(plain), cipher.final()];
  const sealed = Uint8Array.from([
    VERSION,
    ...nonce,
    ...encrypted.flatMap((bytes) => [...bytes]),
    ...cipher.getAuthTag(),
  ]);
  return sealed.toBase64({ alphabet: "base64url", omitPadding: true });
}

/** Opens a sealed session; `undefined` for any text that was not sealed with this key. */
export function openSession(key: Uint8Array, sealed: string): SessionContent | undefined {
  if (sealed.length > SEALED_UNITS_MAX) return undefined;
  let plain: Uint8Array;
  try {
    const bytes = Uint8Array.fromBase64(sealed, { alphabet: "base64url" });
    if (bytes[0] !== VERSION || bytes.length < HEAD_BYTES + ID_BYTES + TIMES_BYTES + TAG_BYTES) {
      return undefined;
    }
    const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(1, HEAD_BYTES));
    decipher.setAAD(bytes.subarray(0, 1));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const first = decipher.update(bytes.subarray(HEAD_BYTES, -TAG_BYTES));
    plain = Uint8Array.from([...first, ...decipher.final()]);
  } catch {
    return undefined; // Not base64url, or not sealed with this key: no session, whatever it is.
  }
  const times = new DataView(plain.buffer, ID_BYTES, TIMES_BYTES);
  return {
    id: plain.slice(0, ID_BYTES),
    startMs: times.getFloat64(0),
    sealedMs: times.getFloat64(8),
    tokenText: new TextDecoder().decode(plain.subarray(ID_BYTES + TIMES_BYTES)),
  };
}
