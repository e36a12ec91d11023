import type { Store } from "../storage/mod.ts";
import { openSession, sealSession, type SessionContent } from "./_sealed_session.ts";
import {
  SESSION_CACHE_MAX,
  SESSION_IDLE_MS_MAX,
  SESSION_MS_MAX,
  SESSION_RENEWAL_MS,
  SIGNED_OUT_MAX,
} from "./limits.ts";
import type { Token } from "./token.ts";
import type { TokenRegistry } from "./token_registry.ts";

/** The name of the key that seals sessions, in the store. */
const SECRET_NAME = "session";

/** Somebody who signed in with a token. */
export interface Session {
  readonly token: Token;
  /** Names the session, for comparisons only. */
  readonly id: string;
  /** When it ends if it is not used any more, in milliseconds since the Unix epoch. */
  readonly endMs: number;
}

/** A session together with what a browser keeps of it. */
export interface SealedSession {
  readonly session: Session;
  /** Characters of base64url, at most 500. */
  readonly sealed: string;
}

interface Known extends Session {
  readonly content: SessionContent;
}

/**
 * Sessions of people who signed in with a token. The server keeps none: what a browser sends back holds the session,
 * sealed with a key from the database, and so it outlives a restart. It ends 12 hours after its last use, 7 days after its
 * start, when it is signed out, and when its token does.
 */
export class Sessions {
  readonly #registry: TokenRegistry;
  readonly #key: Uint8Array;
  readonly #cache = new Map<string, Known>();
  /** Ids of sessions that were signed out. */
  readonly #signedOut = new Set<string>();

  /** @param key 32 random bytes */
  constructor(registry: TokenRegistry, key: Uint8Array) {
    this.#registry = registry;
    this.#key = key;
  }

  /** The sessions of a server, with the key that its store keeps for them. */
  static async open(store: Store, registry: TokenRegistry): Promise<Sessions> {
    return new Sessions(registry, await store.secret(SECRET_NAME));
  }

  /** Begins a session; `undefined` for a token that is not known at `nowMs`. */
  signIn(tokenText: string, nowMs: number): SealedSession | undefined {
    const token = this.#registry.authenticate(tokenText, nowMs);
    if (token === undefined) return undefined;
    const id = crypto.getRandomValues(new Uint8Array(16));
    return this.#seal({ id, startMs: nowMs, sealedMs: nowMs, tokenText }, token);
  }

  /** The session that a browser sent back, unless it is over at `nowMs` or was not sealed here. */
  authenticate(sealed: string, nowMs: number): Session | undefined {
    const session = this.#cache.get(sealed) ?? this.#open(sealed, nowMs);
    return session !== undefined && this.isCurrent(session, nowMs) ? session : undefined;
  }

  /** Whether a session, once authenticated, still stands. */
  isCurrent({ token, id, endMs }: Session, nowMs: number): boolean {
    return nowMs < endMs && !this.#signedOut.has(id) && this.#registry.isCurrent(token, nowMs);
  }

  /** The session that a browser sent back, sealed anew if it is time to; `undefined` if it is not. */
  renew(sealed: string, nowMs: number): SealedSession | undefined {
    const known = this.#cache.get(sealed);
    if (known === undefined || nowMs < known.content.sealedMs + SESSION_RENEWAL_MS) {
      return undefined;
    }
    return this.#seal({ ...known.content, sealedMs: nowMs }, known.token);
  }

  /** Ends a session, also for copies of what its browser kept. */
  signOut(session: Session): void {
    if (this.#signedOut.size >= SIGNED_OUT_MAX) dropFirst(this.#signedOut);
    this.#signedOut.add(session.id);
  }

  #open(sealed: string, nowMs: number): Known | undefined {
    const content = openSession(this.#key, sealed);
    if (content === undefined) return undefined;
    const token = this.#registry.authenticate(content.tokenText, nowMs);
    return token && this.#remember(sealed, content, token);
  }

  #seal(content: SessionContent, token: Token): SealedSession {
    const nonce = crypto.getRandomValues(new Uint8Array(12));
    const sealed = sealSession(this.#key, content, nonce);
    return { session: this.#remember(sealed, content, token), sealed };
  }

  #remember(sealed: string, content: SessionContent, token: Token): Known {
    const { startMs, sealedMs } = content;
    const endMs = Math.min(sealedMs + SESSION_IDLE_MS_MAX, startMs + SESSION_MS_MAX);
    const known: Known = { token, id: content.id.toHex(), endMs, content };
    if (this.#cache.size >= SESSION_CACHE_MAX) dropFirst(this.#cache);
    this.#cache.set(sealed, known);
    return known;
  }
}

function dropFirst(keys: Map<string, unknown> | Set<string>): void {
  const oldest = keys.keys().next();
  if (!oldest.done) keys.delete(oldest.value);
}
