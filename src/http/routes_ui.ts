import { PAGE_CONTENT_SECURITY_POLICY, PAGE_PATH, type PageFile, pageFiles } from "../ui/mod.ts";
import { chooseType } from "./accept.ts";
import { HttpError } from "./errors.ts";
import { shown } from "./parameters.ts";
import type { Call, HttpContext, Route } from "./route.ts";
import { elasticsearchProbe } from "./routes_elasticsearch.ts";

/** `GET /`, the web page or what shippers ask the server's name and version with, and `GET /ui/:file`, what the page loads. */
export function uiRoutes({ version }: HttpContext): Route[] {
  return [
    {
      method: "GET",
      path: PAGE_PATH,
      access: "public",
      handle({ request }) {
        if (wantsHtml(request)) return pageFile(request, PAGE_PATH, "accept, accept-encoding");
        const probe = elasticsearchProbe("GET", PAGE_PATH, version)!;
        probe.headers.set("vary", "accept");
        return probe;
      },
    },
    {
      method: "GET",
      path: "/ui/:file",
      access: "public",
      handle: ({ request, params }: Call) =>
        pageFile(request, `/ui/${params.file}`, "accept-encoding"),
    },
  ];
}

/** A browser names HTML; curl and shippers' probes take anything. */
function wantsHtml(request: Request): boolean {
  const offers = ["application/json", "text/html"] as const;
  return chooseType(request.headers.get("accept"), offers) === "text/html";
}

async function pageFile({ headers }: Request, path: string, vary: string): Promise<Response> {
  const file = (await pageFiles()).get(path);
  if (file === undefined) {
    throw new HttpError(404, `The page has no file ${shown(path)}: load the page again`);
  }
  const zipped = acceptsGzip(headers.get("accept-encoding"));
  // Another encoding is another representation, and has another tag (RFC 9110 section 8.8.3.3).
  const etag = zipped ? file.etag.replace(/"$/, '-gzip"') : file.etag;
  const answer = { ...headersOf(file), vary, etag };
  if (isKnown(headers.get("if-none-match"), etag)) {
    return new Response(null, { status: 304, headers: answer });
  }
  if (!zipped) return new Response(file.bytes, { headers: answer });
  return new Response(file.gzip, { headers: { ...answer, "content-encoding": "gzip" } });
}

function headersOf({ contentType, cacheControl }: PageFile): Record<string, string> {
  return {
    "content-type": contentType,
    "cache-control": cacheControl,
    "content-security-policy": PAGE_CONTENT_SECURITY_POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  };
}

function acceptsGzip(header: string | null): boolean {
  return (header ?? "").toLowerCase().split(",").some((part) => {
    const [coding, ...parameters] = part.split(";").map((text) => text.trim());
    return coding === "gzip" && !parameters.some((text) => /^q=0(\.0*)?$/.test(text));
  });
}

/** Whether a client has this representation (RFC 9110 section 13.1.2: weak comparison). */
function isKnown(header: string | null, etag: string): boolean {
  if (header === null) return false;
  return header.split(",").some((one) => [etag, "*"].includes(one.trim().replace(/^W\//, "")));
}
