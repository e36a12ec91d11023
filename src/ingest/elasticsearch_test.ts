import assert from "node:assert/strict";
import fc from "fast-check";
import {
  assertWithinLimits,
  bytesOf,
  NOW,
  NOW_TEXT,
  rowsOf,
  type TestRow,
} from "./_lenient_test_rows.ts";
import { decodeElasticsearchBulk, decodeElasticsearchDocument } from "./elasticsearch.ts";
import {
  encodeBulkResponse,
  encodeDocumentResponse,
  encodeElasticsearchError,
} from "./elasticsearch_answers.ts";
import { answerElasticsearchProbe } from "./elasticsearch_probes.ts";
import { BadBodyError } from "./errors.ts";

function bulk(lines: unknown[], index?: string): { rows: TestRow[]; answer: string } {
  const body = lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`)
    .join("");
  const { batch, items } = decodeElasticsearchBulk(bytesOf(body), index, NOW);
  return { rows: rowsOf(batch), answer: encodeBulkResponse(items, 1) };
}

const BARE = { time: NOW_TEXT, severity: "INFO" };

Deno.test("decodeElasticsearchBulk() stores create and index, and the answer is to the byte what shippers look for", () => {
  const { rows, answer } = bulk(
    [{ create: {} }, { message: "a" }, { index: {} }, { message: "b" }],
    "web",
  );
  assert.deepEqual(rows, [{ ...BARE, service: "web", message: "a" }, {
    ...BARE,
    service: "web",
    message: "b",
  }]);
  assert.equal(
    answer,
    '{"took":1,"errors":false,"items":[{"create":{"status":201}},{"index":{"status":201}}]}',
  );
  assert.equal(bulk([]).answer, '{"took":1,"errors":false,"items":[]}');
});

Deno.test("decodeElasticsearchBulk() maps Elastic Common Schema, nested and dotted", () => {
  const nested = {
    "@timestamp": "2025-04-01T11:59:59.123456789Z",
    message: "m",
    log: { level: "warn", logger: "l" },
    service: { name: "auth", version: "1" },
    trace: { id: "t1" },
    span: { id: "s1" },
    ecs: { version: "8.10.0" },
    host: { name: "h" },
  };
  const dotted = {
    "@timestamp": 1743508799123,
    message: "m",
    "log.level": "error",
    "service.name": "auth",
    "trace.id": "t1",
    "ecs.version": "1",
  };
  assert.deepEqual(bulk([{ create: { _index: "logs" } }, nested, { create: {} }, dotted]).rows, [
    {
      time: "2025-04-01T11:59:59.123456789Z",
      service: "auth",
      severity: "WARNING",
      message: "m",
      trace_id: "t1",
      span_id: "s1",
      attributes: {
        log: { logger: "l" },
        service: { version: "1" },
        ecs: { version: "8.10.0" },
        host: { name: "h" },
        _index: "logs",
      },
    },
    {
      time: "2025-04-01T11:59:59.123Z",
      service: "auth",
      severity: "ERROR",
      message: "m",
      trace_id: "t1",
      attributes: { "ecs.version": "1" },
    },
  ]);
});

Deno.test("decodeElasticsearchBulk() names the service after the index, without the date at its end", () => {
  const cases = [
    ["web", "web"],
    ["logstash-2025.04.01", "logstash"],
    ["pino-2025-04-01", "pino"],
    ["logs_20250401", "logs"],
    ["a-2025.04", "a"],
    ["2025.04.01", "2025.04.01"],
    ["-2025.04.01", "-2025.04.01"],
    ["logs-web-default", "logs-web-default"],
  ];
  for (const [_index, service] of cases) {
    const { rows } = bulk([{ create: { _index } }, { message: "m" }], "other");
    assert.equal(rows[0]?.service, service);
    assert.deepEqual(rows[0]?.attributes, _index === service ? undefined : { _index });
  }
  assert.equal(bulk([{ create: {} }, { message: "m" }]).rows[0]?.service, "unknown");
});

Deno.test("decodeElasticsearchBulk() keeps _id, _index and routing, whatever the document calls its own", () => {
  const { rows } = bulk([{ create: { _id: "x1", _index: "i", routing: "r", pipeline: "p" } }, {
    service: "s",
    log: "line",
    _id: 5,
  }]);
  assert.deepEqual(rows, [{
    ...BARE,
    service: "s",
    message: "line",
    attributes: { _id: 5, _index: "i", _id_1: "x1", routing: "r" },
  }]);
});

Deno.test("decodeElasticsearchBulk() answers bad documents and other operations one by one, and stores the rest", () => {
  const { rows, answer } = bulk([
    { create: {} },
    "{bad",
    { create: {} },
    { message: "fine" },
    { delete: { _id: "1" } },
    { update: { _id: "1" } },
    { doc: {} },
    { index: {} },
    "[]",
    { create: {} },
    "",
    { delete: { _id: "1" } },
    { create: {} },
    { message: "too" },
  ], "web");
  assert.deepEqual(rows.map((row) => row.message), ["fine", "too"]);
  const { errors, items } = JSON.parse(answer);
  assert.equal(errors, true);
  const statuses = items.map((item: Record<string, { status: number }>) =>
    Object.entries(item).map(([name, { status }]) => `${name} ${status}`).join()
  );
  assert.deepEqual(statuses, [
    "create 400",
    "create 201",
    "delete 400",
    "update 400",
    "index 400",
    "create 400",
    "delete 400",
    "create 201",
  ]);
  assert.match(items[0].create.error.reason, /not valid JSON/);
  assert.equal(items[0].create.error.type, "document_parsing_exception");
});

Deno.test("decodeElasticsearchBulk() refuses a body whose actions are none, or whose last has no document", () => {
  const bodies = [
    "x",
    "{}",
    "[]",
    '{"create":1}',
    '{"create":[]}',
    '{"create":{},"index":{}}',
    '{"create":{}}',
    '{"create":{}}\n{}\n{"index":{}}\n',
    '{"message":"m"}\n{"message":"m"}',
  ];
  for (const body of bodies) {
    assert.throws(() => decodeElasticsearchBulk(bytesOf(body), "web", NOW), BadBodyError, body);
  }
});

Deno.test("decodeElasticsearchBulk() takes carriage returns, blank lines between pairs and no line feed at the end", () => {
  const { batch } = decodeElasticsearchBulk(
    bytesOf('\r\n{"create":{}}\r\n{"message":"a"}\r\n\r\n\n{"create":{}}\n{"message":"b"}'),
    "web",
    NOW,
  );
  assert.deepEqual(batch.messages, ["a", "b"]);
});

Deno.test("decodeElasticsearchBulk() gives an item for each pair and records within the limits, or a BadBodyError, for any bytes", () => {
  const line = fc.oneof(
    fc.constantFrom(
      '{"create":{}}',
      '{"index":{"_id":"\\ud800"}}',
      '{"delete":{}}',
      "",
      '{"message":{}}',
      '{"log":{"level":[]},"service":{"name":""}}',
      '{"@timestamp":"x"}',
      "1",
    ),
    fc.json(),
  );
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.array(line).map((lines) => bytesOf(lines.join("\n"))),
  );
  fc.assert(
    fc.property(body, (bytes) => {
      try {
        const { batch, items } = decodeElasticsearchBulk(bytes, "web", NOW);
        assertWithinLimits(batch, assert.ok);
        assert.equal(items.filter((item) => item.error === undefined).length, batch.length);
        JSON.parse(encodeBulkResponse(items, 0));
      } catch (error) {
        if (!(error instanceof BadBodyError)) throw error;
      }
    }),
    { numRuns: 2000 },
  );
});

Deno.test("decodeElasticsearchDocument() reads one document, pretty printed too", () => {
  const batch = decodeElasticsearchDocument(bytesOf('{\n "message": "m"\n}\n'), "web", "7", NOW);
  assert.deepEqual(rowsOf(batch), [{
    ...BARE,
    service: "web",
    message: "m",
    attributes: { _id: "7" },
  }]);
  assert.throws(
    () => decodeElasticsearchDocument(bytesOf("[]"), "web", undefined, NOW),
    BadBodyError,
  );
  assert.equal(JSON.parse(encodeDocumentResponse("web", "7")).result, "created");
});

Deno.test("encodeElasticsearchError() has the shape that clients show", () => {
  const { error, status } = JSON.parse(encodeElasticsearchError(429, "Full."));
  assert.deepEqual([error.type, error.reason, error.root_cause[0].reason, status], [
    "es_rejected_execution_exception",
    "Full.",
    "Full.",
    429,
  ]);
});

Deno.test("answerElasticsearchProbe() answers what shippers ask, and nothing that stores", () => {
  const asked = [
    ["GET", "/"],
    ["HEAD", "/"],
    ["GET", "/_cluster/health"],
    ["GET", "/_cluster/health/logs"],
    ["GET", "/_cat/health"],
    ["GET", "/_license"],
    ["GET", "/_xpack"],
    ["GET", "/_nodes"],
    ["GET", "/_nodes/_all/http"],
    ["GET", "/_ilm/policy/filebeat"],
    ["PUT", "/_ilm/policy/filebeat"],
    ["HEAD", "/_index_template/a"],
    ["GET", "/_index_template/a"],
    ["PUT", "/_template/a"],
    ["PUT", "/_component_template/a"],
    ["GET", "/_ingest/pipeline/a"],
    ["PUT", "/_data_stream/a"],
    ["GET", "/_data_stream/a"],
    ["POST", "/web/_refresh"],
    ["POST", "/_refresh"],
  ] as const;
  for (const [method, path] of asked) {
    const answer = answerElasticsearchProbe(method, path, "0.1.0");
    assert.equal(answer?.status, 200, `${method} ${path}`);
    if (method === "HEAD") assert.equal(answer.body, "");
    else if (answer.contentType === "application/json") JSON.parse(answer.body);
  }
  for (
    const [method, path] of [
      ["POST", "/_bulk"],
      ["POST", "/"],
      ["POST", "/a/_doc"],
      ["GET", "/logs"],
      ["DELETE", "/_template/a"],
      ["PUT", "/_template"],
    ] as const
  ) {
    assert.equal(answerElasticsearchProbe(method, path, "0.1.0"), undefined, `${method} ${path}`);
  }
  const info = JSON.parse(answerElasticsearchProbe("GET", "/", "0.1.0")!.body);
  assert.match(info.version.number, /^8\./);
  assert.deepEqual([info.name, info.release], ["log-sentinel", "0.1.0"]);
});
