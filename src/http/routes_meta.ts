import { DOCS_CONTENT_SECURITY_POLICY, docsPage } from "./docs_page.ts";
import { metricsText } from "./metrics.ts";
import { openApiDocument } from "./openapi.ts";
import { onlyParameters } from "./parameters.ts";
import { PROMETHEUS_TYPE } from "./prometheus_text.ts";
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
    publicRoute("/docs", () => htmlResponse(docs, DOCS_CONTENT_SECURITY_POLICY)),
  ];
}

function publicRoute(path: string, answer: () => Response): Route {
  return { method: "GET", path, access: "public", handle: answer };
}

function ready({ store, drain }: HttpContext): Response {
  const reason = drain.draining ? "The server is shutting down" : store.notReady;
  const { warnings } = store;
  if (reason === undefined) {
    return jsonResponse({ status: "ready", ...(warnings.length === 0 ? {} : { warnings }) });
  }
  return jsonResponse({ error: sentence(reason) }, 503, { "retry-after": "1" });
}

function sentence(reason: string): string {
  return reason.charAt(0).toUpperCase() + reason.slice(1);
}

async function metrics(context: HttpContext): Promise<Response> {
  return new Response(await metricsText(context), {
    headers: { "content-type": PROMETHEUS_TYPE, "x-content-type-options": "nosniff" },
  });
}
