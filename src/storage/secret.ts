/** @module Random bytes that the server keeps for itself, such as the key that seals sessions. */

import { CorruptDataError, decodeDocument, encodeDocument } from "../codec/mod.ts";
import type { Database, Entry } from "./database.ts";
import { secretKey } from "./keys.ts";

/** 256 bits: the key of AES-256. */
const SECRET_BYTES = 32;

/**
 * The secret of this name: 32 random bytes, made when they are asked for the first time and the same from then on, also
 * for other servers of the same database. A damaged one is replaced: what it sealed cannot be opened any more, which for
 * sessions means that people sign in again.
 */
export async function loadSecret(database: Database, name: string): Promise<Uint8Array> {
  const key = secretKey(name);
  for (;;) {
    const entry = await database.get(key);
    const bytes = entry && soundBytes(entry);
    if (bytes !== undefined) return bytes;
    const made = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
    // Of several servers that make one at a time, the first one's is everybody's.
    await database.commit({
      checks: [{ key, versionstamp: entry?.versionstamp ?? null }],
      sets: [[key, encodeDocument({ bytes: made.toBase64() })]],
    });
  }
}

/** @throws {CorruptDataError} the value is no secret */
export function secretBytes(value: Uint8Array): Uint8Array {
  const { bytes } = decodeDocument(value) as { bytes?: unknown };
  if (typeof bytes === "string") return Uint8Array.fromBase64(bytes);
  throw new CorruptDataError("Cannot read a secret: it has no bytes");
}

function soundBytes({ value }: Entry): Uint8Array | undefined {
  try {
    return secretBytes(value);
  } catch (error) {
    if (error instanceof CorruptDataError) return undefined;
    throw error;
  }
}
