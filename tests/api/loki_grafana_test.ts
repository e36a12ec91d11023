/**
 * @module What Grafana's Loki data source asks, in its order and with its parameters, read in its sources
 * (github.com/grafana/grafana-loki-datasource, August 2026).
 */

import assert from "node:assert/strict";
import { ServerSuite } from "../_server.ts";
import { type Json, loki, lokiData, nanos, push } from "./_loki.ts";

const suite = new ServerSuite();

const BASE = Math.floor(Date.now() / 60_000) * 60_000 - 1_800_000;
const RANGE = { start: nanos(BASE), end: nanos(BASE + 1_800_000) };
/** What every data query of its backend sends. */
const HEADERS = { "x-loki-response-encoding-flags": "categorize-labels" };

suite.test("Save & test: the health check is a vector of two", async (server) => {
  const data = await lokiData(server, "query", {
    direction: "backward",
    query: "vector(1)+vector(1)",
    time: "4000000000",
  }, HEADERS);
  assert.deepEqual(data, {
    resultType: "vector",
    // Ten digits are seconds, though Grafana means nanoseconds: Loki reads them so, too.
    result: [{ metric: {}, value: [4_000_000_000, "2"] }],
  });
});

suite.test("Explore: labels, values, the query, its volume and its size", async (server) => {
  await push(server, [
    {
      stream: { app: "shop", level: "error" },
      values: [[nanos(BASE + 60_000), "order failed status=500"]],
    },
    {
      stream: { app: "shop", level: "info" },
      values: [
        [nanos(BASE + 61_000), "order stored status=200"],
        [nanos(BASE + 200_000), "order stored status=200"],
      ],
    },
  ]);
  const names = await lokiData(server, "labels", RANGE);
  assert.deepEqual(names, ["app", "level", "service_name"]);
  assert.deepEqual(await lokiData(server, "label/app/values", RANGE), ["shop"]);
  assert.deepEqual(
    await lokiData(server, "label/level/values", { ...RANGE, query: '{app="shop"}' }),
    ["error", "info"],
  );
  const size = await loki(server, "index/stats", { query: '{app="shop"}', ...RANGE });
  assert.ok(["streams", "chunks", "bytes", "entries"].every((name) => size.body[name] > 0));

  const step = { step: "2000ms", direction: "backward", limit: 1000 };
  const lines = await lokiData(
    server,
    "query_range",
    { query: '{app="shop"} |= ``', ...RANGE, ...step },
    HEADERS,
  );
  assert.equal(lines.resultType, "streams");
  assert.deepEqual(lines.result.map(({ stream }: Json) => stream), [{ service_name: "shop" }]);
  assert.equal(lines.result[0].values.length, 3);

  const volume = await lokiData(server, "query_range", {
    query:
      'sum by (level, detected_level) (count_over_time({app="shop"} |= `` | drop __error__[1m]))',
    ...RANGE,
    step: "60000ms",
    direction: "backward",
  }, HEADERS);
  const at = (minutes: number) => (BASE + minutes * 60_000) / 1000;
  const metric = (level: string) => ({ detected_level: level, level });
  assert.deepEqual(volume, {
    resultType: "matrix",
    result: [
      { metric: metric("error"), values: [[at(1), "1"]] },
      { metric: metric("info"), values: [[at(2), "1"], [at(4), "1"]] },
    ],
  });
});

suite.test("Explore: what the query builder makes can be answered", async (server) => {
  await push(server, [{
    stream: { app: "built", env: "prod" },
    values: Array.from({ length: 20 }, (_, i) =>
      [
        nanos(BASE + i * 1000),
        `level=info status=${i % 5 ? 200 : 500} duration=${i}ms msg="served"`,
      ] as const),
  }]);
  const selector = '{app="built"}';
  const queries = [
    `${selector} |= \`served\``,
    `${selector} |~ \`(?i)SERVED\``,
    `${selector} | logfmt | __error__=\`\``,
    `${selector} | logfmt | status = \`500\``,
    `${selector} | logfmt | duration > 5ms | line_format \`{{.status}} {{.msg}}\``,
    `${selector} | json | drop __error__, __error_details__`,
    `${selector} | pattern \`<_> status=<code> <_>\` | code = \`500\``,
    `${selector} | regexp \`status=(?P<code>\\d+)\` | label_format c=code`,
    `${selector} | unpack | decolorize`,
    `sum by(status) (count_over_time(${selector} | logfmt | __error__=\`\` [$__auto]))`,
    `sum(rate(${selector} |= \`served\` [$__auto]))`,
    `topk(5, sum by(status) (rate(${selector} | logfmt [$__auto])))`,
    `quantile_over_time(0.99, ${selector} | logfmt | unwrap duration(duration) | __error__=\`\` [$__auto]) by (status)`,
    `sum(sum_over_time(${selector} | logfmt | unwrap status | __error__=\`\` [$__auto]))`,
    `sum(rate(${selector} | logfmt | status = \`500\` [$__auto])) / sum(rate(${selector} [$__auto])) * 100`,
    `count_over_time(${selector} [$__auto]) > 1`,
    `bytes_rate(${selector} [$__auto])`,
    `absent_over_time(${selector} [$__auto])`,
  ];
  for (const query of queries) {
    const { status, text, body } = await loki(server, "query_range", {
      query: query.replaceAll("$__auto", "1m"),
      ...RANGE,
      step: "60000ms",
      direction: "backward",
      limit: 1000,
    }, HEADERS);
    assert.equal(status, 200, `${query}: ${text}`);
    assert.ok(body.data.result.length > 0, query);
  }
});

suite.test("the probes of Logs Drilldown are answered", async (server) => {
  assert.equal((await loki(server, "status/buildinfo")).body.version, "3.0.0");
  assert.equal((await loki(server, "drilldown-limits")).body.pattern_ingester_enabled, false);
  const query = "{service_name=~`.+`}";
  assert.deepEqual(await lokiData(server, "patterns", { query, ...RANGE }), []);
  const volume = await lokiData(server, "index/volume", {
    query,
    limit: 5000,
    ...RANGE,
  });
  const services = volume.result.map(({ metric }: Json) => metric.service_name);
  assert.ok(services.includes("shop") && services.includes("built"), services.join());
});
