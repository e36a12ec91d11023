import type { Backoff } from "./backoff.ts";
import { retryAfterMs } from "./backoff.ts";
import type { Clock } from "./clock.ts";
import { ATTEMPT_MS_MAX } from "./limits.ts";

/** The part of `fetch` that is used. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** What speaks to the server. */
export interface ApiOptions {
  /** The server's address, with or without a slash at its end. */
  readonly url: string;
  readonly token: string;
  readonly fetch: Fetch;
  readonly clock: Clock;
}

/** An answer of the API that was read to its end. */
export interface ApiAnswer {
  readonly status: number;
  readonly text: string;
}

/** A request to send. */
export interface ApiRequest {
  readonly method: string;
  /** From the address on, with a slash at its start. */
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

/** No attempt gave an answer that says what became of the request. */
export class NoAnswerError extends Error {
  override readonly name = "NoAnswerError";
}

/** Requests to the server, tried again with a {@link Backoff} on 429, 5xx and failed connections. */
export class Api {
  readonly #options: ApiOptions;
  readonly #base: string;

  constructor(options: ApiOptions) {
    this.#options = options;
    this.#base = options.url.replace(/\/+$/, "");
  }

  /**
   * The answer to a request that may be sent more than once.
   * @throws {NoAnswerError} when the backoff's patience is at its end
   */
  async ask(request: ApiRequest, backoff: Backoff): Promise<ApiAnswer> {
    for (;;) {
      const result = await this.tryOnce(request);
      if (result.answer !== undefined) {
        backoff.succeeded();
        return result.answer;
      }
      if (!await backoff.failed(result.retryAfterMs)) {
        throw new NoAnswerError(`${this.#base} gives no answer: ${result.reason}`);
      }
    }
  }

  /** One attempt: an answer, or why there should be another and whether the server may have acted on this one. */
  async tryOnce(request: ApiRequest): Promise<Attempt> {
    const giveUp = new AbortController();
    const timer = setTimeout(() => giveUp.abort(), ATTEMPT_MS_MAX);
    try {
      const response = await this.open(request, giveUp.signal);
      const text = await response.text();
      const { status } = response;
      if (status !== 429 && status < 500) return { answer: { status, text } };
      return {
        reason: `HTTP ${status}${sentenceOf(text)}`,
        retryAfterMs: retryAfterMs(response.headers.get("retry-after"), this.#options.clock.now()),
        undone: status === 429 || status === 503,
      };
    } catch (error) {
      const reason = giveUp.signal.aborted
        ? `no answer within ${ATTEMPT_MS_MAX / 1000} s`
        : messageOf(error);
      return { reason, retryAfterMs: 0, undone: false };
    } finally {
      clearTimeout(timer);
    }
  }

  /** Sends a request and gives the response with its body unread; rejects as `fetch` does. */
  open(request: ApiRequest, signal: AbortSignal): Promise<Response> {
    const { method, path, headers, body } = request;
    return this.#options.fetch(this.#base + path, {
      method,
      headers: { authorization: `Token ${this.#options.token}`, ...headers },
      ...(body === undefined ? {} : { body }),
      signal,
    });
  }
}

/** What one attempt gave. */
export type Attempt =
  | { readonly answer: ApiAnswer; readonly reason?: undefined }
  | {
    readonly answer?: undefined;
    readonly reason: string;
    readonly retryAfterMs: number;
    /** The server said that it did nothing. */
    readonly undone: boolean;
  };

/** `: <sentence>` of an error body, or nothing. */
export function sentenceOf(body: string): string {
  try {
    const { error } = JSON.parse(body);
    return typeof error === "string" ? `: ${error}` : "";
  } catch {
    return ""; // A proxy's page: the status says enough.
  }
}

/** The message of whatever was thrown; of its cause where it has one, as `fetch` says only that it failed. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return messageOf(error.cause);
  // Whoever reads it knows the address.
  return error.message.replace(/^error sending request for url \(\S*\): /, "");
}
