import { may, mayWriteAny, type Right, type Token, type TokenRegistry } from "../auth/mod.ts";
import type { Store } from "../storage/mod.ts";
import type { BodyReader } from "./body.ts";
import type { Drain } from "./drain.ts";
import { HttpError, unauthorized } from "./errors.ts";
import type { Gate } from "./gate.ts";
import type { RequestCounters } from "./metrics.ts";

/** What the application is given. */
export interface HttpDeps {
  readonly store: Store;
  readonly registry: TokenRegistry;
  /** The time, in milliseconds since the Unix epoch. */
  readonly now: () => number;
  /** The release, as `GET /` tells it. */
  readonly version: string;
  /** Takes one line about a fault of ours. */
  readonly log: (line: string) => void;
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
}

/** What a caller must be: anyone, a known token, one that may write something, or one with a right. */
export type Access = "public" | "token" | "write" | Right;

/** One request, as a route's handler gets it. */
export class Call {
  readonly #token: Token | undefined;
  #query: URLSearchParams | undefined;
  constructor(
    readonly request: Request,
    /** The path's variable parts, decoded. */
    readonly params: Readonly<Record<string, string>>,
    token: Token | undefined,
  ) {
    this.#token = token;
  }

  /** The caller's token; there is one on every route that is not public. */
  get token(): Token {
    if (this.#token === undefined) throw new Error("A public route asked for its caller's token");
    return this.#token;
  }

  /** The query's parameters. */
  get query(): URLSearchParams {
    return this.#query ??= new URLSearchParams(queryOf(this.request.url));
  }
}

/** One method of one path. */
export interface Route {
  readonly method: "GET" | "POST" | "DELETE";
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
 * The token that a request carries.
 * @throws {HttpError} 401
 */
export function authenticate(request: Request, context: HttpContext): Token {
  const header = request.headers.get("authorization");
  const token = header === null
    ? undefined
    : context.registry.authenticateHeader(header, context.now());
  if (token === undefined) throw unauthorized();
  return token;
}

/**
 * The token of a request to a route, if it needs one.
 * @throws {HttpError} 401, or 403 naming the right that is missing
 */
export function admit(request: Request, access: Access, context: HttpContext): Token | undefined {
  if (access === "public") return undefined;
  const token = authenticate(request, context);
  if (access === "token") return token;
  if (access === "write" ? mayWriteAny(token) : may(token, access)) return token;
  const name = JSON.stringify(token.info.name);
  throw new HttpError(403, `Token ${name} may not do this: it lacks the right "${access}"`);
}
