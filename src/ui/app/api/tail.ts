import { isAbort, send } from "./client.ts";
import type { LogRecord } from "./record.ts";
import { EventParser } from "./event_stream.ts";

/** What a tail tells. */
export interface TailHandlers {
  /** Records in the order of their arrival. */
  records(records: LogRecord[]): void;
  /** The server passed over records because they were not taken fast enough. */
  missed(count: number): void;
  /** Whether the connection stands; after `false` it is tried again. */
  connected(is: boolean): void;
  /** The server refuses: trying again would not help. */
  failed(error: unknown): void;
}

const RETRY_MS_MIN = 250;
/** Short enough that nobody reaches for the reload button after a restart of the server. */
const RETRY_MS_MAX = 4_000;

/**
 * Follows new records until `signal` aborts. After a broken connection it goes on after the last id that it gave:
 * nothing is missed, nothing told twice. `fetch` and not `EventSource`, which cannot name the id it starts from, and
 * gives up for ever at an answer of 503.
 */
export async function followTail(
  params: URLSearchParams,
  handlers: TailHandlers,
  signal: AbortSignal,
): Promise<void> {
  const position: Position = { lastId: undefined };
  let waitMs = RETRY_MS_MIN;
  while (!signal.aborted) {
    try {
      await readOnce(params, position, handlers, signal, () => waitMs = RETRY_MS_MIN);
    } catch (error) {
      if (isAbort(error) || signal.aborted) return;
      if (isRefusal(error)) {
        handlers.failed(error);
        return;
      }
    }
    handlers.connected(false);
    await pause(waitMs * (0.75 + Math.random() / 2), signal);
    waitMs = Math.min(waitMs * 2, RETRY_MS_MAX);
  }
}

interface Position {
  /** Of the last event, as `Last-Event-ID`. */
  lastId: string | undefined;
}

/** A 4xx other than "too many": the request itself is wrong. */
function isRefusal(error: unknown): boolean {
  const status = error instanceof Error && "status" in error ? Number(error.status) : 0;
  return status >= 400 && status < 500 && status !== 429;
}

async function readOnce(
  params: URLSearchParams,
  position: Position,
  handlers: TailHandlers,
  signal: AbortSignal,
  opened: () => void,
): Promise<void> {
  const headers: Record<string, string> = { accept: "text/event-stream" };
  if (position.lastId !== undefined) headers["last-event-id"] = position.lastId;
  const response = await send(`/logs/tail?${params}`, { headers, signal, cache: "no-store" });
  if (response.body === null) return;
  opened();
  handlers.connected(true);
  const parser = new EventParser();
  for await (const text of textOf(response.body)) {
    const records: LogRecord[] = [];
    const events = parser.push(text);
    position.lastId = parser.lastId ?? position.lastId;
    for (const event of events) {
      if (event.type === "log") records.push(JSON.parse(event.data));
      else if (event.type === "missed") handlers.missed(Number(JSON.parse(event.data).count));
    }
    if (records.length > 0) handlers.records(records);
  }
}

async function* textOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
  });
}
