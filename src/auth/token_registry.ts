import { createHash, timingSafeEqual } from "node:crypto";
import type { TokenTable } from "../storage/mod.ts";
import { checkTokenRequest, decodeToken, encodeToken } from "./_stored_token.ts";
import { tokenOfAuthorization } from "./authorization.ts";
import { TokenLimitError, TokenNameTakenError } from "./errors.ts";
import {
  AUTHORIZATION_CACHE_MAX,
  TOKEN_RANDOM_BYTES,
  TOKEN_TEXT_UNITS_MAX,
  TOKENS_MAX,
} from "./limits.ts";
import {
  makeToken,
  type Token,
  type TokenGrants,
  type TokenInfo,
  type TokenRequest,
} from "./token.ts";

/** What a registry takes from outside, so that a test can choose it. */
export interface TokenRegistryOptions {
  /** The time, in milliseconds since the Unix epoch. */
  readonly now?: () => number;
  /** Fills an array with random bytes. */
  readonly randomize?: (bytes: Uint8Array<ArrayBuffer>) => unknown;
  /** Told of each stored value that is no token of this release: nobody has its rights. */
  readonly onUnreadable?: (error: Error) => void;
}

/**
 * The tokens of a server: all in memory, loaded once, every change stored before it is in force. Only the SHA-256 of a
 * token is kept: whoever reads the database learns no token.
 */
export class TokenRegistry {
  readonly #table: TokenTable;
  readonly #now: () => number;
  readonly #randomize: (bytes: Uint8Array<ArrayBuffer>) => unknown;
  readonly #byHash = new Map<string, Token>();
  readonly #byName = new Map<string, { token: Token; fixed: boolean }>();
  readonly #byHeader = new Map<string, Token>();
  /** The end of the queue of changes: one at a time, so that names stay unique. */
  #lastChange: Promise<unknown> = Promise.resolve();

  private constructor(table: TokenTable, options: TokenRegistryOptions) {
    this.#table = table;
    this.#now = options.now ?? Date.now;
    this.#randomize = options.randomize ?? ((bytes) => crypto.getRandomValues(bytes));
  }

  /** Reads every stored token; those that cannot be read are unknown. */
  static async load(table: TokenTable, options: TokenRegistryOptions = {}): Promise<TokenRegistry> {
    const registry = new TokenRegistry(table, options);
    for (const { hash, value } of await table.list()) {
      try {
        registry.#add(makeToken(decodeToken(value, hash), hash), false);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        options.onUnreadable?.(error);
      }
    }
    return registry;
  }

  /** How many tokens there are, expired ones included. */
  get size(): number {
    return this.#byName.size;
  }

  /**
   * Makes a token and gives its text, which is kept nowhere and cannot be shown again.
   * @throws {InvalidTokenError} a name, service or expiry is out of bounds
   * @throws {TokenNameTakenError}
   * @throws {TokenLimitError}
   */
  create(request: TokenRequest): Promise<string> {
    return this.#change(async () => {
      this.#checkNew(request);
      const bytes = new Uint8Array(TOKEN_RANDOM_BYTES);
      this.#randomize(bytes);
      const text = `sentinel_${bytes.toBase64({ alphabet: "base64url", omitPadding: true })}`;
      const token = makeToken(infoOf(request, this.#now()), hashOf(text));
      await this.#table.put(token.hash, encodeToken(token.info, token.hash));
      this.#add(token, false);
      return text;
    });
  }

  /**
   * Adds a token with a known text that lives only as long as this registry (the demo's).
   * @throws {InvalidTokenError} a name, service or expiry is out of bounds
   * @throws {TokenNameTakenError}
   * @throws {TokenLimitError}
   */
  addFixed(name: string, text: string, grants: TokenGrants): void {
    const request = { ...grants, name };
    this.#checkNew(request);
    this.#add(makeToken(infoOf(request, this.#now()), hashOf(text)), true);
  }

  /** Every token, by name; expired ones included, until they are revoked. */
  list(): TokenInfo[] {
    return [...this.#byName.values()].map(({ token }) => token.info)
      .sort((a, b) => a.name < b.name ? -1 : 1);
  }

  /** Makes a token unknown from now on; `false` if there is none of that name. */
  revoke(name: string): Promise<boolean> {
    return this.#change(async () => {
      const entry = this.#byName.get(name);
      if (entry === undefined) return false;
      if (!entry.fixed) await this.#table.delete(entry.token.hash);
      this.#byName.delete(name);
      this.#byHash.delete(keyOf(entry.token.hash));
      this.#byHeader.clear();
      return true;
    });
  }

  /** The token with this text, unless it is unknown, revoked or expired at `nowMs`. */
  authenticate(text: string, nowMs: number): Token | undefined {
    if (text.length > TOKEN_TEXT_UNITS_MAX) return undefined;
    const hash = hashOf(text);
    const token = this.#byHash.get(keyOf(hash));
    // What a look-up's duration could tell is about the hash, which says nothing about the text.
    if (token === undefined || !timingSafeEqual(hash, token.hash)) return undefined;
    return isCurrent(token, nowMs) ? token : undefined;
  }

  /** The same for the value of an `Authorization` header; cheap for one that was good before. */
  authenticateHeader(header: string, nowMs: number): Token | undefined {
    const known = this.#byHeader.get(header);
    if (known !== undefined) return isCurrent(known, nowMs) ? known : undefined;
    const text = tokenOfAuthorization(header);
    const token = text === undefined ? undefined : this.authenticate(text, nowMs);
    if (token !== undefined) this.#remember(header, token);
    return token;
  }

  /** Whether a token that was authenticated before is still known at `nowMs`; costs a look-up. */
  isCurrent(token: Token, nowMs: number): boolean {
    return this.#byName.get(token.info.name)?.token === token && isCurrent(token, nowMs);
  }

  #remember(header: string, token: Token): void {
    if (this.#byHeader.size >= AUTHORIZATION_CACHE_MAX) {
      const oldest = this.#byHeader.keys().next();
      if (!oldest.done) this.#byHeader.delete(oldest.value);
    }
    this.#byHeader.set(header, token);
  }

  #checkNew(request: TokenRequest): void {
    checkTokenRequest(request);
    if (this.#byName.has(request.name)) {
      throw new TokenNameTakenError(
        `Cannot make token ${
          JSON.stringify(request.name)
        }: there is one of that name; revoke it first or choose another`,
      );
    }
    if (this.#byName.size >= TOKENS_MAX) {
      throw new TokenLimitError(
        `Cannot make token ${
          JSON.stringify(request.name)
        }: there are ${TOKENS_MAX}, the most a server keeps; revoke some first`,
      );
    }
  }

  #add(token: Token, fixed: boolean): void {
    this.#byHash.set(keyOf(token.hash), token);
    this.#byName.set(token.info.name, { token, fixed });
  }

  #change<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#lastChange.then(run);
    // A failed change is its caller's to handle; the next one starts all the same.
    this.#lastChange = result.catch(() => undefined);
    return result;
  }
}

function infoOf(request: TokenRequest, createdAtMs: number): TokenInfo {
  const { name, write, read, admin, expiresAtMs } = request;
  const services = write === "*" ? write : [...new Set(write)];
  return { name, write: services, read, delete: request.delete, admin, createdAtMs, expiresAtMs };
}

function isCurrent(token: Token, nowMs: number): boolean {
  return token.info.expiresAtMs === undefined || nowMs < token.info.expiresAtMs;
}

function hashOf(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}

function keyOf(hash: Uint8Array): string {
  return hash.toBase64();
}
