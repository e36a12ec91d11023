import { InvalidTokenError, TokenNameTakenError } from "../auth/mod.ts";
import {
  BadBodyError,
  BodyTooLargeError,
  UnsupportedEncodingError,
  UnsupportedMediaTypeError,
} from "../ingest/mod.ts";
import { InvalidParameterError, QuerySyntaxError } from "../query/mod.ts";
import {
  DatabaseError,
  IdempotencyConflictError,
  type LogFields,
  OutcomeUnknownError,
  OverloadedError,
  TooManyMatchesError,
} from "../storage/mod.ts";
import type { RequestCounters } from "./request_counters.ts";
import { headerText, jsonResponse } from "./respond.ts";

/** Takes one line about a fault of ours, and what it is about. */
export type ErrorLog = (line: string, fields?: LogFields) => void;

/** An answer that is an error: a status and the sentence that goes with it. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  constructor(
    readonly status: number,
    message: string,
    readonly headers?: Readonly<Record<string, string>>,
  ) {
    super(message);
  }
}

/** For the metrics: whoever asked has gone before there was an answer. nginx gave it its number. */
const CLIENT_GONE = 499;

/** The answer to whoever has not said who they are: one text, whatever is missing or wrong. */
export function unauthorized(): HttpError {
  return new HttpError(401, "Who are you?", {
    // Token is this server's own scheme; a browser only knows Basic, and would ask for a password if it were named.
    "www-authenticate": 'Token realm="log-sentinel", Bearer realm="log-sentinel"',
  });
}

/**
 * The answer that an error means. What is not expected is a bug of ours: a 500 that tells nothing, and a line in the log.
 * @throws {OutcomeUnknownError} the same: no answer would be true
 */
export function errorResponse(
  error: unknown,
  where: string,
  log: ErrorLog,
): Response {
  if (error instanceof HttpError) {
    return jsonResponse({ error: error.message }, error.status, error.headers);
  }
  if (error instanceof BadBodyError) {
    const { message, details } = error;
    return jsonResponse(details?.length ? { error: message, details } : { error: message }, 400);
  }
  if (error instanceof QuerySyntaxError) {
    return jsonResponse({ error: error.message, offset: error.offset }, 400);
  }
  if (error instanceof OverloadedError) {
    return jsonResponse({ error: error.message }, error.status, {
      "retry-after": headerText(String(Math.max(1, Math.ceil(error.retryAfterSeconds)))),
    });
  }
  if (error instanceof DatabaseError) {
    log(`The database failed in ${where}: ${error.message}`, { where });
    return jsonResponse({ error: `${error.message}; try again` }, 503, { "retry-after": "5" });
  }
  if (error instanceof OutcomeUnknownError) throw error;
  if (error instanceof DOMException && error.name === "AbortError") {
    return new Response(null, { status: CLIENT_GONE });
  }
  const status = statusOf(error);
  if (status !== undefined) return jsonResponse({ error: (error as Error).message }, status);
  const trace = error instanceof Error ? error.stack ?? error.message : String(error);
  log(`Internal error in ${where}: ${trace.replaceAll("\n", " ")}`, { where });
  return jsonResponse({ error: "Internal error" }, 500);
}

/** Counts a refusal for want of room or time, if that is what an error means. */
export function countRefusal(error: unknown, counters: RequestCounters): void {
  if (error instanceof OverloadedError) counters.refused(error.reason);
  else if (error instanceof DatabaseError) counters.refused("database");
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof InvalidParameterError || error instanceof InvalidTokenError) return 400;
  if (error instanceof TokenNameTakenError || error instanceof TooManyMatchesError) return 409;
  if (error instanceof BodyTooLargeError) return 413;
  if (error instanceof UnsupportedEncodingError || error instanceof UnsupportedMediaTypeError) {
    return 415;
  }
  if (error instanceof IdempotencyConflictError) return 422;
  return undefined;
}
