import { createHash } from "node:crypto";
import type { Token } from "../auth/mod.ts";
import { decodeNative, decompressBody } from "../ingest/mod.ts";
import { parseDeletion, type ReadScope } from "../query/mod.ts";
import type { Instant } from "../record.ts";
import type { IdempotencyKey } from "../storage/mod.ts";
import { HttpError } from "./errors.ts";
import { BODY_BYTES_MAX, IDEMPOTENCY_KEY_UNITS_MAX } from "./limits.ts";
import { onlyParameters } from "./parameters.ts";
import { jsonResponse } from "./respond.ts";
import type { Call, HttpContext, Route } from "./route.ts";
import { savedResponse } from "./saved.ts";
import { requireWritable } from "./writable.ts";

/** What a token with the right to delete may delete: today everything. */
const DELETE_EVERYTHING: ReadScope = {};

/** `POST /logs` and `DELETE /logs`. */
export function logWriteRoutes(context: HttpContext): Route[] {
  return [
    {
      method: "POST",
      path: "/logs",
      access: "write",
      handle: (call) => postLogs(call, context),
    },
    {
      method: "DELETE",
      path: "/logs",
      access: "delete",
      handle: (call) => deleteLogs(call, context),
    },
  ];
}

async function postLogs(call: Call, context: HttpContext): Promise<Response> {
  const { request, token } = call;
  if (request.url.includes("?")) onlyParameters(call.query, []);
  const headers = request.headers;
  const contentType = headers.get("content-type") ?? undefined;
  const encoding = headers.get("content-encoding");
  const key = idempotencyKey(headers.get("idempotency-key"));
  const { batch, idempotency } = await context.bodies.read(request, (received) => {
    // What would be refused is not parsed, so that refusing costs less than taking. A retry may be answered all the same.
    if (key === undefined) context.store.checkRoom(received.length);
    const body = encoding === null ? received : decompressBody(received, encoding, BODY_BYTES_MAX);
    context.counters.bodyBytes += body.length;
    const now: Instant = { ms: context.now(), ns: 0 };
    return {
      batch: decodeNative(body, contentType, now),
      idempotency: key === undefined ? undefined : digestsOf(token, key, body),
    };
  });
  requireWritable(batch, token);
  if (batch.length === 0 && idempotency === undefined) {
    return savedResponse({ firstId: 0, count: 0 });
  }
  const appended = await context.store.append(batch, idempotency);
  context.counters.recordsStored += appended.count;
  return savedResponse(appended);
}

/** @throws {HttpError} 400 for a key of another length */
function idempotencyKey(header: string | null): string | undefined {
  if (header === null) return undefined;
  if (header.length >= 1 && header.length <= IDEMPOTENCY_KEY_UNITS_MAX) return header;
  throw new HttpError(
    400,
    `Cannot use an Idempotency-Key of ${header.length} characters: it has 1 to ${IDEMPOTENCY_KEY_UNITS_MAX}`,
  );
}

function digestsOf(token: Token, key: string, body: Uint8Array): IdempotencyKey {
  return {
    // The token's hash has a fixed length, so no two pairs of token and key run together alike.
    key: createHash("sha256").update(token.hash).update(key).digest(),
    body: createHash("sha256").update(body).digest(),
  };
}

async function deleteLogs(call: Call, context: HttpContext): Promise<Response> {
  const deleted = await context.store.delete(parseDeletion(call.query, DELETE_EVERYTHING));
  return jsonResponse({ message: `${deleted} log(s) deleted` });
}
