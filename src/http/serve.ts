import { OutcomeUnknownError } from "../storage/mod.ts";
import type { HttpApp } from "./app.ts";
import { DRAIN_MS_MAX, LISTEN_PAUSE_MS, TAIL_DRAIN_MS_MAX } from "./limits.ts";
import { OpenRequests } from "./open_requests.ts";

/** Where to listen. */
export interface ServeOptions {
  /** A name or an address. */
  readonly host: string;
  /** 0: the system picks a free one. */
  readonly port: number;
  /** How long open requests may take after `shutdown`, in milliseconds. */
  readonly drainMsMax?: number;
}

/** A server that listens. */
export interface ServedHttp {
  /** Such as `http://127.0.0.1:5000`. */
  readonly url: string;
  readonly port: number;
  /**
   * Takes no new connections, lets open requests be answered, and resolves when all are, or after `drainMsMax`: what
   * is open then, or cannot be answered truthfully, gets no answer, as the process's end closes its connection. Readers of
   * tails, who can come back for what they lack, are waited for no longer than `TAIL_DRAIN_MS_MAX` after that.
   * Idempotent.
   */
  shutdown(): Promise<void>;
}

/**
 * Serves an application over HTTP.
 * @throws {Deno.errors.AddrInUse} and the like, if it cannot listen
 */
export function serveHttp(app: HttpApp, options: ServeOptions): Promise<ServedHttp> {
  return new Promise((resolve) => resolve(new Server(app, options)));
}

class Server implements ServedHttp {
  readonly url: string;
  readonly port: number;
  readonly #app: HttpApp;
  readonly #host: string;
  readonly #drainMsMax: number;
  readonly #open = new OpenRequests();
  #server: Deno.HttpServer<Deno.NetAddr>;
  /** Whether requests may be open that came by an earlier `#server`. */
  #replaced = false;
  #shutdown: Promise<void> | undefined;

  constructor(app: HttpApp, { host, port, drainMsMax = DRAIN_MS_MAX }: ServeOptions) {
    this.#app = app;
    this.#host = host;
    this.#drainMsMax = drainMsMax;
    this.#server = this.#listen(port);
    this.port = this.#server.addr.port;
    this.url = `http://${host.includes(":") ? `[${host}]` : host}:${this.port}`;
  }

  #listen(port: number): Deno.HttpServer<Deno.NetAddr> {
    const server = Deno.serve({
      hostname: this.#host,
      port,
      onListen: () => undefined,
      onError: (error) => this.#onError(error),
    }, (request, info) => this.#handle(request, info));
    server.finished.catch((error) => this.#listenAgain(server, error));
    return server;
  }

  /**
   * Replaces a server that accepts no more connections: after the first failure, such as too many open files, Deno's goes on
   * with those it has, and takes no other one ever again. Shutting it down closes those that have no request under way, as
   * the ones are that use up all files by saying nothing, and lets the others be answered.
   */
  async #listenAgain(server: Deno.HttpServer, error: unknown): Promise<void> {
    this.#replaced = true;
    this.#app.interruptBodies();
    void server.shutdown();
    for (let reason = error; this.#shutdown === undefined;) {
      this.#app.log(
        `Connections without a request were closed, because no more could be accepted: ${
          reason instanceof Error ? reason.message : reason
        }`,
      );
      await new Promise((resolve) => setTimeout(resolve, LISTEN_PAUSE_MS));
      try {
        if (this.#shutdown === undefined) this.#server = this.#listen(this.port);
        return;
      } catch (again) {
        reason = again;
      }
    }
  }

  async #handle(
    request: Request,
    info: Deno.ServeHandlerInfo<Deno.NetAddr>,
  ): Promise<Response> {
    this.#open.begin();
    const end = () => this.#open.end();
    try {
      const response = await this.#app.fetch(request, info);
      if (isEndless(response)) end();
      else info.completed.then(end, end);
      return response;
    } catch (error) {
      end();
      if (!(error instanceof OutcomeUnknownError)) throw error;
      // Deno.serve cannot close one connection without an answer. This one stays silent until the process ends: such an
      // error says that the store has closed, so the end is under way or next.
      this.#app.log(`No answer to a request whose outcome is unknown: ${error.message}`);
      return new Promise(() => undefined);
    }
  }

  /** Deno calls this for a body that failed after its headers left, too: then its answer goes nowhere. */
  #onError(error: unknown): Response {
    this.#app.log(`Answer cut: ${error instanceof Error ? error.message : error}`);
    return Response.json({ error: "Internal error" }, { status: 500 });
  }

  shutdown(): Promise<void> {
    return this.#shutdown ??= this.#drain();
  }

  async #drain(): Promise<void> {
    this.#app.drain.begin();
    this.#app.interruptBodies();
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      this.#app.log("Stopping, although some requests have no answer yet");
      resolve();
    }, this.#drainMsMax);
    let tailTimer: ReturnType<typeof setTimeout> | undefined;
    let ended = false;
    void this.#open.none().then(() => {
      if (!ended) tailTimer = setTimeout(resolve, TAIL_DRAIN_MS_MAX);
    });
    // There is no harder stop once this one has begun: Deno's abort signal then fails with a bad resource.
    const answered = this.#replaced ? this.#open.none() : undefined;
    await Promise.race([Promise.all([this.#server.shutdown(), answered]), late]);
    ended = true;
    clearTimeout(timer);
    clearTimeout(tailTimer);
  }
}

/** Whether an answer's end is its reader's business, as a tail's is. */
function isEndless({ headers }: Response): boolean {
  return headers.get("content-type") === "text/event-stream";
}
