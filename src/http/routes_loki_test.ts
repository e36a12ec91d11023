import assert from "node:assert/strict";
import fc from "fast-check";
import { recordAt, testApp } from "./_test_app.ts";

const ROUTES = [
  ...["query_range", "query", "labels", "label", "label/app/values", "label/%00/values", "series"],
  ...["index/stats", "index/volume", "index/volume_range", "detected_labels", "detected_fields"],
  ...[
    "detected_field/__proto__/values",
    "patterns",
    "status/buildinfo",
    "drilldown-limits",
    "tail",
  ],
];

const QUERIES = [
  '{service_name="auth"}',
  '{level=~"info|.*"} |= `message` != "3" |~ "(?i)MESSAGE [0-9]+"',
  '{__proto__!=""} | json | logfmt | constructor="x" or toString > 5',
  '{app="a"} | json a="b[0][\\"c\\"]" | label_format __error__=a | drop a, b=~"(" | keep c',
  '{service=~".+"} | regexp "(?P<x>.)(?P<y>.*)" | pattern "<a> <b>" | line_format "{{.x}}{{.y}}"',
  'sum by (x) (count_over_time({service=~".+"} | logfmt [5m]))',
  'topk(3, rate({service=~".+"}[1h])) / on (a) group_left (b) vector(0) or 1',
  'quantile_over_time(NaN, {service=~".+"} | unwrap duration(x) [1y]) by ()',
  'max_over_time({service=~".+"} | json | unwrap level | __error__="" [1ms] offset -100y)',
  "vector(1e308) ^ 1e308 % 0 unless vector(-1)",
  'absent_over_time({a="b"}[99999999999h])',
  '{a="\\ud800"}',
  '{a=~"(a{1000}){1000}"}',
  "((((((((((",
  "\u0000",
];

const TIMES = [
  ...["0", "-1", "1743508800", "1743508800000000000", "253402300799999999999", "9".repeat(30)],
  ...[
    "2025-04-01T12:00:00Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "1.5",
    "NaN",
    "x",
    "",
  ],
];

const STEPS = [
  "1",
  "0",
  "-5",
  "15s",
  "1ms",
  "0.0001",
  "1e9",
  "100000w",
  "1h30m",
  "5x",
  "Infinity",
  "",
];

const value = (values: readonly string[]) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...values) },
    { weight: 1, arbitrary: fc.string() },
  );
const query = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...QUERIES) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom(...QUERIES), fc.nat(60)).map(([text, at]) =>
      text.slice(0, at) + text.slice(at + 1)
    ),
  },
  { weight: 1, arbitrary: fc.string() },
);
const parameter = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(fc.constantFrom("query", "match[]"), query) },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.constantFrom("start", "end", "time"), value(TIMES)),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom("step", "since", "interval", "delay_for"), value(STEPS)),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constantFrom("limit", "line_limit", "direction", "targetLabels", "aggregateBy"),
      value(["1", "5000", "5001", "backward", "labels", "series", "a,b", "level"]),
    ),
  },
);

Deno.test("no request of Loki's API, however odd, is a 500 or holds on to anything", async () => {
  const { app, store, post, lines } = await testApp();
  await post(
    ...Array.from(
      { length: 30 },
      (_, n) =>
        recordAt(n, { attributes: { app: "a", "x.y": n, nested: { __proto__: 1, level: "odd" } } }),
    ),
  );
  const statuses = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...ROUTES),
      query,
      fc.array(parameter, { maxLength: 5 }),
      fc.boolean(),
      async (route, text, parameters, isPost) => {
        const params = new URLSearchParams([["query", text], ...parameters]);
        const path = `/loki/api/v1/${route}`;
        const response = await app.request(isPost ? path : `${path}?${params}`, {
          method: isPost ? "POST" : "GET",
          headers: { authorization: "Token all", "x-loki-response-encoding-flags": "x,y" },
          ...(isPost ? { body: params } : {}),
        });
        const answer = await response.text();
        statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
        assert.ok(response.status < 500, `${response.status} ${answer} ${lines.join()}`);
        if (response.status === 200) JSON.parse(answer);
        assert.equal(store.openSnapshots, 0);
        assert.equal(store.listeners, 0);
      },
    ),
    { numRuns: 3_000, seed: 11 },
  );
  for (const status of [200, 400, 405, 426]) assert.ok(statuses.has(status), `${status}`);
});

Deno.test("an answer says what it had to leave out", async () => {
  const { call, store, post } = await testApp();
  await post(recordAt(1));
  store.damage.push("3 records: checksum");
  const query = encodeURIComponent('{service_name="auth"}');
  for (const route of [`query_range?query=${query}`, "labels", `index/stats?query=${query}`]) {
    const response = await call(`/loki/api/v1/${route}`);
    assert.equal(response.headers.get("sentinel-incomplete"), "3 records: checksum", route);
    await response.body?.cancel();
  }
});
