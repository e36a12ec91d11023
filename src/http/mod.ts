/** @module The HTTP server: the routes, and what listens. */
export { createApp, HttpApp } from "./app.ts";
export type { HttpDeps } from "./route.ts";
export { openApiDocument } from "./openapi.ts";
export type { OpenApiDocument } from "./openapi_types.ts";
export { type ServedHttp, serveHttp, type ServeOptions } from "./serve.ts";
