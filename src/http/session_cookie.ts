/** @module The cookie that a browser keeps of a session, and what protects requests that carry it (RFC 6265bis). */

import type { SealedSession } from "../auth/mod.ts";
import { HttpError } from "./errors.ts";

/** The cookie's name. */
export const SESSION_COOKIE = "sentinel_session";

/** The header that shows that a script of this origin sent a request: no other may set it without being allowed to. */
export const OWN_REQUEST_HEADER = "x-sentinel-request";

const SESSION_VALUE = new RegExp(`(?:^|;) *${SESSION_COOKIE}=([\\w-]+) *(?:;|$)`);

/** What a request's cookie holds of a session; `undefined` if it has none. */
export function sealedSessionOf({ headers }: Request): string | undefined {
  const cookies = headers.get("cookie");
  return cookies === null ? undefined : SESSION_VALUE.exec(cookies)?.[1];
}

/** The `Set-Cookie` that makes a browser keep a session. */
export function sessionCookie(
  request: Request,
  { session, sealed }: SealedSession,
  nowMs: number,
): string {
  const seconds = Math.max(0, Math.floor((session.endMs - nowMs) / 1000));
  return cookieText(request, sealed, seconds);
}

/** The `Set-Cookie` that makes a browser forget its session. */
export function clearedSessionCookie(request: Request): string {
  return cookieText(request, "", 0);
}

function cookieText(request: Request, value: string, maxAgeSeconds: number): string {
  const attributes = `Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict`;
  return `${SESSION_COOKIE}=${value}; ${attributes}${cameByHttps(request) ? "; Secure" : ""}`;
}

/** Whether a browser spoke TLS, to this server or to the proxy before it. */
function cameByHttps({ url, headers }: Request): boolean {
  const forwarded = headers.get("x-forwarded-proto")?.split(",")[0]?.trim().toLowerCase();
  return (forwarded ?? url.slice(0, url.indexOf(":"))) === "https";
}

/**
 * Makes sure that a request which a cookie vouches for, and which changes something, was sent by this server's own page.
 * @throws {HttpError} 403
 */
export function requireOwnRequest(request: Request): void {
  if (request.headers.get(OWN_REQUEST_HEADER) !== "1") {
    throw new HttpError(
      403,
      "A request that changes something and is known by its cookie needs the header X-Sentinel-Request: 1",
    );
  }
  requireOwnOrigin(request);
}

/**
 * Makes sure that a request does not come from another site's page; clients that are no browsers send no `Origin`.
 * @throws {HttpError} 403
 */
export function requireOwnOrigin({ headers }: Request): void {
  const origin = headers.get("origin");
  if (origin === null) return;
  const hosts = [headers.get("host"), headers.get("x-forwarded-host")];
  if (hosts.some((host) => host !== null && isOriginOf(origin, host))) return;
  throw new HttpError(
    403,
    "This request comes from a page of another site: its Origin is not this server's address",
  );
}

function isOriginOf(origin: string, host: string): boolean {
  const from = URL.parse(origin);
  if (from === null || !/^https?:$/.test(from.protocol)) return false;
  // As a URL, so that a default port is left out on both sides.
  return URL.parse(`${from.protocol}//${host}`)?.host === from.host;
}
