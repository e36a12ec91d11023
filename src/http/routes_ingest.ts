import {
  decodeClef,
  decodeGelf,
  decodeJsonHttp,
  decodeLokiPush,
  decodeOtlpLogs,
  dropOtlpMetrics,
  dropOtlpTraces,
  encodeOtlpLogsResponse,
  encodeOtlpStatus,
  gelfContentEncoding,
  type OtlpAnswer,
} from "../ingest/mod.ts";
import { jsonResponse } from "./respond.ts";
import type { HttpContext, Route } from "./route.ts";
import { elasticsearchFormats } from "./routes_elasticsearch.ts";
import { type WireFormat, wireRoute } from "./wire.ts";

/** The routes that loggers and shippers made for other servers send to. */
export function ingestRoutes(context: HttpContext): Route[] {
  return [
    ...formats(context).map((format) => wireRoute(format, context)),
    publicRoute("/ready", () => plainText("ready\n")),
    // What Vector and others ask before they send.
    publicRoute("/ingest/json", () => jsonResponse({})),
  ];
}

function formats({ now }: HttpContext): WireFormat[] {
  return [
    otlp("/v1/logs", ({ bytes, contentType, now, service }) => {
      const { batch, rejected, errorMessage } = decodeOtlpLogs(bytes, contentType, now, service);
      const respond = () =>
        otlpResponse(encodeOtlpLogsResponse(contentType, rejected, errorMessage));
      return { batch, respond };
    }),
    otlp("/v1/traces", ({ bytes, contentType }) => dropped(dropOtlpTraces(bytes, contentType))),
    otlp("/v1/metrics", ({ bytes, contentType }) => dropped(dropOtlpMetrics(bytes, contentType))),
    {
      path: "/loki/api/v1/push",
      // Snappy is part of the format, not of HTTP.
      encoding: (_, header) => header === null || header === "snappy" ? "identity" : header,
      decode: ({ bytes, contentType, now, service }) => ({
        batch: decodeLokiPush(bytes, contentType, now, service),
        respond: () => new Response(null, { status: 204 }),
      }),
      refuse: (status, sentence) => plainText(`${sentence}\n`, status),
    },
    ...elasticsearchFormats(now),
    {
      path: "/ingest/json",
      decode: ({ bytes, contentType, now, service }) => ({
        batch: decodeJsonHttp(bytes, contentType, now, service),
        respond: () => jsonResponse({}),
      }),
      refuse: (status, error) => jsonResponse({ error }, status),
    },
    clef("/ingest/clef"),
    clef("/api/events/raw"),
    {
      path: "/gelf",
      // Clients name encodings that they did not use: the first bytes tell.
      encoding: (bytes) => gelfContentEncoding(bytes),
      decode: ({ bytes, now, service }) => ({
        batch: decodeGelf(bytes, now, service),
        respond: () => new Response(null, { status: 202 }),
      }),
      refuse: (status, error) => jsonResponse({ error }, status),
    },
  ];
}

function otlp(path: string, decode: WireFormat["decode"]): WireFormat {
  return {
    path,
    decode,
    refuse(status, sentence, { request }) {
      const contentType = request.headers.get("content-type") ?? undefined;
      return otlpResponse(encodeOtlpStatus(contentType, status, sentence), status);
    },
  };
}

function dropped(answer: OtlpAnswer) {
  return { respond: () => otlpResponse(answer) };
}

function otlpResponse({ body, contentType }: OtlpAnswer, status = 200): Response {
  return new Response(body as BodyInit, { status, headers: { "content-type": contentType } });
}

function clef(path: string): WireFormat {
  return {
    path,
    decode: ({ bytes, contentType, now, service }) => ({
      batch: decodeClef(bytes, contentType, now, service),
      respond: () => jsonResponse({}, 201),
    }),
    // Seq's own client tries again after a 5xx alone.
    refuse: (status, sentence) => jsonResponse({ Error: sentence }, status === 429 ? 503 : status),
  };
}

function publicRoute(path: string, handle: () => Response): Route {
  return { method: "GET", path, access: "public", handle };
}

function plainText(text: string, status = 200): Response {
  return new Response(text, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" },
  });
}
