import {
  compileLive,
  type Instant,
  type LiveQuery,
  type LogLine,
  parseLogExpr,
  readLines,
  type TimeRange,
  unixNanos,
} from "../logql/mod.ts";
import { parseLogFilters } from "../query/mod.ts";
import type { LogExpr } from "../logql/mod.ts";
import { HttpError } from "./errors.ts";
import {
  LOKI_TAIL_DELAY_MS_MAX,
  LOKI_TAIL_POLL_MS,
  LOKI_TAIL_SOCKET_BYTES_MAX,
  SESSION_TAIL_MS_MAX,
} from "./limits.ts";
import { CATEGORIZE, streamsJson, wantsCategories } from "./loki_json.ts";
import type { LokiParameters } from "./loki_parameters.ts";
import { readTailEvents } from "./loki_tail_events.ts";
import { type Call, type HttpContext, isCurrent } from "./route.ts";
import { requireOwnOrigin } from "./session_cookie.ts";
import { READ_EVERYTHING } from "./snapshots.ts";

/** The websocket's status for a reader who may not read any more (RFC 6455, section 7.4.1: a policy). */
const POLICY = 1008;

/** What a tail begins with, and what follows. */
interface OpenTail {
  readonly backlog: readonly LogLine[];
  readonly events: ReadableStream<Uint8Array>;
}

/**
 * `GET /loki/api/v1/tail`: a websocket with the newest lines of a range, then with those that come.
 * @throws {HttpError} 426 without a websocket, 403 for another site's page
 * @throws {LogqlError} for a bad query or parameter
 */
export async function lokiTail(
  params: LokiParameters,
  call: Call,
  context: HttpContext,
): Promise<Response> {
  const { request, caller } = call;
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
    throw new HttpError(426, "A tail is a websocket: open it with ws:// or wss://", {
      upgrade: "websocket",
    });
  }
  // A browser opens a websocket for any page, and sends its cookies along.
  if (caller.session !== undefined) requireOwnOrigin(request);
  const expr = parseLogExpr(params.required("query"));
  const live = compileLive(expr);
  const limit = params.lineLimit;
  const delayMs = Math.min(delayOf(params), LOKI_TAIL_DELAY_MS_MAX);
  const range = params.range();
  const key = `loki ${params.required("query")}`;
  const categorize = wantsCategories(request);
  const open = await openTail({ expr, live, key, range, limit }, call, context);
  const { socket, response } = upgrade(request, open);
  // From here on the request is gone, and any answer but this one ends the process (Deno 2.9).
  const session = new TailSession(socket, live, categorize, delayMs, context);
  socket.onopen = () => void session.run(open, () => isCurrent(caller, context.now(), context));
  return response;
}

/** Makes a request a websocket. @throws {HttpError} 400 if it is none after all */
function upgrade(request: Request, { events }: OpenTail): Deno.WebSocketUpgrade {
  try {
    return Deno.upgradeWebSocket(request);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    void events.cancel();
    throw new HttpError(400, `This request cannot become a websocket: ${error.message}`);
  }
}

function delayOf(params: LokiParameters): number {
  return params.text("delay_for") === "0" ? 0 : params.integer("delay_for", 0) * 1_000 || 0;
}

interface TailQuery {
  readonly expr: LogExpr;
  readonly live: LiveQuery;
  readonly key: string;
  readonly range: TimeRange;
  readonly limit: number;
}

/** Reads what there is, and listens to what comes from that very moment on. */
function openTail(query: TailQuery, call: Call, context: HttpContext): Promise<OpenTail> {
  const { caller } = call;
  const untilMs = caller.session === undefined ? Infinity : context.now() + SESSION_TAIL_MS_MAX;
  return context.queries.run(async () => {
    const snapshot = context.store.snapshot();
    try {
      const events = context.tails.tail({
        key: query.key,
        filters: { ...parseLogFilters(new URLSearchParams()), where: query.live.predicate },
        afterId: snapshot.nextId - 1,
        isAllowed: (nowMs) => nowMs < untilMs && isCurrent(caller, nowMs, context),
      });
      try {
        const backlog = await readLines(snapshot, query.expr, READ_EVERYTHING, {
          start: query.range.start,
          end: END_OF_TIME,
          limit: query.limit,
          forward: false,
          intervalMs: 0,
        });
        return { backlog: backlog.reverse(), events };
      } catch (error) {
        await events.cancel();
        throw error;
      }
    } finally {
      snapshot.release();
    }
  });
}

/** Later than every record's timestamp. */
const END_OF_TIME: Instant = { ms: Date.UTC(10_000, 0), ns: 0 };

/** One reader's websocket. */
class TailSession {
  readonly #socket: WebSocket;
  readonly #live: LiveQuery;
  readonly #categorize: boolean;
  readonly #delayMs: number;
  readonly #context: HttpContext;
  readonly #closed: Promise<void>;

  constructor(
    socket: WebSocket,
    live: LiveQuery,
    categorize: boolean,
    delayMs: number,
    context: HttpContext,
  ) {
    this.#socket = socket;
    this.#live = live;
    this.#categorize = categorize;
    this.#delayMs = delayMs;
    this.#context = context;
    this.#closed = new Promise((resolve) => {
      socket.onclose = () => resolve();
      // Deno closes the socket after an error, and says so.
      socket.onerror = () => resolve();
    });
  }

  /** Sends until the reader leaves or may read no more. */
  async run({ backlog, events }: OpenTail, isAllowed: () => boolean): Promise<void> {
    const reader = events.getReader();
    void this.#closed.then(() => reader.cancel());
    try {
      if (backlog.length > 0) this.#send(backlog, 0);
      for (;;) {
        const { done, value } = await reader.read();
        if (done || !await this.#take(value)) break;
      }
    } catch (error) {
      const text = error instanceof Error ? error.stack ?? error.message : String(error);
      this.#context.log(`Internal error in a Loki tail: ${text.replaceAll("\n", " ")}`);
    }
    // A server that stops closes its websockets itself.
    if (this.#context.drain.draining || this.#socket.readyState !== WebSocket.OPEN) return;
    if (isAllowed()) this.#socket.close(1011, "The tail has ended: open it again");
    else this.#socket.close(POLICY, "This token may not read any more");
  }

  /** Sends what some events say; `false` once the reader has left. */
  async #take(bytes: Uint8Array): Promise<boolean> {
    const { columns, missed, receivedMs } = readTailEvents(bytes);
    if (columns === undefined && missed === 0) return this.#isOpen;
    const refs = Array.from(
      { length: columns?.count ?? 0 },
      (_, row) => ({ columns: columns!, row }),
    );
    const lines = this.#live.lines(refs);
    const dueInMs = receivedMs + this.#delayMs - this.#context.now();
    if (this.#delayMs > 0 && dueInMs > 0) await this.#sleep(dueInMs);
    if (!this.#isOpen) return false;
    this.#send(lines, missed);
    // Meanwhile the tail keeps what comes within its own bounds.
    while (this.#isOpen && this.#socket.bufferedAmount > LOKI_TAIL_SOCKET_BYTES_MAX) {
      await this.#sleep(LOKI_TAIL_POLL_MS);
    }
    return this.#isOpen;
  }

  get #isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  #send(lines: readonly LogLine[], missed: number): void {
    const flags = this.#categorize ? `,"encodingFlags":["${CATEGORIZE}"]` : "";
    const dropped = missed === 0 ? "" : `,"dropped_entries":[${this.#dropped(missed)}]`;
    const streams = [...streamsJson(lines, this.#categorize)].join("");
    this.#socket.send(`{"streams":${streams}${dropped}${flags}}`);
  }

  /** Loki names each entry; here only their number is known. */
  #dropped(count: number): string {
    const now = unixNanos({ ms: this.#context.now(), ns: 0 });
    return JSON.stringify({ labels: { dropped: String(count) }, timestamp: now });
  }

  /** Waits, but not for longer than the reader stays. */
  async #sleep(ms: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const slept = new Promise<void>((resolve) => timer = setTimeout(resolve, ms));
    await Promise.race([slept, this.#closed]);
    clearTimeout(timer);
  }
}
