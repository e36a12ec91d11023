/** What a token may do, as it is given and listed. */
export interface TokenGrants {
  /** The services whose records it may write; `"*"`: any. */
  readonly write: readonly string[] | "*";
  /** Whether it may read records, of every service. */
  readonly read: boolean;
  /** Whether it may delete records, of every service. */
  readonly delete: boolean;
  /** Whether it may do everything, tokens included. */
  readonly admin: boolean;
}

/** What is asked of `create`. */
export interface TokenRequest extends TokenGrants {
  /** 1 to 128 characters without control characters, unique. */
  readonly name: string;
  /** Milliseconds since the Unix epoch from which on it is unknown; absent: it stays. */
  readonly expiresAtMs?: number | undefined;
}

/** A token as it may be shown: everything but its text. */
export interface TokenInfo extends TokenRequest {
  /** Milliseconds since the Unix epoch. */
  readonly createdAtMs: number;
}

/** A token that was presented and is known. */
export interface Token {
  readonly info: TokenInfo;
  /** SHA-256 of its text, 32 bytes; not to be changed. */
  readonly hash: Uint8Array;
  /** The services it may write, for a quick look-up; `"all"` also for an admin token. */
  readonly writable: ReadonlySet<string> | "all";
}

/** A right that is not about a service. */
export type Right = "read" | "delete" | "admin";

/** Whether a token may use a right; an admin token may use every one. */
export function may(token: Token, right: Right): boolean {
  return token.info.admin || token.info[right];
}

/** Whether a token may write records of a service. */
export function mayWrite(token: Token, service: string): boolean {
  return token.writable === "all" || token.writable.has(service);
}

/** Whether there is any service whose records a token may write. */
export function mayWriteAny(token: Token): boolean {
  return token.writable === "all" || token.writable.size > 0;
}

/** Puts a token's parts together; `hash` is kept, not copied. */
export function makeToken(info: TokenInfo, hash: Uint8Array): Token {
  const all = info.admin || info.write === "*";
  return { info, hash, writable: all ? "all" : new Set(info.write) };
}
