import assert from "node:assert/strict";
import { ServerSuite, type TestServer, TOKENS } from "../_server.ts";
import { type Json, loki, lokiData, nanos, push } from "./_loki.ts";
import { record, withParameters } from "./_records.ts";

const suite = new ServerSuite();

/** A full minute, an hour ago. */
const BASE = Math.floor(Date.now() / 60_000) * 60_000 - 3_600_000;
const RANGE = { start: nanos(BASE), end: nanos(BASE + 600_000) };

suite.test("what is pushed reads back under the labels it was pushed with", async (server) => {
  await push(server, [
    {
      stream: { app: "round", env: "prod", level: "warn" },
      values: [
        [nanos(BASE, 1), "first"],
        [nanos(BASE, 123_456), "second", { trace_id: "abc", user: "u1" }],
      ],
    },
    { stream: { app: "round", env: "dev" }, values: [[nanos(BASE + 5_000), "third"]] },
  ]);
  const data = await lokiData(server, "query_range", { query: '{app="round"}', ...RANGE });
  const common = { app: "round", service_name: "round" };
  assert.deepEqual(data, {
    resultType: "streams",
    result: [
      {
        stream: { ...common, detected_level: "info", env: "dev", level: "info" },
        values: [[nanos(BASE + 5_000), "third"]],
      },
      {
        stream: {
          ...common,
          detected_level: "warn",
          env: "prod",
          level: "warn",
          trace_id: "abc",
          user: "u1",
        },
        values: [[nanos(BASE, 123_456), "second"]],
      },
      {
        stream: { ...common, detected_level: "warn", env: "prod", level: "warn" },
        values: [[nanos(BASE, 1), "first"]],
      },
    ],
  });
});

suite.test("Grafana is told structured metadata and parsed labels apart", async (server) => {
  await push(server, [{
    stream: { service_name: "categories", level: "error" },
    values: [[nanos(BASE), "code=7", { user: "u1" }], [nanos(BASE + 1), "no pairs"]],
  }]);
  const data = await lokiData(
    server,
    "query_range",
    { query: '{service_name="categories"} | logfmt', ...RANGE },
    { "x-loki-response-encoding-flags": "categorize-labels" },
  );
  const levels = { detected_level: "error", level: "error" };
  assert.deepEqual(data, {
    resultType: "streams",
    encodingFlags: ["categorize-labels"],
    result: [{
      stream: { service_name: "categories" },
      values: [
        [nanos(BASE + 1), "no pairs", { structuredMetadata: levels }],
        [nanos(BASE), "code=7", {
          structuredMetadata: { ...levels, user: "u1" },
          parsed: { code: "7" },
        }],
      ],
    }],
  });
});

/** The lines that a query finds, oldest first. */
async function linesOf(
  server: TestServer,
  query: string,
  more: Record<string, string | number> = {},
): Promise<string[]> {
  const { result } = await lokiData(server, "query_range", {
    query,
    ...RANGE,
    limit: 5_000,
    direction: "forward",
    ...more,
  });
  const values = (result as Json[]).flatMap(({ values }) => values as [string, string][]);
  return values.sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0).map(([, line]) => line);
}

suite.test("lines are selected by labels, texts, expressions and parsed labels", async (server) => {
  await push(server, [
    {
      stream: { app: "select", env: "prod" },
      values: [
        [nanos(BASE + 1), "GET /items status=200 took=12ms"],
        [nanos(BASE + 2), "GET /items status=500 took=1.5s"],
        [nanos(BASE + 3), "Timeout of the database"],
      ],
    },
    {
      stream: { app: "select", env: "dev" },
      values: [
        [nanos(BASE + 4), '{"status":404,"path":"/x"}'],
        [nanos(BASE + 5), '{"message":"was JSON","status":503}'],
      ],
    },
  ]);
  const found = async (rest: string) => (await linesOf(server, `{app="select"}${rest}`)).length;
  assert.equal(await found(""), 5);
  assert.equal(await found(' |= "items"'), 2);
  assert.equal(await found(' |= "timeout"'), 0);
  assert.equal(await found(' |~ "(?i)timeout"'), 1);
  assert.equal(await found(' != "items" !~ "^Time"'), 2);
  assert.equal(await found(' |= "200" or "Timeout"'), 2);
  assert.equal(await found(" | logfmt | status >= 500"), 2);
  assert.equal(await found(" | logfmt | took > 100ms"), 1);
  assert.equal(await found(" | json | status=404"), 1);
  assert.equal(await found(' | env="dev"'), 2);
  // The members of a JSON line with a message are labels with a parser or without.
  assert.deepEqual(await linesOf(server, '{app="select"} | json | status="503"'), ["was JSON"]);
  assert.deepEqual(await linesOf(server, '{app="select", status="503"}'), ["was JSON"]);
  assert.equal((await linesOf(server, '{app=~"select|other", env!="prod"}')).length, 2);
  assert.equal((await linesOf(server, '{app="select", missing=""}')).length, 5);
  assert.equal((await linesOf(server, '{app="select", missing!=""}')).length, 0);
});

suite.test("records from every other way in are lines with labels, too", async (server) => {
  const attributes = { "http.method": "GET", nested: { deep: true }, n: 5 };
  await server.post([
    record("native", {
      timestamp: new Date(BASE).toISOString(),
      severity: "FATAL",
      message: "it broke",
      trace_id: "t1",
      attributes,
    }),
  ]);
  const query = '{service="native", severity=~"CRITICAL"} | http_method="GET" | n > 4';
  const { result } = await lokiData(server, "query_range", { query, ...RANGE });
  assert.deepEqual(result, [{
    stream: {
      detected_level: "fatal",
      http_method: "GET",
      level: "fatal",
      n: "5",
      nested_deep: "true",
      service_name: "native",
      trace_id: "t1",
    },
    values: [[nanos(BASE), "it broke"]],
  }]);
});

suite.test("the start of a range is in it, the end is not, to the nanosecond", async (server) => {
  await push(server, [{
    stream: { app: "edges" },
    values: [[nanos(BASE, 999), "a"], [nanos(BASE, 1_000), "b"], [nanos(BASE, 1_001), "c"]],
  }]);
  const between = (start: string, end: string) => linesOf(server, '{app="edges"}', { start, end });
  assert.deepEqual(await between(nanos(BASE, 999), nanos(BASE, 1_001)), ["a", "b"]);
  assert.deepEqual(await between(nanos(BASE, 1_000), nanos(BASE, 1_000)), []);
  const iso = (fraction: string) => new Date(BASE).toISOString().replace(".000Z", `.${fraction}Z`);
  assert.deepEqual(await between(iso("000001"), iso("000001001")), ["b"]);
  const seconds = (ms: number) => String(ms / 1000);
  assert.deepEqual(await between(seconds(BASE), seconds(BASE + 60_000)), ["a", "b", "c"]);
});

suite.test("limit, direction and interval say which lines come", async (server) => {
  const values = Array.from({ length: 50 }, (_, i) => [nanos(BASE + i * 1000), `n${i}`] as const);
  await push(server, [{ stream: { app: "paged" }, values }]);
  const find = async (more: Record<string, string | number>) => {
    const { result } = await lokiData(server, "query_range", {
      query: '{app="paged"}',
      ...RANGE,
      ...more,
    });
    return (result as Json[]).flatMap(({ values }) => values).map(([, line]: string[]) => line);
  };
  assert.deepEqual(await find({ limit: 3 }), ["n49", "n48", "n47"]);
  assert.deepEqual(await find({ limit: 2, direction: "FORWARD" }), ["n0", "n1"]);
  assert.deepEqual(await find({ interval: "20s", direction: "forward" }), ["n0", "n20", "n40"]);
  assert.deepEqual(await find({ interval: "20", direction: "backward" }), ["n49", "n29", "n9"]);
  assert.equal((await find({})).length, 50);
});

suite.test("rates and counts over time are those that the documentation describes", async (server) => {
  const line = (seconds: number, level: string) => ({
    stream: { job: "varlogs", level },
    values: [[nanos(BASE + seconds * 1000), `${level} line`]] as const,
  });
  const seconds = Array.from({ length: 120 }, (_, i) => i + 1);
  await push(server, [
    ...seconds.map((second) => line(second, "info")),
    ...seconds.filter((second) => second % 4 === 0).map((second) => line(second, "warn")),
  ]);
  const at = String((BASE + 120_000) / 1000);
  const instant = (query: string) => lokiData(server, "query", { query, time: at });
  assert.deepEqual(await instant('sum(rate({job="varlogs"}[1m])) by (level)'), {
    resultType: "vector",
    result: [
      { metric: { level: "info" }, value: [Number(at), "1"] },
      { metric: { level: "warn" }, value: [Number(at), "0.25"] },
    ],
  });
  const range = await lokiData(server, "query_range", {
    query: 'sum by (level) (count_over_time({job="varlogs"}[1m]))',
    start: nanos(BASE),
    end: nanos(BASE + 120_000),
    step: 60,
  });
  const point = (minutes: number, value: string) => [(BASE + minutes * 60_000) / 1000, value];
  assert.deepEqual(range, {
    resultType: "matrix",
    result: [
      { metric: { level: "info" }, values: [point(1, "60"), point(2, "60")] },
      { metric: { level: "warn" }, values: [point(1, "15"), point(2, "15")] },
    ],
  });
  const values = async (query: string) =>
    (await instant(query)).result.map(({ value }: Json) => value[1]);
  assert.deepEqual(await values('sum(bytes_over_time({job="varlogs"}[1m]))'), ["675"]);
  assert.deepEqual(await values('sum(bytes_rate({job="varlogs"}[1m]))'), ["11.25"]);
  assert.deepEqual(
    await values('sum(rate({job="varlogs"} |= "warn" [1m])) / sum(rate({job="varlogs"}[1m]))'),
    ["0.2"],
  );
  assert.deepEqual(await values('topk(1, sum by (level) (rate({job="varlogs"}[1m])))'), ["1"]);
  assert.deepEqual(await values('count(count_over_time({job="varlogs"}[1m]))'), ["2"]);
  assert.deepEqual(await values('absent_over_time({job="nothing"}[1m])'), ["1"]);
  assert.deepEqual(await values('count_over_time({job="varlogs"}[1m] offset 1m) > 20'), ["60"]);
});

suite.test("values in lines are summed, averaged and ranked", async (server) => {
  const values = [120, 80, 400, 200].map((ms, i) =>
    [nanos(BASE + i), `path=/${i % 2} took=${ms}ms size=${i + 1}KB`] as const
  );
  await push(server, [{ stream: { app: "unwrap" }, values }]);
  const value = async (query: string) => {
    const { result } = await lokiData(server, "query", { query, time: nanos(BASE + 1_000) });
    return result.map(({ metric, value }: Json) => [metric.path, Number(value[1])]);
  };
  const took = '{app="unwrap"} | logfmt | unwrap duration(took) [1m]';
  assert.deepEqual(await value(`sum by (path) (sum_over_time(${took}))`), [["/0", 0.52], [
    "/1",
    0.28,
  ]]);
  assert.deepEqual(await value(`avg_over_time(${took}) by (path)`), [["/0", 0.26], ["/1", 0.14]]);
  assert.deepEqual(await value(`max(max_over_time(${took}))`), [[undefined, 0.4]]);
  assert.deepEqual(await value(`quantile_over_time(0.5, ${took}) by ()`), [[undefined, 0.16]]);
  const size = '{app="unwrap"} | logfmt | unwrap bytes(size) [1m]';
  assert.deepEqual(await value(`sum(sum_over_time(${size}))`), [[undefined, 10_000]]);
  const { status, text } = await loki(server, "query", {
    query: 'sum_over_time({app="unwrap"} | logfmt | unwrap path [1m])',
    time: nanos(BASE + 1_000),
  });
  assert.equal(status, 400);
  assert.match(text, /^pipeline error: 'SampleExtractionErr' for series: '\{__error__=/);
});

suite.test("labels, their values and series are listed", async (server) => {
  await push(server, [
    {
      stream: { app: "listed", team: "a", level: "error" },
      values: [[nanos(BASE), "x", { trace_id: "t9" }]],
    },
    { stream: { app: "listed", team: "b" }, values: [[nanos(BASE), "y"]] },
  ]);
  const of = { query: '{app="listed"}', ...RANGE };
  assert.deepEqual(await lokiData(server, "labels", of), ["app", "level", "service_name", "team"]);
  assert.ok((await lokiData(server, "labels")).includes("service_name"));
  assert.deepEqual(await lokiData(server, "label/team/values", of), ["a", "b"]);
  assert.deepEqual(await lokiData(server, "label/level/values", of), ["error", "info"]);
  assert.ok((await lokiData(server, "label/service_name/values", RANGE)).includes("listed"));
  assert.deepEqual(await lokiData(server, "label/nothing/values", of), []);
  const expected = [
    { app: "listed", level: "error", service_name: "listed", team: "a" },
    { app: "listed", level: "info", service_name: "listed", team: "b" },
  ];
  assert.deepEqual(await lokiData(server, "series", { "match[]": '{app="listed"}', ...RANGE }), [
    ...expected,
  ]);
  const form = new URLSearchParams([["match[]", '{team="a"}'], ["match[]", '{team="b"}']]);
  const posted = await server.call(withParameters("/loki/api/v1/series", RANGE), {
    method: "POST",
    body: form,
  });
  assert.deepEqual(posted.body.data, expected);
});

suite.test("amounts, volumes and fields are told", async (server) => {
  await push(server, [
    { stream: { app: "amount", team: "a" }, values: [[nanos(BASE), "12345 n=1"]] },
    { stream: { app: "amount", team: "b" }, values: [[nanos(BASE), "1234567 n=20"]] },
  ]);
  const query = '{app="amount"}';
  const stats = await loki(server, "index/stats", { query: '{service_name="amount"}', ...RANGE });
  assert.deepEqual(stats.body, { streams: 1, chunks: stats.body.chunks, entries: 2, bytes: 21 });
  const volume = await lokiData(server, "index/volume", { query, targetLabels: "team", ...RANGE });
  assert.deepEqual(volume.result.map(({ metric, value }: Json) => [metric, value[1]]), [
    [{ team: "b" }, "12"],
    [{ team: "a" }, "9"],
  ]);
  const fields = await loki(server, "detected_fields", { query, ...RANGE });
  const field = fields.body.fields.find(({ label }: Json) => label === "n");
  assert.deepEqual(field, { label: "n", type: "int", cardinality: 2, parsers: ["logfmt"] });
  const values = await loki(server, "detected_field/n/values", { query, ...RANGE });
  assert.deepEqual(values.body.values.sort(), ["1", "20"]);
  const labels = await loki(server, "detected_labels", { query, ...RANGE });
  assert.deepEqual(labels.body.detectedLabels[0], { label: "service_name", cardinality: 1 });
});

suite.test("a query that cannot be answered is a 400 with a sentence of plain text", async (server) => {
  const refused = async (route: string, parameters: Record<string, string>, reason: RegExp) => {
    const { status, text, headers } = await loki(server, route, parameters);
    assert.equal(status, 400, text);
    assert.equal(headers.get("content-type"), "text/plain; charset=utf-8");
    assert.match(text, reason);
  };
  await refused("query_range", { query: "{" }, /^parse error at line 1, col 2: syntax error/);
  await refused("query_range", {}, /^parse error : the parameter query is missing/);
  await refused("query_range", { query: "{}" }, /at least one regexp or equality matcher/);
  await refused("query", { query: '{app="x"}' }, /^log queries are not supported as an instant/);
  await refused(
    "query_range",
    { query: '{app="x"}', limit: "5001" },
    /limit > max_entries_limit_per_query \(5001 > 5000\)/,
  );
  await refused("query_range", { query: '{app="x"}', limit: "0" }, /must be a positive value/);
  await refused(
    "query_range",
    { query: 'rate({app="x"}[1m])', start: "0", end: "11002", step: "1" },
    /maximum resolution of 11,000 points/,
  );
  await refused("query_range", { query: '{app="x"}', start: "soon" }, /'start' parameter: "soon"/);
  await refused("query_range", { query: '{app="x"}', start: "9", end: "8" }, /end timestamp/);
  await refused("query_range", { query: '{app="x"}', direction: "up" }, /invalid direction "up"/);
  await refused("query", { query: "1", time: "x" }, /'time' parameter/);
  await refused("series", { "match[]": "{a=b}" }, /^parse error at line 1, col 4/);
});

suite.test("more than 500 series, and lines of more than 64 MiB, are refused", async (server) => {
  const values = Array.from(
    { length: 501 },
    (_, i) => [nanos(BASE + i), "x", { id: `i${i}` }] as const,
  );
  await push(server, [{ stream: { app: "many" }, values }]);
  const query = 'count_over_time({app="many"}[10m])';
  const many = await loki(server, "query", { query, time: nanos(BASE + 60_000) });
  assert.equal(many.status, 400);
  assert.match(many.text, /^maximum number of series \(500\) reached .*sum\(\)/);
  const some = await lokiData(server, "query", {
    query: `topk(3, ${query})`,
    time: nanos(BASE + 60_000),
  });
  assert.equal(some.result.length, 3);

  const line = "x".repeat(65_000);
  for (let n = 0; n < 5; n++) {
    const lines = Array.from({ length: 220 }, (_, i) => [nanos(BASE + n * 220 + i), line] as const);
    await push(server, [{ stream: { app: "large" }, values: lines }]);
  }
  const large = await loki(server, "query_range", {
    query: '{app="large"}',
    ...RANGE,
    limit: 1_100,
  });
  assert.equal(large.status, 400);
  assert.match(
    large.text,
    /^The first \d+ lines have more than 67108864 bytes of text: give a lower/,
  );
});

suite.test("only who may read asks, in whatever way the token is sent", async (server) => {
  const path = "/loki/api/v1/labels";
  assert.equal((await server.call(path, { token: null })).status, 401);
  assert.equal((await server.call("/loki/api/v1/tail", { token: null })).status, 401);
  const basic = { authorization: `Basic ${btoa(`anyone:${TOKENS.auth}`)}` };
  assert.equal((await server.call(path, { token: null, headers: basic })).status, 200);
  const bearer = { authorization: `Bearer ${TOKENS.auth}`, "x-scope-orgid": "tenant1" };
  assert.equal((await server.call(path, { token: null, headers: bearer })).status, 200);
  const made = await server.call("/tokens", {
    method: "POST",
    json: { name: "loki-writer", write: ["x"] },
  });
  const { status, body } = await server.call(path, { token: made.body.token });
  assert.equal(status, 403);
  assert.match(body.error, /lacks the right "read"/);
});

suite.test("a query may be posted as a form", async (server) => {
  const body = new URLSearchParams({ query: "vector(1)+vector(1)", time: "1588889221" });
  const answer = await server.call("/loki/api/v1/query", { method: "POST", body });
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(answer.body.data.result, [{ metric: {}, value: [1588889221, "2"] }]);
  const json = await server.call("/loki/api/v1/query", { method: "POST", json: {} });
  assert.equal(json.status, 415);
});
