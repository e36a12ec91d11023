/** Which limit, or which part of the server, refused a request: what refusals are counted by. */
export type RefusalReason =
  | "queue_full"
  | "database"
  | "not_ready"
  | "shutting_down"
  | "streams"
  | "idempotency_keys"
  | "deletions"
  | "tokens"
  | "tails"
  | "queries"
  | "exports"
  | "bodies"
  | "sign_ins"
  | "other";

/** The store cannot take a request now; nothing of it was stored. */
export class OverloadedError extends Error {
  override readonly name = "OverloadedError";
  readonly reason: RefusalReason;
  /**
   * @param status what HTTP should say: 429 for a limit of this sender's making, 503 otherwise
   * @param retryAfterSeconds when another try may succeed
   */
  constructor(
    message: string,
    readonly status: 429 | 503 = 503,
    readonly retryAfterSeconds = 1,
    options: ErrorOptions & { readonly reason?: RefusalReason } = {},
  ) {
    super(message, options);
    this.reason = options.reason ?? "other";
  }
}

/** The database did not do what it was asked to: its disk is full, it is locked, it cannot be read. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
}

/** The idempotency key was used before, with another body. */
export class IdempotencyConflictError extends Error {
  override readonly name = "IdempotencyConflictError";
}

/** More records match a deletion than it may delete; nothing was deleted. */
export class TooManyMatchesError extends Error {
  override readonly name = "TooManyMatchesError";
}

/** The batch may or may not be stored: the only honest answer is none at all. */
export class OutcomeUnknownError extends Error {
  override readonly name = "OutcomeUnknownError";
}

/**
 * A data file or a backup cannot be opened, copied or written: another process holds it, it has another format, it is
 * damaged, there is no room. The message is a sentence for whoever runs the server.
 */
export class OpenError extends Error {
  override readonly name = "OpenError";
}
