import assert from "node:assert/strict";
import { METRICS } from "../../src/http/metric_catalogue.ts";
import { join, PROJECT, ServerSuite, type TestServer } from "../_server.ts";
import { type Metric, parsePrometheus } from "../_prometheus.ts";
import { record } from "./_records.ts";

const suite = new ServerSuite({ args: ["--retention", "30d"] });

async function metricsOf(server: TestServer): Promise<Map<string, Metric>> {
  const { status, headers, text } = await server.call("/metrics");
  assert.equal(status, 200);
  assert.match(headers.get("content-type")!, /^text\/plain; version=0\.0\.4/);
  return parsePrometheus(text);
}

/** The value of a metric's sample with these labels among its own. */
function valueOf(
  metrics: Map<string, Metric>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
  suffix = "",
): number {
  const metric = metrics.get(name);
  assert.ok(metric !== undefined, `There is no ${name}`);
  const sample = metric.samples.find((one) =>
    one.name === name + suffix &&
    Object.entries(labels).every(([label, text]) => one.labels[label] === text)
  );
  assert.ok(sample !== undefined, `${name} has no sample of ${JSON.stringify(labels)}`);
  return sample.value;
}

suite.test("/metrics needs a token, and is what Prometheus reads", async (server) => {
  assert.equal((await server.call("/metrics", { token: null })).status, 401);
  const metrics = await metricsOf(server);
  assert.equal(valueOf(metrics, "sentinel_ready"), 1);
  assert.match(metrics.get("sentinel_build_info")!.samples[0]!.labels.version!, /^\d+\.\d+\.\d+/);
});

suite.test("every metric is in the catalogue, with its type and its meaning", async (server) => {
  for (const [name, { type, help }] of await metricsOf(server)) {
    assert.deepEqual([type, help], METRICS[name], `${name} is not described`);
  }
});

suite.test("everything that the catalogue describes is shown", async (server) => {
  const shown = new Set((await metricsOf(server)).keys());
  assert.deepEqual(Object.keys(METRICS).filter((name) => !shown.has(name)), []);
});

Deno.test("docs/metrics.md describes every metric as /metrics does", async () => {
  const text = await Deno.readTextFile(join(PROJECT, "docs/metrics.md"));
  const rows = [...text.matchAll(/^\| `(\w+)` +\| (\w+) +\| (.+?) +\|$/gm)];
  const described = rows.map(([, name, type, help]) => [name, [type, help]]);
  assert.deepEqual(Object.fromEntries(described), METRICS);
});

suite.test("records, commits and answers are counted", async (server) => {
  const before = await metricsOf(server);
  await server.post([record("metrics"), record("metrics")]);
  await server.get("/logs?service=metrics&q=nothing");
  const after = await metricsOf(server);
  const grown = (name: string, labels = {}, suffix = "") =>
    valueOf(after, name, labels, suffix) -
    (before.get(name)!.samples.some((sample) => sample.name === name + suffix)
      ? valueOf(before, name, labels, suffix)
      : 0);
  assert.equal(grown("sentinel_records_stored_total"), 2);
  assert.equal(grown("sentinel_store_records"), 2);
  assert.equal(grown("sentinel_commits_total"), 1);
  assert.equal(grown("sentinel_commit_duration_seconds", {}, "_count"), 1);
  assert.ok(grown("sentinel_commit_bytes_total") > 0);
  assert.ok(grown("sentinel_rows_searched_total") >= 2);
  const posted = { method: "POST", route: "/logs" };
  assert.equal(valueOf(after, "sentinel_http_requests_total", { ...posted, status: "201" }), 1);
  const duration = "sentinel_http_request_duration_seconds";
  assert.equal(valueOf(after, duration, posted, "_count"), 1);
  assert.ok(valueOf(after, duration, posted, "_sum") > 0);
});

suite.test("disk, memory and retention are told", async (server) => {
  const metrics = await metricsOf(server);
  const { size } = await Deno.stat(server.data);
  assert.ok(valueOf(metrics, "sentinel_data_bytes") >= size);
  assert.ok(valueOf(metrics, "sentinel_disk_free_bytes") > 0);
  assert.equal(valueOf(metrics, "sentinel_retention_seconds"), 30 * 24 * 60 * 60);
  assert.ok(valueOf(metrics, "process_resident_memory_bytes") > 10e6);
  assert.ok(valueOf(metrics, "process_cpu_seconds_total") > 0);
  const age = Date.now() / 1000 - valueOf(metrics, "process_start_time_seconds");
  assert.ok(age > 0 && age < 600, `The process is ${age} s old`);
});
