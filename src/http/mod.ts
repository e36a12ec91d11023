/** @module The HTTP server: the routes, and what listens. */
export { createApp, HttpApp } from "./app.ts";
export type { HttpDeps } from "./route.ts";
export { type OpenApiDocument, openApiDocument } from "./openapi.ts";
export { type ServedHttp, serveHttp, type ServeOptions } from "./serve.ts";
