import { Hono } from "hono";
import { OutcomeUnknownError } from "../storage/mod.ts";
import { BodyReader } from "./body.ts";
import type { Peer } from "./client_address.ts";
import { Drain } from "./drain.ts";
import { countRefusal, errorResponse, HttpError } from "./errors.ts";
import { FailureLimiter } from "./failure_limiter.ts";
import { Gate } from "./gate.ts";
import {
  EXPORT_STALL_MS_MAX,
  EXPORTS_MAX,
  EXPORTS_WAITING_MAX,
  QUERIES_MAX,
  QUERIES_WAITING_MAX,
  QUERY_WAIT_MS_MAX,
  SIGN_IN_ADDRESSES_MAX,
  SIGN_IN_FAILURES_MAX,
  SIGN_IN_WINDOW_MS,
} from "./limits.ts";
import { RequestCounters } from "./request_counters.ts";
import { admit, Call, type HttpContext, type HttpDeps, type Route } from "./route.ts";
import { elasticsearchProbe } from "./routes_elasticsearch.ts";
import { ingestRoutes } from "./routes_ingest.ts";
import { logReadRoutes } from "./routes_logs_read.ts";
import { logWriteRoutes } from "./routes_logs_write.ts";
import { lokiRoutes } from "./routes_loki.ts";
import { metaRoutes } from "./routes_meta.ts";
import { sessionRoutes } from "./routes_session.ts";
import { statsRoutes } from "./routes_stats.ts";
import { tailRoutes } from "./routes_tail.ts";
import { tokenRoutes } from "./routes_tokens.ts";
import { uiRoutes } from "./routes_ui.ts";
import { sealedSessionOf, sessionCookie } from "./session_cookie.ts";
import { TailHub } from "./tail_hub.ts";

type PathParams = Readonly<Record<string, string>>;

const NO_PARAMS: PathParams = {};

/** What the router passes on beside the request. */
interface Bindings {
  readonly peer: Peer | undefined;
}

/**
 * Puts the server's routes together.
 * @example
 * ```ts ignore
 * const sessions = await Sessions.open(store, registry);
 * const app = createApp({ store, registry, sessions, now: Date.now, version: "1.0.0", log: console.error });
 * const server = await serveHttp(app, { host: "127.0.0.1", port: 5000 });
 * ```
 */
export function createApp(deps: HttpDeps): HttpApp {
  const { store, now, log } = deps;
  const drain = new Drain();
  const context: HttpContext = {
    ...deps,
    bodies: new BodyReader(),
    queries: new Gate("queries", {
      runningMax: QUERIES_MAX,
      waitingMax: QUERIES_WAITING_MAX,
      waitMsMax: QUERY_WAIT_MS_MAX,
    }),
    exports: new Gate("exports", {
      runningMax: EXPORTS_MAX,
      waitingMax: EXPORTS_WAITING_MAX,
      waitMsMax: QUERY_WAIT_MS_MAX,
    }),
    exportStallMs: EXPORT_STALL_MS_MAX,
    counters: new RequestCounters(),
    drain,
    tails: new TailHub({ store, drain, now, log }),
    signInFailures: new FailureLimiter({
      failuresMax: SIGN_IN_FAILURES_MAX,
      windowMs: SIGN_IN_WINDOW_MS,
      addressesMax: SIGN_IN_ADDRESSES_MAX,
    }),
  };
  return new HttpApp(context, routesOf(context));
}

/** Every route of the server; where two paths match a request, the first is taken. */
export function routesOf(context: HttpContext): Route[] {
  return [
    ...logWriteRoutes(context),
    // Before /logs/:id, which it is one of.
    ...tailRoutes(context),
    ...logReadRoutes(context),
    ...statsRoutes(context),
    ...tokenRoutes(context),
    ...sessionRoutes(context),
    ...metaRoutes(context),
    ...uiRoutes(context),
    ...ingestRoutes(context),
    ...lokiRoutes(context),
  ];
}

/** The server as a function from requests to responses. */
export class HttpApp {
  readonly #context: HttpContext;
  readonly #router = new Hono<{ Bindings: Bindings }>();
  readonly #postLogs: Route;

  constructor(context: HttpContext, routes: readonly Route[]) {
    this.#context = context;
    this.#postLogs = routes.find(({ method, path }) => method === "POST" && path === "/logs")!;
    for (const route of routes) {
      this.#router.on(
        route.method,
        route.path,
        (c) => this.#run(route, c.req.raw, c.req.param() as PathParams, c.env.peer),
      );
    }
    for (const path of new Set(routes.map((route) => route.path))) {
      const here = routes.filter((route) => route.path === path);
      const options = optionsOf(here);
      this.#router.options(path, (c) => this.#run(options, c.req.raw, NO_PARAMS));
      const refusal = refusalOf(path, here);
      this.#router.all(path, (c) => this.#run(refusal, c.req.raw, NO_PARAMS));
    }
    const unknown = unknownRoute(routes);
    // Hono would answer a text of its own; `#run` leaves nothing to come here but what must go on.
    this.#router.onError((error) => {
      throw error;
    });
    this.#router.notFound((c) =>
      elasticsearchProbe(c.req.method, c.req.path, context.version) ??
        this.#run(unknown, c.req.raw, NO_PARAMS)
    );
  }

  /** Whether the server is asked to stop. */
  get drain(): Drain {
    return this.#context.drain;
  }

  /** Tells that bodies which are being received are about to end, by no fault of their senders. */
  interruptBodies(): void {
    this.#context.bodies.interrupt();
  }

  /** Takes one line about a fault of ours. */
  log(line: string): void {
    this.#context.log(line);
  }

  /**
   * Answers a request; a HEAD as its GET, with the body, whose length Deno.serve tells and which it does not send.
   * @param peer the other end of the connection
   * @throws {OutcomeUnknownError} no answer would be true: the connection must be closed without one
   */
  fetch(request: Request, peer?: Peer): Promise<Response> {
    // The one route whose cost per request matters is found without a router.
    if (request.method === "POST" && isLogsAlone(request.url)) {
      return this.#run(this.#postLogs, request, NO_PARAMS);
    }
    return this.#route(request.method === "HEAD" ? getOf(request) : request, peer);
  }

  /** Answers a request that is made here, with a path instead of a URL: for tests. */
  request(path: string, init?: RequestInit): Promise<Response> {
    return this.fetch(new Request(`http://localhost${path}`, init));
  }

  async #route(request: Request, peer: Peer | undefined): Promise<Response> {
    try {
      return await this.#router.fetch(request, { peer });
    } catch (error) {
      return errorResponse(error, "the router", this.#context.log);
    }
  }

  async #run(
    route: Route,
    request: Request,
    params: PathParams,
    peer?: Peer,
  ): Promise<Response> {
    const { counters, log } = this.#context;
    const begun = performance.now();
    const count = (status: number) =>
      counters.count(route, status, (performance.now() - begun) / 1000);
    let response: Response;
    try {
      const caller = admit(request, route.access, this.#context);
      response = await route.handle(new Call(request, params, caller, peer));
      // A websocket's request cannot be read any more.
      if (caller?.session !== undefined && response.status !== 101) {
        this.#renewSession(request, response);
      }
    } catch (error) {
      if (error instanceof OutcomeUnknownError) {
        count(0);
        throw error;
      }
      countRefusal(error, counters);
      response = errorResponse(error, `${route.method} ${route.path}`, log);
    }
    count(response.status);
    return response;
  }

  /** Who uses a session keeps it. */
  #renewSession(request: Request, response: Response): void {
    const nowMs = this.#context.now();
    const renewed = this.#context.sessions.renew(sealedSessionOf(request)!, nowMs);
    if (renewed === undefined) return;
    response.headers.append("set-cookie", sessionCookie(request, renewed, nowMs));
  }
}

/** Whether a URL's path is `/logs` and nothing follows. */
function isLogsAlone(url: string): boolean {
  // The shortest prefix is "http://", and no host has a slash.
  return url.endsWith("/logs") && url.indexOf("/", 8) === url.length - 5;
}

/** A HEAD as a GET. Its host is left out: unlike the path it has not been checked by the server. */
function getOf({ url, headers }: Request): Request {
  return new Request(`http://localhost${url.slice(url.indexOf("/", 8))}`, { headers });
}

/** The methods of a path, as `Allow` has them. */
function allowOf(here: readonly Route[]): string {
  return here.flatMap(({ method }) => method === "GET" ? ["GET", "HEAD"] : [method]).join(", ");
}

/** Answers what shippers and proxies ask before they send. */
function optionsOf(here: readonly Route[]): Route {
  const headers = { allow: allowOf(here) };
  return {
    method: "GET",
    path: "(OPTIONS)",
    access: "public",
    handle: () => new Response(null, { status: 204, headers }),
  };
}

/** Answers 405 for the methods that a path has not. */
function refusalOf(path: string, here: readonly Route[]): Route {
  const allow = allowOf(here);
  return {
    method: "GET",
    path: "(405)",
    access: here.some((route) => route.access === "public") ? "public" : "token",
    handle() {
      throw new HttpError(405, `This method is not for ${path}: it takes ${allow}`, { allow });
    },
  };
}

function unknownRoute(routes: readonly Route[]): Route {
  const known = routes.map((route) => `${route.method} ${route.path}`).join(", ");
  return {
    method: "GET",
    path: "(404)",
    access: "token",
    handle() {
      throw new HttpError(404, `There is no such route; there are ${known}`);
    },
  };
}
