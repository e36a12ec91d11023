/** @module The routes of other servers' wire formats, as OpenAPI describes them. */

import type { JsonObject, Operation } from "./openapi_types.ts";

const TAGS = ["wire formats"];

const API_KEY = {
  name: "apiKey",
  in: "query",
  description: "The token, for clients that can set no header.",
  schema: { type: "string" },
} as const;

const REFUSALS: Readonly<Record<number, string>> = {
  400: "The body is not of this format; nothing of it was stored",
  401: "No token, or an unknown one",
  403: "The token may not write records of a service in it",
  413: "The body is too large, as sent or decompressed",
  415: "The body's type or encoding is not read here",
  503: "Not just now; nothing was stored",
};

/** A format's operation: what it takes, what it answers, and refusals in the format's own shape. */
function format(
  summary: string,
  types: readonly string[],
  answers: Readonly<Record<string, string>>,
): Operation {
  const content = Object.fromEntries(types.map((type) => [type, { schema: {} }]));
  const responses: Record<string, JsonObject> = {};
  for (const [status, description] of Object.entries({ ...answers, ...REFUSALS })) {
    responses[status] = { description };
  }
  return {
    summary,
    tags: TAGS,
    parameters: [API_KEY],
    requestBody: { required: true, content },
    responses,
  };
}

const OTLP = ["application/x-protobuf", "application/json"];

/** The same with variable parts of the path. */
function withPath(operation: Operation, ...parameters: readonly JsonObject[]): Operation {
  return { ...operation, parameters: [...parameters, API_KEY] } as Operation;
}

const INDEX = {
  name: "index",
  in: "path",
  required: true,
  description: "The index: the service of documents that name none.",
  schema: { type: "string" },
};
const ID = {
  name: "id",
  in: "path",
  required: true,
  description: "The document's id: kept as the attribute `_id`.",
  schema: { type: "string" },
};

const BULK = format("Elasticsearch's bulk", ["application/x-ndjson"], {
  200: "One item for each operation, with its status",
});
const INDEX_BULK = withPath({ ...BULK, summary: "Elasticsearch's bulk into one index" }, INDEX);
const DOCUMENT = format("One of Elasticsearch's documents", ["application/json"], {
  201: "Stored",
});
const CLEF = ["application/vnd.serilog.clef", "application/json"];

/** The operations, by `METHOD /path`. */
export const ingestOperations: Readonly<Record<string, Operation>> = {
  "POST /v1/logs": format("OpenTelemetry's logs (OTLP)", OTLP, { 200: "Stored" }),
  "POST /v1/traces": format("OTLP traces: dropped, and said so", OTLP, {
    200: "A partial success that counts the dropped spans",
  }),
  "POST /v1/metrics": format("OTLP metrics: dropped, and said so", OTLP, {
    200: "A partial success that counts the dropped points",
  }),
  "POST /loki/api/v1/push": format(
    "Loki's push",
    ["application/json", "application/x-protobuf"],
    { 204: "Stored" },
  ),
  "POST /_bulk": BULK,
  "PUT /_bulk": BULK,
  "POST /:index/_bulk": INDEX_BULK,
  "PUT /:index/_bulk": INDEX_BULK,
  "POST /:index/_doc": withPath(DOCUMENT, INDEX),
  "POST /:index/_doc/:id": withPath(DOCUMENT, INDEX, ID),
  "PUT /:index/_doc/:id": withPath(DOCUMENT, INDEX, ID),
  "POST /:index/_create/:id": withPath(DOCUMENT, INDEX, ID),
  "PUT /:index/_create/:id": withPath(DOCUMENT, INDEX, ID),
  "POST /ingest/json": format(
    "JSON as shippers post it: an array, lines, or objects end to end",
    ["application/json", "application/x-ndjson", "application/x-www-form-urlencoded"],
    { 200: "Stored" },
  ),
  "GET /ingest/json": {
    summary: "What shippers ask before they send",
    tags: TAGS,
    security: [],
    responses: { 200: { description: "Go ahead" } },
  },
  "POST /ingest/clef": format("Seq's compact events (CLEF)", CLEF, { 201: "Stored" }),
  "POST /api/events/raw": format("Seq's events, compact or raw", CLEF, { 201: "Stored" }),
  "POST /gelf": format("Graylog's GELF", ["application/json"], { 202: "Stored" }),
  "GET /ready": {
    summary: "What Loki's clients ask before they send",
    tags: TAGS,
    security: [],
    responses: { 200: { description: "Ready" } },
  },
};
