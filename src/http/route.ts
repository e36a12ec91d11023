import {
  may,
  mayWriteAny,
  type Right,
  type Session,
  type Sessions,
  type Token,
  type TokenRegistry,
} from "../auth/mod.ts";
import type { Store } from "../storage/mod.ts";
import type { BodyReader } from "./body.ts";
import { clientAddress, type Peer } from "./client_address.ts";
import type { Drain } from "./drain.ts";
import { type ErrorLog, HttpError, unauthorized } from "./errors.ts";
import type { FailureLimiter } from "./failure_limiter.ts";
import type { Gate } from "./gate.ts";
import type { RequestCounters } from "./request_counters.ts";
import { requireOwnRequest, sealedSessionOf } from "./session_cookie.ts";
import type { TailHub } from "./tail_hub.ts";

/** What is told of each format that comes over sockets, as `/metrics` names it. */
export const SOCKET_FIGURES = [
  "connections_open",
  "connections_refused_total",
  "datagrams_refused_total",
  "datagrams_dropped_total",
  "records_stored_total",
  "records_lost_total",
] as const;

/** What listens for a format beside HTTP. */
export interface SocketSource {
  readonly format: string;
  figures(): Readonly<Record<typeof SOCKET_FIGURES[number], number>>;
}

/** What the application is given. */
export interface HttpDeps {
  readonly store: Store;
  readonly registry: TokenRegistry;
  readonly sessions: Sessions;
  /** The time, in milliseconds since the Unix epoch. */
  readonly now: () => number;
  /** The release, as `GET /` tells it. */
  readonly version: string;
  /** Takes one line about a fault of ours. */
  readonly log: ErrorLog;
  /** What listens beside HTTP. */
  readonly sockets?: readonly SocketSource[];
  /** How much of the server's own log became records; absent: it is not stored. */
  readonly ownLog?: { readonly stored: number; readonly dropped: number } | undefined;
}

/** What routes work with: what was given, and what they share. */
export interface HttpContext extends HttpDeps {
  readonly bodies: BodyReader;
  readonly queries: Gate;
  readonly exports: Gate;
  /** How long an export may stand still, in milliseconds. */
  readonly exportStallMs: number;
  readonly counters: RequestCounters;
  readonly drain: Drain;
  readonly tails: TailHub;
  readonly signInFailures: FailureLimiter;
}

/** What a caller must be: anyone, a known token, one that may write something, or one with a right. */
export type Access = "public" | "shipper" | "token" | "write" | Right;

/** Who sent a request. */
export interface Caller {
  readonly token: Token;
  /** What the token was found in; absent: it was in the `Authorization` header. */
  readonly session?: Session;
}

/** One request, as a route's handler gets it. */
export class Call {
  readonly #caller: Caller | undefined;
  readonly #peer: Peer | undefined;
  #query: URLSearchParams | undefined;
  constructor(
    readonly request: Request,
    /** The path's variable parts, decoded. */
    readonly params: Readonly<Record<string, string>>,
    caller: Caller | undefined,
    peer?: Peer,
  ) {
    this.#caller = caller;
    this.#peer = peer;
  }

  /** Who sent it; it is known on every route that is not public. */
  get caller(): Caller {
    if (this.#caller === undefined) throw new Error("A public route asked for its caller");
    return this.#caller;
  }

  /** The caller's token. */
  get token(): Token {
    return this.caller.token;
  }

  /** Where it comes from, for counting. */
  get address(): string {
    return clientAddress(this.request, this.#peer);
  }

  /** The query's parameters. */
  get query(): URLSearchParams {
    return this.#query ??= new URLSearchParams(queryOf(this.request.url));
  }
}

/** One method of one path. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** As Hono writes it: `/logs/:id`. */
  readonly path: string;
  readonly access: Access;
  handle(call: Call): Response | Promise<Response>;
}

/** The query of a URL, without `?`; cut out, because parsing a whole URL costs more than the rest of a short request. */
export function queryOf(url: string): string {
  const start = url.indexOf("?");
  if (start < 0) return "";
  const end = url.indexOf("#", start);
  return end < 0 ? url.slice(start + 1) : url.slice(start + 1, end);
}

/**
 * Who sent a request: whose token its `Authorization` header has, or else whose session its cookie has.
 * @throws {HttpError} 401; 403 if a cookie vouches for a change that the server's own page did not ask for
 */
export function authenticate(request: Request, context: HttpContext): Caller {
  const header = request.headers.get("authorization");
  if (header === null) return authenticateCookie(request, context);
  const token = context.registry.authenticateHeader(header, context.now());
  if (token === undefined) throw unauthorized();
  return { token };
}

function authenticateCookie(request: Request, context: HttpContext): Caller {
  const sealed = sealedSessionOf(request);
  const session = sealed && context.sessions.authenticate(sealed, context.now());
  if (!session) throw unauthorized();
  if (request.method !== "GET" && request.method !== "HEAD") requireOwnRequest(request);
  return { token: session.token, session };
}

/** Whether a caller would still be known now. */
export function isCurrent(
  { token, session }: Caller,
  nowMs: number,
  { registry, sessions }: HttpContext,
): boolean {
  return session === undefined
    ? registry.isCurrent(token, nowMs)
    : sessions.isCurrent(session, nowMs);
}

/**
 * Who sent a request to a route, if it needs to be known.
 * @throws {HttpError} 401, or 403 naming the right that is missing
 */
export function admit(request: Request, access: Access, context: HttpContext): Caller | undefined {
  // A shipper's token may come in ways of its own: the route finds it.
  if (access === "public" || access === "shipper") return undefined;
  const caller = authenticate(request, context);
  const { token } = caller;
  if (access === "token") return caller;
  if (access === "write" ? mayWriteAny(token) : may(token, access)) return caller;
  const name = JSON.stringify(token.info.name);
  throw new HttpError(403, `Token ${name} may not do this: it lacks the right "${access}"`);
}
