import { may, type Token } from "../auth/mod.ts";
import { HttpError, unauthorized } from "./errors.ts";
import { readJson } from "./json_body.ts";
import { SIGN_IN_BODY_BYTES_MAX } from "./limits.ts";
import { onlyParameters } from "./parameters.ts";
import { jsonResponse } from "./respond.ts";
import type { Call, HttpContext, Route } from "./route.ts";
import { signInSchema } from "./schemas.ts";
import {
  clearedSessionCookie,
  requireOwnOrigin,
  requireOwnRequest,
  sealedSessionOf,
  sessionCookie,
} from "./session_cookie.ts";

/** `POST /session`, `GET /session` and `DELETE /session`. */
export function sessionRoutes(context: HttpContext): Route[] {
  return [
    {
      method: "POST",
      path: "/session",
      access: "public",
      handle: (call) => signIn(call, context),
    },
    { method: "GET", path: "/session", access: "token", handle: showSession },
    {
      method: "DELETE",
      path: "/session",
      access: "public",
      handle: (call) => signOut(call, context),
    },
  ];
}

async function signIn(call: Call, context: HttpContext): Promise<Response> {
  const { request, address } = call;
  onlyParameters(call.query, []);
  requireOwnOrigin(request);
  const parsed = signInSchema.safeParse(await readJson(call, context, SIGN_IN_BODY_BYTES_MAX));
  if (!parsed.success) {
    throw new HttpError(400, 'Cannot sign in: send {"token": "<token>"} and nothing else');
  }
  // In one step with the attempt: requests sent side by side count like others.
  const nowMs = context.now();
  context.signInFailures.check(address, nowMs);
  const signedIn = context.sessions.signIn(parsed.data.token.trim(), nowMs);
  if (signedIn === undefined) {
    context.signInFailures.failed(address, nowMs);
    throw unauthorized();
  }
  return noContent(sessionCookie(request, signedIn, nowMs));
}

function showSession(call: Call): Response {
  onlyParameters(call.query, []);
  return jsonResponse(rightsOf(call.token), 200, { "cache-control": "no-store" });
}

/** What a token may do, whether it was said or comes with being an admin's. */
function rightsOf(token: Token): Record<string, unknown> {
  return {
    name: token.info.name,
    write: token.writable === "all" ? "*" : [...token.writable],
    read: may(token, "read"),
    delete: may(token, "delete"),
    admin: may(token, "admin"),
  };
}

/** Signing out twice is no error, and a session that is over leaves a cookie to clear. */
function signOut(call: Call, context: HttpContext): Response {
  const { request } = call;
  onlyParameters(call.query, []);
  const sealed = sealedSessionOf(request);
  const session = sealed && context.sessions.authenticate(sealed, context.now());
  if (session) {
    requireOwnRequest(request);
    context.sessions.signOut(session);
  }
  return noContent(clearedSessionCookie(request));
}

function noContent(cookie: string): Response {
  return new Response(null, {
    status: 204,
    headers: { "set-cookie": cookie, "cache-control": "no-store" },
  });
}
