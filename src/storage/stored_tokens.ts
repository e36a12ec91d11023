import { CorruptDataError, decodeDocument, encodeDocument } from "../codec/mod.ts";
import { type Database, listAll } from "./database.ts";
import { tokenKey, tokenRange } from "./keys.ts";
import type { TokenTable } from "./types.ts";

/** Tokens as documents in the database. */
export class StoredTokens implements TokenTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async list(): Promise<{ hash: Uint8Array; value: unknown }[]> {
    const tokens: { hash: Uint8Array; value: unknown }[] = [];
    for await (const { key, value } of listAll(this.#database, tokenRange)) {
      tokens.push({ hash: key[2] as Uint8Array, value: soundValue(value) });
    }
    return tokens;
  }

  async put(hash: Uint8Array, value: unknown): Promise<void> {
    await this.#database.commit({ sets: [[tokenKey(hash), encodeDocument(value)]] });
  }

  async delete(hash: Uint8Array): Promise<void> {
    await this.#database.commit({ deletes: [tokenKey(hash)] });
  }
}

/** The value; `undefined`, which is no token, if it is damaged. */
function soundValue(value: Uint8Array): unknown {
  try {
    return decodeDocument(value);
  } catch (error) {
    if (!(error instanceof CorruptDataError)) throw error;
    return undefined;
  }
}
