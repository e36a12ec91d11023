import { signal } from "@preact/signals";
import { ApiError, isAbort, send, serverNow } from "../api/client.ts";

/** What is wrong with a query that is being written. */
export const queryProblem = signal<
  { readonly q: string; readonly offset: number; readonly sentence: string } | undefined
>(undefined);

/** Long enough that no unfinished word is complained about while somebody types. */
const PAUSE_MS = 350;

let timer: ReturnType<typeof setTimeout> | undefined;
let controller = new AbortController();

/** Has the server read a query, over no time at all, once the writer pauses. */
export function checkQuery(q: string, sentenceOf: (message: string) => string): void {
  clearTimeout(timer);
  controller.abort();
  queryProblem.value = undefined;
  if (q.trim() === "") return;
  timer = setTimeout(() => void check(q, sentenceOf), PAUSE_MS);
}

async function check(q: string, sentenceOf: (message: string) => string): Promise<void> {
  controller = new AbortController();
  const now = new Date(serverNow()).toISOString();
  const params = new URLSearchParams({ q, limit: "1", timestamp_start: now, timestamp_end: now });
  try {
    const response = await send(`/logs?${params}`, { signal: controller.signal });
    await response.body?.cancel();
  } catch (error) {
    if (isAbort(error) || !(error instanceof ApiError) || error.queryOffset === undefined) return;
    queryProblem.value = { q, offset: error.queryOffset, sentence: sentenceOf(error.message) };
  }
}
