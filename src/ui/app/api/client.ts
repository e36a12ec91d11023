import { signal } from "@preact/signals";

/** An answer that is an error, with the server's own sentence. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** @param queryOffset where in `q` the query is wrong, in UTF-16 units; absent: it is not about `q` */
  constructor(readonly status: number, message: string, readonly queryOffset?: number) {
    super(message);
  }
}

/** Counts the answers that said 401: whoever shows the sign-in form watches it. */
export const unauthorizedCount = signal(0);

/** What the last answer had to leave out because of damage on the server's disk; empty: nothing. */
export const incomplete = signal("");

let clockSkewMs = 0;

/** The server's idea of now, in milliseconds since the Unix epoch: ranges must not depend on a laptop's clock. */
export function serverNow(): number {
  return Date.now() + clockSkewMs;
}

/**
 * Sends a request with the session's cookie; the header says that a script of this page sent it.
 * @throws {ApiError} for any status but 2xx
 * @throws {TypeError} the server cannot be reached
 */
export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set("x-sentinel-request", "1");
  const response = await fetch(path, { ...init, headers, credentials: "same-origin" });
  noteClock(response);
  if (response.ok) return response;
  if (response.status === 401) unauthorizedCount.value++;
  throw await errorOf(response);
}

/** GETs JSON, whose shape the caller knows from the API's documents. @throws as {@linkcode send} */
export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await send(path, { signal: signal ?? null });
  noteIncomplete(response);
  return await response.json();
}

/** Remembers what an answer says it had to leave out. */
export function noteIncomplete(response: Response): void {
  const missing = response.headers.get("sentinel-incomplete");
  if (missing !== null) incomplete.value = missing;
}

/** Whether an error only says that nobody waits for the answer any more. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

/** An error as a sentence for people. */
export function sentenceOf(error: unknown): string {
  if (error instanceof ApiError) return error.message;
  if (error instanceof TypeError) return "The server cannot be reached";
  return error instanceof Error ? error.message : String(error);
}

/** A second is the resolution of the header, so that smaller differences say nothing. */
const SKEW_MS_MIN = 2_000;

function noteClock(response: Response): void {
  const serverMs = Date.parse(response.headers.get("date") ?? "");
  if (Number.isNaN(serverMs)) return;
  const skew = serverMs - Date.now();
  clockSkewMs = Math.abs(skew) < SKEW_MS_MIN ? 0 : skew;
}

async function errorOf(response: Response): Promise<ApiError> {
  const { status, statusText } = response;
  const text = await response.text();
  try {
    const { error, offset }: { error: string; offset?: number } = JSON.parse(text);
    if (typeof error === "string") return new ApiError(status, error, offset);
  } catch {
    // A proxy's page, not the server's sentence: the status says more.
  }
  return new ApiError(status, `The server answered ${status} ${statusText}`.trim());
}
