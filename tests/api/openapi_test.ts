import assert from "node:assert/strict";
import { ServerSuite, type TestServer, TOKENS } from "../_server.ts";
import { record } from "./_records.ts";

const suite = new ServerSuite();
const METHODS = ["get", "post", "put", "delete"];

interface Operation {
  readonly summary: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: {
      readonly minimum?: number;
      readonly maximum?: number;
      readonly enum?: string[];
    };
  }[];
  readonly requestBody?: { readonly content: Record<string, unknown> };
  readonly responses: Record<
    string,
    { readonly description: string; readonly content?: Record<string, unknown> }
  >;
  readonly security?: unknown[];
}

// deno-lint-ignore no-explicit-any -- a document of foreign shape, checked piece by piece
async function document(server: TestServer): Promise<any> {
  const { status, headers, body } = await server.call("/openapi.json", { token: null });
  assert.equal(status, 200);
  assert.equal(headers.get("content-type"), "application/json");
  return body;
}

/** The documented operations as `METHOD /path/{name}`. */
async function operations(server: TestServer): Promise<Map<string, Operation>> {
  const found = new Map<string, Operation>();
  const { paths } = await document(server);
  for (const [path, item] of Object.entries<Record<string, Operation>>(paths)) {
    for (const [method, operation] of Object.entries(item)) {
      assert.ok(METHODS.includes(method), `${method} ${path}`);
      found.set(`${method.toUpperCase()} ${path}`, operation);
    }
  }
  return found;
}

suite.test("the document has the structure of OpenAPI 3.1", async (server) => {
  const { openapi, info, paths, components, security } = await document(server);
  assert.match(openapi, /^3\.1\.\d+$/);
  assert.equal(typeof info.title, "string");
  assert.equal(typeof info.version, "string");
  const schemes = Object.keys(components.securitySchemes);
  for (const one of security) {
    for (const name of Object.keys(one)) assert.ok(schemes.includes(name));
  }
  for (const path of Object.keys(paths)) assert.match(path, /^\//);
  for (const [route, operation] of await operations(server)) {
    assert.ok(operation.summary.length > 0, route);
    const inPath = [...route.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const parameters = operation.parameters ?? [];
    const declared = parameters.filter((one) => one.in === "path");
    assert.deepEqual(declared.map(({ name }) => name), inPath, route);
    for (const one of declared) assert.equal(one.required, true);
    const names = parameters.map((one) => `${one.in} ${one.name}`);
    assert.equal(new Set(names).size, names.length, `${route} has a parameter twice`);
    const statuses = Object.keys(operation.responses);
    assert.ok(statuses.some((status) => /^(101|2\d\d)$/.test(status)), route);
    for (const status of statuses) assert.match(status, /^[1-5]\d\d$/);
    for (const { description } of Object.values(operation.responses)) {
      assert.ok(description.length > 0);
    }
  }
});

suite.test("every $ref of the document leads somewhere", async (server) => {
  const whole = await document(server);
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [name, inner] of Object.entries(value)) {
      if (name === "$ref") {
        const steps = String(inner).replace(/^#\//, "").split("/");
        // deno-lint-ignore no-explicit-any -- as above
        assert.ok(steps.reduce((at: any, step) => at?.[step], whole) !== undefined, String(inner));
      } else visit(inner);
    }
  };
  visit(whole);
});

suite.test("every route is documented, and every documented one is a route", async (server) => {
  const { body } = await server.call("/nowhere");
  const routes = [...body.error.matchAll(/(GET|POST|PUT|DELETE) (\/[\w:./-]*)/g)]
    .map(([, method, path]: string[]) => `${method} ${path!.replace(/:(\w+)/g, "{$1}")}`);
  assert.ok(routes.length >= 17);
  assert.deepEqual([...(await operations(server)).keys()].sort(), routes.sort());
});

const BULK = '{"create":{}}\n{"message":"hi"}\n';

const SELECTOR = encodeURIComponent('{service_name="openapi"}');

/** Routes of Loki's API that need a query, which may be posted as well. */
const LOKI = [
  "query_range",
  "index/stats",
  "index/volume",
  "index/volume_range",
  "detected_fields",
  "detected_field/{name}/values",
];

/** A GET and a POST of each route of Loki's API. */
function lokiRequests(): [string, [path: string, request: object]][] {
  const form = { body: new URLSearchParams() };
  const both = (route: string, query: string): [string, [path: string, request: object]][] => {
    const path = `/loki/api/v1/${route.replace("{name}", "level")}${query}`;
    return [
      [`GET /loki/api/v1/${route}`, [path, {}]],
      [`POST /loki/api/v1/${route}`, [path, form]],
    ];
  };
  return [
    ...LOKI.flatMap((route) => both(route, `?query=${SELECTOR}`)),
    ...both("query", "?query=vector(1)"),
    ...["labels", "label", "label/{name}/values", "series", "detected_labels", "patterns"]
      .flatMap((route) => both(route, "")),
  ];
}

/** A request to each documented route that must succeed. */
const GOOD: Readonly<Record<string, [path: string, request: object]>> = {
  "POST /session": ["/session", { json: { token: TOKENS.admin } }],
  "POST /v1/logs": ["/v1/logs", { json: {} }],
  "POST /v1/traces": ["/v1/traces", { json: {} }],
  "POST /v1/metrics": ["/v1/metrics", { json: {} }],
  "POST /loki/api/v1/push": ["/loki/api/v1/push", { json: { streams: [] } }],
  "POST /_bulk": ["/_bulk", { body: BULK }],
  "PUT /_bulk": ["/_bulk", { body: BULK }],
  "POST /{index}/_bulk": ["/some/_bulk", { body: BULK }],
  "PUT /{index}/_bulk": ["/some/_bulk", { body: BULK }],
  "POST /{index}/_doc": ["/some/_doc", { json: { message: "hi" } }],
  "POST /{index}/_doc/{id}": ["/some/_doc/1", { json: { message: "hi" }, method: "POST" }],
  "PUT /{index}/_doc/{id}": ["/some/_doc/1", { json: { message: "hi" }, method: "PUT" }],
  "POST /{index}/_create/{id}": ["/some/_create/1", { json: { message: "hi" }, method: "POST" }],
  "PUT /{index}/_create/{id}": ["/some/_create/1", { json: { message: "hi" }, method: "PUT" }],
  "POST /ingest/json": ["/ingest/json", { json: [] }],
  "POST /ingest/clef": ["/ingest/clef", { json: { "@t": "2025-01-01T00:00:00Z", "@m": "hi" } }],
  "POST /api/events/raw": ["/api/events/raw", { json: { Events: [] } }],
  "POST /gelf": ["/gelf", { json: { host: "some", short_message: "hi" } }],
  "POST /logs": ["/logs", { json: record("openapi") }],
  "DELETE /logs": ["/logs?before=1990-01-01T00:00:00Z", {}],
  "GET /logs/{id}": ["/logs/1", {}],
  "GET /logs/{id}/context": ["/logs/1/context", {}],
  "GET /facets": ["/facets?field=service", {}],
  "POST /tokens": ["/tokens", { json: { name: "openapi" } }],
  "DELETE /tokens/{name}": ["/tokens/openapi", {}],
  ...Object.fromEntries(lokiRequests()),
};

/** Answers that do not end, and files that only the page knows: they have tests of their own. */
const ELSEWHERE = ["GET /logs/tail", "GET /ui/{file}", "GET /loki/api/v1/tail"];

/** Routes that take what they are sent: parameters that they do not know are no error to a shipper. */
const isShippers = (path: string) =>
  /^\/(v1|loki|ingest|api|gelf|_bulk|\{index\})(\/|$)/.test(path);

suite.test("every documented route answers as documented", async (server) => {
  for (const [route, operation] of await operations(server)) {
    if (ELSEWHERE.includes(route)) continue;
    const [method, template] = route.split(" ") as [string, string];
    const [path, request] = GOOD[route] ?? [template, {}];
    const isPublic = operation.security?.length === 0;
    const answer = await server.call(path, {
      method,
      ...(isPublic ? { token: null } : {}),
      ...request,
    });
    const response = operation.responses[String(answer.status)];
    assert.ok(answer.status >= 200 && answer.status < 300, `${route}: ${answer.status}`);
    assert.ok(response !== undefined, `${route}: ${answer.status} is not documented`);
    if (response.content !== undefined) {
      const type = answer.headers.get("content-type")!.replace(/;.*/, "");
      assert.ok(
        Object.keys(response.content).includes(type),
        `${route}: ${type} is not documented`,
      );
    }
    const anonymous = await server.call(path, { method, token: null });
    assert.equal(anonymous.status === 401, !isPublic, `${route} without a token`);
    if (!isPublic) assert.ok("401" in operation.responses, route);
  }
});

suite.test("every documented query parameter is known to its route, and an undocumented one is not", async (server) => {
  const VALUES: Readonly<Record<string, string>> = {
    timestamp_start: "2025-01-01T00:00:00Z",
    timestamp_end: "2025-01-01T00:00:00Z",
    received_at_start: "2025-01-01T00:00:00Z",
    received_at_end: "2025-01-01T00:00:00Z",
    before: "1990-01-01T00:00:00Z",
    severity: "INFO",
    not_severity: "INFO",
    min_severity: "INFO",
    interval: "1d",
    field: "service",
  };
  for (const [route, { parameters = [], security }] of await operations(server)) {
    const [method, template] = route.split(" ") as [string, string];
    if (method === "POST" || ELSEWHERE.includes(route) || isShippers(template)) continue;
    const [path] = GOOD[route] ?? [template];
    for (const { name, in: place, schema } of parameters) {
      if (place !== "query" || name === "cursor" || path.includes(`${name}=`)) continue;
      const value = schema.enum?.[0] ?? schema.maximum ??
        VALUES[name] ?? "5";
      const url = `${path}${path.includes("?") ? "&" : "?"}${name}=${value}`;
      const { status, text } = await server.call(url, { method });
      assert.equal(status, 200, `${method} ${url}: ${text}`);
    }
    if (security?.length === 0) continue;
    const unknown = await server.call(`${path}${path.includes("?") ? "&" : "?"}undocumented=5`, {
      method,
    });
    assert.equal(unknown.status, 400, route);
  }
});

suite.test("a stored record has the fields of the schema Record, all that it requires", async (server) => {
  const { components } = await document(server);
  const schema = components.schemas.Record;
  const attributes = { a: 1 };
  const [id] = await server.post(
    record("schema", { trace_id: "t", span_id: "s", attributes, severity: 18 }),
  );
  const found = await server.get(`/logs/${id}`);
  for (const name of Object.keys(found)) assert.ok(name in schema.properties, name);
  for (const name of schema.required) assert.ok(name in found, name);
  assert.deepEqual(schema.required.toSorted(), [
    "id",
    "message",
    "received_at",
    "service",
    "severity",
    "timestamp",
  ]);
});
