import { docsPage } from "./docs_page.ts";
import { prometheusText } from "./metrics.ts";
import { openApiDocument } from "./openapi.ts";
import { onlyParameters } from "./parameters.ts";
import { htmlResponse, jsonResponse, jsonText } from "./respond.ts";
import type { HttpContext, Route } from "./route.ts";

/** What the server says of itself: health, figures and documents. */
export function metaRoutes(context: HttpContext): Route[] {
  const openApi = openApiDocument(context.version);
  const openApiText = JSON.stringify(openApi);
  const docs = docsPage(openApi);
  return [
    publicRoute("/healthz", () => jsonResponse({ status: "ok" })),
    publicRoute("/readyz", () => ready(context)),
    {
      method: "GET",
      path: "/metrics",
      access: "read",
      handle(call) {
        onlyParameters(call.query, []);
        return metrics(context);
      },
    },
    publicRoute("/openapi.json", () => jsonText(openApiText)),
    publicRoute("/docs", () => htmlResponse(docs)),
  ];
}

function publicRoute(path: string, answer: () => Response): Route {
  return { method: "GET", path, access: "public", handle: answer };
}

function ready({ store, drain }: HttpContext): Response {
  const reason = drain.draining ? "The server is shutting down" : store.notReady;
  if (reason === undefined) return jsonResponse({ status: "ready" });
  return jsonResponse({ error: reason }, 503, { "retry-after": "1" });
}

function metrics(context: HttpContext): Response {
  const text = prometheusText(context.store, context.counters, {
    http_body_bytes_held: context.bodies.heldBytes,
    http_queries_running: context.queries.running,
    http_queries_waiting: context.queries.waiting,
    http_exports_running: context.exports.running,
    http_tails_open: context.tails.open,
    http_tails_bytes_waiting: context.tails.heldBytes,
    http_tails_records_missed: context.tails.missed,
  });
  return new Response(text, {
    headers: {
      "content-type": "text/plain; version=0.0.4; charset=utf-8",
      "x-content-type-options": "nosniff",
    },
  });
}
