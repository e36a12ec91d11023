/** @module What every wire format's route does: find the token, read the body, store the batch, answer as its clients expect. */

import { mayWriteAny, type Token, tokenOfAuthorization } from "../auth/mod.ts";
import { decompressBody } from "../ingest/mod.ts";
import type { Instant, RecordBatch } from "../record.ts";
import { OutcomeUnknownError } from "../storage/mod.ts";
import { countRefusal, errorResponse, HttpError, unauthorized } from "./errors.ts";
import { BODY_BYTES_MAX } from "./limits.ts";
import type { Call, HttpContext, Route } from "./route.ts";
import { requireWritable } from "./writable.ts";

/** The service of records that name none, of a token that may write more than one. */
const UNKNOWN_SERVICE = "unknown";

/** A body on its way to a batch. */
export interface WireBody {
  /** Decompressed, unless the format does that itself. */
  readonly bytes: Uint8Array;
  readonly contentType: string | undefined;
  readonly now: Instant;
  /** The service of records that name none. */
  readonly service: string;
}

/** What a format makes of a body. */
export interface WireResult {
  /** Absent: nothing to store. */
  readonly batch?: RecordBatch;
  /** The answer once the batch is stored. */
  respond(): Response;
}

/** One wire format at one path. */
export interface WireFormat {
  /** By default POST. */
  readonly method?: "POST" | "PUT";
  readonly path: string;
  /** What the body is compressed with; by default what `Content-Encoding` says. */
  encoding?(bytes: Uint8Array, header: string | null): string;
  decode(body: WireBody, call: Call): WireResult;
  /** An error as the format's clients read it. */
  refuse(status: number, sentence: string, call: Call): Response;
}

/** The route of a format. */
export function wireRoute(format: WireFormat, context: HttpContext): Route {
  return {
    method: format.method ?? "POST",
    path: format.path,
    // The token may come in more ways than elsewhere, and a refusal has the format's own shape.
    access: "shipper",
    async handle(call) {
      try {
        return await store(format, call, context);
      } catch (error) {
        if (error instanceof OutcomeUnknownError) throw error;
        countRefusal(error, context.counters);
        return await refusal(
          format,
          call,
          errorResponse(error, `POST ${format.path}`, context.log),
        );
      }
    },
  };
}

async function store(format: WireFormat, call: Call, context: HttpContext): Promise<Response> {
  const { request } = call;
  const token = tokenOf(call, context);
  if (!mayWriteAny(token)) {
    throw new HttpError(403, `Token ${JSON.stringify(token.info.name)} may not write records`);
  }
  const contentType = request.headers.get("content-type") ?? undefined;
  const header = request.headers.get("content-encoding");
  const result = await context.bodies.read(request, (received) => {
    context.store.checkRoom(received.length);
    const encoding = format.encoding?.(received, header) ?? header ?? "identity";
    const bytes = decompressBody(received, encoding, BODY_BYTES_MAX);
    context.counters.bodyBytes += bytes.length;
    const now: Instant = { ms: context.now(), ns: 0 };
    return format.decode({ bytes, contentType, now, service: serviceOf(token) }, call);
  });
  const { batch } = result;
  if (batch !== undefined && batch.length > 0) {
    requireWritable(batch, token);
    const { count } = await context.store.append(batch);
    context.counters.recordsStored += count;
  }
  return result.respond();
}

/** `Authorization` in any usual scheme, `X-Seq-ApiKey`, or `?apiKey=`, which only shippers use. */
function tokenOf(call: Call, context: HttpContext): Token {
  const { headers, url } = call.request;
  const authorization = headers.get("authorization");
  const text = authorization === null
    ? headers.get("x-seq-apikey") ?? (url.includes("?") ? call.query.get("apiKey") : null)
    : tokenOfAuthorization(authorization) ?? apiKeyOf(authorization);
  const token = text ? context.registry.authenticate(text, context.now()) : undefined;
  if (token === undefined) throw unauthorized();
  return token;
}

/** Elasticsearch's scheme: the token itself, or in base64 behind an id and a colon. */
function apiKeyOf(authorization: string): string | undefined {
  const key = /^apikey +(\S+) *$/i.exec(authorization)?.[1];
  if (key === undefined) return undefined;
  try {
    const text = atob(key);
    const colon = text.indexOf(":");
    if (colon >= 0) return text.slice(colon + 1);
  } catch {
    // Not base64: the token itself.
  }
  return key;
}

function serviceOf({ writable }: Token): string {
  if (writable === "all" || writable.size !== 1) return UNKNOWN_SERVICE;
  return writable.values().next().value!;
}

/** The same refusal in the format's own shape; what tells a client when to try again is kept. */
async function refusal(format: WireFormat, call: Call, plain: Response): Promise<Response> {
  const { error } = await plain.json() as { error: string };
  const refused = format.refuse(plain.status, error, call);
  for (const name of ["retry-after", "www-authenticate"]) {
    const value = plain.headers.get(name);
    if (value !== null) refused.headers.set(name, value);
  }
  return refused;
}
