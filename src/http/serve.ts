import { OutcomeUnknownError } from "../storage/mod.ts";
import type { HttpApp } from "./app.ts";
import type { Peer } from "./client_address.ts";
import { DRAIN_MS_MAX } from "./limits.ts";

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
   * is open then, or cannot be answered truthfully, gets no answer, as the process's end closes its connection.
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
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #drainMsMax: number;
  #shutdown: Promise<void> | undefined;

  constructor(app: HttpApp, { host, port, drainMsMax = DRAIN_MS_MAX }: ServeOptions) {
    this.#app = app;
    this.#drainMsMax = drainMsMax;
    this.#server = Deno.serve({
      hostname: host,
      port,
      onListen: () => undefined,
      onError: (error) => this.#onError(error),
    }, (request, peer) => this.#handle(request, peer));
    this.port = this.#server.addr.port;
    this.url = `http://${host.includes(":") ? `[${host}]` : host}:${this.port}`;
  }

  async #handle(request: Request, peer: Peer): Promise<Response> {
    try {
      return await this.#app.fetch(request, peer);
    } catch (error) {
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
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      this.#app.log("Stopping, although some requests have no answer yet");
      resolve();
    }, this.#drainMsMax);
    // There is no harder stop once this one has begun: Deno's abort signal then fails with a bad resource.
    await Promise.race([this.#server.shutdown(), late]);
    clearTimeout(timer);
  }
}
