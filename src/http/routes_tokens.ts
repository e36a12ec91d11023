import { type TokenInfo, TokenLimitError, type TokenRequest } from "../auth/mod.ts";
import { formatInstant, parseInstant } from "../record.ts";
import { OverloadedError } from "../storage/mod.ts";
import { HttpError } from "./errors.ts";
import { readJson } from "./json_body.ts";
import { onlyParameters, shown } from "./parameters.ts";
import { jsonResponse } from "./respond.ts";
import type { Call, HttpContext, Route } from "./route.ts";
import { newTokenSchema } from "./schemas.ts";

/** `POST /tokens`, `GET /tokens` and `DELETE /tokens/:name`. */
export function tokenRoutes(context: HttpContext): Route[] {
  return [
    { method: "POST", path: "/tokens", access: "admin", handle: (call) => create(call, context) },
    { method: "GET", path: "/tokens", access: "admin", handle: (call) => list(call, context) },
    {
      method: "DELETE",
      path: "/tokens/:name",
      access: "admin",
      handle: (call) => revoke(call, context),
    },
  ];
}

async function create(call: Call, context: HttpContext): Promise<Response> {
  onlyParameters(call.query, []);
  const request = tokenRequest(await readJson(call, context), context.now());
  let token: string;
  try {
    token = await context.registry.create(request);
  } catch (error) {
    if (!(error instanceof TokenLimitError)) throw error;
    throw new OverloadedError(error.message, 429, 60, { reason: "tokens" });
  }
  const made = context.registry.list().find((info) => info.name === request.name);
  return jsonResponse(
    { token, ...shownToken(made ?? { ...request, createdAtMs: context.now() }) },
    201,
  );
}

/** @throws {HttpError} 400 that names the first thing that is wrong */
function tokenRequest(body: unknown, nowMs: number): TokenRequest {
  const parsed = newTokenSchema.safeParse(body);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    const field = path.length === 0 ? "the body" : JSON.stringify(path.join("."));
    throw new HttpError(400, `Cannot make a token: ${field} is wrong: ${message}`);
  }
  const { expires_at: expiresAt, ...request } = parsed.data;
  if (expiresAt === undefined) return request;
  const expiry = parseInstant(expiresAt);
  if (expiry === undefined || expiry.ms <= nowMs) {
    throw new HttpError(
      400,
      `Cannot make a token that expires at ${
        shown(expiresAt)
      }: give a time to come, such as 2030-01-31T00:00:00Z`,
    );
  }
  return { ...request, expiresAtMs: expiry.ms };
}

function list(call: Call, context: HttpContext): Response {
  onlyParameters(call.query, []);
  return jsonResponse(context.registry.list().map(shownToken));
}

async function revoke(call: Call, context: HttpContext): Promise<Response> {
  onlyParameters(call.query, []);
  const name = call.params.name ?? "";
  if (await context.registry.revoke(name)) {
    return jsonResponse({ message: `Token ${JSON.stringify(name)} revoked` });
  }
  throw new HttpError(404, `There is no token named ${shown(name)}`);
}

function shownToken(info: TokenInfo): Record<string, unknown> {
  return {
    name: info.name,
    write: info.write,
    read: info.read,
    delete: info.delete,
    admin: info.admin,
    created_at: formatInstant(info.createdAtMs, 0),
    ...(info.expiresAtMs === undefined ? {} : { expires_at: formatInstant(info.expiresAtMs, 0) }),
  };
}
