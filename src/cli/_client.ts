import { ApiError, type ApiProblem, CommandError } from "./errors.ts";

/** Time and chance, as parameters. */
export interface Pace {
  wait(ms: number): Promise<void>;
  /** From 0 to below 1. */
  random(): number;
}

const systemPace: Pace = {
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  random: Math.random,
};

/** Delays of 0.25, 0.5, 1, 2, 4, 8 and 8 s: a server that restarts is back before the last, and a person still waits. */
const ATTEMPTS_MAX = 8;
const FIRST_DELAY_MS = 250;
const DELAY_MAX_MS = 8_000;
/** A server that asks for more patience than this is better asked by a person. */
const RETRY_AFTER_MAX_MS = 60_000;
/** How long the head of an answer may take: a count over everything takes seconds, never minutes. */
const ANSWER_TIMEOUT_MS = 120_000;

/** A request to the server's API. */
export interface ApiRequest {
  readonly method?: "GET" | "POST" | "DELETE";
  /** From the API's root, with its leading slash. */
  readonly path: string;
  readonly query?: URLSearchParams;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer> | string;
  /** Ends the request, and the reading of its answer. */
  readonly signal?: AbortSignal;
  /** How often to try at most, if not as often as makes sense for a person who waits. */
  readonly attemptsMax?: number;
}

/** Speaks to a running server: knows its address and token, is patient, and says in one line what went wrong. */
export class ApiClient {
  /** Whether the server ever answered: a connection refused before that is no hiccup. */
  #reached = false;

  constructor(
    /** The server's address, without a slash at its end. */
    readonly url: string,
    readonly token: string | undefined,
    private readonly pace: Pace = systemPace,
  ) {}

  /**
   * Sends a request; repeats it after a 429 or 503, after which nothing of it was stored, and after a lost connection
   * if it may be repeated: a GET, or a POST with an `Idempotency-Key`.
   *
   * @returns an answer of success; its body must be read or cancelled
   * @throws {ApiError} the server refused
   * @throws {CommandError} the server cannot be reached
   */
  async send(request: ApiRequest): Promise<Response> {
    const repeatable = (request.method ?? "GET") === "GET" ||
      request.headers?.["idempotency-key"] !== undefined;
    for (let attempt = 1;; attempt++) {
      const last = attempt >= (request.attemptsMax ?? ATTEMPTS_MAX);
      let response: Response;
      try {
        response = await this.#fetch(request);
      } catch (error) {
        if (last || !repeatable || !this.#reached) throw this.#unreachable(error);
        await this.pace.wait(this.#delay(attempt));
        continue;
      }
      this.#reached = true;
      if (response.ok) return response;
      const mayRetry = response.status === 429 || response.status === 503;
      if (!mayRetry || last) throw await this.#refusal(response);
      await response.body?.cancel();
      await this.pace.wait(this.#delay(attempt, response.headers.get("retry-after")));
    }
  }

  /** Sends a request and reads its answer as JSON; `T` is what the API's contract promises. */
  async json<T>(request: ApiRequest): Promise<T> {
    const response = await this.send(request);
    try {
      return await response.json() as T;
    } catch (error) {
      throw new CommandError(`${this.url} did not answer in JSON; is it a Log Sentinel?`, {
        cause: error,
      });
    }
  }

  async #fetch(request: ApiRequest): Promise<Response> {
    const { method = "GET", path, query, headers, body, signal } = request;
    const search = query === undefined || query.size === 0 ? "" : `?${query}`;
    const timeout = new AbortController();
    const timer = setTimeout(
      () => timeout.abort(new Error(`no answer within ${ANSWER_TIMEOUT_MS / 1000} s`)),
      ANSWER_TIMEOUT_MS,
    );
    try {
      return await fetch(`${this.url}${path}${search}`, {
        method,
        headers: {
          accept: "application/json",
          ...this.token === undefined ? {} : { authorization: `Token ${this.token}` },
          ...headers,
        },
        ...body === undefined ? {} : { body },
        signal: signal === undefined ? timeout.signal : AbortSignal.any([timeout.signal, signal]),
      });
    } finally {
      clearTimeout(timer);
    }
  }

  #delay(attempt: number, retryAfter?: string | null): number {
    const asked = Number(retryAfter ?? NaN) * 1000;
    const backoff = Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), DELAY_MAX_MS);
    const least = Number.isFinite(asked) ? Math.min(asked, RETRY_AFTER_MAX_MS) : backoff / 2;
    return least + this.pace.random() * backoff / 2;
  }

  #unreachable(error: unknown): CommandError {
    // Where a request fails below HTTP, `fetch` says why in the cause alone.
    const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const text = reason instanceof Error ? reason.message : String(reason);
    const options = { cause: error };
    if (/connection refused/i.test(text)) {
      return new CommandError(
        `No server answers at ${this.url}; start one with sentinel serve, or name another with --url`,
        options,
      );
    }
    const short = text.replace(/^error sending request.*?\): /, "");
    return new CommandError(`Cannot reach ${this.url}: ${short}`, options);
  }

  async #refusal(response: Response): Promise<ApiError> {
    const { error, details } = await readRefusal(response);
    const { status } = response;
    if (status === 401) {
      const what = this.token === undefined ? "needs a token" : "does not know this token";
      const message = `${this.url} ${what} (401); give one with --token or SENTINEL_TOKEN`;
      return new ApiError(message, status);
    }
    return new ApiError(`${this.url} answered ${status}: ${error}`, status, details);
  }
}

async function readRefusal(response: Response): Promise<{ error: string; details: ApiProblem[] }> {
  const text = await response.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // A proxy's page: its beginning says more than nothing.
    return { error: text.slice(0, 200) || response.statusText, details: [] };
  }
  const { error, details } = Object(body) as { error?: unknown; details?: unknown };
  return {
    error: typeof error === "string" ? error : response.statusText,
    details: Array.isArray(details) ? details as ApiProblem[] : [],
  };
}
