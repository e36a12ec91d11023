/** @module Every route as OpenAPI describes it, by method and path as the router writes them. */

import { ingestOperations } from "./openapi_ingest.ts";
import { lokiOperations } from "./openapi_loki.ts";
import type { JsonObject, Operation, Parameter } from "./openapi_types.ts";

const STRING = { type: "string" };
const TIME = { type: "string", format: "date-time" };
const COUNTS = { type: "object", additionalProperties: { type: "integer" } };
const SEVERITY = {
  type: "string",
  description: "TRACE, DEBUG, INFO, WARNING, ERROR or FATAL, in any case, or a usual alias",
};

function query(name: string, description: string, schema: JsonObject = STRING): Parameter {
  return { name, in: "query", description, schema };
}

function repeatable(name: string, description: string, items: JsonObject = STRING): Parameter {
  return query(name, `${description} Repeatable: any of them.`, { type: "array", items });
}

function path(name: string, description: string, schema: JsonObject): Parameter {
  return { name, in: "path", required: true, description, schema };
}

function ref(name: string): JsonObject {
  return { $ref: `#/components/schemas/${name}` };
}

function json(description: string, schema: JsonObject, headers?: JsonObject): JsonObject {
  return {
    description,
    content: { "application/json": { schema } },
    ...(headers === undefined ? {} : { headers }),
  };
}

const ERRORS: Readonly<Record<number, string>> = {
  400: "The request is wrong; the sentence names what and what would be right",
  401: "No token, or an unknown one",
  403: "The token may not do this",
  404: "There is no such thing",
  406: "None of the accepted types can be had",
  408: "The body took too long to arrive",
  409: "There is one of that name",
  413: "The body is too large, as sent or decompressed",
  415: "The body's type or encoding is not read here",
  422: "The Idempotency-Key was used with another body",
  429: "A limit; nothing was stored",
  503: "Not just now; nothing was stored",
};

function errors(...statuses: readonly number[]): Record<string, JsonObject> {
  return Object.fromEntries(
    statuses.map((status) => [String(status), json(ERRORS[status]!, ref("Error"))]),
  );
}

const FILTERS: readonly Parameter[] = [
  query("timestamp_start", "The earliest timestamp, inclusive.", TIME),
  query("timestamp_end", "The latest timestamp, inclusive.", TIME),
  query("received_at_start", "The earliest time of receipt, inclusive.", TIME),
  query("received_at_end", "The latest time of receipt, inclusive.", TIME),
  repeatable("service", "The service."),
  repeatable("not_service", "Not this service."),
  repeatable("severity", "The severity.", SEVERITY),
  repeatable("not_severity", "Not this severity.", SEVERITY),
  query("min_severity", "This severity or a graver one.", SEVERITY),
  query(
    "q",
    'Words and "quoted phrases" that must all occur in the message; -word excludes, word* is a prefix, *part* a ' +
      "substring, /regex/ a regular expression, attr.NAME:word looks in an attribute.",
  ),
  repeatable("trace_id", "The trace id."),
  repeatable("attr.NAME", "The value of the attribute NAME."),
  repeatable("not_attr.NAME", "Not this value of the attribute NAME."),
];

const PAGING: readonly Parameter[] = [
  query("limit", "Records at most; a stream without it gives every match.", {
    type: "integer",
    minimum: 1,
    maximum: 10_000,
    default: 1_000,
  }),
  query("order", "By timestamp, then id.", {
    type: "string",
    enum: ["asc", "desc"],
    default: "desc",
  }),
  query("cursor", "Where the page before ended, as its Link header gives it."),
];

const INCOMPLETE = {
  "Sentinel-Incomplete": {
    description: "What had to be left out because it is damaged on disk",
    schema: STRING,
  },
};

const SET_COOKIE = {
  "Set-Cookie": { description: "sentinel_session, set or cleared", schema: STRING },
};

const READ_ERRORS = errors(400, 401, 403, 503);
const BATCH = { oneOf: [ref("RecordInput"), { type: "array", items: ref("RecordInput") }] };
const RECORDS = { type: "array", items: ref("Record") };
const ID = path("id", "The record's id.", { type: "integer", minimum: 1 });
const OPEN: Pick<Operation, "tags" | "security"> = { tags: ["server"], security: [] };

/** The operations, by `METHOD /path`. */
export const operations: Readonly<Record<string, Operation>> = {
  "POST /logs": {
    summary: "Store one record or an array of them, all or nothing",
    description: "Answers when they are durable. The body may be compressed (Content-Encoding).",
    tags: ["records"],
    parameters: [{
      name: "Idempotency-Key",
      in: "header",
      description: "With the same key and body the first answer is given again for 24 hours.",
      schema: { type: "string", minLength: 1, maxLength: 255 },
    }],
    requestBody: {
      required: true,
      content: {
        "application/json": { schema: BATCH },
        "application/x-ndjson": { schema: STRING },
      },
    },
    responses: {
      201: json("Stored", ref("Saved")),
      ...errors(400, 401, 403, 408, 413, 415, 422, 429, 503),
    },
  },
  "DELETE /logs": {
    summary: "Delete every record before a time",
    tags: ["records"],
    parameters: [
      { ...query("before", "Records with an earlier timestamp go.", TIME), required: true },
      repeatable("service", "Only of this service."),
      repeatable("severity", "Only of this severity.", SEVERITY),
      query("id_before", "Only with a lower id: of a stream, its Sentinel-Id-Before.", {
        type: "integer",
        minimum: 1,
      }),
      query("at_most", "If more match, nothing is deleted (409).", { type: "integer", minimum: 0 }),
    ],
    responses: {
      200: json("How many were deleted", ref("Message")),
      ...errors(400, 401, 403, 409, 503),
    },
  },
  "GET /logs": {
    summary: "The records that match, newest first",
    description: "As NDJSON or CSV it streams every match.",
    tags: ["records"],
    parameters: [
      ...FILTERS,
      ...PAGING,
      query(
        "format",
        "In place of the header Accept, for links: a browser saves a stream as a file.",
        {
          type: "string",
          enum: ["json", "ndjson", "csv"],
        },
      ),
    ],
    responses: {
      200: {
        description: "The records, ordered by timestamp and id",
        headers: {
          Link: { description: 'The next page, rel="next", if there is one', schema: STRING },
          "Sentinel-Id-Before": {
            description: "Of a stream: every record that it looks at has a lower id",
            schema: { type: "integer" },
          },
          ...INCOMPLETE,
        },
        content: {
          "application/json": { schema: RECORDS },
          "application/x-ndjson": { schema: STRING },
          "text/csv": { schema: STRING },
        },
      },
      ...errors(400, 401, 403, 406, 503),
    },
  },
  "GET /logs/tail": {
    summary: "New records that match, as server-sent events",
    description:
      "Starts at now, or after Last-Event-ID with nothing missed and nothing repeated, also after a restart " +
      "of the server. Events of type log have a record's id and its JSON. A reader that is too slow gets an event of " +
      'type missed, {"count", "through_id"}, in the place of what was passed over; what had to be left out because it ' +
      'is damaged on disk is an event of type incomplete, {"error"}. Events without data only move the last id. The ' +
      "stream ends with the token, and when the server stops: come back with Last-Event-ID.",
    tags: ["records"],
    parameters: [
      {
        name: "Last-Event-ID",
        in: "header",
        description: "The id of the last event: what follows it comes first.",
        schema: { type: "integer", minimum: 0 },
      },
      query("last_event_id", "The same, for clients that cannot set the header; which wins.", {
        type: "integer",
        minimum: 0,
      }),
      ...FILTERS,
    ],
    responses: {
      200: {
        description: "Events without end",
        content: { "text/event-stream": { schema: STRING } },
      },
      ...errors(400, 401, 403, 406, 503),
    },
  },
  "GET /logs/:id": {
    summary: "One record",
    tags: ["records"],
    parameters: [ID],
    responses: { 200: json("The record", ref("Record")), ...READ_ERRORS, ...errors(404) },
  },
  "GET /logs/:id/context": {
    summary: "A record and its neighbours in the same service",
    tags: ["records"],
    parameters: [
      ID,
      ...["before", "after"].map((name) =>
        query(name, `How many ${name} it.`, {
          type: "integer",
          minimum: 0,
          maximum: 1_000,
          default: 10,
        })
      ),
    ],
    responses: {
      200: json("In ascending order", {
        type: "object",
        properties: { before: RECORDS, record: ref("Record"), after: RECORDS },
      }, INCOMPLETE),
      ...READ_ERRORS,
      ...errors(404),
    },
  },
  "GET /stats": {
    summary: "Counts by service and severity, and each service's newest timestamp",
    tags: ["counts"],
    parameters: [
      query("by", "service,severity adds the count of each pair.", {
        type: "string",
        enum: ["service,severity"],
      }),
      ...FILTERS,
    ],
    responses: {
      200: json("Over what the filters match", {
        type: "object",
        properties: {
          logs_per_service: COUNTS,
          logs_per_severity: COUNTS,
          last_log_per_service: { type: "object", additionalProperties: TIME },
          counts: {
            type: "array",
            items: {
              type: "object",
              properties: { service: STRING, severity: STRING, count: { type: "integer" } },
            },
          },
        },
      }, INCOMPLETE),
      ...READ_ERRORS,
    },
  },
  "GET /histogram": {
    summary: "Counts over time",
    tags: ["counts"],
    parameters: [
      query("interval", "The buckets' length, such as 5m; absent: one that gives 60 to 120."),
      query("by", "What the counts are told apart by.", {
        type: "string",
        enum: ["severity", "service"],
        default: "severity",
      }),
      ...FILTERS,
    ],
    responses: {
      200: json("Buckets aligned to UTC, half-open", {
        type: "object",
        properties: {
          interval: STRING,
          buckets: {
            type: "array",
            items: { type: "object", properties: { start: TIME, counts: COUNTS } },
          },
        },
      }, INCOMPLETE),
      ...READ_ERRORS,
    },
  },
  "GET /facets": {
    summary: "The commonest values of a field",
    tags: ["counts"],
    parameters: [
      {
        ...query("field", "service, severity, attr.NAME, or attr for the attributes' names."),
        required: true,
      },
      query("limit", "Values at most.", { type: "integer", minimum: 1 }),
      ...FILTERS,
    ],
    responses: {
      200: json("By descending count", {
        type: "object",
        properties: {
          field: STRING,
          values: {
            type: "array",
            items: { type: "object", properties: { value: STRING, count: { type: "integer" } } },
          },
          others: { type: "integer" },
          truncated: { type: "boolean" },
        },
      }, INCOMPLETE),
      ...READ_ERRORS,
    },
  },
  "POST /tokens": {
    summary: "Make a token; its text is shown this once",
    tags: ["tokens"],
    requestBody: { required: true, content: { "application/json": { schema: ref("NewToken") } } },
    responses: {
      201: json("The token", ref("MadeToken")),
      ...errors(400, 401, 403, 409, 413, 415, 429, 503),
    },
  },
  "GET /tokens": {
    summary: "Every token, without its text",
    tags: ["tokens"],
    responses: {
      200: json("By name", { type: "array", items: ref("Token") }),
      ...errors(400, 401, 403),
    },
  },
  "DELETE /tokens/:name": {
    summary: "Revoke a token",
    tags: ["tokens"],
    parameters: [path("name", "The token's name.", STRING)],
    responses: { 200: json("Revoked", ref("Message")), ...errors(400, 401, 403, 404, 503) },
  },
  "POST /session": {
    summary: "Sign in with a token, for browsers",
    description:
      "Sets the cookie sentinel_session (HttpOnly, SameSite=Strict; Secure over https), which stands for the " +
      "token on every route. A request with it that is no GET or HEAD also needs the header X-Sentinel-Request: 1 and, " +
      "if it has an Origin, this server's. It ends 12 hours after its last use, 7 days after it began, and with the token.",
    tags: ["session"],
    security: [],
    requestBody: { required: true, content: { "application/json": { schema: ref("SignIn") } } },
    responses: {
      204: { description: "Signed in", headers: SET_COOKIE },
      ...errors(400, 401, 403, 413, 415, 429, 503),
    },
  },
  "GET /session": {
    summary: "Who is signed in, or whose token this is, and what it may do",
    tags: ["session"],
    responses: { 200: json("The token's rights", ref("Session")), ...errors(400, 401) },
  },
  "DELETE /session": {
    summary: "Sign out",
    tags: ["session"],
    security: [],
    parameters: [{
      name: "X-Sentinel-Request",
      in: "header",
      description: "1; needed if there is a session to end.",
      schema: { const: "1" },
    }],
    responses: {
      204: { description: "Signed out", headers: SET_COOKIE },
      ...errors(400, 403),
    },
  },
  "GET /healthz": {
    ...OPEN,
    summary: "Alive",
    responses: {
      200: json("Always", { type: "object", properties: { status: { const: "ok" } } }),
    },
  },
  "GET /readyz": {
    ...OPEN,
    summary: "Ready to store records",
    responses: {
      200: json("Ready; with what somebody should see to all the same", {
        type: "object",
        properties: {
          status: { const: "ready" },
          warnings: { type: "array", items: STRING },
        },
        required: ["status"],
      }),
      503: json("Not ready; the sentence says why", ref("Error")),
    },
  },
  "GET /metrics": {
    summary: "Figures for operators, as Prometheus reads them",
    tags: ["server"],
    responses: {
      200: { description: "Figures", content: { "text/plain": { schema: STRING } } },
      ...errors(400, 401, 403),
    },
  },
  "GET /openapi.json": {
    ...OPEN,
    summary: "This document",
    responses: { 200: json("OpenAPI 3.1", { type: "object" }) },
  },
  "GET /docs": {
    ...OPEN,
    summary: "This document as a page",
    responses: { 200: { description: "A page", content: { "text/html": { schema: STRING } } } },
  },
  "GET /ui/:file": {
    ...OPEN,
    summary: "What the web page loads",
    parameters: [path("file", "The name that the page gives.", STRING)],
    responses: {
      200: {
        description: "A script, a style or an image, for ever the same under its name",
        content: {
          "text/javascript": { schema: STRING },
          "text/css": { schema: STRING },
          "image/svg+xml": { schema: STRING },
        },
      },
      304: { description: "As If-None-Match says" },
      ...errors(404),
    },
  },
  "GET /": {
    ...OPEN,
    summary:
      "The web page, or the server's name and version as Elasticsearch's clients ask for them",
    responses: {
      200: {
        description: "A page for who accepts text/html, else JSON",
        content: {
          "text/html": { schema: STRING },
          "application/json": {
            schema: {
              type: "object",
              properties: {
                name: STRING,
                release: STRING,
                version: { type: "object", properties: { number: STRING } },
              },
            },
          },
        },
      },
      304: { description: "The page, as If-None-Match says" },
    },
  },
  ...ingestOperations,
  ...lokiOperations,
};
